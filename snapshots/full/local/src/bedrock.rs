//! Bedrock's Converse operation, answered from a script, or without one by a model that only repeats what it is told.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard};

use axum::extract;
use axum::extract::Path;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use axum::{Json, Router};
use serde_json::{Value, json};
use tokio::sync::Notify;

use crate::failure::Failure;

/// The id of the one model; requests for any other are answered just the same.
pub const MODEL_ID: &str = "local.echo-v1";

/// The Bedrock stand-in.
#[derive(Clone, Default)]
pub struct Bedrock(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    script: VecDeque<Reply>,
    requests: Vec<ConverseRequest>,
}

/// What the model does with one request. An SDK client that tries again uses up the next reply.
#[derive(Clone, Debug)]
pub enum Reply {
    /// It says this, and has finished.
    Text(String),
    /// It says this and is stopped, for example by `max_tokens`.
    Stopped { text: String, reason: String },
    /// The service answers with an error.
    Failure(Failure),
    /// The service answers 200 with this body, which need not be one.
    Body(String),
    /// The reply comes when the test says so.
    When(Arc<Notify>, Box<Reply>),
}

/// A request as the service received it.
#[derive(Clone, Debug)]
pub struct ConverseRequest {
    pub model_id: String,
    pub body: Value,
}

impl ConverseRequest {
    /// The instructions ahead of the conversation.
    pub fn system(&self) -> String {
        texts(&self.body["system"])
    }

    /// The text of the last message.
    pub fn prompt(&self) -> String {
        let messages = self.body["messages"].as_array();
        messages
            .and_then(|messages| messages.last())
            .map(|message| texts(&message["content"]))
            .unwrap_or_default()
    }
}

impl Bedrock {
    /// Adds a reply to the script. Once it has come to its end, the model repeats what it is told.
    pub fn reply(&self, reply: Reply) {
        self.state().script.push_back(reply);
    }

    /// Answers the next `times` requests with a failure.
    pub fn fail_next(&self, times: usize, failure: Failure) {
        let reply = Reply::Failure(failure);
        let replies = std::iter::repeat_n(reply, times);
        self.state().script.extend(replies);
    }

    /// Every request so far, the oldest first.
    pub fn requests(&self) -> Vec<ConverseRequest> {
        self.state().requests.clone()
    }

    pub(crate) fn routes(&self) -> Router {
        Router::new()
            .route("/model/{model_id}/converse", post(converse))
            .with_state(self.clone())
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().expect("no test panics with this lock held")
    }
}

async fn converse(
    extract::State(bedrock): extract::State<Bedrock>,
    Path(model_id): Path<String>,
    Json(body): Json<Value>,
) -> Response {
    let request = ConverseRequest { model_id, body };
    let scripted = {
        let mut state = bedrock.state();
        state.requests.push(request.clone());
        state.script.pop_front()
    };
    let mut reply = scripted.unwrap_or_else(|| Reply::Text(repeat(&request)));
    loop {
        reply = match reply {
            Reply::Text(text) => return message(&text, "end_turn"),
            Reply::Stopped { text, reason } => return message(&text, &reason),
            Reply::Failure(failure) => return failure.into_response(),
            Reply::Body(body) => {
                return ([(CONTENT_TYPE, "application/json")], body).into_response();
            }
            Reply::When(told, later) => {
                told.notified().await;
                *later
            }
        };
    }
}

fn message(text: &str, stop_reason: &str) -> Response {
    let body = json!({
        "output": { "message": { "role": "assistant", "content": [{ "text": text }] } },
        "stopReason": stop_reason,
        "usage": { "inputTokens": 1, "outputTokens": 1, "totalTokens": 2 },
        "metrics": { "latencyMs": 1 },
    });
    Json(body).into_response()
}

/// The same words for the same request: a sentence, or where JSON is asked for, the example that came with it.
fn repeat(request: &ConverseRequest) -> String {
    let prompt = request.prompt();
    let instructions = request.system() + "\n" + &prompt;
    let beginning: String = prompt.split_whitespace().collect::<Vec<_>>().join(" ");
    let beginning: String = beginning.chars().take(120).collect();
    let sentence = format!("A model would answer here. It was asked: {beginning}");
    if !instructions.contains("JSON") {
        return sentence;
    }
    match last_json_object(&instructions) {
        Some(example) => example.to_string(),
        None => json!({ "summary": sentence }).to_string(),
    }
}

/// The last `{…}` in a text that parses, and is not part of another one.
fn last_json_object(text: &str) -> Option<Value> {
    let mut last: Option<(usize, Value)> = None;
    for (start, _) in text.rmatch_indices('{') {
        let mut values = serde_json::Deserializer::from_str(&text[start..]).into_iter();
        let value: Option<Value> = values.next().and_then(Result::ok);
        let end = start + values.byte_offset();
        match (value, &last) {
            (Some(value), None) => last = Some((end, value)),
            (Some(value), Some((inner, _))) if end > *inner => last = Some((end, value)),
            _ => {}
        }
    }
    last.map(|(_, value)| value)
}

fn texts(blocks: &Value) -> String {
    let blocks = blocks.as_array().into_iter().flatten();
    let texts: Vec<&str> = blocks.filter_map(|block| block["text"].as_str()).collect();
    texts.join("\n")
}
