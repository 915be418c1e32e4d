//! `scaffold completions`: what a shell needs to complete commands and options.

use anyhow::{Context, Result};
use clap::CommandFactory;

use crate::cli::{Cli, Completions};
use crate::terminal;

pub fn run(args: &Completions) -> Result<()> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "scaffold", &mut script);
    let script = String::from_utf8(script).context("the script is not UTF-8")?;
    terminal::print(&script)
}
