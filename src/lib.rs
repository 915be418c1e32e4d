//! Writes and grows Rust APIs for AWS Lambda.
//!
//! Rendering is a pure function from a project's description to a tree of files. Every command changes that
//! description and merges the difference onto the disk.

pub mod apply;
pub mod base;
pub mod blocks;
pub mod cli;
pub mod commands;
pub mod create;
pub mod diff;
pub mod disk;
mod durable;
pub mod exclusive;
mod fault;
pub mod field;
pub mod git;
mod journal;
pub mod lines;
pub mod lock;
pub mod merge;
pub mod name;
pub mod plan;
pub mod problem;
pub mod project;
pub mod render;
pub mod report;
pub mod syntax;
pub mod template;
pub mod tree;

use anyhow::Result;

use crate::cli::{Cli, Command};

/// Runs what was typed.
pub fn run(cli: &Cli) -> Result<()> {
    match &cli.command {
        Command::New(args) => commands::new::run(args, &cli.output),
    }
}
