//! The one error type of the API, and the one place where an error becomes a response.
//!
//! Bodies are `{"detail": …}`. What went wrong inside is logged here, once, and never shown to the client.

use std::error::Error as StdError;

use axum::Json;
use axum::response::{IntoResponse, Response};
use http::header::{RETRY_AFTER, WWW_AUTHENTICATE};
use http::{HeaderValue, StatusCode};
use serde::Serialize;

use crate::middleware::auth::Unauthenticated;
use crate::shared::validation::FieldError;

pub type BoxError = Box<dyn StdError + Send + Sync>;
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What can go wrong with a request. The text of an error is the `detail` that the client reads.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// 422, with every rule that the input breaks.
    #[error("Validation failed")]
    Validation(Vec<FieldError>),

    /// 400
    #[error("{0}")]
    BadRequest(&'static str),

    /// 401, with `WWW-Authenticate`.
    #[error(transparent)]
    Unauthenticated(#[from] Unauthenticated),

    /// 403
    #[error("{0}")]
    Forbidden(&'static str),

    /// 404. The detail names what is missing: `Proposal not found`.
    #[error("{0}")]
    NotFound(&'static str),

    /// 405. The router adds `Allow`.
    #[error("Method Not Allowed")]
    MethodNotAllowed,

    /// 409
    #[error("{0}")]
    Conflict(String),

    /// 412: the item is no longer at the version named in `If-Match`.
    #[error("Precondition Failed")]
    PreconditionFailed,

    /// 413
    #[error("Payload Too Large")]
    PayloadTooLarge,

    /// 415
    #[error("Unsupported Media Type")]
    UnsupportedMediaType,

    /// 503, with `Retry-After`: something we depend on does not answer, and trying again may help.
    #[error("{detail}")]
    Unavailable {
        detail: &'static str,
        source: BoxError,
    },

    /// 504
    #[error("Gateway Timeout")]
    TimedOut,

    /// 500
    #[error("Internal Server Error")]
    Internal(#[source] BoxError),

    /// 500, already logged by the panic hook.
    #[error("Internal Server Error")]
    Panicked,
}

impl Error {
    pub fn internal(cause: impl Into<BoxError>) -> Self {
        Self::Internal(cause.into())
    }

    pub fn unavailable(detail: &'static str, cause: impl Into<BoxError>) -> Self {
        Self::Unavailable {
            detail,
            source: cause.into(),
        }
    }

    pub fn status(&self) -> StatusCode {
        match self {
            Self::Validation(_) => StatusCode::UNPROCESSABLE_ENTITY,
            Self::BadRequest(_) => StatusCode::BAD_REQUEST,
            Self::Unauthenticated(_) => StatusCode::UNAUTHORIZED,
            Self::Forbidden(_) => StatusCode::FORBIDDEN,
            Self::NotFound(_) => StatusCode::NOT_FOUND,
            Self::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
            Self::Conflict(_) => StatusCode::CONFLICT,
            Self::PreconditionFailed => StatusCode::PRECONDITION_FAILED,
            Self::PayloadTooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::UnsupportedMediaType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::Unavailable { .. } => StatusCode::SERVICE_UNAVAILABLE,
            Self::TimedOut => StatusCode::GATEWAY_TIMEOUT,
            Self::Internal(_) | Self::Panicked => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    fn log(&self) {
        match self {
            Self::Internal(cause) => tracing::error!(cause = causes(&**cause), "{self}"),
            Self::Unavailable { source, .. } => tracing::warn!(cause = causes(&**source), "{self}"),
            _ => {}
        }
    }
}

#[derive(Serialize)]
struct ErrorBody {
    detail: String,
}

#[derive(Serialize)]
struct ValidationErrorBody<'a> {
    detail: &'a [FieldError],
    message: String,
}

impl IntoResponse for Error {
    fn into_response(self) -> Response {
        self.log();

        let message = self.to_string();
        let mut response = match &self {
            Self::Validation(detail) => {
                Json(ValidationErrorBody { detail, message }).into_response()
            }
            _ => Json(ErrorBody { detail: message }).into_response(),
        };
        *response.status_mut() = self.status();

        let header = match self {
            Self::Unauthenticated(reason) => Some((WWW_AUTHENTICATE, reason.challenge())),
            Self::Unavailable { .. } => Some((RETRY_AFTER, "1")),
            _ => None,
        };
        if let Some((name, value)) = header {
            let value = HeaderValue::from_static(value);
            response.headers_mut().insert(name, value);
        }
        response
    }
}

/// An error and all that caused it on one line, the outermost first, for the log.
pub fn causes(error: &dyn StdError) -> String {
    std::iter::successors(Some(error), |&error| error.source())
        .map(ToString::to_string)
        .collect::<Vec<_>>()
        .join(": ")
}

#[cfg(test)]
mod tests {
    use http_body_util::BodyExt as _;
    use serde_json::json;

    use super::*;

    #[tokio::test]
    async fn every_error_is_a_json_body_with_a_detail() {
        let table = [
            (Error::BadRequest("No"), 400, "No"),
            (Unauthenticated::Missing.into(), 401, "Not authenticated"),
            (
                Error::Forbidden("Admin access required"),
                403,
                "Admin access required",
            ),
            (
                Error::NotFound("Proposal not found"),
                404,
                "Proposal not found",
            ),
            (Error::MethodNotAllowed, 405, "Method Not Allowed"),
            (
                Error::Conflict("Already running".into()),
                409,
                "Already running",
            ),
            (Error::PreconditionFailed, 412, "Precondition Failed"),
            (Error::PayloadTooLarge, 413, "Payload Too Large"),
            (Error::UnsupportedMediaType, 415, "Unsupported Media Type"),
            (Error::internal("secret"), 500, "Internal Server Error"),
            (Error::Panicked, 500, "Internal Server Error"),
            (Error::unavailable("Later", "secret"), 503, "Later"),
            (Error::TimedOut, 504, "Gateway Timeout"),
        ];
        for (error, status, detail) in table {
            let response = error.into_response();
            assert_eq!(response.status(), status);
            let body = response.into_body().collect().await.unwrap().to_bytes();
            let body: serde_json::Value = serde_json::from_slice(&body).unwrap();
            assert_eq!(body, json!({"detail": detail}));
        }
    }

    #[test]
    fn some_errors_tell_how_to_go_on() {
        let unauthenticated = Error::from(Unauthenticated::Missing).into_response();
        let unavailable = Error::unavailable("Later", "cause").into_response();
        assert_eq!(unauthenticated.headers()["www-authenticate"], "Bearer");
        assert_eq!(unavailable.headers()["retry-after"], "1");
    }

    #[test]
    fn causes_are_told_outermost_first() {
        let inner = std::io::Error::other("disk full");
        let error = Error::unavailable("Later", inner);
        assert_eq!(causes(&error), "Later: disk full");
    }
}
