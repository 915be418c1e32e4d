//! The JSON body of a request.

use axum::body::Bytes;
use axum::extract::rejection::{BytesRejection, FailedToBufferBody};
use axum::extract::{FromRequest, Request};
use http::HeaderMap;
use http::header::CONTENT_TYPE;
use serde::de::DeserializeOwned;
use utoipa::ToSchema;

use super::check::check;
use super::field_error::{FieldError, Loc};
use super::json;
use super::schema::Schema;
use crate::error::Error;

/// A body that keeps every rule of its type's OpenAPI schema.
///
/// All broken rules are reported at once, as 422. A body that is no JSON is 415 or, if it only says so, 422.
#[derive(Clone, Copy, Debug)]
pub struct Body<T>(pub T);

impl<T, S> FromRequest<S> for Body<T>
where
    T: DeserializeOwned + ToSchema + 'static,
    S: Send + Sync,
{
    type Rejection = Error;

    async fn from_request(request: Request, state: &S) -> Result<Self, Error> {
        if !is_json(request.headers()) {
            return Err(Error::UnsupportedMediaType);
        }
        let bytes = Bytes::from_request(request, state).await.map_err(unread)?;
        let schema = Schema::of::<T>().map_err(Error::internal)?;
        read(&schema, &bytes).map(Self).map_err(Error::Validation)
    }
}

/// The value that `bytes` hold, or everything that is wrong with them.
fn read<T: DeserializeOwned>(schema: &Schema, bytes: &[u8]) -> Result<T, Vec<FieldError>> {
    let json = json::parse(bytes).map_err(|error| vec![error])?;
    let errors = check(schema, &schema.root, &[Loc::from("body")], json);
    if !errors.is_empty() {
        return Err(errors);
    }
    // From the text again and not from a tree of values, so that numbers keep their digits. What fails here is a rule
    // that only the type itself knows.
    serde_json::from_str(json.get()).map_err(|error| {
        let msg = json::without_position(&error);
        vec![FieldError::value_error(["body"], msg).with_json(json)]
    })
}

/// `application/json` or `application/…+json`, with parameters or without.
fn is_json(headers: &HeaderMap) -> bool {
    let content_type = headers
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok());
    let media_type = content_type.and_then(|value| value.split(';').next());
    let media_type = media_type.unwrap_or_default().trim().to_ascii_lowercase();
    media_type
        .strip_prefix("application/")
        .is_some_and(|subtype| subtype == "json" || subtype.ends_with("+json"))
}

fn unread(rejection: BytesRejection) -> Error {
    match rejection {
        BytesRejection::FailedToBufferBody(FailedToBufferBody::LengthLimitError(_)) => {
            Error::PayloadTooLarge
        }
        _ => Error::BadRequest("The body could not be read"),
    }
}
