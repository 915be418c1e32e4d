//! What every test starts from: an API of its own, with a database of its own.

mod crud;
mod files;
mod filters;
mod items;
mod jobs;
mod log;
mod request;
mod response;
mod transfer;

use aws_sdk_dynamodb::Client;
use axum::Router;
use http::Method;
use local::LocalAws;
use local::Options;
use serde_json::Value;

use my_api::app::app;
use my_api::config::Config;
use my_api::database::schema::INDEXES;
use my_api::database::schema::create_table;
use my_api::shared::jobs::WORKER_TIMEOUT;
use my_api::state::AppState;
use my_api::worker::work;

pub use self::items::{Caller, Items};
pub use self::log::Log;
pub use self::request::Request;
pub use self::response::Response;
pub use self::transfer::{fetch, send};

/// The API, ready for requests, and the AWS stand-ins behind it.
///
/// ```ignore
/// let app = TestApp::start().await;
/// let response = app.get("/api/auth/me").as_user("alice").await;
/// assert_eq!(response.status, 200);
/// assert_eq!(response.data()["user_id"], "alice");
/// ```
///
/// Requests go straight into the router; nothing is shared between two of these, so tests run side by side.
pub struct TestApp {
    /// The stand-ins: to make them fail, to see what they were asked, to sign special tokens.
    pub aws: LocalAws,
    /// What the handlers are given: to look behind the API.
    pub state: AppState,
    router: Router,
}

impl TestApp {
    pub async fn start() -> Self {
        Self::start_with(|_| {}).await
    }

    /// Changes the configuration before the API sees it.
    pub async fn start_with(configure: impl FnOnce(&mut Config)) -> Self {
        let aws = LocalAws::start(Options::default()).await.unwrap();
        let variables = aws.variables();
        let mut config = Config::from(|name| variables.get(name).cloned()).unwrap();
        configure(&mut config);
        let dynamodb = Client::new(&aws.sdk_config());
        create_table(&dynamodb, &config.table_name, INDEXES)
            .await
            .unwrap();

        let state = AppState::new(config, aws.sdk_config());
        let worker = state.clone();
        aws.lambda().deploy(local::WORKER, move |message| {
            let state = worker.clone();
            async move { work(&state, message, WORKER_TIMEOUT).await }
        });
        let router = app(state.clone());
        Self { aws, state, router }
    }

    pub fn get(&self, path: &str) -> Request<'_> {
        self.request(Method::GET, path)
    }

    pub fn post(&self, path: &str, body: Value) -> Request<'_> {
        self.request(Method::POST, path).json(body)
    }

    pub fn patch(&self, path: &str, body: Value) -> Request<'_> {
        self.request(Method::PATCH, path).json(body)
    }

    pub fn delete(&self, path: &str) -> Request<'_> {
        self.request(Method::DELETE, path)
    }

    /// A request with any method and no body.
    pub fn request(&self, method: Method, path: &str) -> Request<'_> {
        Request::new(self, method, path)
    }
}
