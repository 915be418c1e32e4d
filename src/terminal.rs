//! Speaking: results on standard output, everything else on standard error. Colours are dropped where nobody sees them.

use std::env;
use std::io::{self, ErrorKind, Write};

use anstream::ColorChoice;
use anstyle::{AnsiColor, Style};
use anyhow::{Context, Result};

use crate::cli::ColorWhen;
use crate::problem::Problems;

const ERROR: Style = AnsiColor::Red.on_default().bold();
const HELP: Style = AnsiColor::Cyan.on_default().bold();
const NOTE: Style = AnsiColor::Green.on_default().bold();

/// Settles for the whole run whether there are colours.
pub fn colour(when: ColorWhen) {
    let choice = match when {
        ColorWhen::Auto => ColorChoice::Auto,
        ColorWhen::Always => ColorChoice::Always,
        ColorWhen::Never => ColorChoice::Never,
    };
    choice.write_global();
}

/// Prints a part of the result. A reader that has seen enough (`| head`) is no error.
pub fn print(text: &str) -> Result<()> {
    let mut out = anstream::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
        printed => printed.context("cannot write to standard output"),
    }
}

/// How many columns the result may take: those of the terminal it goes to, else what COLUMNS says, else any number.
pub fn width() -> usize {
    let terminal = terminal_size::terminal_size_of(io::stdout());
    let columns = || env::var("COLUMNS").ok()?.parse().ok();
    let width = terminal.map(|(width, _)| usize::from(width.0));
    width.or_else(columns).unwrap_or(usize::MAX)
}

/// Tells something beside the result: what to know, or what to do next.
pub fn tell(text: &str) {
    say(&format!("{}\n", text.trim_end()));
}

/// Tells something that was not asked for, but should be known.
pub fn note(text: &str) {
    tell(&format!("{NOTE}note:{NOTE:#} {text}"));
}

/// Tells why the command failed: each problem with what to do about it.
pub fn error(error: &anyhow::Error) {
    let problems = match error.downcast_ref::<Problems>() {
        Some(problems) => problems.0.iter().map(ToString::to_string).collect(),
        None => vec![format!("{error:#}")],
    };
    for problem in problems {
        let text = problem.replace("\nhelp:", &format!("\n{HELP}help:{HELP:#}"));
        tell(&format!("{ERROR}error:{ERROR:#} {text}"));
    }
}

/// Nothing can be done about a standard error that takes nothing.
fn say(text: &str) {
    let mut err: anstream::AutoStream<io::StderrLock<'_>> = anstream::stderr().lock();
    let _ = err.write_all(text.as_bytes());
}
