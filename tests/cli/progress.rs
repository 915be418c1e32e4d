//! What is said while something takes long.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use rexpect::session::spawn_command;

use crate::sandbox::{Ran, Sandbox};

const ASKING: &str = "asking the programs for their versions";
const CLEARED: &str = "\r\u{1b}[2K";

/// A machine on which one program takes its time.
fn slow() -> Sandbox {
    let sandbox = Sandbox::empty();
    sandbox.write("bin/sam", "#!/bin/sh\n/bin/sleep 1\n");
    fs::set_permissions(sandbox.path("bin/sam"), fs::Permissions::from_mode(0o755)).unwrap();
    sandbox
}

/// What a terminal gets, whose variables these are.
fn on_terminal(line: &str, variables: &[(&str, &str)]) -> String {
    let sandbox = slow();
    let mut command = sandbox.command();
    command
        .args(line.split_whitespace())
        .env("PATH", sandbox.path("bin"))
        .env("TERM", "xterm")
        .envs(variables.iter().copied());
    let mut session = spawn_command(command, Some(20_000)).unwrap();
    // It takes bytes for characters.
    let bytes = session
        .exp_eof()
        .unwrap()
        .chars()
        .map(|c| c as u8)
        .collect();
    String::from_utf8(bytes).unwrap()
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
        on_terminal("doctor --quiet", &[]),
        on_terminal("doctor --json", &[]),
        on_terminal("doctor", &[("TERM", "dumb")]),
    ] {
        assert!(!said.contains("asking"), "{said:?}");
    }
    let sandbox = slow();
    let mut command = sandbox.command();
    let ran = command.arg("doctor").env("PATH", sandbox.path("bin"));
    let ran = Ran::of(ran.output().unwrap());
    assert!(!ran.stderr.contains("asking"), "{}", ran.stderr);
}
