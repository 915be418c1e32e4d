//! `scaffold doctor`, on machines that have this and lack that.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use serde_json::Value;

use crate::sandbox::{Ran, Sandbox};

/// Programs that say what real ones say.
const ALL: [(&str, &str); 9] = [
    ("rustc", "rustc 1.95.0 (59807616e 2026-04-14)"),
    ("cargo", "cargo 1.95.0 (f2d3ce0bd 2026-03-21)"),
    ("rustfmt", "rustfmt 1.8.0-stable (59807616e1 2026-04-14)"),
    ("cargo-clippy", "clippy 0.1.95 (59807616e1 2026-04-14)"),
    ("cc", "cc (Debian 14.2.0-19) 14.2.0"),
    ("git", "git version 2.47.3"),
    ("cargo-lambda", "cargo-lambda 1.9.2"),
    ("zig", "0.17.1"),
    ("sam", "SAM CLI, version 1.170.0"),
];

struct Machine(Sandbox);

impl Machine {
    /// Nothing is there but these.
    fn with<'a>(programs: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        let machine = Self(Sandbox::empty());
        fs::create_dir(machine.0.path("bin")).unwrap();
        for (name, said) in programs {
            machine.program(name, &format!("echo '{said}'"));
        }
        machine
    }

    fn program(&self, name: &str, does: &str) {
        let path = format!("bin/{name}");
        self.0.write(&path, &format!("#!/bin/sh\n{does}\n"));
        fs::set_permissions(self.0.path(&path), fs::Permissions::from_mode(0o755)).unwrap();
    }

    fn doctor(&self, line: &str) -> Ran {
        let mut command = self.0.command();
        command
            .env_clear()
            .env("PATH", self.0.path("bin"))
            .env("HOME", &self.0.here);
        command.arg("doctor").args(line.split_whitespace());
        Ran::of(command.output().unwrap())
    }
}

#[test]
fn a_machine_that_has_everything_is_said_to() {
    let machine = Machine::with(ALL);
    machine.0.write(
        ".aws/credentials",
        "[default]\naws_access_key_id = AKIASECRET\naws_secret_access_key = hidden\n",
    );
    let ran = machine.doctor("").succeeds();
    let file = machine.0.path(".aws/credentials");
    let expected = format!(
        "\
to build and test (Docker and an AWS account are not needed)
  rustc            1.95.0
  cargo            1.95.0
  rustfmt          1.8.0-stable
  clippy           0.1.95
  C compiler       14.2.0-19
  git              2.47.3

to deploy
  cargo-lambda     1.9.2
  zig              0.17.1
  sam              1.170.0
  AWS credentials  found: the profile `default` in {}
",
        file.display()
    );
    assert_eq!(ran.stdout, expected);
    assert_eq!(
        ran.stderr,
        "all there: projects can be built, tested and deployed from here\n"
    );
}

#[cfg(target_os = "linux")]
#[test]
fn what_is_missing_or_too_old_is_told_with_the_way_to_get_it() {
    let machine = Machine::with([
        ("rustc", "rustc 1.80.0 (051478957 2024-07-21)"),
        ("cargo", "cargo 1.95.0 (f2d3ce0bd 2026-03-21)"),
        ("rustfmt", "rustfmt 1.8.0-stable (59807616e1 2026-04-14)"),
        ("cc", "cc (Debian 14.2.0-19) 14.2.0"),
        ("git", "git version 2.47.3"),
        ("sam", "SAM CLI, version 1.100.0"),
    ]);
    machine.program("zig", "exit 1");
    machine.program("cargo-clippy", "exit 1");
    machine.program("cargo", "test \"$1\" = --version && echo cargo 1.95.0");
    let ran = machine.doctor("").refuses("lacks what a project needs");
    let expected = "\
to build and test (Docker and an AWS account are not needed)
  rustc            1.80.0 is too old, 1.94.1 is the oldest that will do (tested with 1.95.0)
                   get it: curl --proto '=https' --tlsv1.2 -sSf https://sh.rustup.rs | sh, or `rustup update stable`
  cargo            1.95.0
  rustfmt          1.8.0-stable
  clippy           does not run
                   get it: rustup component add clippy
  C compiler       14.2.0-19
  git              2.47.3

to deploy
  cargo-lambda     missing (tested with 1.9.2)
                   get it: pipx install cargo-lambda==1.9.2
  zig              does not run (tested with 0.17.1)
                   get it: pipx inject cargo-lambda ziglang==0.17.1 --include-apps
  sam              1.100.0 (tested with 1.170.0)
  AWS credentials  none
                   get them: aws configure sso, or `aws configure` for an access key
";
    assert_eq!(ran.stdout, expected);
}

#[test]
fn who_does_not_deploy_needs_no_tools_for_it() {
    let machine = Machine::with(ALL.into_iter().take(6));
    let ran = machine.doctor("").succeeds();
    assert!(
        ran.stderr
            .contains("to deploy them, get what is marked above"),
        "{}",
        ran.stderr
    );
    assert_eq!(machine.doctor("-q").succeeds().stdout, "");
}

#[test]
fn programs_get_json_without_a_secret_in_it() {
    let machine = Machine::with(ALL.into_iter().skip(1));
    machine.0.write(
        ".aws/credentials",
        "[default]\naws_access_key_id = AKIASECRET\naws_secret_access_key = hidden\n",
    );
    let ran = machine
        .doctor("--json")
        .refuses("lacks what a project needs");
    assert!(
        !ran.stdout.contains("AKIASECRET") && !ran.stdout.contains("hidden"),
        "{}",
        ran.stdout
    );
    let found: Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!(
        (&found["can_build"], &found["can_deploy"]),
        (&Value::Bool(false), &Value::Bool(false))
    );
    assert_eq!(found["tools"][0]["name"], "rustc");
    assert_eq!(found["tools"][0]["state"], "missing");
    assert_eq!(found["tools"][1]["state"], "fine");
    assert_eq!(found["tools"][1]["version"], "1.95.0");
}
