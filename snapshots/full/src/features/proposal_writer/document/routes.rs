//! The routes of documents.

use axum::extract::State;
use http::{StatusCode, Uri};
use utoipa_axum::routes;

use super::model::DocumentCreate;
use super::model::DocumentUpdate;
use super::repository::{self, Stored};
use crate::app::Routes;
use crate::database;
use crate::error::Result;
use crate::features::auth::{AdminUser, CurrentUser};
use crate::shared::if_match::IfMatch;
use crate::shared::pagination::PageParams;
use crate::shared::response::{Created, Data, ETag, List};
use crate::shared::validation;
use crate::shared::validation::{Body, Id, Ids};
use crate::state::AppState;

use crate::features::proposal_writer::proposal::repository as parents;

pub fn mount(routes: &mut Routes) {
    routes.signed_in(routes!(list));
    routes.signed_in(routes!(create));
    routes.signed_in(routes!(get));
    routes.signed_in(routes!(update));
    routes.signed_in(routes!(delete));
    super::content_file::mount(routes);
}

/// Lists the documents of a proposal, the newest first.
#[utoipa::path(
    get,
    path = "/api/proposals/{proposal_id}/documents",
    tag = "proposal_writer",
    params(("proposal_id" = Uuid, Path), PageParams),
    responses(
        (status = 200, description = "One page", body = List<Stored>),
        (status = 404, description = "No such proposal"),
    ),
)]
async fn list(
    State(state): State<AppState>,
    user: CurrentUser,
    Id(parent_id): Id,
    validation::Query(query): validation::Query<PageParams>,
) -> Result<List<Stored>> {
    let scope = user.scope();
    let parent = parents::get(state.table(), scope, parent_id).await?;
    let (limit, cursor) = (query.limit, query.cursor.as_ref());
    let page = repository::list(state.table(), &parent, limit, cursor).await?;
    Ok(List::new(page.items, page.next))
}

/// Creates a document of a proposal.
#[utoipa::path(
    post,
    path = "/api/proposals/{proposal_id}/documents",
    tag = "proposal_writer",
    params(("proposal_id" = Uuid, Path)),
    request_body = DocumentCreate,
    responses(
        (status = 201, description = "Created", body = Data<Stored>),
        (status = 404, description = "No such proposal"),
    ),
)]
async fn create(
    State(state): State<AppState>,
    user: CurrentUser,
    Id(parent_id): Id,
    uri: Uri,
    Body(body): Body<DocumentCreate>,
) -> Result<(ETag, Created<Stored>)> {
    let scope = user.scope();
    let parent = parents::get(state.table(), scope, parent_id).await?;
    let item = repository::create(state.table(), &parent, body.into_data()).await?;
    let location = format!("{}/{}", uri.path(), item.id);
    Ok((ETag(item.version), Created::new(location, item)))
}

/// Shows a document.
#[utoipa::path(
    get,
    path = "/api/proposals/{proposal_id}/documents/{document_id}",
    tag = "proposal_writer",
    params(("proposal_id" = Uuid, Path), ("document_id" = Uuid, Path)),
    responses(
        (status = 200, description = "The document", body = Data<Stored>),
        (status = 404, description = "No such proposal or document"),
    ),
)]
async fn get(
    State(state): State<AppState>,
    user: CurrentUser,
    Ids(ids): Ids<2>,
) -> Result<(ETag, Data<Stored>)> {
    let [parent_id, id] = ids;
    let scope = user.scope();
    let parent = parents::get(state.table(), scope, parent_id).await?;
    let item = repository::get(state.table(), &parent, id).await?;
    Ok((ETag(item.version), Data::new(item)))
}

/// Changes a document.
#[utoipa::path(
    patch,
    path = "/api/proposals/{proposal_id}/documents/{document_id}",
    tag = "proposal_writer",
    params(("proposal_id" = Uuid, Path), ("document_id" = Uuid, Path), IfMatch),
    request_body = DocumentUpdate,
    responses(
        (status = 200, description = "As it is now", body = Data<Stored>),
        (status = 404, description = "No such proposal or document"),
        (status = 409, description = "No longer at the `version` of the body"),
        (status = 412, description = "No longer at the version of `If-Match`"),
    ),
)]
async fn update(
    State(state): State<AppState>,
    user: CurrentUser,
    Ids(ids): Ids<2>,
    if_match: IfMatch,
    Body(body): Body<DocumentUpdate>,
) -> Result<(ETag, Data<Stored>)> {
    let [parent_id, id] = ids;
    let version = if_match.version(body.version)?;
    let scope = user.scope();
    let parent = parents::get(state.table(), scope, parent_id).await?;
    let updated = repository::update(state.table(), &parent, id, version, &body).await;
    let item = updated.map_err(|error| if_match.refusal(error))?;
    Ok((ETag(item.version), Data::new(item)))
}

/// Deletes a document.
#[utoipa::path(
    delete,
    path = "/api/proposals/{proposal_id}/documents/{document_id}",
    tag = "proposal_writer",
    params(("proposal_id" = Uuid, Path), ("document_id" = Uuid, Path), IfMatch),
    responses(
        (status = 204, description = "Deleted"),
        (status = 403, description = "The caller is no administrator"),
        (status = 404, description = "No such proposal or document"),
        (status = 412, description = "No longer at the version of `If-Match`"),
    ),
)]
async fn delete(
    State(state): State<AppState>,
    _: AdminUser,
    Ids(ids): Ids<2>,
    if_match: IfMatch,
) -> Result<StatusCode> {
    let [parent_id, id] = ids;
    let version = if_match.version(None)?;
    let scope = database::Scope::Everyone;
    let parent = parents::get(state.table(), scope, parent_id).await?;
    let deleted = repository::delete(state.table(), &parent, id, version).await;
    // A request that was cut short leaves files of an item that is no longer there.
    if repository::is_gone(state.table(), &parent, id).await? {
        let objects = repository::objects(&parent, id);
        state.storage().delete_all(&objects).await?;
    }
    deleted?;
    Ok(StatusCode::NO_CONTENT)
}
