//! What can be typed: the commands, their options and their help texts, and nothing else.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::builder::styling::{AnsiColor, Styles};
use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{ArgAction, Args, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;

use crate::catalogue::Section;
use crate::existing::Intent;
use crate::project::{Access, Arch, Component};

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
  cd my-api
  scaffold add entity Proposal title:string:1..200 budget:decimal:optional
  scaffold add entity Document --parent Proposal filename:string:1..255
  scaffold list
  cargo test && cargo dev

Exit codes:
  0  done
  1  refused, a conflict, or something found by `--check`; nothing was written
  2  wrong usage")]
pub struct Cli {
    #[command(subcommand)]
    pub command: Command,

    #[command(flatten)]
    pub output: Output,
}

/// How a command speaks, and whether it acts.
#[derive(Debug, Default, Args)]
pub struct Output {
    /// Show what would be written, as unified diffs, and write nothing
    #[arg(long, global = true, help_heading = "Global options")]
    pub dry_run: bool,

    /// Print the plan, or what was asked for, as JSON on standard output
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

impl Output {
    /// A dry run only looks.
    pub fn intent(&self) -> Intent {
        if self.dry_run {
            Intent::Look
        } else {
            Intent::Change
        }
    }

    /// Whether a person is there to be told more than the result.
    pub fn says_more(&self) -> bool {
        !self.quiet && !self.json
    }
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum ColorWhen {
    #[default]
    Auto,
    Always,
    Never,
}

impl ColorWhen {
    /// What a command line says of it, even one that is wrong elsewhere: the error is to be coloured or not, too.
    pub fn typed_in(words: &[OsString]) -> Self {
        let words = words.iter().map(|word| word.to_str().unwrap_or_default());
        let mut words = words.take_while(|word| *word != "--");
        let mut when = Self::default();
        while let Some(word) = words.next() {
            let value = match word.strip_prefix("--color") {
                Some("") => words.next(),
                Some(value) => value.strip_prefix('='),
                None => None,
            };
            when = value
                .and_then(|value| Self::from_str(value, false).ok())
                .unwrap_or(when);
        }
        when
    }
}

#[derive(Debug, Subcommand)]
pub enum Command {
    New(New),

    /// Add a feature, an entity, fields or a job to the project
    #[command(subcommand, after_help = ADD_HELP)]
    Add(Add),

    /// Take a feature, an entity, fields or a job back, and none of your edits with them
    #[command(subcommand, after_help = REMOVE_HELP)]
    Remove(Remove),

    Sync(Sync),

    #[command(visible_alias = "ls")]
    List(List),

    /// Render the project with templates of your own
    #[command(subcommand, after_help = TEMPLATES_HELP)]
    Templates(Templates),

    Check(Check),

    Doctor(Doctor),

    Completions(Completions),

    Man(Man),
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

#[derive(Debug, Subcommand)]
pub enum Templates {
    /// List the templates, and which of them are the project's own
    #[command(after_help = "\
Examples:
  scaffold templates list
  scaffold templates list --json")]
    List,

    Export(ExportTemplates),

    Update(UpdateTemplates),
}

#[derive(Debug, Subcommand)]
pub enum Add {
    Feature(AddFeature),

    Entity(AddEntity),

    #[command(visible_alias = "fields")]
    Field(AddField),

    Job(AddJob),
}

#[derive(Debug, Subcommand)]
pub enum Remove {
    #[command(visible_alias = "features")]
    Feature(RemoveFeature),

    #[command(visible_alias = "entities")]
    Entity(RemoveEntity),

    #[command(visible_alias = "fields")]
    Field(RemoveField),

    #[command(visible_alias = "jobs")]
    Job(RemoveJob),
}

/// Whose side wins where both changed the same.
#[derive(Clone, Debug, Default, Args)]
pub struct Keep {
    /// Leave this file as you have it where both you and this command changed it (again for more files)
    #[arg(long, value_name = "PATH")]
    pub keep: Vec<String>,
}

/// Add a module of routes, with a service and tests.
#[derive(Clone, Debug, Default, Args)]
#[command(after_help = "\
Examples:
  scaffold add feature proposal_writer
  scaffold add feature billing --dry-run")]
pub struct AddFeature {
    /// The feature's name, in any case; it becomes `proposal_writer`
    pub name: String,

    #[command(flatten)]
    pub keep: Keep,
}

/// Add an entity: model, repository, routes and tests.
///
/// The model is validated; the routes create, list, read, change and delete, and are in the OpenAPI document.
#[derive(Clone, Debug, Default, Args)]
#[command(after_help = FIELDS_HELP)]
pub struct AddEntity {
    /// The entity's name, in any case; it becomes `Proposal`
    pub name: String,

    /// Its fields, as `name:type[:rule…]` [default: title:string:1..200]
    #[arg(value_name = "FIELD")]
    pub fields: Vec<String>,

    /// The feature it belongs to [default: its parent's, else the only one, else a new one named after its plural]
    #[arg(long, value_name = "FEATURE")]
    pub feature: Option<String>,

    /// The entity below whose items its own are stored
    #[arg(long, value_name = "ENTITY")]
    pub parent: Option<String>,

    /// More than one of it, as in its URLs [default: what a library knows]
    #[arg(long, value_name = "WORD")]
    pub plural: Option<String>,

    /// Who may read its items [default: its parent's rule, else owner]
    #[arg(long, value_name = "WHO", value_parser = word_of(Access::ALL, Access::word))]
    pub read: Option<Access>,

    /// Who may create and change them [default: its parent's rule, else owner]
    #[arg(long, value_name = "WHO", value_parser = word_of(Access::ALL, Access::word))]
    pub write: Option<Access>,

    /// Who may delete them [default: its parent's rule, else admin]
    #[arg(long, value_name = "WHO", value_parser = word_of(Access::ALL, Access::word))]
    pub delete: Option<Access>,

    #[command(flatten)]
    pub keep: Keep,
}

/// Add fields to an entity.
///
/// Items that were stored before still load, so each of the fields is optional, a list, or has a default.
#[derive(Clone, Debug, Default, Args)]
#[command(after_help = FIELDS_HELP)]
pub struct AddField {
    /// The entity they are added to
    pub entity: String,

    /// The fields, as `name:type[:rule…]`
    #[arg(value_name = "FIELD", required = true)]
    pub fields: Vec<String>,

    #[command(flatten)]
    pub keep: Keep,
}

/// Add a background job: work on an item that outlasts a request.
///
/// A route starts it, the worker does it, another route tells how it went. The work starts out as a question to a model
/// about the item, with its prompt in a file beside it.
#[derive(Debug, Default, Args)]
#[command(after_help = "\
Examples:
  scaffold add job analyze --entity Proposal
  scaffold add job send_reminder --entity Invoice --dry-run")]
pub struct AddJob {
    /// The job's name, in any case; it becomes `analyze`
    pub name: String,

    /// The entity whose items it works on [default: the only one]
    #[arg(long, value_name = "ENTITY")]
    pub entity: Option<String>,

    #[command(flatten)]
    pub keep: Keep,
}

/// Take features back, which have no entities any more.
#[derive(Debug, Default, Args)]
#[command(after_help = "\
Examples:
  scaffold remove feature billing
  scaffold remove feature billing reports --dry-run")]
pub struct RemoveFeature {
    /// The features' names
    #[arg(value_name = "NAME", required = true)]
    pub names: Vec<String>,

    #[command(flatten)]
    pub keep: Keep,
}

/// Take entities back; what is stored of them stays in the table.
#[derive(Debug, Default, Args)]
#[command(after_help = "\
Examples:
  scaffold remove entity Document
  scaffold remove entity Proposal Document --dry-run
  scaffold remove entity Document --keep src/features/proposal_writer/mod.rs")]
pub struct RemoveEntity {
    /// The entities' names
    #[arg(value_name = "NAME", required = true)]
    pub names: Vec<String>,

    #[command(flatten)]
    pub keep: Keep,
}

/// Take fields of an entity back; what is stored of them stays in the table.
#[derive(Debug, Default, Args)]
#[command(after_help = "\
Examples:
  scaffold remove field Proposal due
  scaffold remove field Proposal due description --dry-run")]
pub struct RemoveField {
    /// The entity they belong to
    pub entity: String,

    /// The fields' names
    #[arg(value_name = "FIELD", required = true)]
    pub names: Vec<String>,

    #[command(flatten)]
    pub keep: Keep,
}

/// Take background jobs back; what is stored of them stays until their items are deleted.
#[derive(Debug, Default, Args)]
#[command(after_help = "\
Examples:
  scaffold remove job analyze
  scaffold remove job analyze --entity Proposal --dry-run")]
pub struct RemoveJob {
    /// The jobs' names
    #[arg(value_name = "NAME", required = true)]
    pub names: Vec<String>,

    /// The entity whose items they work on [default: the only one that has such a job]
    #[arg(long, value_name = "ENTITY")]
    pub entity: Option<String>,

    #[command(flatten)]
    pub keep: Keep,
}

/// Bring the project in line with scaffold.toml after you edited it, or with a newer scaffold.
#[derive(Debug, Default, Args)]
#[command(after_help = "\
Examples:
  scaffold sync --dry-run
  scaffold sync
  scaffold sync --check && echo in step")]
pub struct Sync {
    /// Only tell whether there is something to do; then the exit code is 1
    #[arg(long)]
    pub check: bool,

    #[command(flatten)]
    pub keep: Keep,
}

/// Show what the project consists of: features, entities, keys, access patterns, jobs and routes.
///
/// With `--json`, all of it as one JSON object.
#[derive(Debug, Default, Args)]
#[command(after_help = "\
Examples:
  scaffold list
  scaffold list routes
  scaffold list keys patterns
  scaffold list --json | jq '.routes[] | select(.access == \"public\")'")]
pub struct List {
    /// Only these tables
    #[arg(value_name = "TABLE")]
    pub sections: Vec<Section>,
}

/// Put scaffold's templates into `.scaffold/templates`, where yours win over them.
///
/// Edit them there, then run `scaffold sync`: what they make differently is merged into the project like any change.
/// docs/own-templates.md says what a template can name.
#[derive(Debug, Default, Args)]
#[command(after_help = "\
Examples:
  scaffold templates export src/app.rs
  scaffold templates export src/features/shop/order
  scaffold templates export entity
  scaffold templates export")]
pub struct ExportTemplates {
    /// Templates, folders of them, or files of the project that they make [default: all]
    #[arg(value_name = "PATH")]
    pub templates: Vec<String>,
}

/// Merge what has changed in scaffold's templates since you exported them into yours.
#[derive(Debug, Default, Args)]
#[command(after_help = "\
Examples:
  scaffold templates update --dry-run
  scaffold templates update")]
pub struct UpdateTemplates {
    #[command(flatten)]
    pub keep: Keep,
}

/// Prove that the project is wired: modules, routes, variables, permissions, jobs, and scaffold.toml.
///
/// Finds modules that nothing declares, handlers that are not routed, environment variables and permissions that the
/// code needs and template.yaml lacks, or the reverse. Reads the project as you have it, your own code included, and
/// writes nothing. The exit code is 1 when something is found.
#[derive(Debug, Default, Args)]
#[command(after_help = "\
Findings:
  FILE:LINE: WHAT [RULE], and below it what to do
  Where you know better, a comment on the line or the one above allows it:
  # scaffold: allow unused-permission

Examples:
  scaffold check
  scaffold check --json")]
pub struct Check {}

/// Look for what projects need on this machine, and say how to get what is missing.
///
/// Asks the programs for their versions and looks where AWS credentials would be, without reading them out and without
/// the network. The exit code is 1 when something is missing that `cargo test` and `cargo dev` need.
#[derive(Debug, Default, Args)]
#[command(after_help = "\
Examples:
  scaffold doctor
  scaffold doctor --json")]
pub struct Doctor {}

/// Print what a shell needs to complete commands and options.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  scaffold completions bash >> ~/.bash_completion
  scaffold completions zsh > ~/.zfunc/_scaffold   # a folder of fpath
  scaffold completions fish > ~/.config/fish/completions/scaffold.fish
  scaffold completions powershell >> $PROFILE
  scaffold completions elvish >> ~/.config/elvish/rc.elv")]
pub struct Completions {
    /// Whose completions
    pub shell: Shell,
}

/// Print the manual page, or write one for each command.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  scaffold man | man -l -
  scaffold man ~/.local/share/man/man1")]
pub struct Man {
    /// A folder to write the pages of all commands into
    #[arg(value_name = "DIR")]
    pub folder: Option<PathBuf>,
}

const TEMPLATES_HELP: &str = "\
Examples:
  scaffold templates list
  scaffold templates export src/app.rs
  scaffold templates update --dry-run";

const ADD_HELP: &str = "\
Examples:
  scaffold add feature proposal_writer
  scaffold add entity Proposal title:string:1..200 budget:decimal:optional
  scaffold add entity Document --parent Proposal filename:string:1..255
  scaffold add field Proposal due:date:optional
  scaffold add job analyze --entity Proposal";

const REMOVE_HELP: &str = "\
Examples:
  scaffold remove field Proposal due
  scaffold remove entity Document --dry-run
  scaffold remove job analyze
  scaffold remove feature proposal_writer";

const FIELDS_HELP: &str = "\
Fields:
  name:type[:rule…], with the rules of each type
  string, text          1..200  ..2000  3..  pattern=…
  int, float, decimal   1..10  gt=0  ge=0  lt=10  le=10
  enum:a/b/c            one of these
  ref:Entity            another item's id
  file                  max=10MB  types=pdf/png
  bool  date  datetime  uuid  email  url  json
  any                   optional  list  list=1..20  default=…
                        redact  readonly  index

Examples:
  scaffold add entity Proposal title:string:1..200 budget:decimal:gt=0
  scaffold add entity Task title:string status:enum:open/done:default=open:index
  scaffold add entity Document --parent Proposal content:file:max=10MB:types=pdf
  scaffold add field Proposal due:date:optional";

/// Takes one of `all` by its word.
fn word_of<T, const N: usize>(
    all: [T; N],
    word: fn(T) -> &'static str,
) -> impl TypedValueParser<Value = T>
where
    T: Copy + Send + std::marker::Sync + 'static,
{
    PossibleValuesParser::new(all.map(word)).try_map(move |typed| {
        let found = all.into_iter().find(|value| word(*value) == typed);
        found.ok_or("not one of the possible values")
    })
}
