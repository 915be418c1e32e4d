//! Two colleagues grow one project, each on a branch, and git merges the branches.

use std::process::Command;

use crate::sandbox::{Ran, Sandbox};

const WIRING: &str = "src/features/mod.rs";

impl Sandbox {
    fn git(&self, line: &str) -> Ran {
        let mut command = Command::new("git");
        for (key, value) in self.command().get_envs() {
            if let Some(value) = value {
                command.env(key, value);
            }
        }
        let words = line.split_whitespace();
        Ran::of(
            command
                .current_dir(&self.here)
                .args(words)
                .output()
                .unwrap(),
        )
    }

    /// A repository with the branches `main` and `other`, on which these commands were run.
    fn branches(ours: &[&str], theirs: &[&str]) -> Self {
        let sandbox = Self::shop();
        sandbox.git("init -q -b main").succeeds();
        sandbox.git("add -A").succeeds();
        sandbox.git("commit -q -m start").succeeds();
        sandbox.git("branch other").succeeds();
        for (branch, lines) in [("main", ours), ("other", theirs)] {
            sandbox.git(&format!("checkout -q {branch}")).succeeds();
            for line in lines {
                sandbox.run(line).succeeds();
            }
            sandbox.git("add -A").succeeds();
            sandbox.git(&format!("commit -q -m {branch}")).succeeds();
        }
        sandbox.git("checkout -q main").succeeds();
        sandbox
    }

    /// The files in which git found conflicts.
    fn merge(&self) -> Vec<String> {
        self.git("merge -q other");
        let ran = self.git("diff --name-only --diff-filter=U").succeeds();
        ran.stdout.lines().map(str::to_owned).collect()
    }

    /// The project as it would be had all commands been run one after the other.
    fn one_after_the_other(commands: &[&str]) -> Self {
        let sandbox = Self::shop();
        for line in commands {
            sandbox.run(line).succeeds();
        }
        sandbox
    }

    #[track_caller]
    fn is_as(&self, other: &Self) {
        let (mut left, mut right) = (self.files(), other.files());
        left.retain(|path, _| !path.starts_with(".git"));
        right.retain(|path, _| !path.starts_with(".git"));
        let differing: Vec<_> = left
            .keys()
            .chain(right.keys())
            .filter(|path| left.get(*path) != right.get(*path))
            .collect();
        assert!(differing.is_empty(), "{differing:?}");
    }
}

const OURS: &[&str] = &[
    "add feature billing",
    "add entity Customer name:string:1..80 due:date:index --feature billing",
    "add entity Wheel --feature shop",
];
const THEIRS: &[&str] = &[
    "add feature delivery",
    "add entity Parcel weight:int:1..80 --feature delivery",
    "add entity Lid --feature shop",
];

#[test]
fn the_pristine_copies_are_never_in_conflict() {
    let sandbox = Sandbox::branches(OURS, THEIRS);
    let conflicts = sandbox.merge();
    assert!(
        conflicts.contains(&"scaffold.toml".to_owned()),
        "{conflicts:?}"
    );
    assert!(
        conflicts.iter().all(|path| !path.starts_with(".scaffold")),
        "{conflicts:?}"
    );
}

#[test]
fn when_the_conflicts_are_resolved_sync_finds_the_project_whole() {
    let both = Sandbox::one_after_the_other(&[OURS, THEIRS].concat());
    let sandbox = Sandbox::branches(OURS, THEIRS);
    for path in sandbox.merge() {
        sandbox.write(&path, &both.read(&path));
    }
    sandbox.run("sync").succeeds();
    sandbox.is_as(&both);
    sandbox.run("sync --check").succeeds();
    sandbox.run("add feature after").succeeds();
}

#[test]
fn what_was_dropped_in_resolving_is_brought_in_by_sync() {
    let both = Sandbox::one_after_the_other(&[OURS, THEIRS].concat());
    for side in ["ours", "theirs"] {
        let sandbox = Sandbox::branches(OURS, THEIRS);
        for path in sandbox.merge() {
            if path == "scaffold.toml" {
                sandbox.write(&path, &both.read(&path));
            } else {
                sandbox.git(&format!("checkout --{side} {path}")).succeeds();
            }
        }
        sandbox.run("sync").succeeds();
        sandbox.is_as(&both);
    }
}

#[test]
fn the_next_command_may_come_before_sync() {
    let sandbox = Sandbox::branches(OURS, THEIRS);
    let both = Sandbox::one_after_the_other(&[OURS, THEIRS].concat());
    for path in sandbox.merge() {
        sandbox.write(&path, &both.read(&path));
    }
    sandbox.run("add feature after").succeeds();
    both.run("add feature after").succeeds();
    sandbox.run("sync").succeeds();
    sandbox.is_as(&both);
}

#[test]
fn own_lines_in_merged_files_stay() {
    let both = Sandbox::one_after_the_other(&[OURS, THEIRS].concat());
    let sandbox = Sandbox::branches(OURS, THEIRS);
    for path in sandbox.merge() {
        sandbox.write(&path, &both.read(&path));
    }
    sandbox.edit(
        WIRING,
        "pub mod shop;\n",
        "pub mod mine; // mine\npub mod shop;\n",
    );
    let edited = sandbox.read(WIRING);
    sandbox.run("sync").succeeds();
    assert_eq!(sandbox.read(WIRING), edited);
    sandbox.run("sync --check").succeeds();
}

#[test]
fn branches_that_touch_different_features_need_nothing() {
    let ours = ["add field Item due:date:optional"];
    let theirs = ["add entity Wheel"];
    let sandbox = Sandbox::branches(&ours, &theirs);
    let conflicts = sandbox.merge();
    let both =
        Sandbox::one_after_the_other(&["add field Item due:date:optional", "add entity Wheel"]);
    for path in conflicts {
        sandbox.write(&path, &both.read(&path));
    }
    sandbox.run("sync --check").succeeds();
    sandbox.run("sync").succeeds();
    sandbox.is_as(&both);
}

#[test]
fn a_list_with_the_marks_of_a_merge_in_it_is_read_all_the_same() {
    // As where a merge is made by something that knows no `merge=union`.
    let sandbox = Sandbox::branches(OURS, THEIRS);
    sandbox.write(".git/info/attributes", ".scaffold/base/** merge=text\n");
    let both = Sandbox::one_after_the_other(&[OURS, THEIRS].concat());
    let conflicts = sandbox.merge();
    assert!(
        conflicts.contains(&".scaffold/base/.contents".to_owned()),
        "{conflicts:?}"
    );
    for path in conflicts
        .iter()
        .filter(|path| !path.starts_with(".scaffold"))
    {
        sandbox.write(path, &both.read(path));
    }
    sandbox.run("sync").succeeds();
    sandbox.is_as(&both);
}
