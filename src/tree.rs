//! A tree of text files, held in memory.

use std::collections::BTreeMap;

use anyhow::{Result, bail};

/// Files by their path, which is relative to the project's root and written with `/`.
///
/// Sorted, so that the order in which things were added never shows. Every path in it has passed
/// [`check_path`], so none leads out of the project.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tree {
    files: BTreeMap<String, String>,
}

impl Tree {
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a file. Fails when the path is not one a project may hold, or is taken already.
    pub fn insert(&mut self, path: impl Into<String>, text: impl Into<String>) -> Result<()> {
        let path = path.into();
        check_path(&path)?;
        if self.files.contains_key(&path) {
            bail!("two files want to be `{path}`");
        }
        self.files.insert(path, text.into());
        Ok(())
    }

    pub fn get(&self, path: &str) -> Option<&str> {
        self.files.get(path).map(String::as_str)
    }

    pub fn contains(&self, path: &str) -> bool {
        self.files.contains_key(path)
    }

    pub fn remove(&mut self, path: &str) -> Option<String> {
        self.files.remove(path)
    }

    /// Keeps the files whose path `stays` accepts.
    pub fn retain(&mut self, stays: impl Fn(&str) -> bool) {
        self.files.retain(|path, _| stays(path));
    }

    /// Paths and texts, sorted by path.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.files.iter().map(|(path, text)| (&**path, &**text))
    }

    pub fn paths(&self) -> impl Iterator<Item = &str> {
        self.files.keys().map(String::as_str)
    }

    pub fn len(&self) -> usize {
        self.files.len()
    }

    pub fn is_empty(&self) -> bool {
        self.files.is_empty()
    }

    /// The paths at which two trees differ, sorted.
    pub fn differing<'a>(&'a self, other: &'a Tree) -> Vec<&'a str> {
        let mut paths: Vec<&str> = self
            .iter()
            .filter(|(path, text)| other.get(path) != Some(text))
            .map(|(path, _)| path)
            .chain(other.paths().filter(|path| !self.contains(path)))
            .collect();
        paths.sort_unstable();
        paths
    }
}

/// Device names of Windows, which cannot be file names there whatever their extension.
const DEVICES: [&str; 22] = [
    "con", "prn", "aux", "nul", "com1", "com2", "com3", "com4", "com5", "com6", "com7", "com8",
    "com9", "lpt1", "lpt2", "lpt3", "lpt4", "lpt5", "lpt6", "lpt7", "lpt8", "lpt9",
];

/// Accepts a path that stays inside the project and means the same on every operating system.
pub fn check_path(path: &str) -> Result<()> {
    if path.is_empty() {
        bail!("a file without a name");
    }
    for (depth, part) in path.split('/').enumerate() {
        if let Some(reason) = refusal(part, depth) {
            bail!("`{path}` cannot be the path of a file in a project: {reason}");
        }
    }
    Ok(())
}

fn refusal(part: &str, depth: usize) -> Option<&'static str> {
    let is_device = || {
        let stem = part.split('.').next().unwrap_or(part).trim_end();
        DEVICES.iter().any(|name| stem.eq_ignore_ascii_case(name))
    };
    if part.is_empty() {
        Some("it is absolute, or has an empty part")
    } else if part == "." || part == ".." {
        Some("it has `.` or `..` in it")
    } else if part.contains(|c: char| c.is_control() || "\\:*?\"<>|".contains(c)) {
        Some("it has a character that some systems forbid")
    } else if part.ends_with(['.', ' ']) {
        Some("a part of it ends with a full stop or a space")
    } else if is_device() {
        Some("Windows reserves that name")
    } else if part.eq_ignore_ascii_case(".git") {
        Some("it belongs to git")
    } else if depth == 0 && part.eq_ignore_ascii_case(".scaffold") {
        Some("it belongs to scaffold itself")
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ordinary_paths_are_accepted() {
        for path in [
            "Cargo.toml",
            ".github/workflows/ci.yml",
            "src/features/a/mod.rs",
            ".env.example",
            "src/console.rs",
            "events/nullable.json",
        ] {
            check_path(path).unwrap();
        }
    }

    #[test]
    fn paths_that_leave_the_project_or_break_a_system_are_refused() {
        for path in [
            "",
            "/etc/passwd",
            "../x",
            "a/../b",
            "a//b",
            "a/",
            "./a",
            "C:/x",
            "a\\b",
            "src/con.rs",
            "AUX",
            "src/Nul",
            "lpt1.txt",
            "a/b.",
            "a/b ",
            "a\0b",
            "a\nb",
            ".git/hooks/x",
            "sub/.GIT/config",
            ".scaffold/base/x",
        ] {
            assert!(check_path(path).is_err(), "{path:?}");
        }
    }

    #[test]
    fn two_files_cannot_share_a_path() {
        let mut tree = Tree::new();
        tree.insert("a", "1").unwrap();
        assert!(tree.insert("a", "2").is_err());
        assert_eq!(tree.get("a"), Some("1"));
    }

    #[test]
    fn differing_lists_changed_missing_and_added_paths() {
        let tree = |files: &[(&str, &str)]| {
            let mut tree = Tree::new();
            for (path, text) in files {
                tree.insert(*path, *text).unwrap();
            }
            tree
        };
        let left = tree(&[("a", "1"), ("b", "1"), ("c", "1")]);
        let right = tree(&[("b", "2"), ("c", "1"), ("d", "1")]);
        assert_eq!(left.differing(&right), ["a", "b", "d"]);
    }
}
