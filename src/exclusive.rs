//! One command at a time: the lock a project is changed under.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::thread::sleep;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use crate::journal;

/// Where the lock is, below the project's root. The file stays; the system releases the lock on it when its process
/// ends, however it ends.
pub const FILE: &str = ".scaffold/lock";

/// How long a second command waits for the first.
pub const PATIENCE: Duration = Duration::from_secs(5);

/// The right to change the project at [`Lock::root`].
#[derive(Debug)]
pub struct Lock {
    root: PathBuf,
    file: File,
}

/// What an earlier command that was killed had begun.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Recovered {
    /// There was nothing to recover.
    Nothing,
    /// The earlier command's change is complete now.
    Finished,
    /// The project is as it was before the earlier command.
    TakenBack,
}

impl Lock {
    /// Takes the lock, waiting as long as `patience` for another command to end, and then completes or takes back
    /// what a killed command left half done. `command` is what others are told, e.g. `scaffold add entity Order`.
    pub fn take(root: &Path, command: &str, patience: Duration) -> Result<(Self, Recovered)> {
        let path = root.join(FILE);
        refuse_links(root)?;
        fs::create_dir_all(root.join(".scaffold")).context("cannot make `.scaffold`")?;
        let file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(&path)
            .with_context(|| format!("cannot open `{FILE}`"))?;
        wait(&file, &path, patience)?;
        announce(&file, command).with_context(|| format!("cannot write `{FILE}`"))?;
        let recovered = journal::recover(root)?;
        Ok((
            Self {
                root: root.to_owned(),
                file,
            },
            recovered,
        ))
    }

    pub fn root(&self) -> &Path {
        &self.root
    }
}

/// Unlocks by name, not only by closing: a process that another thread is just starting has inherited the open file, and
/// would hold on to the lock for as long as it has not begun its own program.
impl Drop for Lock {
    fn drop(&mut self) {
        // Where it fails, closing the file does it.
        let _ = self.file.unlock();
    }
}

/// For commands that only read: recovers, under the lock, what a killed command left half done. Takes no lock and
/// writes nothing when there is nothing to recover.
pub fn recover_if_needed(root: &Path, command: &str, patience: Duration) -> Result<Recovered> {
    if !journal::exists(root) {
        return Ok(Recovered::Nothing);
    }
    Lock::take(root, command, patience).map(|(_, recovered)| recovered)
}

fn refuse_links(root: &Path) -> Result<()> {
    for path in [".scaffold", FILE] {
        if fs::symlink_metadata(root.join(path)).is_ok_and(|found| found.is_symlink()) {
            bail!(
                "`{path}` is a symbolic link, and scaffold writes through none\nhelp: put a folder of its own in its place"
            );
        }
    }
    Ok(())
}

fn wait(file: &File, path: &Path, patience: Duration) -> Result<()> {
    let since = Instant::now();
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(()),
            Err(TryLockError::WouldBlock) if since.elapsed() < patience => {
                sleep(Duration::from_millis(20))
            }
            Err(TryLockError::WouldBlock) => bail!(
                "{} is changing this project\nhelp: wait until it is done, then run this again",
                holder(path)
            ),
            Err(TryLockError::Error(error)) if error.kind() == ErrorKind::Unsupported => {
                return Ok(());
            }
            Err(TryLockError::Error(error)) => {
                return Err(error).with_context(|| format!("cannot lock `{FILE}`"));
            }
        }
    }
}

fn holder(path: &Path) -> String {
    match fs::read_to_string(path) {
        Ok(text) if !text.trim().is_empty() => text.trim().to_owned(),
        _ => "another command".to_owned(),
    }
}

fn announce(mut file: &File, command: &str) -> std::io::Result<()> {
    file.set_len(0)?;
    writeln!(file, "`{command}` (process {})", std::process::id())
}

#[cfg(test)]
mod tests {
    use super::*;
    use tempfile::tempdir;

    #[test]
    fn the_second_command_is_told_who_is_at_work() {
        let root = tempdir().unwrap();
        let (lock, recovered) = Lock::take(root.path(), "scaffold sync", PATIENCE).unwrap();
        assert_eq!(recovered, Recovered::Nothing);
        let error = Lock::take(root.path(), "scaffold list", Duration::ZERO).unwrap_err();
        assert!(
            error.to_string().starts_with("`scaffold sync` (process "),
            "{error}"
        );
        drop(lock);
        Lock::take(root.path(), "scaffold list", Duration::ZERO).unwrap();
    }

    #[test]
    fn a_lock_that_was_given_back_is_free_even_while_a_copy_of_its_file_is_open() {
        let root = tempdir().unwrap();
        let (lock, _) = Lock::take(root.path(), "first", PATIENCE).unwrap();
        let inherited = lock.file.try_clone().unwrap();
        drop(lock);
        Lock::take(root.path(), "second", Duration::ZERO).unwrap();
        drop(inherited);
    }

    #[test]
    fn the_second_command_waits_for_the_first() {
        let root = tempdir().unwrap();
        let (lock, _) = Lock::take(root.path(), "first", PATIENCE).unwrap();
        std::thread::scope(|scope| {
            scope.spawn(|| Lock::take(root.path(), "second", PATIENCE).unwrap());
            sleep(Duration::from_millis(60));
            drop(lock);
        });
    }

    #[test]
    fn reading_takes_no_lock_and_writes_nothing() {
        let root = tempdir().unwrap();
        let found = recover_if_needed(root.path(), "scaffold list", Duration::ZERO).unwrap();
        assert_eq!(found, Recovered::Nothing);
        assert_eq!(fs::read_dir(root.path()).unwrap().count(), 0);
    }

    #[cfg(unix)]
    #[test]
    fn a_lock_behind_a_link_is_refused() {
        let root = tempdir().unwrap();
        let outside = tempdir().unwrap();
        std::os::unix::fs::symlink(outside.path(), root.path().join(".scaffold")).unwrap();
        assert!(Lock::take(root.path(), "x", Duration::ZERO).is_err());
        assert_eq!(fs::read_dir(outside.path()).unwrap().count(), 0);
    }
}
