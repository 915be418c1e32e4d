//! What a command would do: the difference between two renderings, merged onto what is on the disk.

mod imports;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde::Serialize;

use crate::base::{self, Base};
use crate::contents::{self, Contents};
use crate::diff::line_edits;
use crate::disk::{self, OnDisk, Ours};
use crate::lines::same_content;
pub use crate::merge::Conflict;
use crate::merge::{self, Overlap, Versions};
use crate::syntax::Kind;
use crate::tree::Tree;

/// Everything a command would change. Nothing of it is done before all of it is known.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Plan {
    pub changes: BTreeMap<String, Action>,
    /// The new text of each pristine copy that changes; `None` removes it.
    pub base: BTreeMap<String, Option<String>>,
    pub notes: Vec<Note>,
}

/// What happens to one file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    Create {
        text: String,
    },
    /// `merged` when the user's own edits are in `after`.
    Update {
        before: String,
        after: String,
        merged: bool,
    },
    Delete {
        before: String,
    },
    Conflict(Vec<Conflict>),
}

/// Something to know about a file that is left alone, or was treated with care.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Note {
    pub path: String,
    pub text: String,
}

impl Note {
    /// Tells of a pristine copy that had to be made from something else.
    pub fn restored(path: &str) -> Self {
        Self {
            path: path.to_owned(),
            text: "its pristine copy was missing, damaged or merged by git, and is made afresh"
                .to_owned(),
        }
    }
}

/// What a plan is made from. `base` and `theirs` may leave out files that are alike in both.
#[derive(Clone, Copy, Debug)]
pub struct Sides<'a> {
    /// What scaffold wrote last time.
    pub base: &'a Base,
    /// The changed project, rendered.
    pub theirs: &'a Tree,
    /// What is on the disk, at the paths where the two differ.
    pub ours: &'a Ours,
    /// Files in which the user's side wins where both changed the same.
    pub keep: &'a BTreeSet<String>,
}

/// Plans the change from `base` to `theirs` for the project at `root`, looking at no file that is alike in both.
pub fn plan_at(root: &Path, base: &Base, theirs: &Tree, keep: &BTreeSet<String>) -> Plan {
    let ours = disk::read(root, base.tree.differing(theirs));
    let mut plan = plan(&Sides {
        base,
        theirs,
        ours: &ours,
        keep,
    });
    let missing = imports::missing(&plan, |path| match disk::look_at(root, path) {
        OnDisk::Text(text) => Some(text),
        OnDisk::Absent | OnDisk::Unusable(_) => None,
    });
    for (path, conflicts) in missing {
        plan.changes.insert(path, Action::Conflict(conflicts));
    }
    plan
}

/// Plans the change from `base` to `theirs`, given what is on the disk.
pub fn plan(sides: &Sides) -> Plan {
    let Sides { base, theirs, .. } = *sides;
    let mut plan = Plan::default();
    for path in base.tree.differing(theirs) {
        let outcome = match (base.tree.get(path), theirs.get(path)) {
            (None, Some(new)) => sides.create(path, new),
            (Some(old), Some(new)) => sides.update(path, old, new),
            (Some(old), None) => sides.delete(path, old),
            (None, None) => Outcome::default(),
        };
        plan.base
            .insert(path.to_owned(), theirs.get(path).map(str::to_owned));
        plan.changes
            .extend(outcome.action.map(|action| (path.to_owned(), action)));
        plan.notes.extend(outcome.note.map(|text| Note {
            path: path.to_owned(),
            text,
        }));
    }
    for path in &base.restored {
        plan.base
            .insert(path.clone(), theirs.get(path).map(str::to_owned));
    }
    plan.notes.extend(restored(&base.restored));
    plan
}

/// More files than this are told of together.
const FEW: usize = 5;

fn restored(paths: &[String]) -> Vec<Note> {
    if paths.len() <= FEW {
        return paths.iter().map(|path| Note::restored(path)).collect();
    }
    vec![Note {
        path: base::FOLDER.to_owned(),
        text: format!(
            "{} pristine copies were missing, damaged or merged by git, and are made afresh; what `scaffold.toml` asks for that is not in those files yet is not brought in: if that is the case, restore the copies from version control and run this again",
            paths.len()
        ),
    }]
}

/// What is to be done with one file: often nothing, sometimes something to say about that.
#[derive(Default)]
struct Outcome {
    action: Option<Action>,
    note: Option<String>,
}

impl Outcome {
    fn act(action: Action) -> Self {
        Self {
            action: Some(action),
            note: None,
        }
    }

    fn note(text: impl Into<String>) -> Self {
        Self {
            action: None,
            note: Some(text.into()),
        }
    }

    fn conflict(reason: impl Into<String>) -> Self {
        let conflict = Conflict {
            line: None,
            reason: reason.into(),
            remove: Vec::new(),
            add: Vec::new(),
        };
        Self::act(Action::Conflict(vec![conflict]))
    }
}

impl Sides<'_> {
    fn create(&self, path: &str, new: &str) -> Outcome {
        match self.ours.get(path) {
            OnDisk::Absent => Outcome::act(Action::Create {
                text: new.to_owned(),
            }),
            OnDisk::Text(ours) if has_all_of(path, ours, new) => Outcome::default(),
            _ if self.keep.contains(path) => Outcome::note("kept as it is"),
            OnDisk::Text(_) if Kind::of(path) == Kind::Lock => self.update(path, "", new),
            OnDisk::Text(_) if self.base.unknown.contains(path) => Outcome::conflict(format!(
                "its pristine copy is lost or damaged, so nothing tells your edits from what another scaffold wrote: restore `{}/{path}` from version control",
                base::FOLDER
            )),
            OnDisk::Text(_) => Outcome::conflict("a file of your own is in this place"),
            OnDisk::Unusable(what) => Outcome::conflict(format!("it {what}")),
        }
    }

    fn update(&self, path: &str, old: &str, new: &str) -> Outcome {
        let keep = self.keep.contains(path);
        let ours = match self.ours.get(path) {
            OnDisk::Text(ours) => ours,
            OnDisk::Unusable(_) if keep => return Outcome::note("kept as it is"),
            OnDisk::Unusable(what) => return Outcome::conflict(format!("it {what}")),
            OnDisk::Absent => {
                return match self.needed_by(path).filter(|_| !keep) {
                    Some(created) => self.missing_but_needed(created, old, new),
                    None => Outcome::note(stays_deleted(path)),
                };
            }
        };
        let overlap = if keep {
            Overlap::KeepOurs
        } else {
            Overlap::Report
        };
        match merge::merge(
            &Versions {
                base: old,
                ours,
                theirs: new,
            },
            Kind::of(path),
            overlap,
        ) {
            Ok(merged) if merged.text == *ours => Outcome {
                action: None,
                note: merged.remark,
            },
            Ok(merged) => {
                let action = Action::Update {
                    before: ours.clone(),
                    after: merged.text,
                    merged: !same_content(old, ours),
                };
                Outcome {
                    action: Some(action),
                    note: merged.remark,
                }
            }
            Err(conflicts) => Outcome::act(Action::Conflict(conflicts)),
        }
    }

    fn delete(&self, path: &str, old: &str) -> Outcome {
        match self.ours.get(path) {
            OnDisk::Absent => Outcome::default(),
            OnDisk::Text(ours) if same_content(old, ours) => Outcome::act(Action::Delete {
                before: ours.clone(),
            }),
            _ if self.keep.contains(path) => {
                Outcome::note("kept as it is: from now on it is yours alone")
            }
            OnDisk::Text(ours) => {
                let line = old
                    .lines()
                    .zip(ours.lines())
                    .take_while(|(old, ours)| old == ours)
                    .count()
                    + 1;
                Outcome::act(Action::Conflict(vec![Conflict {
                    line: Some(line.min(ours.lines().count().max(1))),
                    reason: "you changed this file, and it would be deleted; delete it yourself, or keep it"
                        .to_owned(),
                    remove: Vec::new(),
                    add: Vec::new(),
                }]))
            }
            OnDisk::Unusable(what) => Outcome::conflict(format!("it {what}")),
        }
    }

    /// A file that this command creates and that only the file at `path` would make part of the program.
    fn needed_by(&self, path: &str) -> Option<&str> {
        let text = self.theirs.get(path)?;
        let folder = module_folder(path)?;
        self.theirs.paths().find(|created| {
            let Some((parent, module)) = module_of(created) else {
                return false;
            };
            !self.base.tree.contains(created)
                && parent == folder
                && text
                    .lines()
                    .any(|line| line.trim_end().ends_with(&format!("mod {module};")))
        })
    }

    fn missing_but_needed(&self, created: &str, old: &str, new: &str) -> Outcome {
        let (old, new): (Vec<&str>, Vec<&str>) = (old.lines().collect(), new.lines().collect());
        let added = line_edits(&old, &new)
            .into_iter()
            .flat_map(|edit| &new[edit.new]);
        Outcome::act(Action::Conflict(vec![Conflict {
            line: None,
            reason: format!("you deleted it, but `{created}` is reached through it"),
            remove: Vec::new(),
            add: added.map(|&line| line.to_owned()).collect(),
        }]))
    }
}

/// A program goes on without the file only if nothing that changed in it is needed where it went.
fn stays_deleted(path: &str) -> String {
    let text = "you deleted it, so it stays deleted";
    match Kind::of(path) {
        Kind::Rust => format!(
            "{text}; if you moved it, make the changes there that `git diff {}/{path}` shows",
            base::FOLDER
        ),
        _ => text.to_owned(),
    }
}

/// Whether everything in `new` is in the user's file, added by hand.
fn has_all_of(path: &str, ours: &str, new: &str) -> bool {
    let versions = Versions {
        base: "",
        ours,
        theirs: new,
    };
    same_content(ours, new)
        || merge::merge(&versions, Kind::of(path), Overlap::Report)
            .is_ok_and(|merged| merged.text == ours)
}

/// The folder in which the modules are that a Rust file declares.
fn module_folder(path: &str) -> Option<&str> {
    let stem = path.strip_suffix(".rs")?;
    let (folder, name) = stem.rsplit_once('/').unwrap_or(("", stem));
    Some(if matches!(name, "mod" | "lib" | "main") {
        folder
    } else {
        stem
    })
}

/// The folder and the name of the module that a Rust file is.
fn module_of(path: &str) -> Option<(&str, &str)> {
    let stem = path.strip_suffix(".rs")?;
    let stem = stem.strip_suffix("/mod").unwrap_or(stem);
    Some(stem.rsplit_once('/').unwrap_or(("", stem)))
}

impl Plan {
    /// Whether there is nothing to do. That the list of the pristine copies is to be tidied up does not count.
    pub fn is_empty(&self) -> bool {
        self.changes.is_empty() && self.base.keys().all(|path| path == contents::FILE)
    }

    /// Makes the list of the pristine copies part of the plan: as it is, and as it is when all else is done.
    pub fn list(&mut self, before: Option<&Contents>, after: &Contents) {
        if before != Some(after) {
            self.base
                .insert(contents::FILE.to_owned(), Some(after.to_text()));
        }
    }

    pub fn has_conflicts(&self) -> bool {
        self.conflicts().next().is_some()
    }

    pub fn conflicts(&self) -> impl Iterator<Item = (&str, &[Conflict])> {
        self.changes
            .iter()
            .filter_map(|(path, action)| match action {
                Action::Conflict(conflicts) => Some((&**path, &**conflicts)),
                _ => None,
            })
    }

    /// Adds a change of a file that is edited in place and not rendered, as scaffold.toml is.
    pub fn edit(&mut self, path: &str, before: &str, after: &str) {
        if before != after {
            let action = Action::Update {
                before: before.to_owned(),
                after: after.to_owned(),
                merged: false,
            };
            self.changes.insert(path.to_owned(), action);
        }
    }
}

#[cfg(test)]
mod tests;
