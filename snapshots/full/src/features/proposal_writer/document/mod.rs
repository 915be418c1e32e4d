//! Documents: what they are, where they are stored, and their routes.

pub mod model;
pub mod repository;
pub mod routes;

pub mod content_file;
