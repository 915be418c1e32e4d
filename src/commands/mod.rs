//! One file per command: what was asked for becomes a project, and the project a plan.

pub mod new;
