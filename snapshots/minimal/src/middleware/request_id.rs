//! One id per request, in the log and in the response, so that a client can tell us which request it means.

use axum::extract::Request;
use axum::middleware::Next;
use axum::response::Response;
use http::{HeaderName, HeaderValue};
use lambda_http::request::RequestContext;
use uuid::Uuid;

pub const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Longer ids than this are not ours, nor API Gateway's, and only bloat the log.
const MAX_LENGTH: usize = 128;

/// The id of a request, found in its extensions.
#[derive(Clone, Debug)]
pub struct RequestId(HeaderValue);

impl RequestId {
    pub fn as_str(&self) -> &str {
        self.0.to_str().unwrap_or_default()
    }
}

/// Gives the request its id: API Gateway's, so that both logs agree; else the client's; else a new one.
pub async fn request_id(mut request: Request, next: Next) -> Response {
    let id = from_gateway(&request)
        .or_else(|| from_client(&request))
        .unwrap_or_else(new);
    request.extensions_mut().insert(RequestId(id.clone()));

    let mut response = next.run(request).await;
    response.headers_mut().insert(X_REQUEST_ID, id);
    response
}

fn from_gateway(request: &Request) -> Option<HeaderValue> {
    match request.extensions().get()? {
        RequestContext::ApiGatewayV2(context) => {
            let id = context.request_id.as_deref()?;
            HeaderValue::from_str(id).ok().filter(is_well_formed)
        }
        _ => None,
    }
}

fn from_client(request: &Request) -> Option<HeaderValue> {
    let id = request.headers().get(X_REQUEST_ID)?;
    is_well_formed(id).then(|| id.clone())
}

fn new() -> HeaderValue {
    let mut buffer = Uuid::encode_buffer();
    let id = Uuid::now_v7().hyphenated().encode_lower(&mut buffer);
    HeaderValue::from_str(id).unwrap_or(HeaderValue::from_static("-"))
}

fn is_well_formed(id: &HeaderValue) -> bool {
    let is_allowed = |byte: &u8| byte.is_ascii_alphanumeric() || b"-_.=+/".contains(byte);
    (1..=MAX_LENGTH).contains(&id.len()) && id.as_bytes().iter().all(is_allowed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_short_and_plain() {
        for id in [
            "a",
            "JKJaXmPLvHcESHA=",
            "0198c0de-0000-7000-8000-000000000000",
        ] {
            assert!(is_well_formed(&HeaderValue::from_static(id)), "{id}");
        }
        for id in ["", "two words", "{\"json\": 1}", "tab\there"] {
            assert!(!is_well_formed(&HeaderValue::from_static(id)), "{id}");
        }
        let too_long = "x".repeat(MAX_LENGTH + 1);
        assert!(!is_well_formed(&too_long.parse().unwrap()));
    }
}
