//! What clients do with presigned URLs: requests over HTTP, past the API.

use bytes::Bytes;
use http::{HeaderMap, StatusCode};
use http_body_util::{BodyExt as _, Full};
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;

/// Sends a request, and reads the response to its end.
pub async fn send(request: http::Request<Full<Bytes>>) -> (StatusCode, HeaderMap, Bytes) {
    let client = Client::builder(TokioExecutor::new()).build_http();
    let (parts, body) = client.request(request).await.unwrap().into_parts();
    let body = body.collect().await.unwrap().to_bytes();
    (parts.status, parts.headers, body)
}

/// Fetches what a URL leads to.
pub async fn fetch(url: &str) -> (StatusCode, HeaderMap, Bytes) {
    send(http::Request::get(url).body(Full::default()).unwrap()).await
}
