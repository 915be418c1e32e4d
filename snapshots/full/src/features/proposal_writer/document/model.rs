//! What a document is, and what a client may say of one.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::database;
use crate::shared::files::StoredFile;

/// A document.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Document {
    pub filename: String,
    pub content: Option<StoredFile>,
}

/// A document that is to be created.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DocumentCreate {
    #[schema(min_length = 1, max_length = 255, pattern = r"\S")]
    pub filename: String,
}

impl DocumentCreate {
    /// The document that is to be stored.
    pub fn into_data(self) -> Document {
        Document {
            filename: self.filename,
            content: None,
        }
    }
}

/// What is to change of a document. A field that is left out stays as it is; null clears it.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DocumentUpdate {
    #[schema(nullable = false, min_length = 1, max_length = 255, pattern = r"\S")]
    pub filename: Option<String>,

    /// The version that is to change; 409 if it is no longer the current one.
    #[schema(nullable = false, minimum = 1)]
    pub version: Option<u64>,
}

impl DocumentUpdate {
    /// What changes in the item.
    pub fn changes(&self) -> database::Update {
        let mut changes = database::Update::new();
        if let Some(value) = &self.filename {
            changes = changes.set("filename", value);
        }
        changes
    }
}

impl database::Entity for Document {
    const NAME: &'static str = "DOCUMENT";
    const NOT_FOUND: &'static str = "Document not found";
}
