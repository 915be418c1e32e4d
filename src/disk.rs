//! What is on the disk now: read, never followed out of the project, and handed on as a value.

use std::collections::BTreeMap;
use std::fs::{self, Metadata};
use std::io::ErrorKind;
use std::path::Path;

/// The state of one path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OnDisk {
    Absent,
    Text(String),
    /// There is something that cannot be merged with; says what, as the end of a sentence about it.
    Unusable(String),
}

/// The states of the paths a plan is about; a path that was not looked at counts as absent.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ours(pub BTreeMap<String, OnDisk>);

impl Ours {
    pub fn get(&self, path: &str) -> &OnDisk {
        self.0.get(path).unwrap_or(&OnDisk::Absent)
    }
}

/// Looks at `paths` below `root`.
pub fn read<'a>(root: &Path, paths: impl IntoIterator<Item = &'a str>) -> Ours {
    let mut folders = Folders::new();
    let states = paths
        .into_iter()
        .map(|path| (path.to_owned(), look(root, path, &mut folders)));
    Ours(states.collect())
}

/// Looks at one path.
pub fn look_at(root: &Path, path: &str) -> OnDisk {
    look(root, path, &mut Folders::new())
}

fn look(root: &Path, path: &str, folders: &mut Folders) -> OnDisk {
    match find(root, path, folders) {
        Found::Absent => OnDisk::Absent,
        Found::Unusable(what) => OnDisk::Unusable(what),
        Found::File(_) => text_of(&root.join(path)),
    }
}

/// Reads what is known to be an ordinary file that real folders lead to.
pub fn text_of(file: &Path) -> OnDisk {
    match fs::read(file).map(String::from_utf8) {
        Ok(Ok(text)) => OnDisk::Text(text),
        Ok(Err(_)) => OnDisk::Unusable("is not UTF-8 text".to_owned()),
        Err(error) => OnDisk::Unusable(format!("cannot be read: {error}")),
    }
}

/// What is at a path, before it is read.
pub enum Found {
    Absent,
    File(Metadata),
    Unusable(String),
}

/// The folders that were looked at already.
pub type Folders = BTreeMap<String, Folder>;

/// Finds an ordinary file that is reached through real folders only.
pub fn find(root: &Path, path: &str, folders: &mut Folders) -> Found {
    for (end, _) in path.match_indices('/') {
        let folder = &path[..end];
        let state = folders
            .entry(folder.to_owned())
            .or_insert_with(|| Folder::look(root, folder));
        match state {
            Folder::There => {}
            Folder::Absent => return Found::Absent,
            Folder::Unusable(what) => return Found::Unusable(what.clone()),
        }
    }
    match fs::symlink_metadata(root.join(path)) {
        Err(error) if error.kind() == ErrorKind::NotFound => Found::Absent,
        Err(error) => Found::Unusable(format!("cannot be looked at: {error}")),
        Ok(found) if found.is_symlink() => Found::Unusable("is a symbolic link".to_owned()),
        Ok(found) if found.is_dir() => Found::Unusable("is a folder".to_owned()),
        Ok(found) if !found.is_file() => Found::Unusable("is not an ordinary file".to_owned()),
        Ok(found) => Found::File(found),
    }
}

pub enum Folder {
    There,
    Absent,
    Unusable(String),
}

impl Folder {
    fn look(root: &Path, folder: &str) -> Self {
        match fs::symlink_metadata(root.join(folder)) {
            Err(error) if error.kind() == ErrorKind::NotFound => Self::Absent,
            Err(error) => Self::Unusable(format!(
                "is in `{folder}`, which cannot be looked at: {error}"
            )),
            Ok(found) if found.is_dir() => Self::There,
            Ok(found) if found.is_symlink() => {
                Self::Unusable(format!("is in `{folder}`, which is a symbolic link"))
            }
            Ok(_) => Self::Unusable(format!("is in `{folder}`, which is not a folder")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tempfile::tempdir;

    #[test]
    fn files_are_read_and_everything_else_is_named() {
        let root = tempdir().unwrap();
        fs::create_dir(root.path().join("src")).unwrap();
        fs::write(root.path().join("src/a.rs"), "\u{feff}a\r\n").unwrap();
        fs::write(root.path().join("binary"), [0xff]).unwrap();
        let ours = read(
            root.path(),
            [
                "src/a.rs",
                "src/none.rs",
                "none/x",
                "src",
                "binary",
                "binary/x",
            ],
        );
        assert_eq!(
            ours.get("src/a.rs"),
            &OnDisk::Text("\u{feff}a\r\n".to_owned())
        );
        assert_eq!(ours.get("src/none.rs"), &OnDisk::Absent);
        assert_eq!(ours.get("none/x"), &OnDisk::Absent);
        for path in ["src", "binary", "binary/x"] {
            assert!(matches!(ours.get(path), OnDisk::Unusable(_)), "{path}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn links_are_not_followed() {
        let root = tempdir().unwrap();
        let outside = tempdir().unwrap();
        fs::write(outside.path().join("a"), "a").unwrap();
        std::os::unix::fs::symlink(outside.path(), root.path().join("folder")).unwrap();
        std::os::unix::fs::symlink(outside.path().join("a"), root.path().join("file")).unwrap();
        for path in ["folder/a", "folder/new", "file"] {
            assert!(
                matches!(look_at(root.path(), path), OnDisk::Unusable(_)),
                "{path}"
            );
        }
    }
}
