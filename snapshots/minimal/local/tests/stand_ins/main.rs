//! The stand-ins, held against the real SDK clients they stand in front of.

#![expect(clippy::unwrap_used, reason = "in a test a panic is the report")]

mod dynamodb;
mod http;
mod sign_in;
mod swagger_ui;
