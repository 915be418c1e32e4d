//! Writes and grows Rust APIs for AWS Lambda.
//!
//! Rendering is a pure function from a project's description to a tree of files. Every command changes that
//! description and merges the difference onto the disk.

pub mod apply;
pub mod base;
pub mod blocks;
pub mod catalogue;
pub mod change;
pub mod check;
pub mod cli;
pub mod commands;
pub mod contents;
pub mod create;
pub mod diff;
pub mod digest;
pub mod disk;
pub mod doctor;
mod durable;
pub mod exclusive;
pub mod existing;
mod fault;
pub mod field;
pub mod git;
pub mod interrupt;
mod journal;
pub mod lines;
pub mod lock;
pub mod merge;
pub mod name;
pub mod plan;
pub mod problem;
pub mod progress;
pub mod project;
pub mod prompt;
pub mod render;
pub mod report;
pub mod routes;
pub mod syntax;
pub mod table;
pub mod template;
pub mod terminal;
pub mod tree;
mod version_sort;
mod workspace;

use anyhow::Result;

use crate::cli::{Add, Cli, Command, Remove, Templates};

/// Runs what was typed.
pub fn run(cli: &Cli) -> Result<()> {
    let output = &cli.output;
    match &cli.command {
        Command::New(args) => commands::new::run(args, output),
        Command::Add(Add::Feature(args)) => commands::add_feature::run(args, output),
        Command::Add(Add::Entity(args)) => commands::add_entity::run(args, output),
        Command::Add(Add::Field(args)) => commands::add_field::run(args, output),
        Command::Add(Add::Job(args)) => commands::add_job::run(args, output),
        Command::Remove(Remove::Feature(args)) => commands::remove::run_feature(args, output),
        Command::Remove(Remove::Entity(args)) => commands::remove::run_entity(args, output),
        Command::Remove(Remove::Field(args)) => commands::remove::run_field(args, output),
        Command::Remove(Remove::Job(args)) => commands::remove::run_job(args, output),
        Command::Completions(args) => commands::completions::run(args),
        Command::Man(args) => commands::man::run(args),
        Command::List(args) => commands::list::run(args, output),
        Command::Templates(Templates::List) => commands::templates::list(output),
        Command::Templates(Templates::Export(args)) => commands::templates::export(args, output),
        Command::Templates(Templates::Update(args)) => commands::templates::update(args, output),
        Command::Sync(args) => commands::sync::run(args, output),
        Command::Check(args) => commands::check::run(args, output),
        Command::Doctor(args) => commands::doctor::run(args, output),
    }
}
