//! What can be typed: the commands, their options and their help texts, and nothing else.

use std::path::PathBuf;

use clap::builder::styling::{AnsiColor, Styles};
use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{ArgAction, Args, Parser, Subcommand, ValueEnum};

use crate::project::{Arch, Component};

const STYLES: Styles = Styles::styled()
    .header(AnsiColor::Green.on_default().bold())
    .usage(AnsiColor::Green.on_default().bold())
    .literal(AnsiColor::Cyan.on_default().bold())
    .placeholder(AnsiColor::Cyan.on_default());

/// Write and grow complete Rust APIs for AWS Lambda.
#[derive(Debug, Parser)]
#[command(name = "scaffold", version, styles = STYLES, max_term_width = 100)]
#[command(after_help = "\
Examples:
  scaffold new my-api
  cd my-api && cargo test && cargo dev")]
pub struct Cli {
    #[command(subcommand)]
    pub command: Command,

    #[command(flatten)]
    pub output: Output,
}

/// How a command speaks, and whether it acts.
#[derive(Debug, Args)]
pub struct Output {
    /// Show what would be written, as unified diffs, and write nothing
    #[arg(long, global = true, help_heading = "Global options")]
    pub dry_run: bool,

    /// Print the plan as JSON on standard output
    #[arg(long, global = true, help_heading = "Global options")]
    pub json: bool,

    /// Never ask; take the defaults, or fail where there is none
    #[arg(long, global = true, help_heading = "Global options")]
    pub no_input: bool,

    /// Print errors only
    #[arg(
        short,
        long,
        global = true,
        help_heading = "Global options",
        conflicts_with = "verbose"
    )]
    pub quiet: bool,

    /// Print more: every file, and why
    #[arg(short, long, global = true, help_heading = "Global options", action = ArgAction::Count)]
    pub verbose: u8,

    /// When to colour the output
    #[arg(
        long,
        global = true,
        help_heading = "Global options",
        value_name = "WHEN",
        default_value = "auto"
    )]
    pub color: ColorWhen,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ColorWhen {
    Auto,
    Always,
    Never,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Write a new project
    New(New),
}

/// Write a new project into a folder of its own.
///
/// The folder appears whole or not at all. Unless it lies inside a git repository already, it becomes one, with the new
/// project as its first commit.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  scaffold new my-api
  scaffold new my-api --path services/my-api --region eu-central-1
  scaffold new my-api --without worker,ai --arch x86_64
  scaffold new my-api --dry-run")]
pub struct New {
    /// The project's name, in any case; it becomes `my-api` as package and folder
    pub name: String,

    /// The folder to write into [default: ./NAME]
    #[arg(long, value_name = "DIR")]
    pub path: Option<PathBuf>,

    /// The AWS region it is deployed to [default: us-east-1]
    #[arg(long)]
    pub region: Option<String>,

    /// The processor its functions run on [default: arm64]
    #[arg(long, value_parser = word_of(Arch::ALL, Arch::word))]
    pub arch: Option<Arch>,

    /// Components to leave out, separated by commas
    #[arg(
        long,
        value_name = "COMPONENTS",
        value_delimiter = ',',
        value_parser = word_of(Component::ALL, Component::word)
    )]
    pub without: Vec<Component>,

    /// Make no git repository
    #[arg(long)]
    pub no_git: bool,
}

/// Takes one of `all` by its word.
fn word_of<T, const N: usize>(
    all: [T; N],
    word: fn(T) -> &'static str,
) -> impl TypedValueParser<Value = T>
where
    T: Copy + Send + Sync + 'static,
{
    PossibleValuesParser::new(all.map(word)).try_map(move |typed| {
        let found = all.into_iter().find(|value| word(*value) == typed);
        found.ok_or("not one of the possible values")
    })
}
