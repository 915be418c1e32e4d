//! Asks for what the command line leaves open, if there is someone to ask.
//!
//! What comes of it is the rest of the command line: the commands themselves never ask, and the line that is shown at
//! the end does the same again.

mod ask;
mod fields;
mod interview;
mod line;

use std::ffi::OsString;

use anyhow::Result;
use clap::error::ErrorKind;
use clap::{CommandFactory, Parser};

use crate::cli::{Add, Cli, Command};
use crate::terminal;

/// What was typed, completed by what was asked.
///
/// # Errors
///
/// Wrong usage, as clap has it, and what stands in the way of asking.
pub fn complete(typed: &[OsString]) -> Result<Cli> {
    let parsed = Cli::try_parse_from(typed);
    // Behind `--`, nothing but names and fields could be added.
    if !terminal::is_attended() || typed.iter().any(|word| word == "--") {
        return Ok(parsed?);
    }
    let added = match &parsed {
        Ok(cli) if cli.output.no_input => Vec::new(),
        Ok(cli) => match &cli.command {
            Command::Add(Add::Entity(args)) => interview::feature_of(args)?,
            Command::Add(Add::Job(args)) => interview::entity_of(args)?,
            _ => Vec::new(),
        },
        Err(error) if error.kind() == ErrorKind::MissingRequiredArgument => {
            let matches = Cli::command().ignore_errors(true).get_matches_from(typed);
            if matches.get_flag("no_input") {
                Vec::new()
            } else {
                interview::hold(&matches)?
            }
        }
        Err(_) => Vec::new(),
    };
    if added.is_empty() {
        return Ok(parsed?);
    }
    let mut whole = typed.to_vec();
    whole.extend(added.into_iter().map(OsString::from));
    let cli = Cli::try_parse_from(&whole)?;
    if cli.output.says_more() {
        terminal::tell(&format!(
            "\nthe same without questions:\n  {}\n",
            line::quoted(&whole)
        ));
    }
    Ok(cli)
}
