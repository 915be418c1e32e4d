//! The three-way merge of one text: what scaffold changes between two renderings goes into the user's file, whose
//! other bytes stay as they are.

mod check;
mod done;
mod imports;
mod insert;
#[cfg(test)]
mod tests;

use serde::Serialize;

use crate::diff::{Edit, line_edits};
use crate::lines::{self, Line, Lines};
use crate::lock;
use crate::syntax::Kind;

/// The three texts of one file.
#[derive(Clone, Copy, Debug)]
pub struct Versions<'a> {
    /// As scaffold wrote it last time.
    pub base: &'a str,
    /// As it is on the disk, with the user's edits.
    pub ours: &'a str,
    /// As scaffold writes it now.
    pub theirs: &'a str,
}

/// What to do where both sides changed the same lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Overlap {
    Report,
    KeepOurs,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Merged {
    pub text: String,
    /// Something to tell the user about how it was done.
    pub remark: Option<String>,
}

/// A change that cannot be made without touching what the user wrote.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Conflict {
    /// Where in the user's file, counted from 1; `None` when it is about the whole file.
    pub line: Option<usize>,
    pub reason: String,
    /// Lines to take out by hand, as scaffold once wrote them.
    pub remove: Vec<String>,
    /// Lines to put in by hand.
    pub add: Vec<String>,
}

/// Merges, or says what the user has to do by hand; after that, the same merge succeeds.
///
/// Where both sides only inserted at one place both are kept, the user's lines first, each block once. The result
/// still has the grammar of its file type, and declares exactly what the two sides together declare; imports are those
/// that its code needs. Rust that the user indents by tabs stays so.
pub fn merge(versions: &Versions, kind: Kind, overlap: Overlap) -> Result<Merged, Vec<Conflict>> {
    let Versions { base, ours, theirs } = *versions;
    let again = |base: &str, theirs: &str| merge(&Versions { base, ours, theirs }, kind, overlap);
    if base == theirs || ours == theirs {
        return Ok(plain(ours));
    }
    if base == ours {
        return Ok(plain(theirs));
    }
    if kind == Kind::Lock {
        return Ok(merge_lock(versions));
    }
    if kind == Kind::Rust && lines::has_tabs(ours) {
        let [tabbed_base, tabbed_theirs] = [base, theirs].map(lines::with_tabs);
        if tabbed_base.is_some() || tabbed_theirs.is_some() {
            return again(
                tabbed_base.as_deref().unwrap_or(base),
                tabbed_theirs.as_deref().unwrap_or(theirs),
            );
        }
    }
    if lines::has_merge_markers(ours) {
        let line = ours.lines().position(|line| line.starts_with("<<<<<<< "));
        return Err(vec![Conflict {
            line: line.map(|index| index + 1),
            reason: "git left the marks of an unfinished merge here: settle that first".to_owned(),
            remove: Vec::new(),
            add: Vec::new(),
        }]);
    }
    if kind == Kind::Rust
        && let Some((base, theirs)) = imports::without_known(versions)
    {
        return again(&base, &theirs);
    }
    let sides = Sides::new(versions, kind);
    let decisions: Vec<Decision> = sides
        .their_edits
        .iter()
        .map(|edit| sides.decide(edit))
        .collect();
    let conflicts = sides.conflicts(&decisions);
    if overlap == Overlap::Report && !conflicts.is_empty() {
        return Err(conflicts);
    }
    let text = sides.write(&decisions);
    if lines::same_content(base, ours) {
        return Ok(plain(&text));
    }
    if kind == Kind::Rust
        && let Some(theirs) = imports::with_needed(versions, &text)
    {
        return again(base, &theirs);
    }
    match check::check(versions, &text, kind) {
        Ok(remark) => Ok(Merged { text, remark }),
        Err(reason) if overlap == Overlap::Report => {
            Err(sides.all_as_conflicts(&decisions, &reason))
        }
        Err(reason) => Ok(Merged {
            text: ours.to_owned(),
            remark: Some(format!("left as it is: {reason}")),
        }),
    }
}

fn merge_lock(versions: &Versions) -> Merged {
    match lock::merge(versions.base, versions.ours, versions.theirs) {
        Ok(text) => plain(&text),
        Err(reason) => Merged {
            text: versions.ours.to_owned(),
            remark: Some(format!(
                "left as it is, since {reason}: `cargo build` without `--locked` completes it"
            )),
        },
    }
}

fn plain(text: &str) -> Merged {
    Merged {
        text: text.to_owned(),
        remark: None,
    }
}

struct Sides<'a> {
    kind: Kind,
    base: Lines<'a>,
    ours: Lines<'a>,
    theirs: Lines<'a>,
    base_lines: Vec<&'a str>,
    our_lines: Vec<&'a str>,
    their_lines: Vec<&'a str>,
    our_edits: Vec<Edit>,
    their_edits: Vec<Edit>,
}

/// What becomes of one edit of theirs.
enum Decision<'a> {
    /// The user's file has it already.
    Done,
    /// It is made, with these new lines.
    Make(Vec<&'a str>),
    Conflict,
}

impl<'a> Sides<'a> {
    fn new(versions: &Versions<'a>, kind: Kind) -> Self {
        let [base, ours, theirs] = [versions.base, versions.ours, versions.theirs].map(Lines::new);
        let [base_lines, our_lines, their_lines] = [&base, &ours, &theirs].map(Lines::contents);
        Self {
            kind,
            our_edits: line_edits(&base_lines, &our_lines),
            their_edits: line_edits(&base_lines, &their_lines),
            base,
            ours,
            theirs,
            base_lines,
            our_lines,
            their_lines,
        }
    }

    fn decide(&self, edit: &Edit) -> Decision<'a> {
        let new = self.without_present(edit);
        let overlapping: Vec<&Edit> = self
            .our_edits
            .iter()
            .filter(|ours| overlap(ours, edit))
            .collect();
        let all_deletions = overlapping.iter().all(|ours| ours.is_deletion());
        if overlapping.is_empty() {
            if edit.is_insertion() && new.is_empty() {
                Decision::Done
            } else {
                Decision::Make(new)
            }
        } else if edit.is_deletion() && all_deletions {
            Decision::Make(new)
        } else if self.is_done(edit, &new) {
            Decision::Done
        } else {
            Decision::Conflict
        }
    }

    /// The user's file with the edits of theirs that were decided to be made.
    fn write(&self, decisions: &[Decision<'a>]) -> String {
        let made = |at: usize, insertion: bool| {
            self.their_edits
                .iter()
                .zip(decisions)
                .find_map(|(edit, decision)| match decision {
                    Decision::Make(new)
                        if edit.old.start == at && edit.is_insertion() == insertion =>
                    {
                        Some(new)
                    }
                    _ => None,
                })
        };
        let mine = |at: usize, insertion: bool| {
            let edit = self
                .our_edits
                .iter()
                .find(|edit| edit.old.start == at && edit.is_insertion() == insertion)?;
            Some(&self.ours.lines[edit.new.clone()])
        };
        let mut kept = self.kept_lines();
        for (edit, decision) in self.their_edits.iter().zip(decisions) {
            if matches!(decision, Decision::Make(_)) {
                kept[edit.old.clone()].fill(None);
            }
        }
        let mut merged: Vec<Line<'a>> = Vec::new();
        for at in 0..=self.base_lines.len() {
            match (mine(at, true), made(at, true)) {
                (Some(ours), Some(theirs)) => merged.extend(self.both_inserted(at, ours, theirs)),
                (ours, theirs) => {
                    merged.extend(ours.unwrap_or_default());
                    merged.extend(theirs.into_iter().flatten().map(new_line));
                }
            }
            merged.extend(mine(at, false).unwrap_or_default());
            merged.extend(made(at, false).into_iter().flatten().map(new_line));
            merged.extend(
                kept.get(at)
                    .copied()
                    .flatten()
                    .map(|ours| self.ours.lines[ours]),
            );
        }
        let newline = [&self.base, &self.ours, &self.theirs].map(Lines::ends_with_newline);
        let last_newline = if newline[0] == newline[1] {
            newline[2]
        } else {
            newline[1]
        };
        lines::join(self.ours.has_bom, &merged, self.ours.ending(), last_newline)
    }

    /// For each line of the base, which line of the user's file it still is.
    fn kept_lines(&self) -> Vec<Option<usize>> {
        let mut kept = Vec::with_capacity(self.base_lines.len());
        let mut ours = 0;
        for edit in &self.our_edits {
            while kept.len() < edit.old.start {
                kept.push(Some(ours));
                ours += 1;
            }
            kept.resize(edit.old.end, None);
            ours = edit.new.end;
        }
        while kept.len() < self.base_lines.len() {
            kept.push(Some(ours));
            ours += 1;
        }
        kept
    }

    fn conflicts(&self, decisions: &[Decision]) -> Vec<Conflict> {
        self.their_edits
            .iter()
            .zip(decisions)
            .filter(|(_, decision)| matches!(decision, Decision::Conflict))
            .map(|(edit, _)| {
                let reason = if edit.is_deletion() {
                    "you changed lines that would be removed"
                } else {
                    "you changed the lines that this changes, too"
                };
                self.conflict(edit, reason)
            })
            .collect()
    }

    fn all_as_conflicts(&self, decisions: &[Decision], reason: &str) -> Vec<Conflict> {
        self.their_edits
            .iter()
            .zip(decisions)
            .filter(|(_, decision)| !matches!(decision, Decision::Done))
            .map(|(edit, _)| self.conflict(edit, reason))
            .collect()
    }

    fn conflict(&self, edit: &Edit, reason: &str) -> Conflict {
        let owned = |lines: &[&str]| lines.iter().map(|&line| line.to_owned()).collect();
        Conflict {
            line: Some(self.our_line(edit) + 1),
            reason: reason.to_owned(),
            remove: owned(&self.base_lines[edit.old.clone()]),
            add: owned(&self.their_lines[edit.new.clone()]),
        }
    }

    /// The line of the user's file at which an edit of theirs begins, counted from 0.
    fn our_line(&self, edit: &Edit) -> usize {
        let at = edit.old.start;
        let before = self
            .our_edits
            .iter()
            .rev()
            .find(|ours| ours.old.start <= at);
        match before {
            None => at,
            Some(ours) if at < ours.old.end => ours.new.start,
            Some(ours) => ours.new.end + (at - ours.old.end),
        }
    }
}

fn new_line<'a>(content: &&'a str) -> Line<'a> {
    Line {
        content,
        ending: "",
    }
}

/// Whether two edits of the base change the same lines. Edits that only touch do not.
fn overlap(left: &Edit, right: &Edit) -> bool {
    left.old.start < right.old.end && right.old.start < left.old.end
}
