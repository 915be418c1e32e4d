//! `scaffold man`: the manual, a page for each command.

use std::fs;
use std::io::{self, ErrorKind};
use std::path::Path;

use anyhow::{Context, Error, Result, anyhow};
use clap::{Command, CommandFactory};
use roff::{Roff, roman};

use crate::cli::{Cli, Man};
use crate::project::Version;
use crate::terminal;

pub fn run(args: &Man) -> Result<()> {
    // `help` has no page: each page is what it would show.
    let mut command = Cli::command().disable_help_subcommand(true);
    // Gives the pages below their names, such as `scaffold-add-entity`, and the options that all commands have.
    command.build();
    match &args.folder {
        Some(folder) => {
            fs::create_dir_all(folder).map_err(|error| cannot_make(folder, &error))?;
            write(&command, folder)
        }
        None => terminal::print(&page(&command)?),
    }
}

fn cannot_make(folder: &Path, error: &io::Error) -> Error {
    let shown = folder.display();
    match error.kind() {
        ErrorKind::AlreadyExists | ErrorKind::NotADirectory => {
            anyhow!("cannot make `{shown}`: a file is in its place\nhelp: name a folder")
        }
        _ => anyhow!("cannot make `{shown}`: {error}\nhelp: name a folder that you may write to"),
    }
}

fn write(command: &Command, folder: &Path) -> Result<()> {
    let name = command.get_display_name().unwrap_or(command.get_name());
    let path = folder.join(format!("{name}.1"));
    fs::write(&path, page(command)?)
        .with_context(|| format!("cannot write `{}`", path.display()))?;
    let mut below = command.get_subcommands();
    below.try_for_each(|command| write(command, folder))
}

fn page(command: &Command) -> Result<String> {
    let man = clap_mangen::Man::new(command.clone())
        .manual("scaffold")
        .source(format!("scaffold {}", Version::CURRENT));
    let mut page = Vec::new();
    man.render_title(&mut page)?;
    man.render_name_section(&mut page)?;
    man.render_synopsis_section(&mut page)?;
    man.render_description_section(&mut page)?;
    man.render_options_section(&mut page)?;
    if command.has_subcommands() {
        man.render_subcommands_section(&mut page)?;
    }
    let after = command.get_after_help().map(ToString::to_string);
    sections(&after.unwrap_or_default()).to_writer(&mut page)?;
    String::from_utf8(page).context("the page is not UTF-8")
}

/// What stands below the options, line by line: each paragraph is a section, and its first line the heading.
fn sections(text: &str) -> Roff {
    let mut roff = Roff::new();
    for paragraph in text.split("\n\n").filter(|text| !text.is_empty()) {
        let (heading, lines) = paragraph.split_once('\n').unwrap_or((paragraph, ""));
        roff.control("SH", [&*heading.trim_end_matches(':').to_uppercase()]);
        roff.control("nf", []);
        for line in lines.lines() {
            roff.text([roman(line.trim_start())]);
        }
        roff.control("fi", []);
    }
    roff
}
