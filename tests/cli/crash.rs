//! The program itself, killed at times that nobody chose, without room on the disk, and where it may not write: the
//! project is as before or as after, at the next command at the latest. That each single step of a write is such a
//! time, the tests beside `src/apply.rs` show.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use crate::sandbox::{Ran, Sandbox};

const NOWHERE: Vec<PathBuf> = Vec::new();

type Files = BTreeMap<PathBuf, Vec<u8>>;

const COMMAND: [&str; 8] = [
    "add",
    "entity",
    "Order",
    "total:decimal:ge=0",
    "item:ref:Item:index",
    "status:enum:open/done:default=open",
    "note:text:optional",
    "-q",
];

/// Where two projects differ, but for what a killed command had begun to stage: git ignores it, and the next command that
/// writes takes it away.
fn differing(left: &Files, right: &Files) -> Vec<PathBuf> {
    let is_staged = |path: &&PathBuf| {
        path.starts_with(".scaffold/staging") || path.ends_with(".scaffold/journal-new")
    };
    let paths: BTreeSet<&PathBuf> = left.keys().chain(right.keys()).collect();
    let differing = paths
        .into_iter()
        .filter(|path| left.get(*path) != right.get(*path));
    differing.filter(|path| !is_staged(path)).cloned().collect()
}

/// What the command makes of the project, and how long it takes.
fn done(sandbox: &Sandbox) -> (Files, Duration) {
    let copy = sandbox.copy();
    let begun = Instant::now();
    Ran::of(copy.command().args(COMMAND).output().unwrap()).succeeds();
    (copy.files(), begun.elapsed())
}

#[test]
fn killed_at_any_time_the_next_command_finds_all_or_nothing() {
    let sandbox = Sandbox::shop();
    let before = sandbox.files();
    let (after, duration) = done(&sandbox);
    let kills: u32 = 25;
    for time in 0..kills {
        let sandbox = sandbox.copy();
        let mut child = sandbox
            .command()
            .args(COMMAND)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        sleep(duration * time / kills);
        child.kill().unwrap();
        child.wait().unwrap();

        // It recovers before it answers, even where it only looks.
        let ran = sandbox.run("sync --check");
        ran.succeeds();
        let found = sandbox.files();
        let again = Ran::of(sandbox.command().args(COMMAND).output().unwrap());
        if differing(&found, &after).is_empty() {
            again.refuses("entity `Order` exists already");
        } else {
            assert_eq!(differing(&found, &before), NOWHERE, "killed at {time}");
            again.succeeds();
        }
        assert_eq!(
            differing(&sandbox.files(), &after),
            NOWHERE,
            "killed at {time}"
        );
    }
}

/// Runs the program with a limit to the size of each file it writes, in blocks of 512 bytes. Beyond it a write fails, as
/// on a full disk, or kills the program, which is what the system does when nothing is said.
#[cfg(unix)]
fn run_within(sandbox: &Sandbox, blocks: usize, signal: &str) -> Ran {
    let program = sandbox.command();
    let mut command = Command::new("sh");
    command.args([
        "-c",
        &format!("{signal} ulimit -f {blocks}; exec \"$0\" \"$@\""),
    ]);
    command.arg(program.get_program()).args(COMMAND);
    command.current_dir(&sandbox.here);
    Ran::of(command.output().unwrap())
}

#[cfg(unix)]
#[test]
fn without_room_nothing_changes() {
    let sandbox = Sandbox::shop();
    let before = sandbox.files();
    let (after, _) = done(&sandbox);
    let mut failed = 0;
    for blocks in 0.. {
        let copy = sandbox.copy();
        let ran = run_within(&copy, blocks, "trap '' XFSZ;");
        if ran.code == Some(0) {
            assert_eq!(differing(&copy.files(), &after), NOWHERE, "{blocks}");
            break;
        }
        assert_eq!(ran.code, Some(1), "{}", ran.stderr);
        assert!(ran.stderr.contains("cannot write `"), "{}", ran.stderr);
        assert_eq!(differing(&copy.files(), &before), NOWHERE, "{blocks}");
        failed += 1;

        let copy = sandbox.copy();
        assert_eq!(run_within(&copy, blocks, "").code, None, "{blocks}");
        copy.run("sync --check").succeeds();
        assert_eq!(differing(&copy.files(), &before), NOWHERE, "{blocks}");
    }
    assert!(failed > 5, "{failed}");
}

#[cfg(unix)]
#[test]
fn where_it_may_not_write_nothing_changes() {
    use std::fs::{Permissions, set_permissions};
    use std::os::unix::fs::PermissionsExt;

    for path in [
        "src/features/shop",
        "src/features/shop/mod.rs",
        "tests/api/features/shop",
        "template.yaml",
        "scaffold.toml",
        ".scaffold/base/src/features/shop",
        ".scaffold",
        ".",
    ] {
        let sandbox = Sandbox::shop();
        let before = sandbox.files();
        let mode =
            |mode| set_permissions(sandbox.path(path), Permissions::from_mode(mode)).unwrap();
        let is_folder = sandbox.path(path).is_dir();
        mode(if is_folder { 0o555 } else { 0o444 });
        let ran = Ran::of(sandbox.command().args(COMMAND).output().unwrap());
        assert_eq!(ran.code, Some(1), "{path}");
        mode(if is_folder { 0o755 } else { 0o644 });
        ran.refuses(&format!("`{path}` is read-only"));
        assert_eq!(differing(&sandbox.files(), &before), NOWHERE, "{path}");
    }
}
