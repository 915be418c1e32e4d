//! The index that items are listed by.

use std::fmt;

/// One of the table's global secondary indexes.
///
/// All entities share the indexes: the first of each entity's indexed fields is in `GSI2`, the second in `GSI3`. Which
/// one is part of the field's text (`index`, `index=2`), for stored items must stay where they are when another field
/// comes or goes. (`GSI1` lists an entity's items by their owner.)
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Index(u8);

impl Index {
    pub const FIRST: Self = Self(1);

    /// How many there can be: DynamoDB allows a table 20 indexes, and one of them is `GSI1`.
    pub const MAX: u8 = 19;

    /// Counted from 1.
    pub fn new(number: u8) -> Option<Self> {
        (1..=Self::MAX).contains(&number).then_some(Self(number))
    }

    /// Counted from 1.
    pub fn number(self) -> u8 {
        self.0
    }

    /// The index's name in the table: `GSI2` for the first.
    pub fn table_name(self) -> String {
        format!("GSI{}", self.0 + 1)
    }

    /// The lowest that is not among `taken`.
    pub fn free(taken: &[Self]) -> Option<Self> {
        (1..=Self::MAX)
            .map(Self)
            .find(|index| !taken.contains(index))
    }

    pub(super) fn read(text: &str) -> Result<Self, String> {
        text.parse()
            .ok()
            .and_then(Self::new)
            .ok_or_else(|| format!("`{text}` is not the number of an index, 1 to {}", Self::MAX))
    }
}

impl fmt::Display for Index {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
