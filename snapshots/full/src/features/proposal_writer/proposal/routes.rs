//! The routes of proposals.

use axum::extract::State;
use http::{StatusCode, Uri};
use utoipa_axum::routes;

use super::model::ProposalCreate;
use super::model::ProposalQuery as Params;
use super::model::ProposalUpdate;
use super::repository::{self, Stored};
use crate::app::Routes;
use crate::database;
use crate::error::Result;
use crate::features::auth::{AdminUser, CurrentUser};
use crate::shared::if_match::IfMatch;
use crate::shared::response::{Created, Data, ETag, List};
use crate::shared::validation;
use crate::shared::validation::{Body, Id};
use crate::state::AppState;

pub fn mount(routes: &mut Routes) {
    routes.signed_in(routes!(list));
    routes.signed_in(routes!(create));
    routes.signed_in(routes!(get));
    routes.signed_in(routes!(update));
    routes.signed_in(routes!(delete));
}

/// Lists the caller's proposals, the newest first.
#[utoipa::path(
    get,
    path = "/api/proposals",
    tag = "proposal_writer",
    params(Params),
    responses(
        (status = 200, description = "One page", body = List<Stored>),
    ),
)]
async fn list(
    State(state): State<AppState>,
    user: CurrentUser,
    validation::Query(query): validation::Query<Params>,
) -> Result<List<Stored>> {
    let filter = query.filter()?;
    let (limit, cursor) = (query.limit, query.cursor.as_ref());
    let owner = &user.user_id;
    let page = repository::list(state.table(), owner, filter.as_ref(), limit, cursor).await?;
    Ok(List::new(page.items, page.next))
}

/// Creates a proposal.
#[utoipa::path(
    post,
    path = "/api/proposals",
    tag = "proposal_writer",
    request_body = ProposalCreate,
    responses(
        (status = 201, description = "Created", body = Data<Stored>),
    ),
)]
async fn create(
    State(state): State<AppState>,
    user: CurrentUser,
    uri: Uri,
    Body(body): Body<ProposalCreate>,
) -> Result<(ETag, Created<Stored>)> {
    let item = repository::create(state.table(), &user.user_id, body.into_data()).await?;
    let location = format!("{}/{}", uri.path(), item.id);
    Ok((ETag(item.version), Created::new(location, item)))
}

/// Shows a proposal.
#[utoipa::path(
    get,
    path = "/api/proposals/{proposal_id}",
    tag = "proposal_writer",
    params(("proposal_id" = Uuid, Path)),
    responses(
        (status = 200, description = "The proposal", body = Data<Stored>),
        (status = 404, description = "No such proposal"),
    ),
)]
async fn get(
    State(state): State<AppState>,
    user: CurrentUser,
    Id(id): Id,
) -> Result<(ETag, Data<Stored>)> {
    let scope = user.scope();
    let item = repository::get(state.table(), scope, id).await?;
    Ok((ETag(item.version), Data::new(item)))
}

/// Changes a proposal.
#[utoipa::path(
    patch,
    path = "/api/proposals/{proposal_id}",
    tag = "proposal_writer",
    params(("proposal_id" = Uuid, Path), IfMatch),
    request_body = ProposalUpdate,
    responses(
        (status = 200, description = "As it is now", body = Data<Stored>),
        (status = 404, description = "No such proposal"),
        (status = 409, description = "No longer at the `version` of the body"),
        (status = 412, description = "No longer at the version of `If-Match`"),
    ),
)]
async fn update(
    State(state): State<AppState>,
    user: CurrentUser,
    Id(id): Id,
    if_match: IfMatch,
    Body(body): Body<ProposalUpdate>,
) -> Result<(ETag, Data<Stored>)> {
    let version = if_match.version(body.version)?;
    let scope = user.scope();
    let updated = repository::update(state.table(), scope, id, version, &body).await;
    let item = updated.map_err(|error| if_match.refusal(error))?;
    Ok((ETag(item.version), Data::new(item)))
}

/// Deletes a proposal, and all that is below it.
#[utoipa::path(
    delete,
    path = "/api/proposals/{proposal_id}",
    tag = "proposal_writer",
    params(("proposal_id" = Uuid, Path), IfMatch),
    responses(
        (status = 204, description = "Deleted"),
        (status = 403, description = "The caller is no administrator"),
        (status = 404, description = "No such proposal"),
        (status = 412, description = "No longer at the version of `If-Match`"),
    ),
)]
async fn delete(
    State(state): State<AppState>,
    _: AdminUser,
    Id(id): Id,
    if_match: IfMatch,
) -> Result<StatusCode> {
    let version = if_match.version(None)?;
    let scope = database::Scope::Everyone;
    let deleted = repository::delete(state.table(), scope, id, version).await;
    // A request that was cut short leaves files of an item that is no longer there.
    if repository::is_gone(state.table(), id).await? {
        let objects = repository::objects(id);
        state.storage().delete_all(&objects).await?;
    }
    deleted?;
    Ok(StatusCode::NO_CONTENT)
}
