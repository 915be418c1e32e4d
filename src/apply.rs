//! Carries out a plan: all of it, or nothing.

use std::collections::BTreeSet;
use std::fs::{self, Metadata};
use std::path::Path;

use anyhow::{Context, Result, bail};

use crate::base;
use crate::digest::Digest;
use crate::disk::{self, Folders, Found, OnDisk};
use crate::durable;
use crate::exclusive::Lock;
use crate::interrupt::Interrupt;
use crate::journal::{self, Journal, Operation, digest_at, folders_above};
use crate::plan::{Action, Plan};

#[cfg(test)]
mod tests;

/// Writes what the plan says to the project under the lock, and the pristine copies along with it.
///
/// Fails, with nothing changed, when there are conflicts, when a file is not as the plan saw it any more, or when
/// something cannot be written. Killed at any point, the project is completed or taken back by the next command.
pub fn apply(lock: &Lock, plan: &Plan) -> Result<()> {
    let root = lock.root();
    if plan.has_conflicts() {
        bail!("there are conflicts, so nothing was written");
    }
    let writes = writes(root, plan)?;
    if writes.is_empty() {
        return Ok(());
    }
    refuse_what_cannot_be_written(root, &writes)?;
    // Until everything is staged, Ctrl-C means that nothing is to be written; from then on, that nothing is left undone.
    let interrupt = Interrupt::listen()?;
    let journal = stage(root, &writes)
        .and_then(|journal| interrupt.check().map(|()| journal))
        .inspect_err(|_| drop(journal::clear(root)))?;
    journal.commit(root)
}

/// One file to be written or removed.
struct Write<'a> {
    path: String,
    before: Option<Digest>,
    after: Option<&'a str>,
}

fn writes<'a>(root: &Path, plan: &'a Plan) -> Result<Vec<Write<'a>>> {
    let mut writes = Vec::new();
    for (path, action) in &plan.changes {
        let (before, after) = match action {
            Action::Create { text } => (None, Some(&**text)),
            Action::Update { before, after, .. } => (Some(before), Some(&**after)),
            Action::Delete { before } => (Some(before), None),
            Action::Conflict(_) => continue,
        };
        let expected = before.map_or(OnDisk::Absent, |text| OnDisk::Text(text.clone()));
        match disk::look_at(root, path) {
            found if found == expected => {}
            OnDisk::Unusable(what) => bail!(
                "`{path}` {what}\nhelp: nothing was written; put it right, then run this again"
            ),
            _ => bail!(
                "`{path}` was changed while this command was at work\nhelp: nothing was written; run it again"
            ),
        }
        let before = before.map(|text| Digest::of(text.as_bytes()));
        writes.push(Write {
            path: path.clone(),
            before,
            after,
        });
    }
    for (path, text) in &plan.base {
        let path = format!("{}/{path}", base::FOLDER);
        let before = digest_at(root, &path)?;
        let after = text.as_deref();
        if before != after.map(|text| Digest::of(text.as_bytes())) {
            writes.push(Write {
                path,
                before,
                after,
            });
        }
    }
    Ok(writes)
}

fn refuse_what_cannot_be_written(root: &Path, writes: &[Write]) -> Result<()> {
    let own = fs::metadata(root.join(".scaffold")).context("cannot look at `.scaffold`")?;
    refuse_read_only(".scaffold", &own)?;
    let mut checked = BTreeSet::new();
    for write in writes {
        if let Found::File(found) = disk::find(root, &write.path, &mut Folders::new()) {
            refuse_read_only(&write.path, &found)?;
        }
        let existing = folders_above(&write.path).chain([""]).find_map(|folder| {
            let found = fs::metadata(root.join(folder)).ok()?;
            Some((folder, found))
        });
        if let Some((folder, found)) = existing
            && checked.insert(folder)
        {
            let shown = if folder.is_empty() { "." } else { folder };
            refuse_read_only(shown, &found)?;
            if !on_one_file_system(&own, &found) {
                bail!(
                    "`{shown}` is on another file system than `.scaffold`, so a change could not be all or nothing"
                );
            }
        }
    }
    Ok(())
}

fn refuse_read_only(path: &str, found: &Metadata) -> Result<()> {
    if found.permissions().readonly() {
        bail!(
            "`{path}` is read-only\nhelp: nothing was written; make it writable, then run this again"
        );
    }
    Ok(())
}

#[cfg(unix)]
fn on_one_file_system(left: &Metadata, right: &Metadata) -> bool {
    use std::os::unix::fs::MetadataExt;
    left.dev() == right.dev()
}

#[cfg(not(unix))]
fn on_one_file_system(_: &Metadata, _: &Metadata) -> bool {
    true
}

/// Writes all new files, and keeps all old ones, where the journal expects them.
fn stage(root: &Path, writes: &[Write]) -> Result<Journal> {
    journal::begin_staging(root)?;
    let mut journal = Journal::default();
    let mut folders = BTreeSet::new();
    let mut waited_for = Vec::new();
    for (number, write) in writes.iter().enumerate() {
        let target = root.join(&write.path);
        if let Some(text) = write.after {
            let mode = match &write.before {
                Some(_) => Some(
                    fs::metadata(&target)
                        .with_context(|| format!("cannot look at `{}`", write.path))?
                        .permissions(),
                ),
                None => None,
            };
            let staged = journal::staged(root, number);
            durable::write(&staged, text.as_bytes(), mode)
                .with_context(|| format!("cannot write `{}`: nothing was changed", write.path))?;
            // A pristine copy that is lost in a power cut is made afresh, so nobody waits for those.
            if !write.path.starts_with(base::FOLDER) {
                waited_for.push(staged);
            }
            if write.before.is_some() {
                durable::link_or_copy(&target, &journal::kept(root, number))?;
            }
            folders.extend(folders_above(&write.path).filter(|folder| !root.join(folder).exists()));
        }
        journal.operations.push(Operation {
            path: write.path.clone(),
            before: write.before,
            after: write.after.map(|text| Digest::of(text.as_bytes())),
        });
    }
    durable::sync_files(&waited_for).context("nothing was changed")?;
    // Sorted, so outer folders come before inner ones.
    journal.folders = folders.into_iter().map(str::to_owned).collect();
    Ok(journal)
}
