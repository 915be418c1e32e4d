//! What is said while something takes long.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::process::Stdio;
use std::thread::sleep;
use std::time::Duration;

use rexpect::session::{PtySession, spawn_command};

use crate::sandbox::{Ran, Sandbox};

const ASKING: &str = "asking the programs for their versions";
/// Longer than what is not worth a word.
const LONG: Duration = Duration::from_millis(800);
const CLEARED: &str = "\r\u{1b}[2K";

/// A machine on which one program ends only when the file `go` is there.
fn slow() -> Sandbox {
    let sandbox = Sandbox::empty();
    let go = sandbox.path("go");
    let script = format!(
        "#!/bin/sh\nuntil [ -e '{}' ]; do /bin/sleep 0.05; done\n",
        go.display()
    );
    sandbox.write("bin/sam", &script);
    fs::set_permissions(sandbox.path("bin/sam"), fs::Permissions::from_mode(0o755)).unwrap();
    sandbox
}

fn terminal(sandbox: &Sandbox, line: &str, variables: &[(&str, &str)]) -> PtySession {
    let mut command = sandbox.command();
    command
        .args(line.split_whitespace())
        .env("PATH", sandbox.path("bin"))
        .env("TERM", "xterm")
        .envs(variables.iter().copied());
    spawn_command(command, Some(20_000)).unwrap()
}

/// What a terminal gets, whose variables these are, when the program ends as soon as it was said to take long.
fn on_terminal(line: &str, variables: &[(&str, &str)]) -> String {
    let sandbox = slow();
    let mut session = terminal(&sandbox, line, variables);
    let before = session.exp_string(ASKING).unwrap();
    sandbox.write("go", "");
    let after = session.exp_eof().unwrap();
    // It takes bytes for characters.
    let bytes = format!("{before}{ASKING}{after}")
        .chars()
        .map(|c| c as u8)
        .collect();
    String::from_utf8(bytes).unwrap()
}

/// What a terminal gets when the program takes long, and nothing is said to tell when it may end.
fn on_silent_terminal(line: &str, variables: &[(&str, &str)]) -> String {
    let sandbox = slow();
    let mut session = terminal(&sandbox, line, variables);
    sleep(LONG);
    sandbox.write("go", "");
    session.exp_eof().unwrap()
}

#[test]
fn what_takes_long_is_told_on_a_terminal_in_a_line_that_is_gone_afterwards() {
    let said = on_terminal("doctor", &[]);
    let shown = said.rfind(ASKING).unwrap_or_else(|| panic!("{said:?}"));
    assert!(
        said[shown..].starts_with(&format!("{ASKING}{CLEARED}")),
        "{said:?}"
    );
    assert!(said.contains("⠋"), "{said:?}");
    assert!(!said[shown + ASKING.len() + CLEARED.len()..].contains(CLEARED));
}

#[test]
fn it_is_told_without_colours_and_in_signs_that_the_terminal_knows() {
    let said = on_terminal("doctor", &[("LC_ALL", "C"), ("NO_COLOR", "1")]);
    let end = said.find("to build and test").unwrap();
    assert!(
        said[..end].contains(&format!("| {ASKING}{CLEARED}")),
        "{said:?}"
    );
    assert!(said.is_ascii() && !said.contains("\u{1b}[3"), "{said:?}");
}

#[test]
fn who_wants_to_hear_nothing_or_cannot_see_it_is_not_told() {
    for said in [
        on_silent_terminal("doctor --quiet", &[]),
        on_silent_terminal("doctor --json", &[]),
        on_silent_terminal("doctor", &[("TERM", "dumb")]),
    ] {
        assert!(!said.contains("asking"), "{said:?}");
    }
    let sandbox = slow();
    let mut command = sandbox.command();
    let command = command.arg("doctor").env("PATH", sandbox.path("bin"));
    let ran = command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn();
    sleep(LONG);
    sandbox.write("go", "");
    let ran = Ran::of(ran.unwrap().wait_with_output().unwrap());
    assert!(!ran.stderr.contains("asking"), "{}", ran.stderr);
}
