//! What the indexes list together.

use std::fmt::Display;

use super::key::{self, Key};
use super::schema::Index;

/// Items of one entity that are listed together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Collection<'a> {
    /// What a user owns.
    Owner(&'a str),
    /// What is below a root; any key of its partition tells which.
    Below(&'a Key),
    /// All there are. They share one partition of an index, which takes about 1,000 writes a second.
    All,
}

impl Collection<'_> {
    pub(super) fn partition(self, entity: &str) -> String {
        match self {
            Self::Owner(owner) => key::owner(owner),
            Self::Below(key) => key.partition().partition,
            Self::All => entity.to_owned(),
        }
    }
}

/// The value of a field that has an index, to list by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Filter {
    pub(super) index: Index,
    pub(super) value: String,
}

impl Filter {
    pub fn new(index: Index, value: impl Display) -> Self {
        Self {
            index,
            value: value.to_string(),
        }
    }
}
