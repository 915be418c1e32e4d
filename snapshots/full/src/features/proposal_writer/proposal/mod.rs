//! Proposals: what they are, where they are stored, and their routes.

pub mod jobs;
pub mod model;
pub mod repository;
pub mod routes;
