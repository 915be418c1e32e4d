//! Proposals in the table.

use uuid::Uuid;

use super::model::Proposal;
use super::model::ProposalUpdate;
use crate::database::{self, Entity as _};
use crate::shared::storage::ObjectPrefix;

/// A proposal with its id, owner, version and times.
pub type Stored = database::Item<Proposal>;

/// Writes a new proposal.
///
/// # Errors
///
/// If the table does not answer.
pub async fn create(
    table: &database::Table,
    owner: &str,
    data: Proposal,
) -> database::Result<Stored> {
    let item = database::Item::root(owner, data);
    table.create(&item).await?;
    Ok(item)
}

/// The proposal, if it is in the scope.
///
/// # Errors
///
/// [`database::Error::NotFound`] if it is not.
pub async fn get(
    table: &database::Table,
    scope: database::Scope<'_>,
    id: Uuid,
) -> database::Result<Stored> {
    let item = table.get(&key(id), database::Consistency::Strong).await?;
    database::Item::within(item, scope)
}

/// One page of what the owner has, the newest first.
///
/// # Errors
///
/// [`database::Error::InvalidCursor`] if the cursor is not one of this list.
pub async fn list(
    table: &database::Table,
    owner: &str,
    filter: Option<&database::Filter>,
    limit: u16,
    cursor: Option<&database::Cursor>,
) -> database::Result<database::Page<Proposal>> {
    let collection = database::Collection::Owner(owner);
    table.list(collection, filter, limit, cursor).await
}

/// Changes a proposal in the scope, if it is at this version. `None` allows any.
///
/// # Errors
///
/// [`database::Error::NotFound`] or [`database::Error::VersionMismatch`].
pub async fn update(
    table: &database::Table,
    scope: database::Scope<'_>,
    id: Uuid,
    version: Option<u64>,
    update: &ProposalUpdate,
) -> database::Result<Stored> {
    let changes = update.changes(id);
    if changes.is_empty() {
        return get(table, scope, id).await?.at_version(version);
    }
    let guard = database::Guard::exists().scope(scope).version(version);
    table.update(&key(id), guard, changes).await
}

/// Deletes a proposal in the scope, and all that is below it, if it is at this version. `None` allows any.
///
/// # Errors
///
/// [`database::Error::NotFound`] or [`database::Error::VersionMismatch`].
pub async fn delete(
    table: &database::Table,
    scope: database::Scope<'_>,
    id: Uuid,
    version: Option<u64>,
) -> database::Result<Stored> {
    let key = key(id);
    let guard = database::Guard::exists().scope(scope).version(version);
    table.delete_family(&key, guard, [key.partition()]).await
}

/// Whether there is no such proposal, or no longer.
///
/// # Errors
///
/// If the table does not answer.
pub async fn is_gone(table: &database::Table, id: Uuid) -> database::Result<bool> {
    match get(table, database::Scope::Everyone, id).await {
        Ok(_) => Ok(false),
        Err(database::Error::NotFound(_)) => Ok(true),
        Err(error) => Err(error),
    }
}

/// Where the files of a proposal are, and those of all that is below it.
pub fn objects(id: Uuid) -> ObjectPrefix {
    ObjectPrefix::item(Proposal::NAME, id)
}

fn key(id: Uuid) -> database::Key {
    database::Key::root(Proposal::NAME, id)
}
