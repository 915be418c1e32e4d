//! DynamoDB: dynoxide, which keeps its tables in SQLite, in memory or in one file.

use std::io;
use std::path::Path;

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::Uri;
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use tokio::net::TcpListener;

use crate::failure::{Failure, Failures};
use crate::{LOOPBACK, name_path};

/// The DynamoDB stand-in. Tests can make its next answers failures.
#[derive(Clone)]
pub struct DynamoDb {
    failures: Failures,
    /// dynoxide only serves on a listener of its own: a loopback port nobody else is told.
    upstream: Uri,
    client: Client<HttpConnector, Body>,
}

impl DynamoDb {
    pub(crate) async fn start(data: Option<&Path>) -> io::Result<Self> {
        let database = match data {
            Some(folder) => open(&folder.join("dynamodb.sqlite")),
            None => dynoxide::Database::memory().map_err(io::Error::other),
        }?;
        let listener = TcpListener::bind((LOOPBACK, 0)).await?;
        let upstream = format!("http://{}/", listener.local_addr()?);
        tokio::spawn(dynoxide::server::serve_on(listener, database));
        Ok(Self {
            failures: Failures::default(),
            upstream: upstream.parse().map_err(io::Error::other)?,
            client: Client::builder(TokioExecutor::new()).build_http(),
        })
    }

    /// Answers the next `times` requests for an operation, such as `PutItem`, with a failure.
    pub fn fail_next(&self, operation: &str, times: usize, failure: Failure) {
        self.failures.push(operation, times, failure);
    }

    /// `POST /`, the one route of DynamoDB's protocol.
    pub(crate) fn routes(&self) -> Router {
        Router::new()
            .route("/", post(answer))
            .with_state(self.clone())
    }
}

fn open(path: &Path) -> io::Result<dynoxide::Database> {
    dynoxide::Database::new(&path.to_string_lossy()).map_err(|error| name_path(path, &error))
}

async fn answer(State(dynamodb): State<DynamoDb>, mut request: Request) -> Response {
    let target = request.headers().get("x-amz-target");
    let target = target.and_then(|target| target.to_str().ok());
    let operation = target.and_then(|target| target.split('.').next_back());
    if let Some(failure) = operation.and_then(|operation| dynamodb.failures.take(operation)) {
        return failure.into_response();
    }
    *request.uri_mut() = dynamodb.upstream;
    match dynamodb.client.request(request).await {
        Ok(response) => response.map(Body::new).into_response(),
        Err(error) => Failure::internal(error).into_response(),
    }
}
