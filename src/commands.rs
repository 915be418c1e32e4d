//! One file per command: what was asked for becomes a project, and the project a plan.

pub mod add_entity;
pub mod add_feature;
pub mod add_field;
pub mod add_job;
pub mod check;
pub mod completions;
pub mod doctor;
pub mod list;
pub mod man;
pub mod new;
pub mod remove;
pub mod sync;
pub mod templates;
