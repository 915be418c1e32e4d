//! The envelope of every success: `{"status": "success", "data": …}`.

use axum::Json;
use axum::response::{IntoResponse, IntoResponseParts, Response, ResponseParts};
use http::header::{ETAG, LOCATION};
use http::{HeaderValue, StatusCode};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa::openapi::{Array, Ref};

use crate::database::Cursor;
use crate::error::{Error, Result};

/// One thing.
#[derive(Debug, Serialize, ToSchema)]
pub struct Data<T> {
    #[schema(inline)]
    status: Status,
    #[schema(schema_with = reference::<T>)]
    data: T,
}

/// One page of things.
#[derive(Debug, Serialize, ToSchema)]
pub struct List<T> {
    #[schema(inline)]
    status: Status,
    #[schema(schema_with = references::<T>)]
    data: Vec<T>,
    /// Give this as `cursor` to get the next page; null on the last one.
    #[schema(required, value_type = Option<String>)]
    next_cursor: Option<Cursor>,
}

/// A thing that was just made: 201 with a `Location`, and the body of [`Data`].
#[derive(Debug)]
pub struct Created<T> {
    location: String,
    data: T,
}

/// A thing that was just begun: 202 with a `Location`, and the body of [`Data`].
#[derive(Debug)]
pub struct Accepted<T> {
    location: String,
    data: T,
}

/// Keeps the document, and the types of generated clients, from repeating the whole schema in every envelope.
fn reference<T: ToSchema>() -> Ref {
    Ref::from_schema_name(T::name())
}

fn references<T: ToSchema>() -> Array {
    Array::new(reference::<T>())
}

/// The version of the item in the response, as clients send it back in `If-Match`: `"3"`.
#[derive(Clone, Copy, Debug)]
pub struct ETag(pub u64);

#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    Success,
}

impl<T> Data<T> {
    pub fn new(data: T) -> Self {
        Self {
            status: Status::Success,
            data,
        }
    }
}

impl<T> List<T> {
    pub fn new(data: Vec<T>, next_cursor: Option<Cursor>) -> Self {
        Self {
            status: Status::Success,
            data,
            next_cursor,
        }
    }
}

impl<T> Created<T> {
    /// `location` is the path under which the thing can be read.
    pub fn new(location: String, data: T) -> Self {
        Self { location, data }
    }
}

impl<T> Accepted<T> {
    /// `location` is the path under which it can be seen how the thing goes.
    pub fn new(location: String, data: T) -> Self {
        Self { location, data }
    }
}

impl<T> IntoResponse for Data<T>
where
    T: Serialize,
{
    fn into_response(self) -> Response {
        Json(self).into_response()
    }
}

impl<T> IntoResponse for List<T>
where
    T: Serialize,
{
    fn into_response(self) -> Response {
        Json(self).into_response()
    }
}

impl<T> IntoResponse for Created<T>
where
    T: Serialize,
{
    fn into_response(self) -> Response {
        let location = [(LOCATION, self.location)];
        (StatusCode::CREATED, location, Data::new(self.data)).into_response()
    }
}

impl<T> IntoResponse for Accepted<T>
where
    T: Serialize,
{
    fn into_response(self) -> Response {
        let location = [(LOCATION, self.location)];
        (StatusCode::ACCEPTED, location, Data::new(self.data)).into_response()
    }
}

impl IntoResponseParts for ETag {
    type Error = Error;

    fn into_response_parts(self, mut parts: ResponseParts) -> Result<ResponseParts> {
        let value = HeaderValue::try_from(format!("\"{}\"", self.0)).map_err(Error::internal)?;
        parts.headers_mut().insert(ETAG, value);
        Ok(parts)
    }
}

#[cfg(test)]
mod tests {
    use http_body_util::BodyExt as _;
    use serde_json::{Value, json};

    use super::*;

    async fn body_of(response: Response) -> Value {
        let body = response.into_body().collect().await.unwrap();
        serde_json::from_slice(&body.to_bytes()).unwrap()
    }

    #[tokio::test]
    async fn a_success_is_an_envelope() {
        let response = (ETag(3), Data::new("it")).into_response();
        assert_eq!(response.status(), 200);
        assert_eq!(response.headers()["etag"], "\"3\"");
        let body = body_of(response).await;
        assert_eq!(body, json!({"status": "success", "data": "it"}));
    }

    #[tokio::test]
    async fn what_was_created_can_be_found() {
        let response = Created::new("/api/things/1".into(), "it").into_response();
        assert_eq!(response.status(), 201);
        assert_eq!(response.headers()["location"], "/api/things/1");
        let body = body_of(response).await;
        assert_eq!(body, json!({"status": "success", "data": "it"}));
    }

    #[tokio::test]
    async fn what_was_begun_can_be_followed() {
        let response = Accepted::new("/api/jobs/1".into(), "it").into_response();
        assert_eq!(response.status(), 202);
        assert_eq!(response.headers()["location"], "/api/jobs/1");
        let body = body_of(response).await;
        assert_eq!(body, json!({"status": "success", "data": "it"}));
    }

    #[tokio::test]
    async fn the_last_page_says_so() {
        let body = body_of(List::new(vec![1, 2], None).into_response()).await;
        let expected = json!({"status": "success", "data": [1, 2], "next_cursor": null});
        assert_eq!(body, expected);
    }
}
