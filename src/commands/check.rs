//! `scaffold check`: whether the project's parts know of one another.

use std::env;
use std::fmt::Write;
use std::path::Path;

use anstyle::{AnsiColor, Style};
use anyhow::{Context, Result, bail};

use super::sync;
use crate::check::{self, Finding, Note, Report, Rule};
use crate::cli::{self, Output};
use crate::existing::{Existing, Intent, MANIFEST, find_root};
use crate::journal;
use crate::plan::{Action, Plan};
use crate::problem::Problems;
use crate::progress;
use crate::terminal;

const BOLD: Style = Style::new().bold();
const CYAN: Style = AnsiColor::Cyan.on_default();
const DIM: Style = Style::new().dimmed();

/// How many files that are out of step are named.
const NAMED: usize = 5;

pub fn run(cli::Check {}: &cli::Check, output: &Output) -> Result<()> {
    let here = env::current_dir().context("cannot tell what the current folder is")?;
    let root = find_root(&here)?;
    let report = progress::during("checking", output, || whole_report(root))?;
    if output.json {
        let shown = serde_json::to_value(&report)?;
        terminal::print(&format!("{shown:#}\n"))?;
    } else {
        terminal::print(&text(&report, output))?;
    }
    match report.findings.len() {
        0 => {
            if output.says_more() {
                terminal::tell(&format!(
                    "checked {} files: everything is wired",
                    report.files
                ));
            }
            Ok(())
        }
        1 => bail!(
            "1 finding\nhelp: mend it, or allow its rule in a comment: `scaffold check --help`"
        ),
        count => bail!(
            "{count} findings\nhelp: mend them, or allow their rules in comments: `scaffold check --help`"
        ),
    }
}

fn whole_report(root: &Path) -> Result<Report> {
    let mut report = check::check(root)?;
    report.add(root, out_of_step(root));
    Ok(report)
}

/// One line for each finding, and what to do below it.
fn text(report: &Report, output: &Output) -> String {
    let mut text = String::new();
    for Finding {
        path,
        line,
        rule,
        message,
        help,
    } in &report.findings
    {
        let _ = writeln!(
            text,
            "{BOLD}{path}:{line}{BOLD:#}: {message} {DIM}[{}]{DIM:#}",
            rule.name()
        );
        if let Some(help) = help {
            let _ = writeln!(text, "  {CYAN}help:{CYAN:#} {help}");
        }
    }
    if !output.quiet {
        for Note {
            path,
            line,
            message,
        } in &report.notes
        {
            let _ = writeln!(
                text,
                "{BOLD}{path}:{line}{BOLD:#}: {CYAN}note:{CYAN:#} {message}"
            );
        }
    }
    text
}

/// What `scaffold sync` would do, as findings; a description that cannot be read is one, too.
fn out_of_step(root: &Path) -> Vec<Finding> {
    let finding = |line, message: String| Finding::new(Rule::OutOfStep, MANIFEST, line, message);
    if journal::exists(root) {
        let message = "a command was killed before it was done".to_owned();
        return vec![
            finding(1, message).help(
                "run any command, such as `scaffold sync`: it takes that back, or finishes it",
            ),
        ];
    }
    let planned = Existing::open_at(root, "scaffold check", Intent::Look)
        .and_then(|existing| sync::planned(&existing));
    match planned {
        Ok(plan) => steps(&plan),
        Err(error) => match error.downcast_ref::<Problems>() {
            Some(problems) => {
                let problems = problems.0.iter().map(|problem| {
                    let line = problem.place.as_ref().map_or(1, |place| place.line);
                    let found = finding(line, problem.message.clone());
                    match &problem.help {
                        Some(help) => found.help(help),
                        None => found,
                    }
                });
                problems.collect()
            }
            None => vec![finding(1, first_line(&error))],
        },
    }
}

fn first_line(error: &anyhow::Error) -> String {
    let text = format!("{error:#}");
    text.lines().next().unwrap_or_default().to_owned()
}

fn steps(plan: &Plan) -> Vec<Finding> {
    if plan.is_empty() {
        return Vec::new();
    }
    let mut findings: Vec<Finding> = plan
        .changes
        .iter()
        .map(|(path, action)| {
            let line = match action {
                Action::Conflict(conflicts) => conflicts
                    .first()
                    .and_then(|conflict| conflict.line)
                    .unwrap_or(1),
                _ => 1,
            };
            let what = match action {
                Action::Create { .. } => "is missing",
                Action::Delete { .. } => "is there still",
                Action::Update { .. } | Action::Conflict(_) => "is not as `scaffold.toml` has it",
            };
            Finding::new(Rule::OutOfStep, path, line, format!("this file {what}"))
        })
        .collect();
    let others = findings.len().saturating_sub(NAMED);
    findings.truncate(NAMED);
    if others > 0 {
        findings.push(Finding::new(
            Rule::OutOfStep,
            MANIFEST,
            1,
            format!("{others} more files are not as it has them"),
        ));
    }
    if findings.is_empty() {
        let message = "what scaffold keeps of the last command is not as it was";
        findings.push(Finding::new(Rule::OutOfStep, MANIFEST, 1, message));
    }
    findings
        .into_iter()
        .map(|finding| finding.help("run `scaffold sync --dry-run`, then `scaffold sync`"))
        .collect()
}
