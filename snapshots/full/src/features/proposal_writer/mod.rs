//! Proposal writer: its entities, and what it offers beyond them.

pub mod document;
pub mod proposal;

mod routes;
mod service;

use crate::app::Routes;

/// Everything the feature answers, one line each.
pub fn mount(routes: &mut Routes) {
    document::routes::mount(routes);
    proposal::routes::mount(routes);
    proposal::jobs::mount(routes);
    self::routes::mount(routes);
}
