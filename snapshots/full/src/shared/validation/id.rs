//! Ids from the path.

use axum::extract::rejection::RawPathParamsRejection;
use axum::extract::{FromRequestParts, RawPathParams};
use http::request::Parts;
use uuid::Uuid;

use super::field_error::FieldError;
use super::format;
use crate::error::Error;

/// The one id in the path, as in `/api/proposals/{proposal_id}`.
#[derive(Clone, Copy, Debug)]
pub struct Id(pub Uuid);

/// All ids in the path, in its order: `Ids([proposal_id, document_id])`.
#[derive(Clone, Copy, Debug)]
pub struct Ids<const N: usize>(pub [Uuid; N]);

impl<S: Send + Sync> FromRequestParts<S> for Id {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Error> {
        let Ids([id]) = Ids::from_request_parts(parts, state).await?;
        Ok(Self(id))
    }
}

impl<S: Send + Sync, const N: usize> FromRequestParts<S> for Ids<N> {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Error> {
        let params = RawPathParams::from_request_parts(parts, state)
            .await
            .map_err(unread)?;

        let mut ids = Vec::with_capacity(N);
        let mut errors = Vec::new();
        for (name, text) in &params {
            match format::uuid(text) {
                Ok(id) => ids.push(id),
                Err(problem) => {
                    let error = FieldError::from_problem(problem, ["path", name]);
                    errors.push(error.with_input(text));
                }
            }
        }
        if !errors.is_empty() {
            return Err(Error::Validation(errors));
        }

        let ids = <[Uuid; N]>::try_from(ids).map_err(|ids| {
            Error::internal(format!(
                "the handler takes {N} ids and its path has {}",
                ids.len()
            ))
        })?;
        Ok(Self(ids))
    }
}

fn unread(rejection: RawPathParamsRejection) -> Error {
    match rejection {
        RawPathParamsRejection::InvalidUtf8InPathParam(_) => {
            let error = FieldError::value_error(["path"], "an id is not valid UTF-8");
            Error::Validation(vec![error])
        }
        _ => Error::internal(rejection),
    }
}
