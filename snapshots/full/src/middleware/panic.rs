//! A panic costs one request, not the process: it is logged, and the client gets a 500.

use std::any::Any;
use std::panic;

use axum::response::{IntoResponse, Response};

use crate::error::Error;

/// Sends panics to the log, in its format and with the request's id, instead of to stderr.
pub fn log_panics() {
    panic::set_hook(Box::new(|panic| {
        let message = panic.payload_as_str().unwrap_or("not a text");
        let location = panic.location().map(tracing::field::display);
        tracing::error!(cause = message, location, "panicked");
    }));
}

/// The answer to a request whose handler panicked. Needs `panic = "unwind"` in every profile.
pub fn respond(_panic: Box<dyn Any + Send>) -> Response {
    Error::Panicked.into_response()
}
