//! Documents in the table, each below its proposal.
//!
//! The parent is read first, every time: it says whose its children are, and without it they are out of reach.

use uuid::Uuid;

use super::model::Document;
use super::model::DocumentUpdate;
use crate::database::{self, Entity as _};
use crate::shared::storage::ObjectPrefix;

use crate::features::proposal_writer::proposal::model::Proposal as Parent;

/// A document with its id, owner, version and times.
pub type Stored = database::Item<Document>;

/// Writes a new document, unless its proposal goes at this moment.
///
/// # Errors
///
/// [`database::Error::NotFound`] of the proposal.
pub async fn create(
    table: &database::Table,
    parent: &database::Item<Parent>,
    data: Document,
) -> database::Result<Stored> {
    let item = database::Item::child(&parent.key, &parent.owner, data);
    let scope = database::Scope::Owner(&parent.owner);
    let guard = database::Guard::exists().scope(scope);
    let mut transaction = table.transaction();
    transaction.check::<Parent>(&parent.key, guard)?;
    transaction.create(&item)?;
    transaction.commit().await?;
    Ok(item)
}

/// The document, if the proposal has it.
///
/// # Errors
///
/// [`database::Error::NotFound`] if it does not.
pub async fn get(
    table: &database::Table,
    parent: &database::Item<Parent>,
    id: Uuid,
) -> database::Result<Stored> {
    let key = key(parent, id);
    table.get(&key, database::Consistency::Strong).await
}

/// One page of what the proposal has, the newest first.
///
/// # Errors
///
/// [`database::Error::InvalidCursor`] if the cursor is not one of this list.
pub async fn list(
    table: &database::Table,
    parent: &database::Item<Parent>,
    limit: u16,
    cursor: Option<&database::Cursor>,
) -> database::Result<database::Page<Document>> {
    let collection = database::Collection::Below(&parent.key);
    table.list(collection, None, limit, cursor).await
}

/// Changes a document, if it is at this version. `None` allows any.
///
/// # Errors
///
/// [`database::Error::NotFound`] or [`database::Error::VersionMismatch`].
pub async fn update(
    table: &database::Table,
    parent: &database::Item<Parent>,
    id: Uuid,
    version: Option<u64>,
    update: &DocumentUpdate,
) -> database::Result<Stored> {
    let changes = update.changes();
    if changes.is_empty() {
        return get(table, parent, id).await?.at_version(version);
    }
    let guard = guard(parent, version);
    table.update(&key(parent, id), guard, changes).await
}

/// Deletes a document, if it is at this version. `None` allows any.
///
/// # Errors
///
/// [`database::Error::NotFound`] or [`database::Error::VersionMismatch`].
pub async fn delete(
    table: &database::Table,
    parent: &database::Item<Parent>,
    id: Uuid,
    version: Option<u64>,
) -> database::Result<Stored> {
    let guard = guard(parent, version);
    table.delete(&key(parent, id), guard).await
}

/// Whether the proposal has no such document, or no longer.
///
/// # Errors
///
/// If the table does not answer.
pub async fn is_gone(
    table: &database::Table,
    parent: &database::Item<Parent>,
    id: Uuid,
) -> database::Result<bool> {
    match get(table, parent, id).await {
        Ok(_) => Ok(false),
        Err(database::Error::NotFound(_)) => Ok(true),
        Err(error) => Err(error),
    }
}

/// Where the files of a document are.
pub fn objects(parent: &database::Item<Parent>, id: Uuid) -> ObjectPrefix {
    let parent = ObjectPrefix::item(Parent::NAME, parent.id);
    parent.child(Document::NAME, id)
}

fn key(parent: &database::Item<Parent>, id: Uuid) -> database::Key {
    let parent = &parent.key;
    parent.child(Document::NAME, id)
}

fn guard(parent: &database::Item<Parent>, version: Option<u64>) -> database::Guard {
    let scope = database::Scope::Owner(&parent.owner);
    database::Guard::exists().scope(scope).version(version)
}
