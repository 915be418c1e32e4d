//! The API as its clients see it: the real router and real SDK clients, with AWS stand-ins in this process.

#![expect(clippy::unwrap_used, reason = "in a test a panic is the report")]

mod ai;
mod cors;
mod database;
mod docs;
mod features;
mod http;
mod jobs;
mod references;
mod sign_in;
mod sign_in_forgeries;
mod sign_in_keys;
mod storage;
mod support;
mod template;
mod validation;
