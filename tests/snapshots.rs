//! Real generated projects, file by file, and what each command does to them: to be read, and to see what a change of
//! scaffold changes. `SNAPSHOTS=overwrite cargo test --test snapshots` accepts what is generated now.

use std::collections::{BTreeMap, BTreeSet};
use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Where they are kept, each project in a folder and each command's diff in a file.
const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/snapshots");

/// The commands of the README's tour, and what each is called here.
const TOUR: &[(&str, &[&str])] = &[
    ("add-feature", &["add", "feature", "proposal_writer"]),
    (
        "add-entity",
        &[
            "add",
            "entity",
            "Proposal",
            "title:string:1..200",
            "description:text:optional:..2000",
            "budget:decimal:gt=0:le=10000000",
            "status:enum:draft/processing/completed/failed:default=draft:index",
        ],
    ),
    (
        "add-child",
        &[
            "add",
            "entity",
            "Document",
            "--parent",
            "Proposal",
            "filename:string:1..255",
            "content:file:max=10MB:types=pdf/png/jpeg",
        ],
    ),
    (
        "add-job",
        &["add", "job", "analyze", "--entity", "Proposal"],
    ),
    (
        "add-field",
        &["add", "field", "Proposal", "due:date:optional"],
    ),
    (
        "remove-field",
        &["remove", "field", "Proposal", "description"],
    ),
    ("remove-entity", &["remove", "entity", "Document"]),
    ("remove-job", &["remove", "job", "analyze"]),
];

#[test]
fn the_minimal_project_is_as_it_was() {
    let work = tempfile::tempdir().unwrap();
    let project = new(work.path(), &["--without", "storage,worker,ai"]);
    compare("minimal", files(&project));
}

#[test]
fn the_full_project_is_as_it_was() {
    let work = tempfile::tempdir().unwrap();
    let project = new(work.path(), &[]);
    let additions = TOUR.iter().filter(|(name, _)| name.starts_with("add-"));
    for (_, command) in additions {
        scaffold(&project, &[command, &["-q"][..]].concat());
    }
    compare("full", files(&project));
}

#[test]
fn each_command_does_what_it_did() {
    let work = tempfile::tempdir().unwrap();
    let project = new(work.path(), &[]);
    let diffs = TOUR.iter().map(|(name, command)| {
        let shown = scaffold(&project, &[command, &["--dry-run", "-q"][..]].concat());
        scaffold(&project, &[command, &["-q"][..]].concat());
        let line = format!("$ scaffold {}\n\n", command.join(" "));
        (format!("{name}.diff"), (line + &shown).into_bytes())
    });
    compare("changes", diffs.collect());
}

fn new(work: &Path, options: &[&str]) -> PathBuf {
    scaffold(
        work,
        &[&["new", "my-api", "--no-git", "-q"][..], options].concat(),
    );
    work.join("my-api")
}

fn scaffold(folder: &Path, args: &[&str]) -> String {
    let ran = Command::new(env!("CARGO_BIN_EXE_scaffold"))
        .args(args)
        .current_dir(folder)
        .output()
        .unwrap();
    assert!(
        ran.status.success(),
        "{args:?}: {}",
        String::from_utf8_lossy(&ran.stderr)
    );
    String::from_utf8(ran.stdout).unwrap()
}

/// Every file with its path, but for the pristine copies, which say the same again.
fn files(root: &Path) -> BTreeMap<String, Vec<u8>> {
    let entries = walkdir::WalkDir::new(root).into_iter().map(Result::unwrap);
    let files = entries.filter(|entry| entry.file_type().is_file());
    let files = files.map(|entry| {
        let path = entry.path().strip_prefix(root).unwrap().to_str().unwrap();
        (path.replace('\\', "/"), fs::read(entry.path()).unwrap())
    });
    files
        .filter(|(path, _)| !path.starts_with(".scaffold/"))
        .collect()
}

/// Holds a snapshot against what is generated now, or accepts it.
fn compare(name: &str, generated: BTreeMap<String, Vec<u8>>) {
    let folder = Path::new(FOLDER).join(name);
    if env::var("SNAPSHOTS").as_deref() == Ok("overwrite") {
        assert!(
            env::var_os("CI").is_none(),
            "snapshots are accepted by people"
        );
        accept(&folder, &generated);
        return;
    }
    let kept = files(&folder);
    let paths: BTreeSet<&String> = kept.keys().chain(generated.keys()).collect();
    let differing = paths
        .into_iter()
        .filter(|path| kept.get(*path) != generated.get(*path));
    let lines: String = differing
        .map(|path| match (kept.get(path), generated.get(path)) {
            (Some(old), Some(new)) => format!("  {path}, line {}\n", first_difference(old, new)),
            (Some(_), None) => format!("  {path} is generated no longer\n"),
            _ => format!("  {path} is new\n"),
        })
        .collect();
    assert!(
        lines.is_empty(),
        "snapshots/{name} is not what is generated now:\n{lines}accept it with `SNAPSHOTS=overwrite cargo test --test snapshots`, and read `git diff`"
    );
}

fn accept(folder: &Path, generated: &BTreeMap<String, Vec<u8>>) {
    if folder.exists() {
        fs::remove_dir_all(folder).unwrap();
    }
    for (path, text) in generated {
        let file = folder.join(path);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, text).unwrap();
    }
}

fn first_difference(old: &[u8], new: &[u8]) -> usize {
    let same = old.iter().zip(new).take_while(|(old, new)| old == new);
    same.filter(|(byte, _)| **byte == b'\n').count() + 1
}
