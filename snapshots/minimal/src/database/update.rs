//! What an update changes.

use std::collections::BTreeMap;
use std::fmt::Display;

use serde::Serialize;
use uuid::Uuid;

use super::entity::{Entity, UPDATED_AT, VERSION};
use super::error::Result;
use super::expression::{Placeholders, Value};
use super::key::segment;
use super::schema::Index;
use super::timestamp::Timestamp;

/// Changes to some attributes of an item; the others stay as they are. Any update, even an empty one, raises
/// `version` by one and sets `updated_at`. Of two changes to one attribute the later counts.
#[derive(Clone, Debug, Default)]
pub struct Update {
    changes: BTreeMap<String, Change>,
}

#[derive(Clone, Debug)]
enum Change {
    Set(Value),
    Remove,
    Add(Value),
    /// The part of a sort key behind the name of the entity.
    Sort(String),
}

impl Update {
    pub fn new() -> Self {
        Self::default()
    }

    /// Gives the attribute a value. `None` removes it: an item never stores a null.
    #[must_use]
    pub fn set(self, attribute: &str, value: impl Serialize) -> Self {
        let value = Value::new(value);
        if value.is_null() {
            return self.remove(attribute);
        }
        self.change(attribute, Change::Set(value))
    }

    #[must_use]
    pub fn remove(self, attribute: &str) -> Self {
        self.change(attribute, Change::Remove)
    }

    /// Adds to a number; an item without the attribute starts from 0.
    #[must_use]
    pub fn add(self, attribute: &str, number: i64) -> Self {
        self.change(attribute, Change::Add(Value::new(number)))
    }

    /// Moves the item to another value in an index that lists it [by value](super::Item::by_value); `None` takes
    /// it out of the index.
    #[must_use]
    pub fn by_value(self, index: Index, id: Uuid, value: Option<impl Display>) -> Self {
        let attribute = index.sort_key();
        match value {
            Some(value) => {
                let sort = format!("{}#{id}", segment(value));
                self.change(&attribute, Change::Sort(sort))
            }
            None => self.remove(&attribute),
        }
    }

    /// Whether nothing changes but the version.
    pub fn is_empty(&self) -> bool {
        self.changes.is_empty()
    }

    fn change(mut self, attribute: &str, change: Change) -> Self {
        self.changes.insert(attribute.to_owned(), change);
        self
    }

    pub(super) fn render<E: Entity>(&self, placeholders: &mut Placeholders) -> Result<String> {
        let stamped = self
            .clone()
            .set(UPDATED_AT, Timestamp::now())
            .add(VERSION, 1);

        let mut sets = Vec::new();
        let mut removes = Vec::new();
        let mut adds = Vec::new();
        for (attribute, change) in &stamped.changes {
            let name = placeholders.name(attribute);
            match change {
                Change::Sort(rest) => {
                    let value = Value::new(format!("{}#{rest}", E::NAME));
                    sets.push(format!("{name} = {}", placeholders.value(&value)?));
                }
                Change::Set(value) => {
                    sets.push(format!("{name} = {}", placeholders.value(value)?));
                }
                Change::Remove => removes.push(name),
                Change::Add(value) => {
                    adds.push(format!("{name} {}", placeholders.value(value)?));
                }
            }
        }

        let clauses = [("SET", sets), ("REMOVE", removes), ("ADD", adds)];
        Ok(clauses
            .into_iter()
            .filter(|(_, parts)| !parts.is_empty())
            .map(|(verb, parts)| format!("{verb} {}", parts.join(", ")))
            .collect::<Vec<_>>()
            .join(" "))
    }
}
