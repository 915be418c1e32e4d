//! Items as structs.

use std::fmt::Display;

use aws_sdk_dynamodb::types::AttributeValue;
use serde::Serialize;
use serde::de::DeserializeOwned;
use uuid::Uuid;

use super::attribute::{Attributes, from_attribute, from_attributes, to_attributes};
use super::collection::Collection;
use super::error::{Error, Result};
use super::guard::Scope;
use super::key::{IndexKey, Key, value_sort};
use super::schema::{Index, PARTITION_KEY, SORT_KEY};
use super::timestamp::Timestamp;

pub(super) const ENTITY: &str = "entity";
pub(super) const ID: &str = "id";
pub(super) const OWNER: &str = "owner";
pub(super) const CREATED_AT: &str = "created_at";
pub(super) const UPDATED_AT: &str = "updated_at";
pub(super) const VERSION: &str = "version";

/// A struct whose fields are the attributes of an item.
///
/// It must not have fields named like those of [`Item`], like a key, `entity` or `ttl`. A field that came later
/// is `#[serde(default)]`, so that items written before still load; attributes it does not know are ignored.
pub trait Entity: Serialize + DeserializeOwned + Send + Sync {
    /// The first part of its keys, and its `entity` attribute: `PROPOSAL`.
    const NAME: &'static str;

    /// What a client reads when there is none: `Proposal not found`.
    const NOT_FOUND: &'static str;

    /// Where the indexes list the item.
    fn indexes(_item: &Item<Self>) -> Vec<IndexKey> {
        Vec::new()
    }
}

/// An item of the table: what all items have, and the entity's own `data`.
#[derive(Clone, Debug, PartialEq)]
pub struct Item<E> {
    pub key: Key,
    /// A version 7 UUID: ids sort by time of creation.
    pub id: Uuid,
    /// The `sub` of the user that it belongs to.
    pub owner: String,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    /// 1 at first, and one more with every update.
    pub version: u64,
    pub data: E,
}

impl<E: Entity> Item<E> {
    /// A new item without a parent, yet to be [created](super::Table::create).
    pub fn root(owner: &str, data: E) -> Self {
        let id = Uuid::now_v7();
        Self::at(Key::root(E::NAME, id), id, owner, data)
    }

    /// A new item below another, yet to be [created](super::Table::create_child).
    pub fn child(parent: &Key, owner: &str, data: E) -> Self {
        let id = Uuid::now_v7();
        Self::at(parent.child(E::NAME, id), id, owner, data)
    }

    /// A new item at a key of your choice.
    pub fn at(key: Key, id: Uuid, owner: &str, data: E) -> Self {
        let now = Timestamp::now();
        Self {
            key,
            id,
            owner: owner.to_owned(),
            created_at: now,
            updated_at: now,
            version: 1,
            data,
        }
    }

    /// Lists the item by time of creation: `GSI1`. What is below another item needs no such index.
    pub fn by_time(&self, collection: Collection<'_>) -> IndexKey {
        IndexKey {
            index: Index::TIME,
            partition: collection.partition(E::NAME),
            sort: Some(format!("{}#{}#{}", E::NAME, self.created_at, self.id)),
        }
    }

    /// Lists the item by the value of a field, and within that by time of creation. An
    /// [`Update::by_value`](super::Update::by_value) keeps up with the field.
    pub fn by_value(
        &self,
        index: Index,
        collection: Collection<'_>,
        value: Option<impl Display>,
    ) -> IndexKey {
        IndexKey {
            index,
            partition: collection.partition(E::NAME),
            sort: value.map(|value| format!("{}{}", value_sort(E::NAME, value), self.id)),
        }
    }

    /// The item, or [changed](Error::VersionMismatch) unless it is at this version. `None` allows any.
    ///
    /// # Errors
    ///
    /// [`Error::VersionMismatch`], and no other.
    pub fn at_version(self, version: Option<u64>) -> Result<Self> {
        match version {
            Some(version) if version != self.version => Err(Error::VersionMismatch),
            _ => Ok(self),
        }
    }

    /// The item, or [not found](Error::NotFound) for a caller whose scope it is not in.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`], and no other.
    pub fn within(self, scope: Scope<'_>) -> Result<Self> {
        match scope {
            Scope::Owner(owner) if owner != self.owner => Err(Error::NotFound(E::NOT_FOUND)),
            Scope::Owner(_) | Scope::Everyone => Ok(self),
        }
    }

    pub(super) fn to_attributes(&self) -> Result<Attributes> {
        let mut attributes = to_attributes(&self.data)?;
        attributes.retain(|_, value| !value.is_null());

        attributes.extend(self.key.attributes());
        for index in E::indexes(self) {
            attributes.extend(index.attributes());
        }
        let mut text = |name: &str, value: String| {
            attributes.insert(name.to_owned(), AttributeValue::S(value));
        };
        text(ENTITY, E::NAME.to_owned());
        text(ID, self.id.to_string());
        text(OWNER, self.owner.clone());
        text(CREATED_AT, self.created_at.to_string());
        text(UPDATED_AT, self.updated_at.to_string());
        let version = AttributeValue::N(self.version.to_string());
        attributes.insert(VERSION.to_owned(), version);
        Ok(attributes)
    }

    pub(super) fn from_attributes(mut attributes: Attributes) -> Result<Self> {
        let partition: String = take(&mut attributes, PARTITION_KEY)?;
        let sort: String = take(&mut attributes, SORT_KEY)?;
        Ok(Self {
            key: Key::new(partition, sort),
            id: take(&mut attributes, ID)?,
            owner: take(&mut attributes, OWNER)?,
            created_at: take(&mut attributes, CREATED_AT)?,
            updated_at: take(&mut attributes, UPDATED_AT)?,
            version: take(&mut attributes, VERSION)?,
            data: from_attributes(&attributes)?,
        })
    }
}

fn take<T: DeserializeOwned>(attributes: &mut Attributes, name: &str) -> Result<T> {
    let value = attributes
        .remove(name)
        .ok_or_else(|| Error::internal(format!("an item has no attribute `{name}`")))?;
    Ok(from_attribute(&value)?)
}
