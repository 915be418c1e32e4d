//! The API: one axum router, run by Lambda (`src/bin/api.rs`), by `cargo dev` and by the tests.

pub mod app;
pub mod config;
pub mod database;
pub mod error;
pub mod features;
pub mod middleware;
pub mod openapi;
pub mod shared;
pub mod state;
pub mod worker;
