//! Parses the command line, asks for what it leaves open, runs it, prints the error, and chooses the exit code.

use std::env;
use std::ffi::OsString;
use std::process::ExitCode;

use clap::CommandFactory;
use clap::error::{ContextKind, ContextValue};
use scaffold::cli::{Cli, ColorWhen};
use scaffold::interrupt::Interrupted;
use scaffold::problem::nearest;
use scaffold::{prompt, terminal};

/// What shells say of a command that was stopped with Ctrl-C.
const INTERRUPTED: u8 = 130;

fn main() -> ExitCode {
    let typed: Vec<OsString> = env::args_os().collect();
    terminal::colour(ColorWhen::typed_in(&typed));
    let Err(error) = prompt::complete(&typed).and_then(|cli| scaffold::run(&cli)) else {
        return ExitCode::SUCCESS;
    };
    let error = match error.downcast::<clap::Error>() {
        Ok(usage) => {
            let usage = with_near_command(usage);
            terminal::usage(&usage);
            return u8::try_from(usage.exit_code()).map_or(ExitCode::FAILURE, ExitCode::from);
        }
        Err(error) => error,
    };
    terminal::error(&error);
    if error.is::<Interrupted>() {
        return ExitCode::from(INTERRUPTED);
    }
    ExitCode::FAILURE
}

/// Two letters that changed places are more than clap takes for a near miss.
fn with_near_command(mut usage: clap::Error) -> clap::Error {
    let near = match usage.get(ContextKind::InvalidSubcommand) {
        Some(ContextValue::String(typed))
            if usage.get(ContextKind::SuggestedSubcommand).is_none() =>
        {
            let command = Cli::command();
            let known = command.get_subcommands().map(clap::Command::get_name);
            nearest(typed, known).map(str::to_owned)
        }
        _ => None,
    };
    if let Some(near) = near {
        let near = ContextValue::Strings(vec![near]);
        usage.insert(ContextKind::SuggestedSubcommand, near);
    }
    usage
}
