//! A request under construction. It is sent when it is awaited.

use std::future::{Future, IntoFuture};
use std::pin::Pin;

use axum::body::Body;
use http::header::{AUTHORIZATION, CONTENT_TYPE};
use http::{HeaderName, HeaderValue, Method};
use serde_json::Value;
use tower::ServiceExt as _;

use super::{Response, TestApp};

#[must_use = "a request is sent when it is awaited"]
pub struct Request<'a> {
    app: &'a TestApp,
    request: http::Request<Body>,
}

#[expect(
    clippy::wrong_self_convention,
    reason = "`as_user` says whose request it is; nothing is converted"
)]
impl<'a> Request<'a> {
    pub(super) fn new(app: &'a TestApp, method: Method, path: &str) -> Self {
        let mut request = http::Request::new(Body::empty());
        *request.method_mut() = method;
        *request.uri_mut() = path.parse().unwrap();
        Self { app, request }
    }

    /// Signs the user in, without any group.
    pub fn as_user(self, user_id: &str) -> Self {
        let token = self.app.aws.sign_in().token(user_id).sign();
        self.bearer(&token)
    }

    /// Signs the user in as a member of the group `admin`.
    pub fn as_admin(self, user_id: &str) -> Self {
        let token = self.app.aws.sign_in().token(user_id).groups(["admin"]);
        self.bearer(&token.sign())
    }

    /// Sends any token: see [`local::SignIn::token`] for unusual ones.
    pub fn bearer(self, token: &str) -> Self {
        self.header(AUTHORIZATION.as_str(), &format!("Bearer {token}"))
    }

    /// Adds a header; a name can be given more than once.
    pub fn header(mut self, name: &str, value: &str) -> Self {
        let name: HeaderName = name.parse().unwrap();
        let value: HeaderValue = value.parse().unwrap();
        self.request.headers_mut().append(name, value);
        self
    }

    pub fn json(self, body: Value) -> Self {
        self.header(CONTENT_TYPE.as_str(), "application/json")
            .body(body.to_string())
    }

    /// Any body, without saying what it is.
    pub fn body(mut self, body: impl Into<Body>) -> Self {
        *self.request.body_mut() = body.into();
        self
    }
}

impl<'a> IntoFuture for Request<'a> {
    type Output = Response;
    type IntoFuture = Pin<Box<dyn Future<Output = Response> + Send + 'a>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move {
            let router = self.app.router.clone();
            let Ok(response) = router.oneshot(self.request).await;
            Response::read(response).await
        })
    }
}
