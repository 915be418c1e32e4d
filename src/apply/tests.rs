use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;
use std::time::Duration;

use tempfile::{TempDir, tempdir};
use walkdir::WalkDir;

use super::*;
use crate::base::Base;
use crate::exclusive::{PATIENCE, Recovered};
use crate::fault::{self, Fault, KILLED};
use crate::journal::recover;
use crate::plan::plan_at;
use crate::tree::Tree;

fn tree(files: &[(&str, &str)]) -> Tree {
    let mut tree = Tree::new();
    for (path, text) in files {
        tree.insert(*path, *text).unwrap();
    }
    tree
}

fn old() -> Tree {
    tree(&[
        ("Cargo.toml", "[package]\nname = \"a\"\n"),
        ("src/lib.rs", "pub mod old;\n"),
        ("src/old/mod.rs", "//! Old.\n"),
        ("src/old/deep/mod.rs", "//! Deep.\n"),
        ("run.sh", "echo old\n"),
    ])
}

fn new() -> Tree {
    tree(&[
        ("Cargo.toml", "[package]\nname = \"a\"\nversion = \"1\"\n"),
        ("src/lib.rs", "pub mod new;\n"),
        ("src/new/deep/mod.rs", "//! New.\n"),
        ("src/new/mod.rs", "//! New.\n"),
        ("run.sh", "echo new\n"),
    ])
}

/// A folder to work in; in memory where there is such a place, since these tests wait for the disk very often.
fn folder() -> TempDir {
    let memory = Path::new("/dev/shm");
    if memory.is_dir() {
        tempfile::tempdir_in(memory).unwrap()
    } else {
        tempdir().unwrap()
    }
}

/// A project as [`old`] with a user's edits in it, and its pristine copy.
fn project() -> TempDir {
    let place = folder();
    let root = place.path();
    for (path, text) in old().iter() {
        for file in [root.join(path), root.join(base::FOLDER).join(path)] {
            fs::create_dir_all(file.parent().unwrap()).unwrap();
            fs::write(file, text).unwrap();
        }
    }
    fs::write(root.join("src/lib.rs"), "pub mod old;\npub mod zoo;\r\n").unwrap();
    fs::write(root.join("src/mine.rs"), "// mine\n").unwrap();
    make_executable(&root.join("run.sh"));
    place
}

#[cfg(unix)]
fn make_executable(file: &Path) {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(file, fs::Permissions::from_mode(0o750)).unwrap();
}

#[cfg(not(unix))]
fn make_executable(_: &Path) {}

/// Every file with its bytes and mode, and every folder; the lock left out.
fn state(root: &Path) -> BTreeMap<String, String> {
    let entries = WalkDir::new(root)
        .min_depth(1)
        .into_iter()
        .map(|entry| entry.unwrap());
    entries
        .filter(|entry| !entry.path().ends_with(".scaffold/lock"))
        .map(|entry| {
            let text = if entry.file_type().is_file() {
                fs::read_to_string(entry.path()).unwrap()
            } else {
                String::new()
            };
            let mode = entry.metadata().unwrap().permissions();
            let path = entry
                .path()
                .strip_prefix(root)
                .unwrap()
                .to_str()
                .unwrap()
                .to_owned();
            (path, format!("{mode:?} {text}"))
        })
        .collect()
}

fn lock(root: &Path) -> Lock {
    Lock::take(root, "test", PATIENCE).unwrap().0
}

fn change(root: &Path) -> Plan {
    let base = Base {
        tree: base::read_all(root).unwrap(),
        ..Base::default()
    };
    plan_at(root, &base, &new(), &BTreeSet::new())
}

fn changed_state() -> BTreeMap<String, String> {
    let place = project();
    apply(&lock(place.path()), &change(place.path())).unwrap();
    state(place.path())
}

#[test]
fn a_plan_is_carried_out_and_nothing_is_left_to_do() {
    let place = project();
    let root = place.path();
    apply(&lock(root), &change(root)).unwrap();
    assert_eq!(
        fs::read_to_string(root.join("src/lib.rs")).unwrap(),
        "pub mod new;\npub mod zoo;\r\n"
    );
    assert_eq!(
        fs::read_to_string(root.join("src/new/deep/mod.rs")).unwrap(),
        "//! New.\n"
    );
    assert!(!root.join("src/old").exists());
    assert!(!root.join(".scaffold/base/src/old").exists());
    assert!(!root.join(".scaffold/staging").exists());
    assert_eq!(base::read_all(root).unwrap(), new());
    assert!(change(root).is_empty());
}

#[cfg(unix)]
#[test]
fn the_mode_of_a_file_stays() {
    use std::os::unix::fs::PermissionsExt;
    let place = project();
    apply(&lock(place.path()), &change(place.path())).unwrap();
    let script = place.path().join("run.sh");
    assert_eq!(fs::read_to_string(&script).unwrap(), "echo new\n");
    assert_eq!(
        fs::metadata(&script).unwrap().permissions().mode() & 0o777,
        0o750
    );
}

#[test]
fn a_folder_with_something_of_the_users_stays() {
    let place = project();
    fs::write(place.path().join("src/old/mine.txt"), "mine").unwrap();
    apply(&lock(place.path()), &change(place.path())).unwrap();
    assert!(place.path().join("src/old/mine.txt").exists());
    assert!(!place.path().join("src/old/deep").exists());
}

#[test]
fn a_conflict_writes_nothing() {
    let place = project();
    fs::write(place.path().join("run.sh"), "echo mine\n").unwrap();
    let before = state(place.path());
    let plan = change(place.path());
    assert!(plan.has_conflicts());
    assert!(apply(&lock(place.path()), &plan).is_err());
    assert_eq!(state(place.path()), before);
}

#[test]
fn a_file_that_changed_after_planning_stops_everything() {
    for (path, text) in [
        ("run.sh", Some("echo mine\n")),
        ("src/new/mod.rs", Some("mine\n")),
        ("Cargo.toml", None),
    ] {
        let place = project();
        let file = place.path().join(path);
        let plan = change(place.path());
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        match text {
            Some(text) => fs::write(&file, text).unwrap(),
            None => fs::remove_file(&file).unwrap(),
        }
        let before = state(place.path());
        let error = apply(&lock(place.path()), &plan).unwrap_err();
        assert!(error.to_string().contains(path), "{error}");
        assert_eq!(state(place.path()), before);
    }
}

#[cfg(unix)]
#[test]
fn links_and_read_only_places_stop_everything() {
    use std::os::unix::fs::{PermissionsExt, symlink};
    let outside = tempdir().unwrap();
    type Break<'a> = (&'a str, &'a dyn Fn(&Path));
    let breaks: [Break; 4] = [
        ("src/new", &|root| {
            symlink(outside.path(), root.join("src/new")).unwrap()
        }),
        (".scaffold/base/src", &|root| {
            fs::remove_dir_all(root.join(".scaffold/base/src")).unwrap();
            symlink(outside.path(), root.join(".scaffold/base/src")).unwrap();
        }),
        ("run.sh", &|root| {
            fs::set_permissions(root.join("run.sh"), fs::Permissions::from_mode(0o444)).unwrap()
        }),
        ("src", &|root| {
            fs::set_permissions(root.join("src"), fs::Permissions::from_mode(0o555)).unwrap()
        }),
    ];
    for (path, break_it) in breaks {
        let place = project();
        let plan = change(place.path());
        break_it(place.path());
        let before = state(place.path());
        let error = apply(&lock(place.path()), &plan).unwrap_err();
        assert!(error.to_string().contains(path), "{error}");
        assert_eq!(state(place.path()), before, "{path}");
    }
    assert_eq!(fs::read_dir(outside.path()).unwrap().count(), 0);
}

#[test]
fn a_step_that_fails_leaves_everything_as_before() {
    let after = changed_state();
    for step in 0.. {
        let place = project();
        let (lock, plan) = (lock(place.path()), change(place.path()));
        let before = state(place.path());
        fault::set(Fault::Fail(step));
        let result = apply(&lock, &plan);
        let steps = fault::set(Fault::None);
        if result.is_ok() {
            // Only clearing up failed, or nothing did; the next command clears up.
            recover(place.path()).unwrap();
            assert_eq!(state(place.path()), after, "step {step}");
            if steps <= step {
                assert!(step > 50, "{step} steps");
                return;
            }
        } else {
            assert_eq!(state(place.path()), before, "step {step}");
        }
    }
}

/// Runs one of the two children below in a process of its own, to die at a step; whether it died.
fn dies_at(child: &str, root: &Path, step: usize) -> bool {
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "--ignored", &format!("apply::tests::{child}")])
        .env("SCAFFOLD_TEST_ROOT", root)
        .env("SCAFFOLD_TEST_STEP", step.to_string())
        .output()
        .unwrap();
    match output.status.code() {
        Some(KILLED) => true,
        Some(0) => false,
        _ => panic!("{}", String::from_utf8_lossy(&output.stdout)),
    }
}

fn told() -> (std::path::PathBuf, Fault) {
    let root = std::env::var_os("SCAFFOLD_TEST_ROOT").unwrap();
    let step = std::env::var("SCAFFOLD_TEST_STEP")
        .unwrap()
        .parse()
        .unwrap();
    (root.into(), Fault::Kill(step))
}

#[test]
#[ignore = "a child process of the tests below"]
fn child_that_applies() {
    let (root, fault) = told();
    let (lock, plan) = (lock(&root), change(&root));
    fault::set(fault);
    apply(&lock, &plan).unwrap();
}

#[test]
#[ignore = "a child process of the tests below"]
fn child_that_recovers() {
    let (root, fault) = told();
    fault::set(fault);
    Lock::take(&root, "child", PATIENCE).unwrap();
}

#[test]
fn killed_at_any_step_the_project_is_as_before_or_as_after() {
    let after = changed_state();
    let mut seen = BTreeSet::new();
    for step in 0.. {
        let place = project();
        let root = place.path();
        let before = state(root);
        let died = dies_at("child_that_applies", root, step);
        // The one that recovers is killed, too, at a step that differs from time to time.
        dies_at("child_that_recovers", root, step % 23);
        recover(root).unwrap();
        let state = state(root);
        assert!(state == before || state == after, "step {step}: {state:#?}");
        seen.insert(state == after);
        if !died {
            break;
        }
    }
    assert_eq!(seen.len(), 2);
}

#[test]
fn a_file_edited_after_a_kill_keeps_the_edit() {
    let after = changed_state();
    for step in 0.. {
        let edited = ["run.sh", "src/new/mod.rs", "src/old/mod.rs"][step % 3];
        let place = project();
        let root = place.path();
        let mut before = state(root);
        let file = root.join(edited);
        if !dies_at("child_that_applies", root, step) {
            return;
        }
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(&file, "edited\n").unwrap();
        let recovered = recover(root).unwrap();
        assert_eq!(
            fs::read_to_string(&file).unwrap(),
            "edited\n",
            "step {step}"
        );
        let mut state = state(root);
        let mut after = after.clone();
        for files in [&mut state, &mut before, &mut after] {
            files.retain(|path, _| !file.starts_with(root.join(path)));
        }
        match recovered {
            Recovered::Finished => assert_eq!(state, after, "step {step}"),
            Recovered::TakenBack => assert_eq!(state, before, "step {step}"),
            Recovered::Nothing => assert!(state == before || state == after, "step {step}"),
        }
    }
}

#[test]
fn a_damaged_journal_is_refused() {
    let place = project();
    fs::write(
        place.path().join(".scaffold/journal"),
        "0000000000000000\n{}\n",
    )
    .unwrap();
    let before = state(place.path());
    let error = Lock::take(place.path(), "test", Duration::ZERO).unwrap_err();
    assert!(error.to_string().contains("damaged"), "{error}");
    assert_eq!(state(place.path()), before);
}

#[test]
fn two_commands_at_once_do_not_interleave() {
    let place = project();
    let root = place.path();
    std::thread::scope(|scope| {
        for thread in 0..2 {
            scope.spawn(move || {
                for round in 0..10 {
                    let lock = lock(root);
                    let mut theirs = base::read_all(root).unwrap();
                    let base = Base {
                        tree: theirs.clone(),
                        ..Base::default()
                    };
                    let line = format!("line {thread} {round}\n");
                    let text = theirs.remove("run.sh").unwrap() + &line;
                    theirs.insert("run.sh", text).unwrap();
                    theirs.insert(format!("{thread}/{round}"), line).unwrap();
                    apply(&lock, &plan_at(root, &base, &theirs, &BTreeSet::new())).unwrap();
                }
            });
        }
    });
    assert_eq!(
        fs::read_to_string(root.join("run.sh"))
            .unwrap()
            .lines()
            .count(),
        21
    );
    assert_eq!(base::read_all(root).unwrap().len(), old().len() + 20);
}
