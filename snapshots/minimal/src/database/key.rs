//! Where an item is in the table, and where the indexes list it.

use std::collections::HashMap;
use std::fmt::Display;

use aws_sdk_dynamodb::types::AttributeValue;
use uuid::Uuid;

use super::schema::{Index, PARTITION_KEY, SORT_KEY};

/// The sort key of an item that has no parent.
const ROOT: &str = "METADATA";

/// The primary key of an item.
///
/// An item and all that is below it share one partition, so they are read and deleted with one query:
///
/// | item | PK | SK |
/// |---|---|---|
/// | a proposal | `PROPOSAL#<proposal>` | `METADATA` |
/// | its document | `PROPOSAL#<proposal>` | `DOCUMENT#<document>` |
/// | a page of that | `PROPOSAL#<proposal>` | `PAGE#<document>#<page>` |
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Key {
    partition: String,
    sort: String,
}

impl Key {
    /// A key outside the scheme above, such as one that makes a value unique: `UNIQUE#USER#EMAIL#<email>`. What
    /// comes from a client goes through [`segment`] first, unless it is the last part of the partition.
    pub fn new(partition: impl Into<String>, sort: impl Into<String>) -> Self {
        Self {
            partition: partition.into(),
            sort: sort.into(),
        }
    }

    /// The key of an item without a parent. `entity` is [`Entity::NAME`](super::Entity::NAME).
    pub fn root(entity: &str, id: Uuid) -> Self {
        Self::new(format!("{entity}#{id}"), ROOT)
    }

    /// The key of an item below this one.
    pub fn child(&self, entity: &str, id: Uuid) -> Self {
        let Prefix { partition, sort } = self.children(entity);
        Self::new(partition, format!("{sort}{id}"))
    }

    /// The key of an item below this one that has a name instead of an id: there is one of each.
    pub fn named(&self, entity: &str, name: &str) -> Self {
        let Prefix { partition, sort } = self.children(entity);
        Self::new(partition, format!("{sort}{}", segment(name)))
    }

    /// All items of one entity directly below this one.
    pub fn children(&self, entity: &str) -> Prefix {
        let sort = match self.sort.split_once('#') {
            Some((_, ids)) => format!("{entity}#{ids}#"),
            None => format!("{entity}#"),
        };
        Prefix {
            partition: self.partition.clone(),
            sort,
        }
    }

    /// Everything in the partition of this item: of a root, itself and all that is below it.
    pub fn partition(&self) -> Prefix {
        Prefix {
            partition: self.partition.clone(),
            sort: String::new(),
        }
    }

    pub(super) fn attributes(&self) -> HashMap<String, AttributeValue> {
        HashMap::from([
            text(PARTITION_KEY, self.partition.clone()),
            text(SORT_KEY, self.sort.clone()),
        ])
    }
}

/// The items of one partition whose sort key starts alike.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Prefix {
    pub(super) partition: String,
    pub(super) sort: String,
}

/// Where an index lists an item.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IndexKey {
    pub index: Index,
    pub partition: String,
    /// `None` leaves the item out of the index, until an [`Update::by_value`](super::Update::by_value) puts it in.
    pub sort: Option<String>,
}

impl IndexKey {
    pub(super) fn attributes(self) -> impl Iterator<Item = (String, AttributeValue)> {
        let partition = text(&self.index.partition_key(), self.partition);
        let sort = self.sort.map(|sort| text(&self.index.sort_key(), sort));
        std::iter::once(partition).chain(sort)
    }
}

/// A value as one part of a key. `#` separates the parts, so one inside the value is escaped: otherwise the
/// value `a#b` would turn up in the list of the value `a`.
pub fn segment(value: impl Display) -> String {
    value.to_string().replace('%', "%25").replace('#', "%23")
}

/// The partition of an index that lists what a user owns.
pub(super) fn owner(owner: &str) -> String {
    format!("USER#{owner}")
}

/// How the sort keys start of the items of an entity that have this value.
pub(super) fn value_sort(entity: &str, value: impl Display) -> String {
    format!("{entity}#{}#", segment(value))
}

fn text(name: &str, value: String) -> (String, AttributeValue) {
    (name.to_owned(), AttributeValue::S(value))
}
