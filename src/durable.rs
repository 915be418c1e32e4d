//! The few kinds of write that changing a project is made of. Each names its path when it fails, and each is a step at
//! which the tests let the process die.

use std::fs::{self, File, OpenOptions, Permissions};
use std::io::{self, ErrorKind, Write};
use std::panic::resume_unwind;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use anyhow::{Context, Result};

use crate::fault;

/// Writes a new file.
pub fn write(path: &Path, bytes: &[u8], permissions: Option<Permissions>) -> Result<()> {
    create(path, bytes, permissions)
        .map(drop)
        .with_context(|| cannot_write(path))
}

/// Writes a new file and waits until it is on the disk.
pub fn write_through(path: &Path, bytes: &[u8], permissions: Option<Permissions>) -> Result<()> {
    create(path, bytes, permissions)
        .and_then(|file| {
            fault::step()?;
            file.sync_all()
        })
        .with_context(|| cannot_write(path))
}

/// Waits until files that were written are on the disk.
pub fn sync_files(paths: &[PathBuf]) -> Result<()> {
    side_by_side(paths, |path| {
        // Windows flushes only what is open for writing.
        let file = OpenOptions::new()
            .read(true)
            .write(cfg!(windows))
            .open(path);
        file.and_then(|file| file.sync_all())
            .with_context(|| cannot_write(path))
    })
}

/// Waits until the names in folders are on the disk. Only Unix can, and needs to.
pub fn sync_folders(paths: &[PathBuf]) -> Result<()> {
    side_by_side(paths, |path| {
        if cfg!(unix) {
            unless_absent(File::open(path).and_then(|folder| folder.sync_all()))
                .with_context(|| format!("cannot write the folder `{}`", path.display()))
        } else {
            Ok(())
        }
    })
}

/// Waits for many things at once, for which a file system needs little more time than for one.
fn side_by_side(paths: &[PathBuf], wait: impl Fn(&Path) -> Result<()> + Sync) -> Result<()> {
    for path in paths {
        fault::step().with_context(|| cannot_write(path))?;
    }
    let next = AtomicUsize::new(0);
    let work = || {
        while let Some(path) = paths.get(next.fetch_add(1, Ordering::Relaxed)) {
            wait(path)?;
        }
        Ok(())
    };
    if paths.len() < 2 {
        return work();
    }
    thread::scope(|scope| {
        let threads = (0..paths.len().min(AT_ONCE)).map(|_| scope.spawn(work));
        let threads: Vec<_> = threads.collect();
        let mut results = threads.into_iter().map(|thread| thread.join());
        results.try_for_each(|result| result.unwrap_or_else(|panic| resume_unwind(panic)))
    })
}

/// More than this gains nothing: they wait for each other.
const AT_ONCE: usize = 16;

fn create(path: &Path, bytes: &[u8], permissions: Option<Permissions>) -> io::Result<File> {
    fault::step()?;
    let mut file = File::create_new(path)?;
    fault::step()?;
    file.write_all(bytes)?;
    if let Some(permissions) = permissions {
        file.set_permissions(permissions)?;
    }
    Ok(file)
}

fn cannot_write(path: &Path) -> String {
    format!("cannot write `{}`", path.display())
}

pub fn rename(from: &Path, to: &Path) -> Result<()> {
    fault::step()
        .and_then(|()| fs::rename(from, to))
        .with_context(|| format!("cannot put `{}` in its place", to.display()))
}

/// Gives a file a second name, or a copy where the file system knows no second names.
pub fn link_or_copy(from: &Path, to: &Path) -> Result<()> {
    fault::step()
        .and_then(|()| {
            fs::hard_link(from, to).or_else(|_| {
                fs::copy(from, to)?;
                File::open(to)?.sync_all()
            })
        })
        .with_context(|| format!("cannot copy `{}`", from.display()))
}

pub fn remove_file(path: &Path) -> Result<()> {
    let removed = fault::step().and_then(|()| fs::remove_file(path));
    unless_absent(removed).with_context(|| format!("cannot remove `{}`", path.display()))
}

pub fn create_folder(path: &Path) -> Result<()> {
    fault::step()
        .and_then(|()| fs::create_dir_all(path))
        .with_context(|| format!("cannot make the folder `{}`", path.display()))
}

/// Removes a folder if it is empty; one that is not stays, without an error.
pub fn remove_folder_if_empty(path: &Path) -> Result<()> {
    fault::step().with_context(|| format!("cannot remove `{}`", path.display()))?;
    let _ = fs::remove_dir(path);
    Ok(())
}

pub fn remove_folder_with_contents(path: &Path) -> Result<()> {
    let removed = fault::step().and_then(|()| fs::remove_dir_all(path));
    unless_absent(removed).with_context(|| format!("cannot remove `{}`", path.display()))
}

fn unless_absent(result: io::Result<()>) -> io::Result<()> {
    match result {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
        result => result,
    }
}
