//! The proof that a project's parts know of one another: modules, routes, variables, rights, jobs.
//!
//! What is claimed is certain: where a name or a type cannot be followed, nothing is said. So a fault may stay
//! unfound, but what is found is one. Nothing is run, and nothing is written.

mod actions;
mod environment;
mod facts;
mod files;
mod handlers;
mod jobs;
mod mentions;
mod modules;
mod package;
mod permissions;
mod program;
mod sam;
mod source;
mod yaml;

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::mem;
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use anyhow::{Context, Result};
use serde::Serialize;

use self::facts::Facts;
use self::files::Files;
use self::mentions::Mentions;
use self::modules::{Crate, Parsed};
use self::package::{Kind, Package};
use self::program::{FunctionId, Program};
use self::sam::Template;

/// The SAM template of a project.
pub const TEMPLATE: &str = "template.yaml";

/// What was found.
#[derive(Debug, Default, PartialEq, Eq, Serialize)]
pub struct Report {
    /// By path and line.
    pub findings: Vec<Finding>,
    /// What could not be looked into.
    pub notes: Vec<Note>,
    /// How many Rust files were read.
    pub files: usize,
}

/// Something that is not wired.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Finding {
    pub path: String,
    /// Counted from 1.
    pub line: usize,
    pub rule: Rule,
    pub message: String,
    /// What to do about it.
    pub help: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Note {
    pub path: String,
    pub line: usize,
    pub message: String,
}

/// What a finding is about. The names are what `scaffold: allow …` takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Rule {
    Unreadable,
    UndeclaredModule,
    MissingModuleFile,
    UnroutedHandler,
    RoutedTwice,
    RouteClash,
    UnmountedRoutes,
    UnsetVariable,
    UnreadVariable,
    MissingPermission,
    UnusedPermission,
    UndispatchedJob,
    OutOfStep,
}

impl Rule {
    pub fn name(self) -> &'static str {
        match self {
            Self::Unreadable => "unreadable",
            Self::UndeclaredModule => "undeclared-module",
            Self::MissingModuleFile => "missing-module-file",
            Self::UnroutedHandler => "unrouted-handler",
            Self::RoutedTwice => "routed-twice",
            Self::RouteClash => "route-clash",
            Self::UnmountedRoutes => "unmounted-routes",
            Self::UnsetVariable => "unset-variable",
            Self::UnreadVariable => "unread-variable",
            Self::MissingPermission => "missing-permission",
            Self::UnusedPermission => "unused-permission",
            Self::UndispatchedJob => "undispatched-job",
            Self::OutOfStep => "out-of-step",
        }
    }
}

impl Finding {
    pub fn new(rule: Rule, path: &str, line: usize, message: impl Into<String>) -> Self {
        Self {
            path: path.to_owned(),
            line,
            rule,
            message: message.into(),
            help: None,
        }
    }

    #[must_use]
    pub fn help(self, help: impl Into<String>) -> Self {
        Self {
            help: Some(help.into()),
            ..self
        }
    }

    /// `what` is the end of a sentence about the file.
    fn unreadable(path: &str, line: usize, what: &str) -> Self {
        Self::new(Rule::Unreadable, path, line, format!("this file {what}"))
    }
}

/// Everything that the code of a project shows, but for scaffold.toml.
pub fn check(root: &Path) -> Result<Report> {
    let files = Files::list(root);
    let mut findings = Vec::new();
    let packages = package::packages(&files, &mut findings);
    let (parsed, read) = parse(&files, &packages, &mut findings)?;
    let crates = modules::crates(&files, &parsed, &packages, &mut findings);

    let binaries = crates.iter().filter_map(|found| match &found.kind {
        Kind::Binary(name) => Some(&**name),
        _ => None,
    });
    let template = template(&files, &binaries.collect(), &mut findings);
    let deployed = deployed(&crates, &parsed, &template);
    let program = Program::new(&deployed, &parsed);
    let mentions = (0..program.functions.len()).map(|id| mentions::of(&program, id));
    let mut modules = deployed.iter().flat_map(|found| &found.modules);
    let code = Code {
        mentions: mentions.collect(),
        is_whole: modules.all(|module| parsed.get(&module.file).is_some_and(Option::is_some)),
        parsed: &parsed,
        crates: &deployed,
        template: &template,
        program,
    };
    let mut notes = Vec::new();
    handlers::check(&code, &mut findings);
    environment::check(&code, &files, &mut findings, &mut notes);
    permissions::check(&code, &mut findings, &mut notes);
    jobs::check(&code, &mut findings);
    notes.extend(template.unknown.iter().map(|hidden| Note {
        path: TEMPLATE.to_owned(),
        line: hidden.line,
        message: format!(
            "{} is not understood, so its wiring is not checked",
            hidden.what
        ),
    }));

    // They are a million small pieces, which it takes long to give back, and the process ends in a moment.
    mem::forget(code);
    mem::forget(parsed);

    let mut report = Report {
        findings,
        notes,
        files: read,
    };
    report.settle(root);
    Ok(report)
}

impl Report {
    /// Adds findings of others.
    pub fn add(&mut self, root: &Path, findings: Vec<Finding>) {
        self.findings.extend(findings);
        self.settle(root);
    }

    /// In order, each once, and without those that a comment allows.
    fn settle(&mut self, root: &Path) {
        self.findings.sort();
        self.findings.dedup();
        self.notes.sort();
        self.notes.dedup();
        let mut texts: BTreeMap<String, String> = BTreeMap::new();
        self.findings.retain(|finding| {
            let text = texts.entry(finding.path.clone()).or_insert_with(|| {
                match crate::disk::look_at(root, &finding.path) {
                    crate::disk::OnDisk::Text(text) => text,
                    _ => String::new(),
                }
            });
            !is_allowed(text, finding)
        });
    }
}

/// Whether the line or the one above says `scaffold: allow` with the rule's name.
fn is_allowed(text: &str, finding: &Finding) -> bool {
    let above = finding.line.saturating_sub(2);
    let mut lines = text.lines().skip(above).take(finding.line - above);
    lines.any(|line| {
        let allowed = line.split_once("scaffold: allow ").map(|(_, rules)| rules);
        allowed.is_some_and(|rules| {
            rules
                .split([' ', ','])
                .any(|rule| rule == finding.rule.name())
        })
    })
}

/// The deployed code, and how it is deployed.
struct Code<'a> {
    program: Program<'a>,
    /// What each of its functions mentions, in the same order.
    mentions: Vec<Mentions>,
    /// Each of its files was read. What nobody mentions is only known then.
    is_whole: bool,
    parsed: &'a Parsed,
    crates: &'a [&'a Crate],
    template: &'a Template,
}

/// The functions that a program certainly comes to, each with the one that led there.
type Reached = BTreeMap<FunctionId, Option<FunctionId>>;

impl Code<'_> {
    fn reached_from(&self, binary: &str) -> Reached {
        let mut reached = Reached::new();
        let main = self.program.mains.get(binary).map(|main| (*main, None));
        let mut next = VecDeque::from_iter(main);
        while let Some((id, from)) = next.pop_front() {
            if reached.contains_key(&id) {
                continue;
            }
            reached.insert(id, from);
            next.extend(
                self.mentions[id]
                    .functions
                    .iter()
                    .map(|other| (*other, Some(id))),
            );
        }
        reached
    }

    /// The handler by way of which a function is reached, if there is one.
    fn handler_before(&self, reached: &Reached, id: FunctionId) -> Option<FunctionId> {
        let mut at = Some(id);
        while let Some(id) = at {
            if self.program.functions[id].facts.handler.is_some() {
                return Some(id);
            }
            at = reached.get(&id).copied().flatten();
        }
        None
    }
}

/// Reads every Rust file of the packages.
fn parse(
    files: &Files,
    packages: &[Package],
    findings: &mut Vec<Finding>,
) -> Result<(Parsed, usize)> {
    let is_of_package = |path: &str| {
        packages.iter().any(|package| {
            let inside = path.strip_prefix(&*package.folder);
            let folders = ["src/", "tests/", "examples/", "benches/"];
            inside.is_some_and(|inside| folders.iter().any(|folder| inside.starts_with(folder)))
                || package.targets.iter().any(|target| target.root == path)
        })
    };
    let is_code = |path: &str| {
        packages.iter().any(|package| {
            path.strip_prefix(&*package.folder)
                .is_some_and(|inside| inside.starts_with("src/"))
        })
    };
    let rust = files
        .paths()
        .filter(|path| path.ends_with(".rs") && is_of_package(path));
    let rust: Vec<&str> = rust.collect();
    let next = AtomicUsize::new(0);
    let done = Mutex::new(Vec::new());
    let work = || {
        let mut mine = Vec::new();
        while let Some(path) = rust.get(next.fetch_add(1, Ordering::Relaxed)) {
            mine.push((*path, read(files, path, is_code(path))));
        }
        done.lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
            .extend(mine);
    };
    let threads = thread::available_parallelism()
        .map_or(1, usize::from)
        .min(rust.len());
    thread::scope(|scope| -> Result<()> {
        for _ in 0..threads {
            let thread = thread::Builder::new().stack_size(source::STACK_BYTES);
            thread
                .spawn_scoped(scope, work)
                .context("cannot start a thread")?;
        }
        Ok(())
    })?;

    let mut parsed = Parsed::new();
    for (path, outcome) in done
        .into_inner()
        .unwrap_or_else(std::sync::PoisonError::into_inner)
    {
        let facts = outcome.map_err(|finding| findings.push(finding)).ok();
        parsed.insert(path.to_owned(), facts);
    }
    Ok((parsed, rust.len()))
}

/// Of code that is not deployed only the modules count, and most of its files have none.
fn read(files: &Files, path: &str, is_code: bool) -> Result<Facts, Finding> {
    let text = files
        .text(path)
        .map_err(|what| Finding::unreadable(path, 1, &what))?;
    if !is_code && !text.contains("mod ") && !text.contains("include!") {
        return Ok(Facts::default());
    }
    let file = source::parse(&text).map_err(|error| {
        Finding::unreadable(
            path,
            error.line,
            &format!("is not understood: {}", error.message),
        )
    })?;
    let found = facts::facts(&file);
    if is_code {
        return Ok(found);
    }
    Ok(Facts {
        modules: found.modules,
        included: found.included,
        ..Facts::default()
    })
}

fn template(files: &Files, binaries: &BTreeSet<&str>, findings: &mut Vec<Finding>) -> Template {
    let text = files.text(TEMPLATE).map_err(|what| (1, what));
    let read = text.and_then(|text| {
        let unclear = |error: crate::syntax::SyntaxError| {
            (error.line, format!("is no YAML: {}", error.message))
        };
        sam::read(&text, binaries).map_err(unclear)
    });
    match read {
        Ok(template) => template,
        Err((line, what)) => {
            findings.push(Finding::unreadable(TEMPLATE, line, &what));
            Template::default()
        }
    }
}

/// The crates of packages that a function runs a program of, and of those whose library these use. Where no function
/// is known, the project's own package.
fn deployed<'a>(crates: &'a [Crate], parsed: &Parsed, template: &Template) -> Vec<&'a Crate> {
    let runs = |found: &Crate| match &found.kind {
        Kind::Binary(name) => template
            .functions
            .iter()
            .any(|function| function.binary == *name),
        _ => false,
    };
    let running = crates
        .iter()
        .filter(|found| runs(found))
        .map(|found| &*found.package);
    let mut packages: BTreeSet<&str> = running.collect();
    if packages.is_empty() {
        packages.insert("");
    }
    loop {
        let inside = crates
            .iter()
            .filter(|found| found.kind != Kind::Development);
        let inside: Vec<&Crate> = inside
            .filter(|found| packages.contains(&*found.package))
            .collect();
        let modules = inside.iter().flat_map(|found| &found.modules);
        let facts = modules.filter_map(|module| parsed.get(&module.file)?.as_ref());
        let mut used: BTreeSet<&str> = BTreeSet::new();
        for facts in facts {
            used.extend(
                facts
                    .imports
                    .iter()
                    .filter_map(|import| import.path.first())
                    .map(String::as_str),
            );
            used.extend(facts.words.iter().map(String::as_str));
        }
        let more = crates.iter().filter(|found| match &found.kind {
            Kind::Library(name) => used.contains(&**name),
            _ => false,
        });
        let more: BTreeSet<&str> = more.map(|found| &*found.package).collect();
        if more.is_subset(&packages) {
            return inside;
        }
        packages.extend(more);
    }
}

/// `a`, `b` and `c`: each in backticks.
fn listed<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
    let names: Vec<String> = names.into_iter().map(|name| format!("`{name}`")).collect();
    match &names[..] {
        [start @ .., last] if !start.is_empty() => format!("{} and {last}", start.join(", ")),
        names => names.concat(),
    }
}

#[cfg(test)]
mod tests;
