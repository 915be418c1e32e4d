//! When a write to an existing item may happen, and why it may not.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;

use super::entity::{OWNER, VERSION};
use super::error::{Error, Result};
use super::expression::{Condition, Placeholders};

/// Whose items a caller may see or change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope<'a> {
    Everyone,
    Owner(&'a str),
}

/// What must hold for an item to be changed: that it exists, and whatever is added here. All of it is checked by
/// the write itself.
#[derive(Clone, Debug, Default)]
pub struct Guard {
    owner: Option<String>,
    version: Option<u64>,
    condition: Option<Condition>,
}

impl Guard {
    /// The item exists.
    pub fn exists() -> Self {
        Self::default()
    }

    /// The item is in the scope; otherwise it is [not found](Error::NotFound), as if it were not there.
    #[must_use]
    pub fn scope(mut self, scope: Scope<'_>) -> Self {
        self.owner = match scope {
            Scope::Everyone => None,
            Scope::Owner(owner) => Some(owner.to_owned()),
        };
        self
    }

    /// The item is still at this version; otherwise [`Error::VersionMismatch`]. `None` allows any.
    #[must_use]
    pub fn version(mut self, version: Option<u64>) -> Self {
        self.version = version;
        self
    }

    /// The condition holds too; otherwise [`Error::ConditionFailed`].
    #[must_use]
    pub fn when(mut self, condition: Condition) -> Self {
        self.condition = Some(match self.condition {
            Some(before) => before.and(condition),
            None => condition,
        });
        self
    }

    pub(super) fn render(&self, placeholders: &mut Placeholders) -> Result<String> {
        let owner = self.owner.as_ref().map(|it| Condition::equals(OWNER, it));
        let version = self.version.map(|it| Condition::equals(VERSION, it));
        let rest = [owner, version, self.condition.clone()];
        rest.into_iter()
            .flatten()
            .fold(Condition::item_exists(), Condition::and)
            .render(placeholders)
    }

    /// Why the write was refused, told by the item as it was at that moment.
    pub(super) fn refusal(
        &self,
        item: Option<&HashMap<String, AttributeValue>>,
        not_found: &'static str,
    ) -> Error {
        let Some(item) = item else {
            return Error::NotFound(not_found);
        };
        let owner = item.get(OWNER).and_then(|it| it.as_s().ok());
        if self.owner.is_some() && self.owner.as_ref() != owner {
            return Error::NotFound(not_found);
        }
        let version = item
            .get(VERSION)
            .and_then(|it| it.as_n().ok()?.parse().ok());
        if self.version.is_some() && self.version != version {
            return Error::VersionMismatch;
        }
        Error::ConditionFailed
    }
}
