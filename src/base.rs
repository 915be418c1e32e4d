//! The pristine copy in `.scaffold/base/`: what scaffold wrote last, which every merge starts from.

use std::fs;
use std::io::ErrorKind;
use std::path::Path;

use anyhow::{Context, Result};
use walkdir::WalkDir;

use crate::lines::has_merge_markers;
use crate::tree::{Tree, check_path};

/// Where the copy is, below the project's root.
pub const FOLDER: &str = ".scaffold/base";

/// The pristine texts of some files, and the paths that had to be rendered afresh.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Base {
    pub tree: Tree,
    /// Missing or damaged in `.scaffold/base/`; their text in `tree` is the rendered one.
    pub restored: Vec<String>,
}

/// Reads the pristine copies of the files in `rendered`, which is the project rendered as it was before the command.
///
/// A copy that exists is trusted, since an older scaffold may have written it; a missing or damaged one is
/// replaced by the rendered text.
pub fn read(root: &Path, rendered: &Tree) -> Result<Base> {
    let mut base = Base::default();
    for (path, text) in rendered.iter() {
        match read_copy(&root.join(FOLDER).join(path))? {
            Some(copy) => base.tree.insert(path, copy)?,
            None if text.is_empty() => base.tree.insert(path, text)?,
            None => {
                base.tree.insert(path, text)?;
                base.restored.push(path.to_owned());
            }
        }
    }
    Ok(base)
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
        if check_path(&path).is_ok()
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
    match fs::read(file) {
        Ok(bytes) => Ok(String::from_utf8(bytes)
            .ok()
            .filter(|text| !text.is_empty() && !has_merge_markers(text))
            // A checkout on Windows may have changed the line ends; scaffold itself only writes `\n`.
            .map(|text| text.replace("\r\n", "\n"))),
        Err(error)
            if matches!(
                error.kind(),
                ErrorKind::NotFound | ErrorKind::NotADirectory | ErrorKind::IsADirectory
            ) =>
        {
            Ok(None)
        }
        Err(error) => Err(error).with_context(|| format!("cannot read `{}`", file.display())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tempfile::tempdir;

    #[test]
    fn missing_and_damaged_copies_are_rendered_afresh_and_others_trusted() {
        let root = tempdir().unwrap();
        let folder = root.path().join(FOLDER);
        fs::create_dir_all(folder.join("src")).unwrap();
        fs::write(folder.join("src/old.rs"), "// by an older scaffold\r\n").unwrap();
        fs::write(folder.join("binary"), [0xff, 0xfe]).unwrap();
        fs::write(folder.join("empty"), "").unwrap();
        fs::write(
            folder.join("merging"),
            "<<<<<<< HEAD\na\n=======\nb\n>>>>>>> x\n",
        )
        .unwrap();
        let mut rendered = Tree::new();
        for path in ["src/old.rs", "binary", "empty", "merging", "src/gone.rs"] {
            rendered.insert(path, "fresh\n").unwrap();
        }
        let base = read(root.path(), &rendered).unwrap();
        assert_eq!(
            base.tree.get("src/old.rs"),
            Some("// by an older scaffold\n")
        );
        assert_eq!(base.restored, ["binary", "empty", "merging", "src/gone.rs"]);
        assert_eq!(base.tree.get("binary"), Some("fresh\n"));
        assert_eq!(
            read_all(root.path()).unwrap().paths().collect::<Vec<_>>(),
            ["src/old.rs"]
        );
    }

    #[test]
    fn a_project_without_a_copy_has_an_empty_one() {
        assert!(read_all(tempdir().unwrap().path()).unwrap().is_empty());
    }
}
