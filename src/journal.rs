//! What a change of the project is about to do, written down before it begins: so that a killed command is completed,
//! or taken back, by the next.
//!
//! New files wait in `.scaffold/staging/new/`, old ones are kept in `.scaffold/staging/old/`, both named by the number
//! of their operation. From the moment the journal has its name, nothing needs room on the disk any more: an operation
//! is one rename, and so is taking it back.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use serde::{Deserialize, Serialize};

use crate::base;
use crate::digest::Digest;
use crate::disk::{self, Folders, Found};
use crate::durable;
use crate::exclusive::Recovered;
use crate::tree::check_path;

/// A journal under this name is carried on.
const FORWARD: &str = ".scaffold/journal";

/// A journal under this name is taken back.
const BACKWARD: &str = ".scaffold/journal-undo";

/// A journal that is still being written.
const UNFINISHED: &str = ".scaffold/journal-new";

const STAGING: &str = ".scaffold/staging";

/// The operations of one command.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Journal {
    pub operations: Vec<Operation>,
    /// Folders that do not exist yet, outer ones first.
    pub folders: Vec<String>,
}

/// One file that is created (`before` is none), replaced, or removed (`after` is none).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Operation {
    pub path: String,
    pub before: Option<Digest>,
    pub after: Option<Digest>,
}

/// Whether a killed command left something to recover.
pub fn exists(root: &Path) -> bool {
    [FORWARD, BACKWARD]
        .iter()
        .any(|name| root.join(name).exists())
}

/// Empties the staging folder, for a new command.
pub fn begin_staging(root: &Path) -> Result<()> {
    clear(root)?;
    durable::create_folder(&root.join(STAGING).join("new"))?;
    durable::create_folder(&root.join(STAGING).join("old"))
}

/// Removes everything staged, and a journal that was never finished.
pub fn clear(root: &Path) -> Result<()> {
    durable::remove_file(&root.join(UNFINISHED))?;
    durable::remove_folder_with_contents(&root.join(STAGING))
}

/// Where the new file of an operation waits.
pub fn staged(root: &Path, operation: usize) -> PathBuf {
    root.join(STAGING).join("new").join(operation.to_string())
}

/// Where the old file of an operation is kept.
pub fn kept(root: &Path, operation: usize) -> PathBuf {
    root.join(STAGING).join("old").join(operation.to_string())
}

impl Journal {
    /// Writes the journal and carries it out. Whatever fails, the project is as before then, or, when even that
    /// fails, is so after the next command.
    pub fn commit(&self, root: &Path) -> Result<()> {
        if let Err(error) = self.place(root).and_then(|()| self.go_forward(root)) {
            if !root.join(FORWARD).exists() {
                let _ = clear(root);
                return Err(error);
            }
            return match self.go_backward(root) {
                Ok(()) => Err(error),
                Err(second) => Err(error.context(format!(
                    "{second:#}\nhelp: the project is between two states; the next command takes it back, once this is mended"
                ))),
            };
        }
        Ok(())
    }

    fn place(&self, root: &Path) -> Result<()> {
        durable::sync_folders(&["new", "old", ""].map(|name| root.join(STAGING).join(name)))?;
        let body = serde_json::to_string(self)?;
        let text = format!("{}\n{body}\n", Digest::of(body.as_bytes()));
        durable::write_through(&root.join(UNFINISHED), text.as_bytes(), None)?;
        durable::rename(&root.join(UNFINISHED), &root.join(FORWARD))?;
        durable::sync_folders(&[root.join(".scaffold")])
    }

    fn go_forward(&self, root: &Path) -> Result<()> {
        for folder in &self.folders {
            durable::create_folder(&root.join(folder))?;
        }
        for (number, operation) in self.operations.iter().enumerate() {
            if operation.is_done(root, number) {
                continue;
            }
            let target = root.join(&operation.path);
            match operation.after {
                Some(_) => durable::rename(&staged(root, number), &target)?,
                None => durable::rename(&target, &kept(root, number))?,
            }
        }
        let removed = self
            .operations
            .iter()
            .filter(|operation| operation.after.is_none());
        for folder in removed.flat_map(|operation| folders_above(&operation.path)) {
            durable::remove_folder_if_empty(&root.join(folder))?;
        }
        self.sync(root)?;
        durable::remove_file(&root.join(FORWARD))?;
        // From here on the change is made; what is left over is cleared by the next command at the latest.
        let _ = durable::sync_folders(&[root.join(".scaffold")]).and_then(|()| clear(root));
        Ok(())
    }

    fn go_backward(&self, root: &Path) -> Result<()> {
        if root.join(FORWARD).exists() {
            durable::rename(&root.join(FORWARD), &root.join(BACKWARD))?;
            durable::sync_folders(&[root.join(".scaffold")])?;
        }
        for (number, operation) in self.operations.iter().enumerate().rev() {
            operation.take_back(root, number)?;
        }
        for folder in self.folders.iter().rev() {
            durable::remove_folder_if_empty(&root.join(folder))?;
        }
        self.sync(root)?;
        durable::remove_file(&root.join(BACKWARD))?;
        let _ = durable::sync_folders(&[root.join(".scaffold")]).and_then(|()| clear(root));
        Ok(())
    }

    /// Waits until the names that changed are on the disk. A pristine copy lost in a power cut is rendered afresh, so
    /// nobody waits for those.
    fn sync(&self, root: &Path) -> Result<()> {
        let paths = self.operations.iter().map(|operation| &operation.path);
        let changed = paths
            .chain(&self.folders)
            .filter(|path| !path.starts_with(base::FOLDER));
        let folders: BTreeSet<&str> = changed
            .map(|path| folders_above(path).next().unwrap_or(""))
            .collect();
        let folders: Vec<PathBuf> = folders.into_iter().map(|path| root.join(path)).collect();
        durable::sync_folders(&folders)
    }

    fn read(root: &Path, name: &str) -> Result<Self> {
        // Reading a pipe would wait for whoever writes into it.
        if let Found::Unusable(what) = disk::find(root, name, &mut Folders::new()) {
            bail!(
                "`{name}` {what}\nhelp: scaffold did not make it; remove it, then run this again"
            );
        }
        let text =
            fs::read_to_string(root.join(name)).with_context(|| format!("cannot read `{name}`"))?;
        let journal = text
            .split_once('\n')
            .filter(|(sum, body)| *sum == Digest::of(body.trim_end().as_bytes()).to_string())
            .and_then(|(_, body)| serde_json::from_str::<Self>(body).ok())
            .filter(|journal| {
                journal
                    .operations
                    .iter()
                    .all(|operation| is_ours(&operation.path))
            })
            .filter(|journal| {
                journal
                    .folders
                    .iter()
                    .all(|folder| folder == base::FOLDER || is_ours(folder))
            });
        journal.with_context(|| {
            format!("`{name}` is damaged\nhelp: restore the project from version control, then remove that file")
        })
    }

    /// The paths that were changed since the command was killed, so that their operation can neither be made nor, if
    /// it was made, taken back.
    fn touched(&self, root: &Path, done: bool) -> Vec<&str> {
        let is_touched = |(number, operation): &(usize, &Operation)| {
            let expected = if done {
                &operation.after
            } else {
                &operation.before
            };
            operation.is_done(root, *number) == done
                && !matches!(digest_at(root, &operation.path), Ok(found) if found == *expected)
        };
        let touched = self.operations.iter().enumerate().filter(is_touched);
        touched.map(|(_, operation)| &*operation.path).collect()
    }
}

impl Operation {
    fn is_done(&self, root: &Path, number: usize) -> bool {
        match self.after {
            Some(_) => !staged(root, number).exists(),
            None => kept(root, number).exists() || !root.join(&self.path).exists(),
        }
    }

    fn take_back(&self, root: &Path, number: usize) -> Result<()> {
        if !self.is_done(root, number) {
            return Ok(());
        }
        let target = root.join(&self.path);
        let kept = kept(root, number);
        match (&self.before, &self.after) {
            (None, Some(after)) if digest_at(root, &self.path)?.as_ref() == Some(after) => {
                durable::remove_file(&target)
            }
            (Some(_), after) if kept.exists() && (after.is_some() || !target.exists()) => {
                if let Some(folder) = target.parent() {
                    durable::create_folder(folder)?;
                }
                durable::rename(&kept, &target)
            }
            _ => Ok(()),
        }
    }
}

/// Completes or takes back what a killed command left. Asks for the lock to be held.
pub fn recover(root: &Path) -> Result<Recovered> {
    if root.join(BACKWARD).exists() {
        Journal::read(root, BACKWARD)?.go_backward(root)?;
        return Ok(Recovered::TakenBack);
    }
    if !root.join(FORWARD).exists() {
        if root.join(STAGING).exists() || root.join(UNFINISHED).exists() {
            clear(root)?;
        }
        return Ok(Recovered::Nothing);
    }
    let journal = Journal::read(root, FORWARD)?;
    let (edited_before, edited_after) = (journal.touched(root, false), journal.touched(root, true));
    if edited_before.is_empty() {
        match journal.go_forward(root) {
            Ok(()) => return Ok(Recovered::Finished),
            Err(error) if !edited_after.is_empty() => return Err(error),
            Err(_) => {}
        }
    } else if !edited_after.is_empty() {
        bail!(
            "a command was killed half-way, and since then `{}` and `{}` were changed\n\
             help: restore the project from version control, then remove `{FORWARD}`",
            edited_before.join("`, `"),
            edited_after.join("`, `"),
        );
    }
    journal.go_backward(root)?;
    Ok(Recovered::TakenBack)
}

/// What is at a path now; none when it is absent.
pub fn digest_at(root: &Path, path: &str) -> Result<Option<Digest>> {
    match disk::find(root, path, &mut Folders::new()) {
        Found::Absent => Ok(None),
        Found::Unusable(what) => bail!("`{path}` {what}"),
        Found::File(_) => {
            let bytes =
                fs::read(root.join(path)).with_context(|| format!("cannot read `{path}`"))?;
            Ok(Some(Digest::of(&bytes)))
        }
    }
}

/// The folders that a path is in, inner ones first, the root left out.
pub fn folders_above(path: &str) -> impl Iterator<Item = &str> {
    path.rmatch_indices('/').map(|(end, _)| &path[..end])
}

fn is_ours(path: &str) -> bool {
    let inside = path
        .strip_prefix(base::FOLDER)
        .and_then(|rest| rest.strip_prefix('/'));
    check_path(inside.unwrap_or(path)).is_ok()
}
