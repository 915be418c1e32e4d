//! One line in the log per request.

use std::time::Instant;

use axum::extract::{MatchedPath, Request};
use axum::middleware::Next;
use axum::response::Response;
use tracing::Instrument;

use crate::middleware::request_id::RequestId;

/// Says how the request ended. Whatever else is logged on the way carries the same request id.
///
/// The path is the route's (`/api/proposals/{proposal_id}`); the query, headers and bodies are never logged.
pub async fn log(request: Request, next: Next) -> Response {
    let started = Instant::now();
    let extensions = request.extensions();
    // A span below the log level would vanish and take the request id with it.
    let span = tracing::error_span!(
        "request",
        request_id = extensions.get().map(RequestId::as_str),
        method = request.method().as_str(),
        path = extensions.get().map(MatchedPath::as_str),
    );

    let response = next.run(request).instrument(span.clone()).await;

    let _entered = span.entered();
    tracing::info!(
        status = response.status().as_u16(),
        latency_ms = started.elapsed().as_secs_f64() * 1000.0,
        "answered"
    );
    response
}
