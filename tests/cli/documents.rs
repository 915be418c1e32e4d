//! The commands in the documentation, run as a reader would run them, one document after the other.
//!
//! A block marked `console` is a recorded session: what it shows is what is printed, where a line `…` stands for any lines. Of a
//! block marked `sh`, the commands of scaffold are run, and succeed. A document begins in a new project, and
//! a block that begins with `scaffold new` in an empty folder; any other goes on where the one before ended. `TRYCMD=overwrite cargo test --test cli` records the sessions anew.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::sandbox::Sandbox;

#[test]
fn the_commands_of_the_readme_do_what_it_shows() {
    check("README.md");
}

#[test]
fn the_commands_of_the_documents_do_what_they_show() {
    for document in [
        "docs/fields.md",
        "docs/own-templates.md",
        "docs/upgrading.md",
    ] {
        check(document);
    }
}

#[test]
fn each_command_says_what_is_written_down() {
    check("tests/cli/sessions/commands.md");
}

fn check(document: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(document);
    let written = fs::read_to_string(&path).unwrap();
    let recorded = record(&written, document);
    if env::var("TRYCMD").as_deref() == Ok("overwrite") {
        fs::write(&path, recorded).unwrap();
        return;
    }
    assert_eq!(
        recorded, written,
        "{document}: accept what is printed now with `TRYCMD=overwrite cargo test --test cli`"
    );
}

/// The document with what its sessions print now.
fn record(written: &str, document: &str) -> String {
    let mut out = String::new();
    let mut session = Session::in_project();
    let mut lines = written.lines();
    while let Some(line) = lines.next() {
        out.push_str(line);
        out.push('\n');
        let kind = line.strip_prefix("```").unwrap_or_default();
        if kind.is_empty() {
            continue;
        }
        let block: Vec<&str> = lines.by_ref().take_while(|line| *line != "```").collect();
        let first = block.first().copied().unwrap_or_default();
        if first.trim_start_matches("$ ").starts_with("scaffold new") {
            session = Session::empty();
        }
        match kind {
            "console" => out.push_str(&session.record(&block, document)),
            _ => {
                if kind == "sh" {
                    session.run_all(&block, document);
                }
                out.extend(block.iter().flat_map(|line| [line, "\n"]));
            }
        }
        out.push_str("```\n");
    }
    out
}

/// A shell whose current folder is remembered from one command to the next.
pub struct Session {
    sandbox: Sandbox,
    /// Where it began.
    root: PathBuf,
    /// Whether commands print colours.
    pub is_coloured: bool,
}

impl Session {
    pub fn empty() -> Self {
        Self::of(Sandbox::empty())
    }

    fn in_project() -> Self {
        Self::of(Sandbox::project())
    }

    fn of(sandbox: Sandbox) -> Self {
        Self {
            root: sandbox.here.clone(),
            sandbox,
            is_coloured: false,
        }
    }

    fn run_all(&mut self, block: &[&str], document: &str) {
        for line in block {
            let is_ours = ["scaffold ", "cd "]
                .iter()
                .any(|word| line.starts_with(word));
            if is_ours {
                let (succeeded, printed) = self.run(line);
                assert!(succeeded, "{document}: {line}\n{printed}");
            }
        }
    }

    fn record(&mut self, block: &[&str], document: &str) -> String {
        let mut out = String::new();
        let mut commands = block.split(|line| line.starts_with("$ "));
        let before = commands.next().unwrap_or_default();
        assert!(before.is_empty(), "{document}: {before:?} is no command");
        let typed = block.iter().filter(|line| line.starts_with("$ "));
        for (line, shown) in typed.zip(commands) {
            let (_, printed) = self.run(&line[2..]);
            let printed: Vec<&str> = printed.trim_end().lines().collect();
            out.push_str(line);
            out.push('\n');
            let shown = shown.to_vec();
            let lines = if matches(&shown, &printed) {
                shown
            } else {
                printed
            };
            out.extend(lines.iter().flat_map(|line| [line, "\n"]));
        }
        out
    }

    /// Whether it succeeded, and what it printed on both streams.
    pub fn run(&mut self, line: &str) -> (bool, String) {
        let tool = Path::new(env!("CARGO_BIN_EXE_scaffold")).parent().unwrap();
        let path = env::var("PATH").unwrap();
        let end = "pwd > \"$FOLDER\"";
        let folder = tempfile::NamedTempFile::new().unwrap();
        let scaffold = self.sandbox.command();
        let mut shell = Command::new("sh");
        shell
            .envs(
                scaffold
                    .get_envs()
                    .filter_map(|(name, value)| Some((name, value?))),
            )
            .args([
                "-c",
                &format!("exec 2>&1\n{line}\ncode=$?\n{end}\nexit $code"),
            ])
            .env("PATH", format!("{}:{path}", tool.display()))
            .env("FOLDER", folder.path())
            .current_dir(&self.sandbox.here);
        if self.is_coloured {
            shell.env("CLICOLOR_FORCE", "1");
        }
        let ran = shell.output().unwrap();
        let here = fs::read_to_string(folder.path()).unwrap();
        self.sandbox.here = PathBuf::from(here.trim_end());
        let printed = String::from_utf8_lossy(&ran.stdout);
        // Folders for tests have other names each time.
        let printed = printed.replace(self.root.to_str().unwrap(), "/home/ada");
        (ran.status.success(), printed)
    }
}

/// Whether the lines are those shown, in which `…` stands for any.
fn matches(shown: &[&str], printed: &[&str]) -> bool {
    match (shown, printed) {
        ([], []) => true,
        (["…", rest @ ..], _) => {
            (0..=printed.len()).any(|skipped| matches(rest, &printed[skipped..]))
        }
        ([line, shown @ ..], [same, printed @ ..]) if line == same => matches(shown, printed),
        _ => false,
    }
}
