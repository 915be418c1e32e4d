//! Parses the command line, runs it, prints the error, and chooses the exit code.

use std::process::ExitCode;

use clap::Parser;
use scaffold::cli::Cli;
use scaffold::interrupt::Interrupted;
use scaffold::terminal;

/// What shells say of a command that was stopped with Ctrl-C.
const INTERRUPTED: u8 = 130;

fn main() -> ExitCode {
    let cli = Cli::parse();
    terminal::colour(cli.output.color);
    let Err(error) = scaffold::run(&cli) else {
        return ExitCode::SUCCESS;
    };
    terminal::error(&error);
    if error.is::<Interrupted>() {
        return ExitCode::from(INTERRUPTED);
    }
    ExitCode::FAILURE
}
