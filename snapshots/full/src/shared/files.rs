//! Files of items: clients send them to S3 and fetch them there; the item says which one it has.
//!
//! An upload has three steps. The API signs a URL for one new object below the item, the client sends the file to it, and
//! the API looks whether it is there and makes it the item's. Until then nobody can fetch it. The object's key is made of
//! the ids of item and upload, so an item cannot have an object of another's, and no key is stored or sent.
//!
//! The table and the bucket do not change together, so the order matters when a request is cut short:
//!
//! - A new file replaces the old one in the item first, and then the old object goes. What may be left is an object that
//!   nobody can reach, and that goes with the item.
//! - A file that is taken back goes from the bucket first, and then from the item. The same request again ends it.
//! - An item that is deleted goes first, for that may be refused, and then go all objects below it. The same request again
//!   ends it, although the item itself is not found then.
//!
//! A URL outlives its item by up to an hour. What is sent to it then stays in the bucket, and nobody can fetch it.

use std::marker::PhantomData;

use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::openapi::schema::AdditionalProperties;
use utoipa::openapi::{KnownFormat, ObjectBuilder, RefOr, Schema, SchemaFormat, Type};
use utoipa::{PartialSchema, ToSchema};
use uuid::Uuid;

use crate::database::{Condition, Entity, Guard, Item, Scope, Timestamp, Update};
use crate::error::{Error, Result, causes};
use crate::shared::if_match::IfMatch;
use crate::shared::storage::{self, Download, DownloadUrl, FileName, ObjectKey, ObjectPrefix};
use crate::shared::storage::{Storage, UploadUrl};
use crate::shared::validation::FieldError;
use crate::state::AppState;

/// A field of an item that is a file, and what it takes.
pub trait FileField {
    type Item: Entity;

    /// What the field is called in the item.
    const NAME: &'static str;

    /// What the body of the request for an [`Upload`] is called in the OpenAPI document.
    const UPLOAD: &'static str;

    /// In bytes.
    const MAX_SIZE: u64;

    /// The content types that it takes; any, if there are none here.
    const TYPES: &'static [&'static str];

    /// What a client reads when the item has no file: `Document has no content`.
    const MISSING: &'static str;

    /// The file that the item has.
    fn of(item: &Self::Item) -> Option<&StoredFile>;
}

/// The file that an item has.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct StoredFile {
    /// The upload that brought it.
    pub upload_id: Uuid,
    /// What to save it as: the name that it was sent with, made safe.
    pub file_name: String,
    pub content_type: String,
    /// In bytes.
    #[schema(minimum = 1)]
    pub size: u64,
    pub uploaded_at: Timestamp,
}

/// A file that a client wants to send to the field.
#[derive(Clone, Debug, Deserialize)]
#[serde(bound = "", deny_unknown_fields)]
pub struct Upload<F> {
    pub file_name: String,
    pub content_type: String,
    /// In bytes.
    pub size: u64,
    #[serde(skip)]
    field: PhantomData<F>,
}

/// Permission to send one file, and what to call it afterwards.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct NewUpload {
    /// To be sent back when the file is there.
    pub upload_id: Uuid,
    #[serde(flatten)]
    pub url: UploadUrl,
}

/// Says that the file of an upload is there.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UploadConfirmation {
    /// The one that came with the upload's URL.
    pub upload_id: Uuid,
    /// The version that is to change; 409 if it is no longer the current one.
    #[schema(nullable = false, minimum = 1)]
    pub version: Option<u64>,
}

/// The field of one item.
#[derive(Debug)]
pub struct FileOf<F: FileField> {
    item: Item<F::Item>,
    objects: ObjectPrefix,
}

impl<F: FileField> FileOf<F> {
    /// `objects` is where the objects of the item are.
    pub fn new(item: Item<F::Item>, objects: ObjectPrefix) -> Self {
        Self { item, objects }
    }

    /// A URL to send the file to. It takes nothing else, and works once.
    ///
    /// # Errors
    ///
    /// [`Error::Unavailable`] if there are no credentials to sign with at the moment.
    pub async fn upload_url(&self, storage: &Storage, upload: &Upload<F>) -> Result<NewUpload> {
        let upload_id = Uuid::now_v7();
        let announced = storage::Upload {
            file_name: &FileName::sanitise(&upload.file_name),
            content_type: &upload.content_type,
            size: upload.size,
        };
        let url = storage.upload_url(&self.key(upload_id), announced).await?;
        Ok(NewUpload { upload_id, url })
    }

    /// Makes what was uploaded the item's file, instead of the one that it had, and returns the item. Doing it again
    /// changes nothing.
    ///
    /// # Errors
    ///
    /// [`Error::Conflict`] if nothing has been uploaded, a 422 if it is not what the field takes, and what the item says
    /// to the version.
    pub async fn confirm(
        self,
        state: &AppState,
        confirmation: &UploadConfirmation,
        if_match: &IfMatch,
    ) -> Result<Item<F::Item>> {
        let version = if_match.version(confirmation.version)?;
        let upload_id = confirmation.upload_id;
        let old = F::of(&self.item.data).map(|file| file.upload_id);
        if old == Some(upload_id) {
            return Ok(self.item);
        }

        let file = self.look(state.storage(), upload_id).await?;
        let owner = Scope::Owner(&self.item.owner);
        let guard = Guard::exists().scope(owner).version(version);
        let guard = guard.when(has_upload::<F>(old));
        let changes = Update::new().set(F::NAME, &file);
        let updated = state.table().update(&self.item.key, guard, changes).await;
        let updated = updated.map_err(|error| if_match.refusal(error))?;
        if let Some(old) = old {
            self.discard(state.storage(), old).await;
        }
        Ok(updated)
    }

    /// A URL that saves the item's file under its name.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`] if the item has none.
    pub async fn download_url(&self, storage: &Storage) -> Result<DownloadUrl> {
        let file = F::of(&self.item.data).ok_or(Error::NotFound(F::MISSING))?;
        let download = Download {
            file_name: &FileName::sanitise(&file.file_name),
            content_type: &file.content_type,
        };
        let key = self.key(file.upload_id);
        storage.download_url(&key, download).await
    }

    /// Deletes the file.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`] if the item has none, [`Error::Unavailable`] if S3 does not answer, and what the item says to
    /// the version.
    pub async fn delete(self, state: &AppState, if_match: &IfMatch) -> Result<()> {
        let version = if_match.version(None)?;
        let current = self.item.at_version(version);
        let item = current.map_err(|error| if_match.refusal(error))?;
        let file = F::of(&item.data).ok_or(Error::NotFound(F::MISSING))?;
        let key = self.objects.upload(F::NAME, file.upload_id);
        state.storage().delete(&key).await?;

        // No other change of the item may keep it from being told that its file is gone.
        let guard = Guard::exists().scope(Scope::Owner(&item.owner));
        let guard = guard.when(has_upload::<F>(Some(file.upload_id)));
        let changes = Update::new().remove(F::NAME);
        let updated = state.table().update::<F::Item>(&item.key, guard, changes);
        updated.await?;
        Ok(())
    }

    /// What has been uploaded, if the field takes it.
    async fn look(&self, storage: &Storage, upload_id: Uuid) -> Result<StoredFile> {
        let key = self.key(upload_id);
        let object = storage.head(&key).await?;
        let object = object.ok_or_else(|| Error::Conflict("Nothing has been uploaded".into()))?;
        let content_type = object.content_type.unwrap_or_default();
        let broken_rule = if object.size > F::MAX_SIZE {
            Some(format!("the file has more than {} bytes", F::MAX_SIZE))
        } else if !F::TYPES.is_empty() && !F::TYPES.contains(&content_type.as_str()) {
            Some(format!("the file is not {}", F::TYPES.join(" or ")))
        } else {
            None
        };
        if let Some(rule) = broken_rule {
            self.discard(storage, upload_id).await;
            let error = FieldError::value_error(["body", "upload_id"], rule);
            return Err(Error::Validation(vec![error.with_input(&upload_id)]));
        }
        let name = object.file_name.as_ref().map(FileName::as_str);
        Ok(StoredFile {
            upload_id,
            file_name: name.unwrap_or("file").to_owned(),
            content_type,
            size: object.size,
            uploaded_at: Timestamp::now(),
        })
    }

    /// Deletes an object that is no item's. If that fails it goes with the item, and the request has done its work.
    async fn discard(&self, storage: &Storage, upload_id: Uuid) {
        if let Err(error) = storage.delete(&self.key(upload_id)).await {
            tracing::warn!(cause = causes(&error), "an object was left behind");
        }
    }

    fn key(&self, upload_id: Uuid) -> ObjectKey {
        self.objects.upload(F::NAME, upload_id)
    }
}

/// The item has the file of this upload, or none. Whoever replaces a file has to know which one it was: nobody else would
/// delete its object.
fn has_upload<F: FileField>(upload_id: Option<Uuid>) -> Condition {
    match upload_id {
        Some(id) => Condition::member_equals(F::NAME, "upload_id", id),
        None => Condition::not_exists(F::NAME),
    }
}

impl<F: FileField> PartialSchema for Upload<F> {
    fn schema() -> RefOr<Schema> {
        let name = ObjectBuilder::new()
            .schema_type(Type::String)
            .description(Some("What the file is called; folders are cut off."))
            .min_length(Some(1))
            .max_length(Some(1024));
        let content_type = ObjectBuilder::new().schema_type(Type::String);
        let content_type = match F::TYPES {
            [] => content_type
                .pattern(Some(MEDIA_TYPE))
                .max_length(Some(127))
                .examples([json!("application/pdf")]),
            types => content_type.enum_values(Some(types.iter().copied())),
        };
        let size = ObjectBuilder::new()
            .schema_type(Type::Integer)
            .format(Some(SchemaFormat::KnownFormat(KnownFormat::Int64)))
            .description(Some("The exact size in bytes."))
            .minimum(Some(1_usize))
            .maximum(usize::try_from(F::MAX_SIZE).ok());
        ObjectBuilder::new()
            .description(Some("A file that is to be uploaded."))
            .property("file_name", name)
            .required("file_name")
            .property("content_type", content_type)
            .required("content_type")
            .property("size", size)
            .required("size")
            .additional_properties(Some(AdditionalProperties::FreeForm(false)))
            .into()
    }
}

impl<F: FileField> ToSchema for Upload<F> {
    fn name() -> std::borrow::Cow<'static, str> {
        F::UPLOAD.into()
    }
}

/// Two tokens and a slash (RFC 9110), no parameters.
const MEDIA_TYPE: &str = "^[A-Za-z0-9!#$%&'*+.^_`|~-]+/[A-Za-z0-9!#$%&'*+.^_`|~-]+$";
