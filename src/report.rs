//! A plan as a person or a program reads it.
//!
//! Colours are always written; the stream they go to drops them when it is no terminal (`anstream`).

mod json;

use std::fmt::Write;

use anstyle::{AnsiColor, Style};
use similar::{ChangeTag, TextDiff};

pub use json::json;

use crate::existing::MANIFEST;
use crate::plan::{Action, Conflict, Note, Plan};

const GREEN: Style = AnsiColor::Green.on_default();
const YELLOW: Style = AnsiColor::Yellow.on_default();
const RED: Style = AnsiColor::Red.on_default();
const CYAN: Style = AnsiColor::Cyan.on_default();
const BOLD: Style = Style::new().bold();

/// One line for each file, verb first: `create`, `update`, `merge` (the user's edits are kept), `delete`, `conflict`;
/// then a `note` for each file that is left alone or needs a look.
pub fn summary(plan: &Plan) -> String {
    let mut text = String::new();
    for (path, action) in &plan.changes {
        let (verb, style) = verb(action);
        line(&mut text, verb, style, path);
    }
    text + &notes(plan)
}

/// The same, with how many lines come and go in each file, and why it is treated as it is.
pub fn explained(plan: &Plan) -> String {
    let mut text = String::new();
    for (path, action) in &plan.changes {
        let (before, after, why) = match action {
            Action::Create { text } => ("", &**text, "there is no such file yet"),
            Action::Update { before, after, .. } if path == MANIFEST => {
                (&**before, &**after, "it says what you asked for")
            }
            Action::Update {
                before,
                after,
                merged: false,
            } => (&**before, &**after, "it is as scaffold wrote it"),
            Action::Update { before, after, .. } => {
                (&**before, &**after, "your own edits stay in it")
            }
            Action::Delete { before } => (&**before, "", "it is as scaffold wrote it"),
            Action::Conflict(_) => ("", "", "both you and scaffold changed the same"),
        };
        let lines = TextDiff::from_lines(before, after);
        let count = |tag| {
            lines
                .iter_all_changes()
                .filter(|it| it.tag() == tag)
                .count()
        };
        let (come, gone) = (count(ChangeTag::Insert), count(ChangeTag::Delete));
        let (verb, style) = verb(action);
        line(
            &mut text,
            verb,
            style,
            &format!("{path} (+{come} -{gone}): {why}"),
        );
    }
    text + &notes(plan)
}

/// A `note` for each file that is left alone or needs a look.
pub fn notes(plan: &Plan) -> String {
    let mut text = String::new();
    for Note { path, text: note } in &plan.notes {
        line(&mut text, "note", CYAN, &format!("{path}: {note}"));
    }
    text
}

/// The plan as the text of a JSON object, which also says whether it was carried out (`applied`).
pub fn to_json(plan: &Plan, applied: bool) -> String {
    let mut shown = json(plan);
    shown["applied"] = applied.into();
    format!("{shown:#}\n")
}

/// What is to be done by hand: each conflict with its file and line, and the lines to take out and put in.
pub fn conflicts(plan: &Plan) -> String {
    let mut text = String::new();
    for (path, conflicts) in plan.conflicts() {
        for Conflict {
            line,
            reason,
            remove,
            add,
        } in conflicts
        {
            let place = line.map_or_else(|| path.to_owned(), |line| format!("{path}:{line}"));
            let _ = writeln!(text, "{BOLD}{place}{BOLD:#}: {reason}");
            for (heading, mark, style, lines) in
                [("remove", '-', RED, remove), ("add", '+', GREEN, add)]
            {
                if !lines.is_empty() {
                    let _ = writeln!(text, "  {heading} by hand:");
                }
                for line in lines {
                    let _ = writeln!(text, "    {style}{mark}{line}{style:#}");
                }
            }
        }
    }
    text
}

/// Unified diffs of every change, exactly as it would be made.
pub fn diffs(plan: &Plan) -> String {
    plan.changes
        .iter()
        .map(|(path, action)| diff(path, action, Paint::Colour))
        .collect()
}

fn verb(action: &Action) -> (&'static str, Style) {
    match action {
        Action::Create { .. } => ("create", GREEN),
        Action::Update { merged: false, .. } => ("update", YELLOW),
        Action::Update { merged: true, .. } => ("merge", YELLOW),
        Action::Delete { .. } => ("delete", RED),
        Action::Conflict(_) => ("conflict", RED),
    }
}

fn line(text: &mut String, verb: &str, style: Style, rest: &str) {
    let _ = writeln!(text, "{style}{verb:>8}{style:#} {rest}");
}

/// Whether a diff is for the terminal or for a program.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Paint {
    Colour,
    Plain,
}

/// The diff of one change, in the form `patch` and `git apply` take; empty for a conflict, which changes nothing.
fn diff(path: &str, action: &Action, paint: Paint) -> String {
    let (from, to) = (format!("a/{path}"), format!("b/{path}"));
    let none = "/dev/null".to_owned();
    let (before, after, from, to) = match action {
        Action::Create { text } => ("", &**text, none, to),
        Action::Update { before, after, .. } => (&**before, &**after, from, to),
        Action::Delete { before } => (&**before, "", from, none),
        Action::Conflict(_) => return String::new(),
    };
    let mut text = String::new();
    let bold = if paint == Paint::Colour {
        BOLD
    } else {
        Style::new()
    };
    let _ = writeln!(text, "{bold}--- {from}{bold:#}\n{bold}+++ {to}{bold:#}");
    for hunk in TextDiff::from_lines(before, after)
        .unified_diff()
        .iter_hunks()
    {
        let cyan = if paint == Paint::Colour {
            CYAN
        } else {
            Style::new()
        };
        let _ = writeln!(text, "{cyan}{}{cyan:#}", hunk.header());
        for change in hunk.iter_changes() {
            let (mark, style) = match change.tag() {
                ChangeTag::Equal => (' ', Style::new()),
                ChangeTag::Delete => ('-', RED),
                ChangeTag::Insert => ('+', GREEN),
            };
            let style = if paint == Paint::Colour {
                style
            } else {
                Style::new()
            };
            let value = change.value();
            let content = value.strip_suffix('\n').unwrap_or(value);
            let _ = writeln!(text, "{style}{mark}{content}{style:#}");
            if content.len() == value.len() {
                let _ = writeln!(text, "\\ No newline at end of file");
            }
        }
    }
    text
}

#[cfg(test)]
mod tests;
