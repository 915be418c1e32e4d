//! The file `content` of a document: what it may be, and its routes.

use axum::extract::State;
use utoipa_axum::routes;
use uuid::Uuid;

use super::model::Document;
use super::repository::{self, Stored};
use crate::app::Routes;
use crate::database;
use crate::error::Result;
use crate::features::auth::CurrentUser;
use crate::shared::files::{self, FileField, FileOf, NewUpload, StoredFile, UploadConfirmation};
use crate::shared::if_match::IfMatch;
use crate::shared::response::{Data, ETag};
use crate::shared::storage::DownloadUrl;
use crate::shared::validation::{Body, Ids};
use crate::state::AppState;

use crate::features::proposal_writer::proposal::repository as parents;

/// The field, and what it takes.
#[derive(Clone, Copy, Debug)]
pub struct ThisField;

impl FileField for ThisField {
    type Item = Document;

    const NAME: &'static str = "content";
    const UPLOAD: &'static str = "DocumentContentUpload";
    const MAX_SIZE: u64 = 10_000_000;
    const TYPES: &'static [&'static str] = &["application/pdf", "image/png", "image/jpeg"];
    const MISSING: &'static str = "Document has no content";

    fn of(item: &Document) -> Option<&StoredFile> {
        Option::as_ref(&item.content)
    }
}

type ThisUpload = files::Upload<ThisField>;

pub fn mount(routes: &mut Routes) {
    routes.signed_in(routes!(upload_url));
    routes.signed_in(routes!(confirm));
    routes.signed_in(routes!(download_url));
}

/// Signs a URL to send the file to: with a PUT, within the hour, and with the headers that come along.
#[utoipa::path(
    post,
    path = "/api/proposals/{proposal_id}/documents/{document_id}/content/upload-url",
    tag = "proposal_writer",
    params(("proposal_id" = Uuid, Path), ("document_id" = Uuid, Path)),
    request_body = ThisUpload,
    responses(
        (status = 200, description = "Where to send it", body = Data<NewUpload>),
        (status = 404, description = "No such proposal or document"),
    ),
)]
async fn upload_url(
    State(state): State<AppState>,
    user: CurrentUser,
    Ids(ids): Ids<2>,
    Body(upload): Body<ThisUpload>,
) -> Result<Data<NewUpload>> {
    let scope = user.scope();
    let file = find(&state, scope, ids).await?;
    let url = file.upload_url(state.storage(), &upload).await?;
    Ok(Data::new(url))
}

/// Makes the file that was sent the `content`, instead of the one before.
#[utoipa::path(
    post,
    path = "/api/proposals/{proposal_id}/documents/{document_id}/content",
    tag = "proposal_writer",
    params(("proposal_id" = Uuid, Path), ("document_id" = Uuid, Path), IfMatch),
    request_body = UploadConfirmation,
    responses(
        (status = 200, description = "As it is now", body = Data<Stored>),
        (status = 404, description = "No such proposal or document"),
        (
            status = 409, description = "Nothing has been uploaded, or no longer at the `version` of the body",
        ),
        (status = 412, description = "No longer at the version of `If-Match`"),
    ),
)]
async fn confirm(
    State(state): State<AppState>,
    user: CurrentUser,
    Ids(ids): Ids<2>,
    if_match: IfMatch,
    Body(confirmation): Body<UploadConfirmation>,
) -> Result<(ETag, Data<Stored>)> {
    let scope = user.scope();
    let file = find(&state, scope, ids).await?;
    let item = file.confirm(&state, &confirmation, &if_match).await?;
    Ok((ETag(item.version), Data::new(item)))
}

/// Signs a URL that saves the file under its name, within the hour.
#[utoipa::path(
    get,
    path = "/api/proposals/{proposal_id}/documents/{document_id}/content/download-url",
    tag = "proposal_writer",
    params(("proposal_id" = Uuid, Path), ("document_id" = Uuid, Path)),
    responses(
        (status = 200, description = "Where to fetch it", body = Data<DownloadUrl>),
        (status = 404, description = "No such proposal or document, or it has no file"),
    ),
)]
async fn download_url(
    State(state): State<AppState>,
    user: CurrentUser,
    Ids(ids): Ids<2>,
) -> Result<Data<DownloadUrl>> {
    let scope = user.scope();
    let file = find(&state, scope, ids).await?;
    let url = file.download_url(state.storage()).await?;
    Ok(Data::new(url))
}

/// The field of the document, if that is in the scope.
async fn find(
    state: &AppState,
    scope: database::Scope<'_>,
    [parent_id, id]: [Uuid; 2],
) -> Result<FileOf<ThisField>> {
    let parent = parents::get(state.table(), scope, parent_id).await?;
    let item = repository::get(state.table(), &parent, id).await?;
    let objects = repository::objects(&parent, id);
    Ok(FileOf::new(item, objects))
}
