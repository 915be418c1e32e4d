//! Parses the command line, asks for what it leaves open, runs it, prints the error, and chooses the exit code.

use std::env;
use std::ffi::OsString;
use std::process::ExitCode;

use scaffold::cli::ColorWhen;
use scaffold::interrupt::Interrupted;
use scaffold::{prompt, terminal};

/// What shells say of a command that was stopped with Ctrl-C.
const INTERRUPTED: u8 = 130;

fn main() -> ExitCode {
    let typed: Vec<OsString> = env::args_os().collect();
    terminal::colour(ColorWhen::typed_in(&typed));
    let Err(error) = prompt::complete(&typed).and_then(|cli| scaffold::run(&cli)) else {
        return ExitCode::SUCCESS;
    };
    if let Some(usage) = error.downcast_ref::<clap::Error>() {
        terminal::usage(usage);
        return u8::try_from(usage.exit_code()).map_or(ExitCode::FAILURE, ExitCode::from);
    }
    terminal::error(&error);
    if error.is::<Interrupted>() {
        return ExitCode::from(INTERRUPTED);
    }
    ExitCode::FAILURE
}
