//! The files of a project that a check is about: listed once, read when asked for, never followed out of the project.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use walkdir::WalkDir;

use crate::disk::{self, OnDisk};

/// Folders of the root in which nothing is written by hand.
const SKIPPED: [&str; 2] = ["target", "node_modules"];

/// The files below a root, by their path with `/`.
#[derive(Debug)]
pub struct Files {
    root: PathBuf,
    found: BTreeMap<String, Sort>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Sort {
    Ordinary,
    /// A link, a socket: it is there, and is not looked into.
    Strange,
}

impl Files {
    pub fn list(root: &Path) -> Self {
        let walk = WalkDir::new(root).into_iter().filter_entry(|entry| {
            let name = entry.file_name().to_string_lossy();
            let is_hidden = entry.depth() > 0 && name.starts_with('.') && name != ".env.example";
            let is_skipped = entry.depth() == 1 && SKIPPED.contains(&&*name);
            !is_hidden && !is_skipped
        });
        let found = walk.flatten().filter_map(|entry| {
            let path = entry.path().strip_prefix(root).ok()?.to_str()?;
            let path = path.replace(std::path::MAIN_SEPARATOR, "/");
            let sort = if entry.file_type().is_file() {
                Sort::Ordinary
            } else if entry.file_type().is_dir() {
                return None;
            } else {
                Sort::Strange
            };
            Some((path, sort))
        });
        Self {
            root: root.to_owned(),
            found: found.collect(),
        }
    }

    pub fn paths(&self) -> impl Iterator<Item = &str> {
        self.found.keys().map(String::as_str)
    }

    /// Whether something is there, be it a file that can be read or not.
    pub fn contains(&self, path: &str) -> bool {
        self.found.contains_key(path)
    }

    /// Whether it is something else than a file, such as a link.
    pub fn is_strange(&self, path: &str) -> bool {
        self.found.get(path) == Some(&Sort::Strange)
    }

    /// The text of a file, or what is the matter with it, as the end of a sentence about it.
    pub fn text(&self, path: &str) -> Result<String, String> {
        // The walk went into no link, so what it found is not asked for again.
        let found = match self.found.get(path) {
            Some(Sort::Ordinary) => disk::text_of(&self.root.join(path)),
            _ => disk::look_at(&self.root, path),
        };
        match found {
            OnDisk::Text(text) => Ok(text),
            OnDisk::Absent => Err("is not there".to_owned()),
            OnDisk::Unusable(what) => Err(what),
        }
    }
}
