//! Swagger UI for the OpenAPI document.

use std::sync::Arc;

use axum::Router;
use axum::response::Html;
use axum::routing::get;
use http::header::{CONTENT_SECURITY_POLICY, CONTENT_TYPE};

const PAGE: &str = include_str!("docs.html");
const SCRIPT: &str = include_str!("docs.js");

/// `GET /docs` and its script. `assets` is the base URL of Swagger UI's own files.
pub fn routes<S>(assets: &str) -> Router<S>
where
    S: Clone + Send + Sync + 'static,
{
    let policy: Arc<str> = content_security_policy(assets).into();
    let page: Arc<str> = PAGE.replace("{assets}", assets).into();

    let page = async move || {
        let headers = [(CONTENT_SECURITY_POLICY, policy.to_string())];
        (headers, Html(page.to_string()))
    };
    let script = async || ([(CONTENT_TYPE, "text/javascript; charset=utf-8")], SCRIPT);

    Router::new()
        .route("/docs", get(page))
        .route("/docs/init.js", get(script))
}

/// Only our own script and Swagger UI's may run, and they may call only this API.
fn content_security_policy(assets: &str) -> String {
    let assets = if assets.starts_with("https://") {
        format!(" {assets}/")
    } else {
        String::new()
    };
    format!(
        "default-src 'none'; script-src 'self'{assets}; style-src 'self'{assets}; img-src 'self' data:; \
         connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
}
