//! The features of the API, and the one place where they are wired in.

pub mod auth;

pub mod proposal_writer;

use crate::app::Routes;

/// Every feature, one line each.
pub fn routes() -> Routes {
    let mut routes = Routes::default();
    auth::routes(&mut routes);
    proposal_writer::mount(&mut routes);
    routes
}
