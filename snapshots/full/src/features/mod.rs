//! The features of the API, and the one place where they are wired in.

pub mod auth;

use crate::app::Routes;

/// Every feature, one line each.
pub fn routes() -> Routes {
    let mut routes = Routes::default();
    auth::routes(&mut routes);
    routes
}
