//! Speaking: results on standard output, everything else on standard error. Colours are dropped where nobody sees them.

use std::env;
use std::io::{self, ErrorKind, IsTerminal, Write};

use anstream::{AutoStream, ColorChoice};
use anstyle::{AnsiColor, Style};
use anyhow::{Context, Result};
use dialoguer::console::{self, Term};

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
        None => vec![with_way_out(error)],
    };
    for problem in problems {
        let text = problem.replace("\nhelp:", &format!("\n{HELP}help:{HELP:#}"));
        tell(&format!("{ERROR}error:{ERROR:#} {text}"));
    }
}

/// The error as one text, with what to do about it where the operating system's reason tells that.
fn with_way_out(error: &anyhow::Error) -> String {
    let text = format!("{error:#}");
    let reason = error
        .chain()
        .find_map(|cause| cause.downcast_ref::<io::Error>())
        .map(io::Error::kind);
    let help = match reason {
        Some(ErrorKind::PermissionDenied) => {
            "run this as the user whom the files belong to, or make them writable for you"
        }
        Some(ErrorKind::StorageFull | ErrorKind::QuotaExceeded | ErrorKind::FileTooLarge) => {
            "make room on the disk, then run this again"
        }
        Some(ErrorKind::ReadOnlyFilesystem) => {
            "the disk is mounted read-only; run this where it can be written to"
        }
        _ => return text,
    };
    if text.contains("\nhelp:") {
        return text;
    }
    format!("{text}\nhelp: {help}")
}

/// Tells what is wrong with the command line; or gives the help or the version that it asked for.
pub fn usage(error: &clap::Error) {
    let text = error.render().ansi().to_string();
    if error.use_stderr() {
        tell(&text);
    } else {
        // Help that cannot be printed is not worth another error.
        let _ = print(&spelt(&text));
    }
}

/// Whether someone sees what is asked, and can answer.
pub fn is_attended() -> bool {
    io::stdin().is_terminal() && io::stderr().is_terminal() && !console::is_dumb()
}

/// Whether a line that comes and goes is seen by someone.
pub fn shows_progress() -> bool {
    io::stderr().is_terminal() && !console::is_dumb()
}

/// Shows a line in place of the one that was shown before, no wider than the terminal.
pub fn show_line(text: &str) {
    let room = width_for_questions().saturating_sub(1);
    let line: String = text.chars().take(room).collect();
    let term = Term::stderr();
    // What cannot be shown is not worth an error.
    let _ = term
        .clear_line()
        .and_then(|()| term.write_str(&line))
        .and_then(|()| term.flush());
}

/// Takes away the line that was shown.
pub fn clear_line() {
    let _ = Term::stderr().clear_line();
}

/// Whether the terminal knows more than ASCII.
pub fn is_unicode() -> bool {
    Locale::of_environment() == Locale::Unicode
}

/// Whether standard error has colours.
pub fn colours_errors() -> bool {
    AutoStream::choice(&io::stderr()) != ColorChoice::Never
}

/// How many columns there are for questions; 80 where nothing tells.
pub fn width_for_questions() -> usize {
    Term::stderr().size().1.into()
}

/// The text for a terminal that may know nothing but ASCII: signs are spelt out, the letters of names and paths stay.
pub fn spelt(text: &str) -> String {
    if text.is_ascii() || is_unicode() {
        return text.to_owned();
    }
    let mut spelt = String::with_capacity(text.len());
    for c in text.chars() {
        match SIGNS.iter().find(|(sign, _)| *sign == c) {
            Some((_, ascii)) => spelt.push_str(ascii),
            None => spelt.push(c),
        }
    }
    spelt
}

const SIGNS: &[(char, &str)] = &[
    ('…', "..."),
    ('→', "->"),
    ('–', "-"),
    ('›', ">"),
    ('❯', ">"),
    ('·', "-"),
    ('✔', "+"),
    ('✘', "!"),
];

#[derive(PartialEq, Eq)]
enum Locale {
    Unicode,
    Other,
}

impl Locale {
    /// The first of the variables that is set decides, as POSIX has it.
    fn of_environment() -> Self {
        let set = ["LC_ALL", "LC_CTYPE", "LANG"]
            .into_iter()
            .filter_map(|variable| env::var(variable).ok())
            .find(|value| !value.is_empty());
        let is_unicode = |value: String| {
            let value = value.to_ascii_lowercase();
            value.contains("utf-8") || value.contains("utf8")
        };
        match cfg!(windows) || set.is_some_and(is_unicode) {
            true => Self::Unicode,
            false => Self::Other,
        }
    }
}

/// Nothing can be done about a standard error that takes nothing.
fn say(text: &str) {
    let mut err: AutoStream<io::StderrLock<'_>> = anstream::stderr().lock();
    let _ = err.write_all(spelt(text).as_bytes());
}

#[cfg(test)]
mod tests {
    use anyhow::anyhow;

    use super::*;

    #[test]
    fn a_reason_of_the_operating_system_comes_with_a_way_out() {
        let shown = |kind: ErrorKind, context: &'static str| {
            with_way_out(&anyhow::Error::from(io::Error::from(kind)).context(context))
        };
        for (kind, help) in [
            (ErrorKind::PermissionDenied, "run this as the user"),
            (ErrorKind::StorageFull, "make room"),
            (ErrorKind::ReadOnlyFilesystem, "the disk is mounted"),
        ] {
            let text = shown(kind, "cannot write `a.rs`");
            assert!(text.starts_with("cannot write `a.rs`: "), "{text}");
            assert!(text.contains(&format!("\nhelp: {help}")), "{text}");
        }
    }

    #[test]
    fn a_way_out_that_is_told_already_is_enough() {
        let error = anyhow::Error::from(io::Error::from(ErrorKind::PermissionDenied));
        let told = with_way_out(&error.context("no\nhelp: ask them"));
        assert_eq!(told.matches("help:").count(), 1, "{told}");
        assert_eq!(with_way_out(&anyhow!("no")), "no");
    }
}
