//! `scaffold new`: what it leaves behind, above all when it is refused.

use std::fs;

use crate::sandbox::{Ran, Sandbox};

#[test]
fn the_project_is_a_repository_with_everything_committed() {
    let mut sandbox = Sandbox::empty();
    sandbox.run("new my-api").succeeds();
    sandbox.here.push("my-api");
    let status = std::process::Command::new("git")
        .args(["status", "--porcelain"])
        .current_dir(&sandbox.here)
        .output()
        .unwrap();
    assert!(status.status.success());
    assert_eq!(String::from_utf8_lossy(&status.stdout), "");
    assert!(sandbox.path("Cargo.lock").is_file());
    assert_eq!(
        sandbox.read("scaffold.toml"),
        sandbox.read(".scaffold/base/scaffold.toml")
    );
}

#[test]
fn inside_a_repository_there_is_no_second_one() {
    let sandbox = Sandbox::empty();
    fs::create_dir(sandbox.path(".git")).unwrap();
    sandbox.run("new my-api --path a/b/my-api").succeeds();
    assert!(!sandbox.path("a/b/my-api/.git").exists());
}

#[test]
fn a_workspace_above_that_would_take_the_project_in_is_in_the_way() {
    let sandbox = Sandbox::empty();
    let outer = "[workspace]\nmembers = [\"crates/*\"]\n";
    sandbox.write("Cargo.toml", outer);
    sandbox.write("sub/mine", "mine");
    let before = sandbox.files();
    for place in ["crates/my-api", "sub/../crates/my-api"] {
        sandbox
            .run(&format!("new my-api --no-git --path {place}"))
            .refuses("takes in `crates/my-api`");
    }
    assert_eq!(sandbox.files(), before);

    sandbox
        .run("new beside --no-git --path apis/beside")
        .succeeds();
    sandbox.write(
        "Cargo.toml",
        &format!("{outer}exclude = [\"crates/my-api\"]\n"),
    );
    sandbox
        .run("new my-api --no-git --path crates/my-api")
        .succeeds();
}

#[test]
fn a_new_project_is_in_step_with_its_description() {
    for options in [
        "",
        "--without storage,worker,ai",
        "--region eu-west-1 --arch x86_64",
    ] {
        let mut sandbox = Sandbox::empty();
        sandbox
            .run(&format!("new my-api --no-git {options}"))
            .succeeds();
        sandbox.here.push("my-api");
        sandbox.run("sync --check").succeeds();
    }
}

#[test]
fn what_is_refused_leaves_nothing_behind() {
    let long = "a".repeat(49);
    let cases: &[(&[&str], &str)] = &[
        (&["new", ""], "empty"),
        (&["new", "1st"], "does not start with a letter"),
        (&["new", "café"], "letters other than a to z"),
        (&["new", &long], "more than 48"),
        (&["new", "a/b"], "holds `/`"),
        (&["new", ".."], "holds `.`"),
        (&["new", "con"], "con"),
        (&["new", "std"], "std"),
        (
            &["new", "my-api", "--region", "mars-1"],
            "not an AWS region",
        ),
        (&["new", "my-api", "--path", "full"], "is not empty"),
        (&["new", "my-api", "--path", "file"], "not a folder"),
        (&["new", "my-api", "--path", "file/below"], "not a folder"),
        (&["new", "my-api", "--path", "."], "not empty"),
        (&["new", "my-api", "--path", "/proc/my-api"], "/proc/my-api"),
    ];
    let sandbox = Sandbox::empty();
    sandbox.write("full/mine", "mine");
    sandbox.write("file", "mine");
    let before = sandbox.files();
    for (args, words) in cases {
        for extra in [None, Some("--dry-run"), Some("--json")] {
            // Nothing is tried out by a dry run that only the system could refuse.
            if extra == Some("--dry-run") && args.contains(&"/proc/my-api") {
                continue;
            }
            let ran = Ran::of(sandbox.command().args(*args).args(extra).output().unwrap());
            ran.refuses(words);
            assert_eq!(sandbox.files(), before, "{args:?}");
            let entries = fs::read_dir(&sandbox.here).unwrap().count();
            assert_eq!(entries, 2, "{args:?}");
        }
    }
}

#[test]
fn wrong_usage_is_told_from_a_refusal() {
    let sandbox = Sandbox::empty();
    for line in [
        "new",
        "new a b",
        "new a --without nothing",
        "new a --arch mips",
        "new a --colour",
        "new a -q -v",
        "nwe a",
        "add entity A --read everybody",
        "add field A",
        "remove entity",
    ] {
        assert_eq!(sandbox.run(line).code, Some(2), "{line}");
    }
    assert_eq!(fs::read_dir(&sandbox.here).unwrap().count(), 0);
}

#[test]
fn a_dry_run_shows_every_file_and_writes_none() {
    let sandbox = Sandbox::empty();
    let shown = sandbox.run("new my-api --dry-run").succeeds().stdout;
    let plan = sandbox.run("new my-api --dry-run --json").succeeds().stdout;
    assert_eq!(fs::read_dir(&sandbox.here).unwrap().count(), 0);
    let done = sandbox.run("new my-api --no-git --json").succeeds().stdout;
    let plan: serde_json::Value = serde_json::from_str(&plan).unwrap();
    let done: serde_json::Value = serde_json::from_str(&done).unwrap();
    assert_eq!(plan["applied"], false);
    assert_eq!(done["applied"], true);
    assert_eq!(plan["changes"], done["changes"]);
    let planned = plan["changes"].as_array().unwrap();
    for change in planned {
        let path = change["path"].as_str().unwrap();
        assert!(sandbox.path("my-api").join(path).is_file(), "{path}");
        assert!(shown.contains(&format!("\n+++ b/{path}\n")), "{path}");
    }
    let written = Sandbox::files(&sandbox).into_keys();
    let written = written.filter(|path| !path.starts_with("my-api/.scaffold"));
    assert_eq!(written.count(), planned.len());
}

#[test]
fn results_go_to_standard_output_and_all_else_to_standard_error() {
    let sandbox = Sandbox::empty();
    let ran = sandbox.run("new one --no-git").succeeds();
    assert_eq!(ran.stdout, "");
    assert!(ran.stderr.contains("cargo test"));
    let ran = sandbox.run("new two --no-git -v").succeeds();
    assert!(
        ran.stdout.contains("  create src/app.rs\n"),
        "{}",
        ran.stdout
    );
    let ran = sandbox.run("new three --no-git -q").succeeds();
    assert_eq!(ran.stdout + &ran.stderr, "");
}

#[test]
fn colours_are_for_those_who_see_them() {
    let sandbox = Sandbox::empty();
    let coloured = |line: &str, variable: Option<&str>| {
        let mut command = sandbox.command();
        command.args(line.split_whitespace());
        if let Some(variable) = variable {
            command.env(variable, "1");
        }
        let ran = Ran::of(command.output().unwrap());
        (ran.stdout + &ran.stderr).contains('\u{1b}')
    };
    assert!(!coloured("new my-api --dry-run", None));
    assert!(coloured("new my-api --dry-run --color always", None));
    assert!(coloured("new 1 --color always", None));
    assert!(coloured("nwe --color=always", None));
    assert!(coloured("new --help --color always", None));
    assert!(!coloured("nwe --color never", Some("CLICOLOR_FORCE")));
    assert!(!coloured("nwe --color sometimes", None));
    assert!(coloured("new my-api --dry-run", Some("CLICOLOR_FORCE")));
    assert!(!coloured(
        "new my-api --dry-run --color never",
        Some("CLICOLOR_FORCE")
    ));
    assert!(!coloured(
        "new my-api --dry-run --json --color always",
        None
    ));
}

#[test]
fn a_terminal_without_unicode_is_spoken_to_in_ascii() {
    let sandbox = Sandbox::empty();
    let said = |line: &str, locale: &[(&str, &str)]| {
        let mut command = sandbox.command();
        command.args(line.split_whitespace()).env_remove("LC_ALL");
        command.env_remove("LC_CTYPE").env_remove("LANG");
        command.envs(locale.iter().copied());
        let ran = Ran::of(command.output().unwrap());
        ran.stdout + &ran.stderr
    };
    let plain: [&[(&str, &str)]; 4] = [
        &[],
        &[("LANG", "C")],
        &[("LANG", "C.UTF-8"), ("LC_ALL", "POSIX")],
        &[
            ("LC_ALL", ""),
            ("LC_CTYPE", "de_DE.ISO-8859-1"),
            ("LANG", "de_DE.UTF-8"),
        ],
    ];
    for line in [
        "add entity --help",
        "new my-api --no-git --dry-run -q",
        "add field A",
    ] {
        for locale in plain {
            let said = said(line, locale);
            let said = said.lines().filter(|line| !line.starts_with('+'));
            let foreign: Vec<&str> = said.filter(|line| !line.is_ascii()).collect();
            assert_eq!(foreign, [""; 0], "{line} {locale:?}");
        }
    }
    assert!(said("add entity --help", &[("LANG", "C")]).contains("name:type[:rule...]"));
    assert!(said("add entity --help", &[("LANG", "en_GB.utf8")]).contains("name:type[:rule…]"));
}

#[cfg(unix)]
mod unix {
    use std::ffi::OsStr;
    use std::io::Read;
    use std::os::unix::ffi::OsStrExt;
    use std::os::unix::fs::PermissionsExt;
    use std::os::unix::process::CommandExt;
    use std::process::{Command, Stdio};
    use std::thread::sleep;
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_reader_that_has_seen_enough_is_no_error() {
        let sandbox = Sandbox::empty();
        let mut command = sandbox.command();
        command.args(["new", "my-api", "--dry-run"]);
        let mut child = command
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut few = [0; 10];
        child.stdout.take().unwrap().read_exact(&mut few).unwrap();
        let ran = Ran::of(child.wait_with_output().unwrap()).succeeds();
        assert!(!ran.stderr.contains("error"), "{}", ran.stderr);
    }

    #[test]
    fn arguments_that_are_no_text_are_wrong_usage_and_paths_need_not_be_text() {
        let sandbox = Sandbox::empty();
        let bytes = OsStr::from_bytes(b"a\xffb");
        let ran = Ran::of(sandbox.command().arg("new").arg(bytes).output().unwrap());
        assert_eq!(ran.code, Some(2), "{}", ran.stderr);
        let mut command = sandbox.command();
        command
            .args(["new", "my-api", "--no-git", "--path"])
            .arg(bytes);
        Ran::of(command.output().unwrap()).succeeds();
        assert!(sandbox.here.join(bytes).join("Cargo.toml").is_file());
    }

    #[test]
    fn stopped_with_ctrl_c_it_leaves_nothing_behind() {
        let sandbox = Sandbox::empty();
        sandbox.write("bin/git", "#!/bin/sh\ntouch \"$0.started\"\nsleep 30\n");
        let git = sandbox.path("bin/git");
        fs::set_permissions(&git, fs::Permissions::from_mode(0o755)).unwrap();
        let path = format!("{}:/usr/bin:/bin", sandbox.path("bin").display());
        let mut command = sandbox.command();
        command.args(["new", "my-api"]).env("PATH", path);
        let child = command
            .process_group(0)
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        while !sandbox.path("bin/git.started").exists() {
            sleep(Duration::from_millis(5));
        }
        let group = format!("-{}", child.id());
        let killed = Command::new("kill")
            .args(["-INT", "--", &group])
            .status()
            .unwrap();
        assert!(killed.success());
        let ran = Ran::of(child.wait_with_output().unwrap());
        assert_eq!(ran.code, Some(130), "{}", ran.stderr);
        let left: Vec<_> = fs::read_dir(&sandbox.here).unwrap().collect();
        assert_eq!(left.len(), 1, "{left:?}");
    }
}
