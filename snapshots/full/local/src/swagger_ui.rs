//! Swagger UI's files, so that the documentation page needs no internet.

use std::sync::Arc;

use axum::Router;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use utoipa_swagger_ui::Config;

/// `GET /{path}/swagger-ui-bundle.js` and its neighbours.
pub fn swagger_ui<S: Clone + Send + Sync + 'static>(path: &str) -> Router<S> {
    Router::new().route(&format!("{path}/{{file}}"), get(file))
}

async fn file(Path(name): Path<String>) -> Response {
    match utoipa_swagger_ui::serve(&name, Arc::new(Config::from("/openapi.json"))) {
        Ok(Some(file)) => ([(CONTENT_TYPE, file.content_type)], file.bytes).into_response(),
        Ok(None) => StatusCode::NOT_FOUND.into_response(),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}
