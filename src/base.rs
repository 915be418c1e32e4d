//! The pristine copy in `.scaffold/base/`: what scaffold wrote last, which every merge starts from.

use std::collections::BTreeSet;
use std::fs;
use std::io::ErrorKind;
use std::path::Path;

use anyhow::{Context, Result};
use walkdir::WalkDir;

use crate::contents::{self, Contents};
use crate::digest::Digest;
use crate::disk::OnDisk;
use crate::lines::{has_merge_markers, same_content};
use crate::tree::{Tree, check_path};

#[cfg(test)]
mod tests;

/// Where the copy is, below the project's root.
pub const FOLDER: &str = ".scaffold/base";

/// The pristine texts of some files, as far as they are known.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Base {
    pub tree: Tree,
    /// Missing or damaged in `.scaffold/base/`; their text in `tree` comes from elsewhere.
    pub restored: Vec<String>,
    /// On the disk, but nothing tells what scaffold once wrote there.
    pub unknown: BTreeSet<String>,
}

/// All that tells what scaffold wrote last.
#[derive(Clone, Copy, Debug)]
pub struct Evidence<'a> {
    /// The copies in `.scaffold/base/`.
    pub copies: &'a Tree,
    /// The list of them. None in a project that is older than such lists, or that has lost it.
    pub contents: Option<&'a Contents>,
    /// The project as it was, rendered. None if another build wrote it, of which this one knows nothing.
    pub rendered: Option<&'a Tree>,
    /// The project as it is to be, rendered.
    pub theirs: &'a Tree,
}

impl Evidence<'_> {
    /// Every path that anything is known of.
    pub fn paths(&self) -> BTreeSet<&str> {
        let listed = self.contents.into_iter().flat_map(Contents::paths);
        let rendered = self.rendered.into_iter().flat_map(Tree::paths);
        let known = self.copies.paths().chain(listed).chain(rendered);
        known.chain(self.theirs.paths()).collect()
    }
}

/// Decides what scaffold wrote last for each of `paths`. `look` says what is on the disk now, and is asked only where
/// the copy is not sound.
///
/// A copy is sound when it is what the list says or what is rendered; or when the list does not know it, since then it
/// comes from an older scaffold, or from a branch whose list was lost in a merge.
pub fn settle<'p>(
    evidence: &Evidence<'_>,
    paths: impl IntoIterator<Item = &'p str>,
    look: impl Fn(&str) -> OnDisk,
) -> Result<Base> {
    let mut base = Base::default();
    for path in paths {
        match evidence.of_path(path, &look) {
            Known::Nothing => {}
            Known::Text(text) => base.tree.insert(path, text)?,
            Known::Restored(text) => {
                base.tree.insert(path, text)?;
                base.restored.push(path.to_owned());
            }
            Known::Lost => {
                base.unknown.insert(path.to_owned());
            }
        }
    }
    Ok(base)
}

/// What is known of one file.
enum Known {
    /// It was never written.
    Nothing,
    Text(String),
    /// Its copy is not sound, and this is the best substitute.
    Restored(String),
    /// It was written, but nobody knows how.
    Lost,
}

impl Evidence<'_> {
    fn of_path(&self, path: &str, look: impl Fn(&str) -> OnDisk) -> Known {
        let copy = self.copies.get(path);
        let rendered = self.rendered.and_then(|tree| tree.get(path));
        let digests: Vec<Digest> = match self.contents {
            Some(contents) => contents.of_path(path).collect(),
            None => Vec::new(),
        };
        let is_listed = |text: &str| digests.contains(&Digest::of(text.as_bytes()));
        let is_sound =
            |copy: &&str| digests.is_empty() || is_listed(copy) || rendered == Some(*copy);
        let sound = copy.filter(is_sound);
        // Two digests: git merged two copies into this one, and the user may have chosen one of the two files.
        let was_merged = digests.len() > 1;
        if let Some(copy) = sound.filter(|_| !was_merged) {
            return Known::Text(copy.to_owned());
        }
        let ours = match look(path) {
            OnDisk::Absent => None,
            OnDisk::Text(text) => Some(text.replace("\r\n", "\n")),
            OnDisk::Unusable(_) => Some(String::new()),
        };
        // A file that the user left alone is its own pristine copy.
        let unedited = ours.as_deref().filter(|ours| is_listed(ours));
        match (unedited, sound) {
            (Some(ours), copy) if copy != Some(ours) => return Known::Restored(ours.to_owned()),
            (_, Some(copy)) => return Known::Text(copy.to_owned()),
            (_, None) => {}
        }
        let is_all_lost = self.contents.is_none() && self.copies.is_empty();
        match (rendered, ours, self.theirs.get(path)) {
            // Not written by the build that made the list: it is new.
            (_, None, _) if digests.is_empty() => Known::Nothing,
            (None, Some(_), _) if digests.is_empty() && !is_all_lost => Known::Nothing,
            (Some(rendered), _, _) => Known::Restored(rendered.to_owned()),
            // To be deleted: unless it is gone, the user is asked.
            (None, _, None) => Known::Restored(String::new()),
            (None, None, Some(theirs)) => Known::Restored(theirs.to_owned()),
            (None, Some(ours), Some(theirs)) if same_content(&ours, theirs) => {
                Known::Restored(theirs.to_owned())
            }
            (None, Some(_), Some(_)) => match copy.filter(|_| was_merged) {
                Some(merged) => Known::Restored(merged.to_owned()),
                None => Known::Lost,
            },
        }
    }
}

/// Reads the pristine copies of `paths`. Damaged ones are left out, as if they were missing.
pub fn read<'p>(root: &Path, paths: impl IntoIterator<Item = &'p str>) -> Result<Tree> {
    let mut tree = Tree::new();
    for path in paths {
        if let Some(copy) = read_one(root, path)? {
            tree.insert(path, copy)?;
        }
    }
    Ok(tree)
}

/// Reads the list of the pristine copies, if there is one.
pub fn read_contents(root: &Path) -> Result<Option<Contents>> {
    let file = root.join(FOLDER).join(contents::FILE);
    let text = read_bytes(&file)?.map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
    Ok(text.and_then(|text| Contents::parse(&text)))
}

/// Reads every pristine copy there is: for `sync`, which must also see files that are rendered no longer. Damaged
/// copies are left out, as if they were missing.
pub fn read_all(root: &Path) -> Result<Tree> {
    let folder = root.join(FOLDER);
    let mut tree = Tree::new();
    if !folder.is_dir() {
        return Ok(tree);
    }
    for entry in WalkDir::new(&folder).sort_by_file_name() {
        let entry = entry.with_context(|| format!("cannot read `{FOLDER}`"))?;
        if !entry.file_type().is_file() {
            continue;
        }
        let Ok(inside) = entry.path().strip_prefix(&folder) else {
            continue;
        };
        let parts: Option<Vec<&str>> = inside.iter().map(|part| part.to_str()).collect();
        let Some(path) = parts.map(|parts| parts.join("/")) else {
            continue;
        };
        if path != contents::FILE
            && check_path(&path).is_ok()
            && let Some(copy) = read_copy(entry.path())?
        {
            tree.insert(path, copy)?;
        }
    }
    Ok(tree)
}

/// Reads the pristine copy of one file, if there is a sound one.
pub fn read_one(root: &Path, path: &str) -> Result<Option<String>> {
    read_copy(&root.join(FOLDER).join(path))
}

/// `None` when the copy is missing or damaged: not text, empty after a power cut, or with the marks of an unfinished
/// git merge in it.
fn read_copy(file: &Path) -> Result<Option<String>> {
    let text = read_bytes(file)?.and_then(|bytes| String::from_utf8(bytes).ok());
    Ok(text
        .filter(|text| !text.is_empty() && !has_merge_markers(text))
        // A checkout on Windows may have changed the line ends; scaffold itself only writes `\n`.
        .map(|text| text.replace("\r\n", "\n")))
}

fn read_bytes(file: &Path) -> Result<Option<Vec<u8>>> {
    // Reading a pipe would wait for whoever writes into it, and a link may lead anywhere.
    if fs::symlink_metadata(file).is_ok_and(|entry| !entry.is_file()) {
        return Ok(None);
    }
    match fs::read(file) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {
            Ok(None)
        }
        Err(error) => Err(error).with_context(|| format!("cannot read `{}`", file.display())),
    }
}
