//! Failures on demand: what a service answers when it does not do what it was asked.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::json;

/// An AWS error answer: the SDK takes the error's name from `code`, and decides by it and by the status whether
/// to try again.
#[derive(Clone, Debug)]
pub struct Failure {
    pub status: StatusCode,
    pub code: String,
    pub message: String,
}

impl Failure {
    pub fn new(status: StatusCode, code: &str, message: &str) -> Self {
        Self {
            status,
            code: code.to_owned(),
            message: message.to_owned(),
        }
    }

    /// 429; the SDK tries such a request again.
    pub fn throttling() -> Self {
        let status = StatusCode::TOO_MANY_REQUESTS;
        Self::new(status, "ThrottlingException", "Rate exceeded")
    }

    /// 500; the SDK tries such a request again.
    pub fn internal(message: impl ToString) -> Self {
        let status = StatusCode::INTERNAL_SERVER_ERROR;
        Self::new(status, "InternalServerException", &message.to_string())
    }

    /// 400; the SDK gives up at once.
    pub fn validation(message: &str) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "ValidationException", message)
    }

    /// 403; the SDK gives up at once.
    pub fn access_denied() -> Self {
        let message = "User is not authorized to perform this action";
        Self::new(StatusCode::FORBIDDEN, "AccessDeniedException", message)
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let headers = [("x-amzn-errortype", self.code.clone())];
        let body = Json(json!({ "__type": self.code, "message": self.message }));
        (self.status, headers, body).into_response()
    }
}

/// Failures waiting for the requests they are meant for, in the order they were asked for.
#[derive(Clone, Default)]
pub(crate) struct Failures(Arc<Mutex<VecDeque<(String, Failure)>>>);

impl Failures {
    pub(crate) fn push(&self, operation: &str, times: usize, failure: Failure) {
        let entry = (operation.to_owned(), failure);
        let mut waiting = self.0.lock().expect("no test panics with this lock held");
        waiting.extend(std::iter::repeat_n(entry, times));
    }

    pub(crate) fn take(&self, operation: &str) -> Option<Failure> {
        let mut waiting = self.0.lock().expect("no test panics with this lock held");
        let position = waiting.iter().position(|(name, _)| name == operation)?;
        waiting.remove(position).map(|(_, failure)| failure)
    }
}
