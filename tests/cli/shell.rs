//! What a shell and a reader of manuals are given, and that every command teaches itself.

use std::process::Command;

use clap::CommandFactory;
use scaffold::cli::Cli;

use crate::sandbox::Sandbox;

#[test]
fn every_command_shows_examples_that_its_own_parser_takes() {
    for (path, command) in leaves(&Cli::command(), "scaffold") {
        let after = command.get_after_help().map(ToString::to_string);
        let after = after.unwrap_or_default();
        let (_, examples) = after
            .split_once("Examples:\n")
            .unwrap_or_else(|| panic!("`{path}` shows no example"));
        let examples = examples.split("\n\n").next().unwrap_or_default();
        let own = format!("{path} ");
        assert!(
            examples
                .lines()
                .any(|line| format!("{} ", line.trim()).starts_with(&own)),
            "no example of `{path}`:\n{examples}"
        );
        for line in examples.lines().filter(|line| line.contains("scaffold ")) {
            let words = line.split_whitespace();
            let words = words.take_while(|word| !["|", ">", ">>", "&&", "#"].contains(word));
            let parsed = Cli::command().try_get_matches_from(words);
            assert!(parsed.is_ok(), "{line}\n{}", parsed.unwrap_err());
        }
    }
}

/// What is laid out by hand is not wrapped where it should be.
#[test]
fn what_stands_below_the_options_fits_a_terminal_of_80_columns() {
    for (path, command) in leaves(&Cli::command(), "scaffold") {
        let after = command.get_after_help().map(ToString::to_string);
        for line in after.unwrap_or_default().lines() {
            assert!(line.chars().count() <= 80, "{path}: {line}");
        }
    }
}

#[test]
fn the_help_of_every_command_is_written_down() {
    let written = include_str!("help.md");
    for (path, _) in leaves(&Cli::command(), "scaffold") {
        assert!(written.contains(&format!("$ {path} --help\n")), "{path}");
    }
}

/// The commands that do something, with what is typed for each.
fn leaves(command: &clap::Command, path: &str) -> Vec<(String, clap::Command)> {
    if !command.has_subcommands() {
        return vec![(path.to_owned(), command.clone())];
    }
    let below = command.get_subcommands();
    below
        .flat_map(|below| leaves(below, &format!("{path} {}", below.get_name())))
        .collect()
}

#[test]
fn bash_completes_commands_options_and_their_values() {
    let sandbox = Sandbox::empty();
    let script = sandbox.run("completions bash").succeeds().stdout;
    sandbox.write("completions", &script);
    for (typed, expected) in [
        ("scaffold ad", "add"),
        ("scaffold add ent", "entity"),
        ("scaffold add entity Proposal --par", "--parent"),
        ("scaffold add entity Proposal --read pub", "public"),
        ("scaffold new my-api --arch x86", "x86_64"),
        ("scaffold list rou", "routes"),
    ] {
        let words: Vec<&str> = typed.split(' ').collect();
        let (last, before) = (words[words.len() - 1], words[words.len() - 2]);
        let typed = words.join(" ");
        let line = format!(
            "source ./completions; COMP_WORDS=({typed}); COMP_CWORD={}; _scaffold scaffold {last} {before}; echo ${{COMPREPLY[@]}}",
            words.len() - 1
        );
        let mut bash = Command::new("bash");
        let ran = bash.args(["-c", &line]).current_dir(&sandbox.here);
        let ran = ran.output().unwrap();
        let shown = String::from_utf8_lossy(&ran.stdout);
        let shown: Vec<&str> = shown.split_whitespace().collect();
        assert_eq!(shown, [expected], "{typed}");
    }
}

#[test]
fn every_shell_gets_a_script_that_knows_every_command() {
    let sandbox = Sandbox::empty();
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let ran = sandbox.run(&format!("completions {shell}")).succeeds();
        assert_eq!(ran.stderr, "");
        for (path, command) in leaves(&Cli::command(), "scaffold") {
            assert!(ran.stdout.contains(command.get_name()), "{shell}: {path}");
        }
    }
}

#[test]
fn every_command_has_a_page_in_the_manual() {
    let sandbox = Sandbox::empty();
    let whole = sandbox.run("man").succeeds().stdout;
    let printed = sandbox.run("man pages/man1").succeeds();
    assert_eq!(printed.stdout, "");
    assert_eq!(sandbox.read("pages/man1/scaffold.1"), whole);
    for (path, _) in leaves(&Cli::command(), "scaffold") {
        let page = sandbox.read(&format!("pages/man1/{}.1", path.replace(' ', "-")));
        assert!(page.contains(".SH EXAMPLES\n.nf\n"), "{page}");
        assert!(page.contains(&format!("\\fB{path}\\fR")), "{page}");
    }
    sandbox.write("file", "");
    let ran = sandbox.run("man file");
    assert_eq!(ran.code, Some(1));
    assert!(ran.stderr.contains("cannot make `file`"), "{}", ran.stderr);
}
