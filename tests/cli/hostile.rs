//! Working trees that nobody would make on purpose: whatever is there, the program ends, does not panic, stays inside the
//! project, and where it refuses it has not changed a byte.
//!
//! `PROPTEST_CASES` says how many trees there are; `.ci/run` takes more than `cargo test` does by itself.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Read};
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::OnceLock;
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use proptest::prelude::*;
use proptest::sample::{Index, select};

use crate::sandbox::{Ran, Sandbox};

const CASES: u32 = 24;

/// Longer than any command takes, even unoptimized and beside other work.
const PATIENCE: Duration = Duration::from_secs(60);

/// What is done to one path of a project.
#[derive(Clone, Debug)]
enum Damage {
    Remove,
    Write(Vec<u8>),
    Cut(Index),
    Overwrite(Index, Vec<u8>),
    RepeatLine(Index),
    InsertLine(Index, &'static str),
    Folder,
    Link(Target),
    Pipe,
}

#[derive(Clone, Copy, Debug)]
enum Target {
    FileOutside,
    FolderOutside,
    Nowhere,
    Itself,
    Project,
}

/// Lines that mean something in one file or another, at the wrong place.
const LINES: &[&str] = &[
    "<<<<<<< ours",
    "=======",
    ">>>>>>> theirs",
    "}",
    "/*",
    "r#\"",
    "mod billing;",
    "pub mod billing;",
    "[entities.Item]",
    "[entities.Order]",
    "parent = \"Item\"",
    "parent = \"Order\"",
    "feature = \"../../x\"",
    "feature = \"shop\"",
    "plural = \"con\"",
    "fields = [\"title:string\", 5]",
    "fields = [\"a:ref:Nobody\", \"a:int:5..1\", \"version:int\", \"../x:string\"]",
    "name = \"../..\"",
    "components = [\"x\"]",
    "scaffold = \"99.0.0\"",
    "scaffold = \"\"",
    "[project.name]",
    "jobs = 1",
    "x = [[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[",
    "\"\\ud800\"",
    "\t- !!binary |",
    "\u{feff}",
    "é😀\u{202e}\0",
];

/// What is scaffold's own, and the folders.
const OWN: &[&str] = &[
    ".",
    "src",
    ".scaffold",
    ".scaffold/base",
    ".scaffold/base/src/lib.rs",
    ".scaffold/journal",
    ".scaffold/journal-new",
    ".scaffold/journal-undo",
    ".scaffold/lock",
    ".scaffold/staging",
];

const COMMANDS: &[&str] = &[
    "add feature billing",
    "add feature shop",
    "add entity Order --feature shop total:int",
    "add entity Part --parent Item",
    "add field Item due:date:optional",
    "remove field Item title",
    "remove entity Item",
    "remove feature shop",
    "sync",
    "sync --check",
    "list",
    "list --json",
    "add feature billing --dry-run",
    "add entity Order --feature shop --dry-run --json",
    "new my-api",
    "new src",
];

fn damage() -> impl Strategy<Value = Damage> {
    let bytes = || prop::collection::vec(any::<u8>(), 0..60);
    let target = select(vec![
        Target::FileOutside,
        Target::FolderOutside,
        Target::Nowhere,
        Target::Itself,
        Target::Project,
    ]);
    prop_oneof![
        2 => Just(Damage::Remove),
        2 => bytes().prop_map(Damage::Write),
        2 => any::<Index>().prop_map(Damage::Cut),
        2 => (any::<Index>(), bytes()).prop_map(|(at, bytes)| Damage::Overwrite(at, bytes)),
        2 => any::<Index>().prop_map(Damage::RepeatLine),
        6 => (any::<Index>(), select(LINES)).prop_map(|(at, line)| Damage::InsertLine(at, line)),
        2 => Just(Damage::Folder),
        3 => target.prop_map(Damage::Link),
        1 => Just(Damage::Pipe),
    ]
}

/// The description and the program's own folder are hit as often as everything else together.
fn place() -> impl Strategy<Value = Place> {
    prop_oneof![
        3 => Just(Place::Named("scaffold.toml")),
        3 => select(OWN).prop_map(Place::Named),
        4 => any::<Index>().prop_map(Place::Any),
    ]
}

#[derive(Clone, Debug)]
enum Place {
    Named(&'static str),
    Any(Index),
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn in_any_tree_it_ends_well_or_changes_nothing(
        damages in prop::collection::vec((place(), damage()), 1..4),
        commands in prop::collection::vec(select(COMMANDS), 1..3),
    ) {
        let sandbox = hostile(&damages);
        for command in commands {
            let before = entries(&sandbox.here);
            let ran = run(&sandbox, command);
            let after = entries(&sandbox.here);
            prop_assert!(matches!(ran.code, Some(0..=2)), "`{}` ended with {:?}: {}", command, ran.code, ran.stderr);
            prop_assert!(!ran.stderr.contains("panicked"), "`{}`: {}", command, ran.stderr);
            if ran.code == Some(0) {
                prop_assert_eq!(outside(&before), outside(&after), "`{}` wrote outside the project", command);
            } else {
                prop_assert!(before == after, "`{}` was refused and changed {:?}: {}", command, difference(&before, &after), ran.stderr);
                prop_assert!(!ran.stderr.is_empty(), "`{}` says nothing", command);
            }
        }
    }
}

#[test]
fn nothing_is_awaited_from_a_pipe() {
    for path in [
        "scaffold.toml",
        "src/lib.rs",
        ".scaffold/base/src/lib.rs",
        ".scaffold/journal",
        ".scaffold/journal-undo",
        ".scaffold/lock",
    ] {
        let sandbox = hostile(&[(Place::Named(path), Damage::Pipe)]);
        let before = entries(&sandbox.here);
        let ran = run(&sandbox, "sync");
        assert!(
            ran.code == Some(0) || before == entries(&sandbox.here),
            "{path}: {}",
            ran.stderr
        );
    }
}

fn config() -> ProptestConfig {
    let given = std::env::var_os("PROPTEST_CASES").is_some();
    let default = ProptestConfig::default();
    ProptestConfig {
        cases: if given { default.cases } else { CASES },
        failure_persistence: None,
        ..default
    }
}

/// A project with `shop` and `Item` and what was done to it, beside things that are not the project's.
fn hostile(damages: &[(Place, Damage)]) -> Sandbox {
    static PRISTINE: OnceLock<Sandbox> = OnceLock::new();
    let pristine = PRISTINE.get_or_init(Sandbox::shop);
    let mut sandbox = Sandbox::empty();
    for (path, text) in pristine.files() {
        let place = sandbox.here.join("my-api").join(path);
        fs::create_dir_all(place.parent().unwrap()).unwrap();
        fs::write(place, text).unwrap();
    }
    sandbox.write("outside/file.rs", "pub mod shop;\n");
    sandbox.here.push("my-api");
    let paths: Vec<PathBuf> = pristine.files().into_keys().collect();
    for (place, damage) in damages {
        let path = match place {
            Place::Named(name) => sandbox.path(name),
            Place::Any(index) => sandbox.here.join(index.get(&paths)),
        };
        inflict(damage, &path, &sandbox.here);
    }
    if !sandbox.here.is_dir() {
        fs::create_dir(&sandbox.here).unwrap();
    }
    sandbox
}

/// Does what can be done: an earlier damage may have taken the place away.
fn inflict(damage: &Damage, path: &Path, project: &Path) {
    let outside = project.with_file_name("outside");
    let is_file = path
        .symlink_metadata()
        .map_or(true, |entry| entry.is_file());
    // A pipe, or a link that leads to one, would keep a reader waiting.
    let text = if is_file {
        fs::read(path)
    } else {
        Ok(Vec::new())
    };
    let text = text.unwrap_or_default();
    let mut lines: Vec<&[u8]> = text.split_inclusive(|byte| *byte == b'\n').collect();
    let inserted: Vec<u8>;
    let changed = match damage {
        Damage::Write(bytes) => bytes.clone(),
        Damage::Cut(at) => text[..at.index(text.len() + 1)].to_vec(),
        Damage::Overwrite(at, bytes) => {
            let at = at.index(text.len() + 1);
            let end = text.len().min(at + bytes.len());
            [&text[..at], bytes, &text[end..]].concat()
        }
        Damage::RepeatLine(at) => {
            let at = at.index(lines.len() + 1);
            if let Some(line) = lines.get(at).copied() {
                lines.insert(at, line);
            }
            lines.concat()
        }
        Damage::InsertLine(at, line) => {
            inserted = format!("{line}\n").into_bytes();
            lines.insert(at.index(lines.len() + 1), &inserted);
            lines.concat()
        }
        Damage::Remove | Damage::Folder | Damage::Link(_) | Damage::Pipe => {
            if path == project {
                return;
            }
            let _ = fs::remove_dir_all(path).or_else(|_| fs::remove_file(path));
            let _ = match damage {
                Damage::Folder => fs::create_dir(path),
                Damage::Link(target) => link(*target, path, project, &outside),
                Damage::Pipe => Command::new("mkfifo")
                    .arg(path)
                    .stderr(Stdio::null())
                    .status()
                    .map(drop),
                _ => Ok(()),
            };
            return;
        }
    };
    if is_file && path.parent().is_some_and(Path::is_dir) {
        fs::write(path, changed).unwrap();
    }
}

fn link(target: Target, path: &Path, project: &Path, outside: &Path) -> io::Result<()> {
    match target {
        Target::FileOutside => symlink(outside.join("file.rs"), path),
        Target::FolderOutside => symlink(outside, path),
        Target::Nowhere => symlink(outside.join("nothing"), path),
        Target::Itself => symlink(path, path),
        Target::Project => symlink(project, path),
    }
}

/// Fails when the command waits for something that never comes.
fn run(sandbox: &Sandbox, line: &str) -> Ran {
    let mut child = sandbox
        .command()
        .args(line.split_whitespace())
        .arg("--no-input")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let stdout = read(child.stdout.take().unwrap());
    let stderr = read(child.stderr.take().unwrap());
    let begun = Instant::now();
    let status = loop {
        if let Some(status) = child.try_wait().unwrap() {
            break status;
        }
        if begun.elapsed() > PATIENCE {
            child.kill().unwrap();
            panic!("`{line}` does not end");
        }
        thread::sleep(Duration::from_millis(5));
    };
    Ran::of(Output {
        status,
        stdout: stdout.join().unwrap(),
        stderr: stderr.join().unwrap(),
    })
}

fn read(mut pipe: impl Read + Send + 'static) -> JoinHandle<Vec<u8>> {
    thread::spawn(move || {
        let mut bytes = Vec::new();
        pipe.read_to_end(&mut bytes).unwrap();
        bytes
    })
}

/// All that is in a project and beside it: files with their bytes, links with their targets, the rest by its kind.
fn entries(project: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut found = BTreeMap::new();
    list(project.parent().unwrap(), &mut found);
    // The lock says who has it and needs its folder, and what a killed command had not yet decided is cleared away by the
    // next.
    let own = project.join(".scaffold");
    if own.is_dir() && !own.is_symlink() {
        found.remove(&own);
    }
    for path in [
        ".scaffold/lock",
        ".scaffold/journal-new",
        ".scaffold/staging",
    ] {
        let path = project.join(path);
        found.retain(|found, _| !found.starts_with(&path));
    }
    found
}

fn list(folder: &Path, found: &mut BTreeMap<PathBuf, Vec<u8>>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let kind = path.symlink_metadata().unwrap().file_type();
        let content = if kind.is_file() {
            fs::read(&path).unwrap()
        } else if kind.is_symlink() {
            let target = fs::read_link(&path).unwrap();
            target.into_os_string().into_encoded_bytes()
        } else {
            format!("{kind:?}").into_bytes()
        };
        if kind.is_dir() {
            list(&path, found);
        }
        found.insert(path, content);
    }
}

fn outside(entries: &BTreeMap<PathBuf, Vec<u8>>) -> Vec<(&PathBuf, &Vec<u8>)> {
    let is_outside = |path: &PathBuf| path.components().any(|part| part.as_os_str() == "outside");
    let found = entries.iter().filter(|(path, _)| is_outside(path));
    found.collect()
}

fn difference(
    before: &BTreeMap<PathBuf, Vec<u8>>,
    after: &BTreeMap<PathBuf, Vec<u8>>,
) -> Vec<PathBuf> {
    let paths = before.keys().chain(after.keys());
    let differ = paths.filter(|path| before.get(*path) != after.get(*path));
    differ.cloned().collect()
}
