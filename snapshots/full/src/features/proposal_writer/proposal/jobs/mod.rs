//! What the worker does with proposals.

pub mod analyze;

use crate::app::Routes;

/// The routes of each job, one line each.
pub fn mount(routes: &mut Routes) {
    analyze::mount(routes);
}
