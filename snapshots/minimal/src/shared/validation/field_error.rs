//! One broken rule, in the shape of FastAPI's 422 bodies.

use std::fmt;

use serde::Serialize;
use serde_json::value::{RawValue, to_raw_value};
use serde_json::{Map, Value, json};

/// An input whose JSON is longer than this many bytes is not sent back.
const LONGEST_ECHO: usize = 1024;

/// One rule that the input breaks.
#[derive(Clone, Serialize)]
pub struct FieldError {
    r#type: &'static str,
    loc: Vec<Loc>,
    msg: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    input: Option<Box<RawValue>>,
    #[serde(skip_serializing_if = "Map::is_empty")]
    ctx: Map<String, Value>,
}

/// One step of the way to a value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum Loc {
    Field(String),
    Index(usize),
}

impl FieldError {
    /// `type` is Pydantic's name of the rule (`missing`, `string_too_short`, …), `loc` the way to the value:
    /// `["body", "items", 0, "name"]`.
    pub fn new<L: Into<Loc>>(
        r#type: &'static str,
        loc: impl IntoIterator<Item = L>,
        msg: impl Into<String>,
    ) -> Self {
        Self {
            r#type,
            loc: loc.into_iter().map(Into::into).collect(),
            msg: msg.into(),
            input: None,
            ctx: Map::new(),
        }
    }

    pub(super) fn from_problem<L: Into<Loc>>(
        problem: Problem,
        loc: impl IntoIterator<Item = L>,
    ) -> Self {
        Self {
            ctx: problem.ctx,
            ..Self::new(problem.r#type, loc, problem.msg)
        }
    }

    /// A rule that no schema can express, as a `ValueError` of a Pydantic validator would be shown.
    pub fn value_error<L: Into<Loc>>(
        loc: impl IntoIterator<Item = L>,
        msg: impl fmt::Display,
    ) -> Self {
        Self::new("value_error", loc, format!("Value error, {msg}")).with_ctx("error", json!({}))
    }

    /// Sends the input back, unless its JSON is longer than 1 KB.
    #[must_use]
    pub fn with_input<I: Serialize + ?Sized>(self, input: &I) -> Self {
        match to_raw_value(input) {
            Ok(json) => self.with_json(&json),
            Err(_) => self,
        }
    }

    /// As [`with_input`](Self::with_input), with its numbers and spaces as they were written. A number that is too
    /// large for the client's JSON parser would make the whole answer unreadable, and is left out too.
    pub(super) fn with_json(mut self, json: &RawValue) -> Self {
        let json = json.get();
        if json.len() <= LONGEST_ECHO && serde_json::from_str::<Value>(json).is_ok() {
            self.input = RawValue::from_string(json.to_owned()).ok();
        }
        self
    }

    /// One value that the message was made from, for clients that word it in their own language.
    #[must_use]
    pub fn with_ctx(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.ctx.insert(name.to_owned(), value.into());
        self
    }
}

/// Without the input, which may be personal and does not belong into logs.
impl fmt::Debug for FieldError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FieldError")
            .field("type", &self.r#type)
            .field("loc", &self.loc)
            .field("msg", &self.msg)
            .finish_non_exhaustive()
    }
}

/// A broken rule before it is known where the value stands.
#[derive(Debug)]
pub(super) struct Problem {
    r#type: &'static str,
    msg: String,
    ctx: Map<String, Value>,
}

impl Problem {
    pub(super) fn new(r#type: &'static str, msg: impl Into<String>) -> Self {
        Self {
            r#type,
            msg: msg.into(),
            ctx: Map::new(),
        }
    }

    pub(super) fn with_ctx(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.ctx.insert(name.to_owned(), value.into());
        self
    }
}

impl From<&str> for Loc {
    fn from(name: &str) -> Self {
        Self::Field(name.to_owned())
    }
}

impl From<String> for Loc {
    fn from(name: String) -> Self {
        Self::Field(name)
    }
}

impl From<usize> for Loc {
    fn from(index: usize) -> Self {
        Self::Index(index)
    }
}
