//! The few kinds of write that changing a project is made of. Each names its path when it fails, and each is a step at
//! which the tests let the process die.

use std::fs::{self, File, Permissions};
use std::io::{self, ErrorKind, Write};
use std::path::Path;

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

/// Waits until the names in a folder are on the disk. Only Unix can, and needs to.
pub fn sync_folder(path: &Path) -> Result<()> {
    fault::step()
        .and_then(|()| {
            if cfg!(unix) {
                unless_absent(File::open(path).and_then(|folder| folder.sync_all()))
            } else {
                Ok(())
            }
        })
        .with_context(|| format!("cannot write the folder `{}`", path.display()))
}

fn unless_absent(result: io::Result<()>) -> io::Result<()> {
    match result {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
        result => result,
    }
}
