//! Plain HTTP requests, as a browser or curl makes them.

use axum::body::{Body, Bytes};
use axum::http::{Request, Response};
use http_body_util::BodyExt as _;
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;

pub async fn send(request: Request<Body>) -> Response<Bytes> {
    let client = Client::builder(TokioExecutor::new()).build_http();
    let (parts, body) = client.request(request).await.unwrap().into_parts();
    let bytes = body.collect().await.unwrap().to_bytes();
    Response::from_parts(parts, bytes)
}

pub async fn get(url: impl AsRef<str>) -> Response<Bytes> {
    send(Request::get(url.as_ref()).body(Body::empty()).unwrap()).await
}
