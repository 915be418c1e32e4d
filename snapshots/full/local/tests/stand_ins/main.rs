//! The stand-ins, held against the real SDK clients they stand in front of.

#![expect(clippy::unwrap_used, reason = "in a test a panic is the report")]

mod bedrock;
mod dynamodb;
mod http;
mod lambda;
mod s3;
mod sign_in;
mod swagger_ui;
