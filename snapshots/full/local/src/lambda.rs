//! Lambda's Invoke operation: the functions are async closures in this process.

use std::collections::HashMap;
use std::fmt::Display;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract;
use axum::extract::{DefaultBodyLimit, Path};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use serde::Serialize;
use serde_json::{Value, json};
use tokio::sync::watch;

use crate::failure::{Failure, Failures};

/// The name of the worker function.
pub const WORKER: &str = "worker";

/// How often Lambda runs an asynchronous invocation before it gives up: once, and two retries.
const ATTEMPTS: usize = 3;

/// Bytes in the payload of an invocation, at most.
const PAYLOAD_LIMIT: usize = 6 * 1024 * 1024;

type Answer = Result<Value, String>;
type Function = Arc<dyn Fn(Value) -> Pin<Box<dyn Future<Output = Answer> + Send>> + Send + Sync>;

/// The Lambda stand-in.
#[derive(Clone)]
pub struct Lambda {
    failures: Failures,
    state: Arc<Mutex<State>>,
    /// How many asynchronous invocations have not come to their end.
    running: watch::Sender<usize>,
}

struct State {
    functions: HashMap<String, Function>,
    retry_delay: Duration,
    invocations: Vec<Invocation>,
    given_up: Vec<Invocation>,
}

/// One accepted call of Invoke.
#[derive(Clone, Debug, PartialEq)]
pub struct Invocation {
    pub function: String,
    pub kind: InvocationKind,
    pub payload: Value,
}

/// Whether the caller waited for the answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InvocationKind {
    /// Asynchronous: the caller was told 202 before the function ran.
    Event,
    /// Synchronous.
    RequestResponse,
}

impl Lambda {
    pub(crate) fn new() -> Self {
        let state = State {
            functions: HashMap::new(),
            retry_delay: Duration::from_millis(10),
            invocations: Vec::new(),
            given_up: Vec::new(),
        };
        Self {
            failures: Failures::default(),
            state: Arc::new(Mutex::new(state)),
            running: watch::Sender::new(0),
        }
    }

    /// Deploys a function, or replaces it. An error or a panic in it is a failed attempt.
    pub fn deploy<F, A, T, E>(&self, name: &str, function: F)
    where
        F: Fn(Value) -> A + Send + Sync + 'static,
        A: Future<Output = Result<T, E>> + Send + 'static,
        T: Serialize,
        E: Display,
    {
        let function: Function = Arc::new(move |payload| {
            let answer = function(payload);
            Box::pin(async move {
                let answer = answer.await.map_err(|error| error.to_string())?;
                serde_json::to_value(answer).map_err(|error| error.to_string())
            })
        });
        self.state().functions.insert(name.to_owned(), function);
    }

    /// How long to wait before a failed asynchronous invocation is tried again: 10 ms unless set.
    /// Lambda itself waits one minute, then two.
    pub fn set_retry_delay(&self, delay: Duration) {
        self.state().retry_delay = delay;
    }

    /// Refuses the next `times` calls of Invoke.
    pub fn fail_next(&self, times: usize, failure: Failure) {
        self.failures.push("Invoke", times, failure);
    }

    /// Every call that was accepted so far, the oldest first; retries are not listed again.
    pub fn invocations(&self) -> Vec<Invocation> {
        self.state().invocations.clone()
    }

    /// The asynchronous invocations that failed to the last: what an on-failure destination would get.
    pub fn given_up(&self) -> Vec<Invocation> {
        self.state().given_up.clone()
    }

    /// Waits until no asynchronous invocation is running or going to be retried.
    pub async fn idle(&self) {
        let mut running = self.running.subscribe();
        // The sender lives in `self`, so the wait cannot be cut short.
        let _ = running.wait_for(|&running| running == 0).await;
    }

    pub(crate) fn routes(&self) -> Router {
        let path = "/2015-03-31/functions/{name}/invocations";
        Router::new()
            .route(path, post(invoke))
            .layer(DefaultBodyLimit::max(PAYLOAD_LIMIT))
            .with_state(self.clone())
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state
            .lock()
            .expect("no test panics with this lock held")
    }
}

async fn invoke(
    extract::State(lambda): extract::State<Lambda>,
    Path(name): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Failure> {
    if let Some(failure) = lambda.failures.take("Invoke") {
        return Err(failure);
    }
    let kind = match headers.get("x-amz-invocation-type") {
        Some(kind) if kind == "Event" => InvocationKind::Event,
        _ => InvocationKind::RequestResponse,
    };
    let payload = parse(&body)?;
    let function = {
        let mut state = lambda.state();
        let Some(function) = state.functions.get(&name).cloned() else {
            return Err(Failure::new(
                StatusCode::NOT_FOUND,
                "ResourceNotFoundException",
                &format!("Function not found: {name}"),
            ));
        };
        state.invocations.push(Invocation {
            function: name.clone(),
            kind,
            payload: payload.clone(),
        });
        function
    };
    Ok(match kind {
        InvocationKind::Event => {
            lambda.running.send_modify(|running| *running += 1);
            tokio::spawn(run_event(lambda, name, function, payload));
            StatusCode::ACCEPTED.into_response()
        }
        InvocationKind::RequestResponse => match attempt(&function, payload).await {
            Ok(answer) => axum::Json(answer).into_response(),
            Err(message) => {
                let error = json!({ "errorType": "Error", "errorMessage": message });
                ([("x-amz-function-error", "Unhandled")], axum::Json(error)).into_response()
            }
        },
    })
}

/// No payload at all is `null` to the function.
fn parse(body: &[u8]) -> Result<Value, Failure> {
    if body.is_empty() {
        return Ok(Value::Null);
    }
    serde_json::from_slice(body).map_err(|error| {
        let message = format!("Could not parse request body into json: {error}");
        Failure::new(
            StatusCode::BAD_REQUEST,
            "InvalidRequestContentException",
            &message,
        )
    })
}

async fn run_event(lambda: Lambda, name: String, function: Function, payload: Value) {
    let mut failed = true;
    for number in 1..=ATTEMPTS {
        failed = attempt(&function, payload.clone()).await.is_err();
        if !failed || number == ATTEMPTS {
            break;
        }
        let delay = lambda.state().retry_delay;
        tokio::time::sleep(delay).await;
    }
    if failed {
        lambda.state().given_up.push(Invocation {
            function: name,
            kind: InvocationKind::Event,
            payload,
        });
    }
    lambda.running.send_modify(|running| *running -= 1);
}

/// Runs the function in a task of its own, so that a panic ends no more than a crashed sandbox would.
async fn attempt(function: &Function, payload: Value) -> Answer {
    let run = tokio::spawn(function(payload));
    run.await.unwrap_or_else(|panic| Err(panic.to_string()))
}
