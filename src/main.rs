//! Parses the command line, runs it, prints the error, and chooses the exit code.

use std::process::ExitCode;

use clap::Parser;
use scaffold::cli::Cli;

fn main() -> ExitCode {
    let cli = Cli::parse();
    match scaffold::run(&cli) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}
