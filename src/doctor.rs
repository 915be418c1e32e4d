//! What a project needs on this machine: which of it is there, in which version, and how to get the rest.
//!
//! Programs are only asked for their version. Credentials are looked for, not read out, and nothing is sent anywhere.

mod credentials;
mod tools;

use std::env;
use std::fs;
use std::process::{Command, Stdio};
use std::thread;

use serde::Serialize;

pub use self::tools::{Platform, Tool};

/// Everything that was looked for, in the order it is told.
#[derive(Debug, Serialize)]
pub struct Examination {
    pub tools: Vec<Finding>,
    pub credentials: Credentials,
    /// Whether `cargo test` and `cargo dev` have all that they need.
    pub can_build: bool,
    /// Whether `sam build` and `sam deploy` have, too.
    pub can_deploy: bool,
}

/// One program.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    pub name: &'static str,
    pub needed_to: Purpose,
    pub state: State,
    pub version: Option<String>,
    /// The oldest that will do.
    pub minimum: Option<&'static str>,
    /// What projects were tested with.
    pub tested: Option<&'static str>,
    /// How to get it, unless it is fine.
    pub get_it: Option<&'static str>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Purpose {
    Build,
    Deploy,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    Fine,
    TooOld,
    Missing,
    /// It is there, and does not tell its version.
    Broken,
}

/// Where the AWS SDK and the SAM CLI would find credentials; never what they are.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub struct Credentials {
    pub source: Option<String>,
    /// How to get them, where there are none.
    pub get_them: Option<&'static str>,
}

/// Looks for all of it. The programs are asked at the same time: some take a second to start.
pub fn examine(platform: Platform) -> Examination {
    let tools: Vec<Finding> = thread::scope(|scope| {
        let ask = |tool| scope.spawn(move || find(tool, platform));
        let asked: Vec<_> = Tool::ALL.iter().map(ask).collect();
        let answers = asked.into_iter().map(thread::ScopedJoinHandle::join);
        answers.filter_map(Result::ok).collect()
    });
    let source = credentials::source(
        |name| env::var(name).ok(),
        |path| fs::read_to_string(path).ok(),
    );
    let get_them = source.is_none().then_some(credentials::GET_THEM);
    let credentials = Credentials { source, get_them };
    let has_all = |purpose| {
        let mut needed = tools.iter().filter(|found| found.needed_to == purpose);
        needed.all(|found| found.state == State::Fine)
    };
    let can_build = has_all(Purpose::Build);
    Examination {
        can_deploy: can_build && has_all(Purpose::Deploy) && credentials.source.is_some(),
        can_build,
        tools,
        credentials,
    }
}

/// Asks a program for its version, by each of the names that it may have.
fn find(tool: &'static Tool, platform: Platform) -> Finding {
    let mut state = State::Missing;
    for (number, line) in tool.commands.iter().enumerate() {
        let mut words = line.split(' ');
        let program = words.next().unwrap_or_default();
        let output = Command::new(program)
            .args(words)
            .stdin(Stdio::null())
            .output();
        let Ok(output) = output else { continue };
        let said = String::from_utf8_lossy(&output.stdout);
        match version(&said) {
            Some(found) if output.status.success() => {
                let state = match tool.minimum {
                    Some(minimum) if is_older(found, minimum) => State::TooOld,
                    _ => State::Fine,
                };
                return tool.finding(platform, state, Some(found.to_owned()));
            }
            // The others are ways to it that may lead nowhere.
            _ if number == 0 => state = State::Broken,
            _ => {}
        }
    }
    tool.finding(platform, state, None)
}

/// The first thing that looks like one: `1.95.0` of `rustc 1.95.0 (…)`.
fn version(said: &str) -> Option<&str> {
    let words = said.split(|c: char| c.is_whitespace() || "(),v".contains(c));
    let mut versions = words.filter(|word| {
        let mut parts = word.split(['.', '-', '+']);
        let is_number = |part: Option<&str>| part.is_some_and(|part| part.parse::<u32>().is_ok());
        is_number(parts.next()) && is_number(parts.next())
    });
    versions.next()
}

fn is_older(found: &str, minimum: &str) -> bool {
    let numbers = |text: &str| -> Vec<u32> {
        let parts = text
            .split(['.', '-', '+'])
            .map_while(|part| part.parse().ok());
        parts.collect()
    };
    numbers(found) < numbers(minimum)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_is_found_in_what_programs_say() {
        for (said, expected) in [
            ("rustc 1.95.0 (59807616e 2026-04-14)\n", Some("1.95.0")),
            (
                "rustfmt 1.8.0-stable (59807616e1 2026-04-14)\n",
                Some("1.8.0-stable"),
            ),
            ("SAM CLI, version 1.170.0\n", Some("1.170.0")),
            ("git version 2.39.5 (Apple Git-154)\n", Some("2.39.5")),
            (
                "cc (Debian 14.2.0-19) 14.2.0\nCopyright (C) 2024\n",
                Some("14.2.0-19"),
            ),
            ("v0.17.1\n", Some("0.17.1")),
            ("no such command\n", None),
            ("", None),
        ] {
            assert_eq!(version(said), expected, "{said}");
        }
    }

    #[test]
    fn versions_are_compared_by_number() {
        assert!(is_older("1.9.0", "1.10.0"));
        assert!(is_older("1.94.0-nightly", "1.94.1"));
        assert!(!is_older("1.94.1", "1.94.1"));
        assert!(!is_older("2.0", "1.94.1"));
    }
}
