//! What a command would do: the difference between two renderings, merged onto what is on the disk.

use std::collections::BTreeMap;

use serde::Serialize;

pub use crate::merge::Conflict;

/// Everything a command would change. Nothing of it is done before all of it is known.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Plan {
    pub changes: BTreeMap<String, Action>,
    /// The new text of each pristine copy that changes; `None` removes it.
    pub base: BTreeMap<String, Option<String>>,
    pub notes: Vec<Note>,
}

/// What happens to one file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    Create {
        text: String,
    },
    /// `merged` when the user's own edits are in `after`.
    Update {
        before: String,
        after: String,
        merged: bool,
    },
    Delete {
        before: String,
    },
    Conflict(Vec<Conflict>),
}

/// Something to know about a file that is left alone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Note {
    pub path: String,
    pub text: String,
}

impl Plan {
    /// Whether there is nothing to do.
    pub fn is_empty(&self) -> bool {
        self.changes.is_empty() && self.base.is_empty()
    }

    pub fn has_conflicts(&self) -> bool {
        self.conflicts().next().is_some()
    }

    pub fn conflicts(&self) -> impl Iterator<Item = (&str, &[Conflict])> {
        self.changes
            .iter()
            .filter_map(|(path, action)| match action {
                Action::Conflict(conflicts) => Some((&**path, &**conflicts)),
                _ => None,
            })
    }

    /// Adds a change of a file that is edited in place and not rendered, as scaffold.toml is.
    pub fn edit(&mut self, path: &str, before: &str, after: &str) {
        if before != after {
            let action = Action::Update {
                before: before.to_owned(),
                after: after.to_owned(),
                merged: false,
            };
            self.changes.insert(path.to_owned(), action);
        }
    }
}
