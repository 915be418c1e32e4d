//! Writes a whole new project: built beside its final place, then renamed into it, so that it appears complete or
//! not at all.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::fs::{self, File};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use anyhow::{Context, Result, bail};

use crate::base;
use crate::contents::{self, Contents};
use crate::tree::Tree;

/// The folders being built are called `.NAME.scaffold-new-PID`.
const INFIX: &str = ".scaffold-new-";

/// Where folders cannot be locked, one that was left behind is told from one in use by its age.
const ABANDONED_AFTER: Duration = Duration::from_secs(3600);

/// Writes `tree`, and the pristine copy of it, to `target`, which must be absent or an empty folder.
///
/// `finish` is called with the folder while it still has its temporary name; when it fails, nothing remains. The
/// files are not flushed one by one: the rename comes last, so a killed process leaves nothing under the final name,
/// and after a power cut the project is made again by the same command.
pub fn create_whole(
    target: &Path,
    tree: &Tree,
    finish: impl FnOnce(&Path) -> Result<()>,
) -> Result<()> {
    let place = Place::new(target)?;
    place.remove_abandoned();
    let building = Building::begin(&place)?;
    write_files(&building.folder, "", tree)?;
    write_files(&building.folder, base::FOLDER, tree)?;
    let contents = building.folder.join(base::FOLDER).join(contents::FILE);
    fs::write(&contents, Contents::of(tree).to_text()).with_context(|| cannot_make(&contents))?;
    finish(&building.folder)?;
    building.rename_to(&place)
}

/// Refuses what [`create_whole`] would refuse, without writing anything: for a dry run.
pub fn check_target(target: &Path) -> Result<()> {
    Place::new(target).map(drop)
}

/// A place where a project can be made.
struct Place {
    target: PathBuf,
    /// The nearest folder above the target that exists.
    existing: PathBuf,
    parent: PathBuf,
    name: OsString,
    /// The permissions of the empty folder that is there already.
    permissions: Option<fs::Permissions>,
}

impl Place {
    fn new(target: &Path) -> Result<Self> {
        let target = std::path::absolute(target)
            .with_context(|| format!("cannot make out the path `{}`", target.display()))?;
        let shown = target.display();
        let (Some(parent), Some(name)) = (target.parent(), target.file_name()) else {
            bail!(
                "`{shown}` cannot be made into a project\nhelp: name a folder that does not exist yet"
            );
        };
        let permissions = match fs::symlink_metadata(&target) {
            Err(error)
                if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) =>
            {
                None
            }
            Err(error) => return Err(error).with_context(|| format!("cannot look at `{shown}`")),
            Ok(found) if found.is_dir() => {
                refuse_unless_empty(&target)?;
                Some(found.permissions())
            }
            Ok(_) => bail!(
                "`{shown}` exists and is not a folder\nhelp: choose another name, or move it away"
            ),
        };
        let existing = parent
            .ancestors()
            .find(|folder| folder.exists())
            .unwrap_or(parent)
            .to_owned();
        if !existing.is_dir() {
            bail!(
                "`{}` is not a folder\nhelp: choose another place with `--path`",
                existing.display()
            );
        }
        Ok(Self {
            existing,
            parent: parent.to_owned(),
            name: name.to_owned(),
            permissions,
            target,
        })
    }

    /// Removes what earlier runs left behind when they were killed. Only a help: what cannot be removed stays.
    fn remove_abandoned(&self) {
        for entry in fs::read_dir(&self.parent).into_iter().flatten().flatten() {
            let name = entry.file_name();
            let name = name.to_string_lossy();
            let is_ours = name.starts_with('.')
                && name.rsplit_once(INFIX).is_some_and(|(_, rest)| {
                    !rest.is_empty() && rest.bytes().all(|b| b.is_ascii_digit() || b == b'-')
                });
            if is_ours
                && entry.file_type().is_ok_and(|kind| kind.is_dir())
                && is_abandoned(&entry.path())
            {
                let _ = fs::remove_dir_all(entry.path());
            }
        }
    }
}

fn refuse_unless_empty(folder: &Path) -> Result<()> {
    let shown = folder.display();
    let mut entries = fs::read_dir(folder).with_context(|| format!("cannot read `{shown}`"))?;
    if entries.next().is_some() {
        bail!("`{shown}` is not empty\nhelp: choose another name, or another place with `--path`");
    }
    let here = std::env::current_dir().and_then(fs::canonicalize).ok();
    if here.is_some() && here == fs::canonicalize(folder).ok() {
        bail!(
            "`{shown}` is the current folder, which cannot be replaced from inside\nhelp: run this from the folder above it"
        );
    }
    Ok(())
}

fn is_abandoned(folder: &Path) -> bool {
    let age = fs::metadata(folder)
        .and_then(|found| found.modified())
        .ok()
        .and_then(|at| SystemTime::now().duration_since(at).ok())
        .unwrap_or_default();
    match File::open(folder).map(|opened| opened.try_lock()) {
        // The folder may have been made an instant ago and not be locked yet.
        Ok(Ok(())) => age > Duration::from_secs(10),
        Ok(Err(fs::TryLockError::WouldBlock)) => false,
        Ok(Err(fs::TryLockError::Error(_))) | Err(_) => age > ABANDONED_AFTER,
    }
}

/// A folder under its temporary name; removed when dropped before it was renamed.
struct Building {
    folder: PathBuf,
    /// Folders above it that were missing, outermost first.
    made: Vec<PathBuf>,
    /// Tells other runs that this folder is in use; the system releases it when this process ends.
    _lock: Option<File>,
}

impl Building {
    fn begin(place: &Place) -> Result<Self> {
        let mut building = Self {
            folder: PathBuf::new(),
            made: Vec::new(),
            _lock: None,
        };
        let missing: Vec<&Path> = place
            .parent
            .ancestors()
            .take_while(|folder| *folder != place.existing)
            .collect();
        for folder in missing.into_iter().rev() {
            fs::create_dir(folder).with_context(|| cannot_make(folder))?;
            building.made.push(folder.to_owned());
        }
        for attempt in 0.. {
            let mut name = OsString::from(".");
            name.push(&place.name);
            name.push(format!("{INFIX}{}-{attempt}", std::process::id()));
            let folder = place.parent.join(name);
            match fs::create_dir(&folder) {
                Ok(()) => {
                    building._lock = File::open(&folder)
                        .ok()
                        .filter(|opened| opened.try_lock().is_ok());
                    building.folder = folder;
                    break;
                }
                Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
                Err(error) => return Err(error).with_context(|| cannot_make(&place.target)),
            }
        }
        Ok(building)
    }

    fn rename_to(mut self, place: &Place) -> Result<()> {
        if let Some(permissions) = &place.permissions {
            fs::set_permissions(&self.folder, permissions.clone())
                .with_context(|| cannot_make(&place.target))?;
            // Fails when something was put there meanwhile, and on Windows a folder cannot be renamed onto another.
            fs::remove_dir(&place.target)
                .with_context(|| format!("`{}` cannot be replaced", place.target.display()))?;
        } else if fs::symlink_metadata(&place.target).is_ok() {
            bail!(
                "`{}` appeared while it was being made",
                place.target.display()
            );
        }
        fs::rename(&self.folder, &place.target).with_context(|| cannot_make(&place.target))?;
        self.folder = PathBuf::new();
        self.made.clear();
        Ok(())
    }
}

impl Drop for Building {
    fn drop(&mut self) {
        if !self.folder.as_os_str().is_empty() {
            let _ = fs::remove_dir_all(&self.folder);
        }
        for folder in self.made.iter().rev() {
            let _ = fs::remove_dir(folder);
        }
    }
}

fn write_files(root: &Path, prefix: &str, tree: &Tree) -> Result<()> {
    let root = root.join(prefix);
    fs::create_dir_all(&root).with_context(|| cannot_make(&root))?;
    let mut made = BTreeSet::new();
    for (path, text) in tree.iter() {
        for (end, _) in path.match_indices('/') {
            let folder = &path[..end];
            if made.insert(folder) {
                fs::create_dir(root.join(folder))
                    .with_context(|| format!("cannot make `{folder}`"))?;
            }
        }
        fs::write(root.join(path), text).with_context(|| format!("cannot write `{path}`"))?;
    }
    Ok(())
}

fn cannot_make(path: &Path) -> String {
    format!("cannot make `{}`", path.display())
}

#[cfg(test)]
mod tests {
    use super::*;
    use tempfile::tempdir;

    fn tree() -> Tree {
        let mut tree = Tree::new();
        tree.insert("Cargo.toml", "[package]\n").unwrap();
        tree.insert("src/main.rs", "fn main() {}\n").unwrap();
        tree
    }

    fn names(folder: &Path) -> Vec<String> {
        let mut names: Vec<_> = fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    #[test]
    fn a_project_and_its_pristine_copy_appear() {
        let place = tempdir().unwrap();
        let target = place.path().join("deep/er/my-api");
        create_whole(&target, &tree(), |folder| {
            assert_ne!(folder, target);
            assert!(!target.exists());
            Ok(())
        })
        .unwrap();
        assert_eq!(
            fs::read_to_string(target.join("src/main.rs")).unwrap(),
            "fn main() {}\n"
        );
        assert_eq!(base::read_all(&target).unwrap(), tree());
        assert_eq!(names(target.parent().unwrap()), ["my-api"]);
    }

    #[test]
    fn an_empty_folder_is_filled_and_keeps_its_mode() {
        let place = tempdir().unwrap();
        let target = place.path().join("my-api");
        fs::create_dir(&target).unwrap();
        let mode = fs::metadata(&target).unwrap().permissions();
        create_whole(&target, &tree(), |_| Ok(())).unwrap();
        assert!(target.join("Cargo.toml").exists());
        assert_eq!(fs::metadata(&target).unwrap().permissions(), mode);
    }

    #[test]
    fn what_is_there_already_is_never_touched() {
        let place = tempdir().unwrap();
        fs::create_dir(place.path().join("full")).unwrap();
        fs::write(place.path().join("full/x"), "mine").unwrap();
        fs::write(place.path().join("file"), "mine").unwrap();
        for name in ["full", "file", "file/below"] {
            let error = create_whole(&place.path().join(name), &tree(), |_| Ok(())).unwrap_err();
            assert!(error.to_string().contains("help:"), "{error}");
            assert!(check_target(&place.path().join(name)).is_err());
        }
        assert_eq!(names(place.path()), ["file", "full"]);
        assert_eq!(names(&place.path().join("full")), ["x"]);
    }

    #[cfg(unix)]
    #[test]
    fn a_symlink_in_the_place_is_refused_even_when_it_leads_to_an_empty_folder() {
        let place = tempdir().unwrap();
        fs::create_dir(place.path().join("elsewhere")).unwrap();
        std::os::unix::fs::symlink("elsewhere", place.path().join("link")).unwrap();
        assert!(create_whole(&place.path().join("link"), &tree(), |_| Ok(())).is_err());
        assert_eq!(names(&place.path().join("elsewhere")), [""; 0]);
    }

    #[test]
    fn when_the_last_step_fails_nothing_remains() {
        let place = tempdir().unwrap();
        let target = place.path().join("deep/my-api");
        let error = create_whole(&target, &tree(), |_| bail!("git is missing")).unwrap_err();
        assert_eq!(error.to_string(), "git is missing");
        assert_eq!(names(place.path()), [""; 0]);
    }

    #[test]
    fn a_folder_left_behind_is_removed_and_one_in_use_is_not() {
        let place = tempdir().unwrap();
        let old = SystemTime::now() - Duration::from_secs(2 * 3600);
        for name in [
            ".a.scaffold-new-1-0",
            ".b.scaffold-new-2-0",
            ".c.scaffold-new-mine",
            ".d.scaffold-new-3-0",
        ] {
            fs::create_dir(place.path().join(name)).unwrap();
            if name != ".d.scaffold-new-3-0" {
                File::open(place.path().join(name))
                    .unwrap()
                    .set_modified(old)
                    .unwrap();
            }
        }
        let in_use = File::open(place.path().join(".b.scaffold-new-2-0")).unwrap();
        in_use.lock().unwrap();
        create_whole(&place.path().join("my-api"), &tree(), |_| Ok(())).unwrap();
        assert_eq!(
            names(place.path()),
            [
                ".b.scaffold-new-2-0",
                ".c.scaffold-new-mine",
                ".d.scaffold-new-3-0",
                "my-api"
            ]
        );
    }
}
