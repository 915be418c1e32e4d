//! The programs that a project needs.

use super::{Finding, Purpose, State};

/// A program, and where it comes from.
#[derive(Debug)]
pub struct Tool {
    pub name: &'static str,
    pub needed_to: Purpose,
    /// What is typed for its version. The first that answers counts.
    pub commands: &'static [&'static str],
    pub minimum: Option<&'static str>,
    pub tested: Option<&'static str>,
    /// On Linux, macOS and Windows.
    get_it: [&'static str; 3],
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Platform {
    Linux,
    Mac,
    Windows,
}

impl Platform {
    /// That of this machine; others are taken for a kind of Linux.
    pub const HERE: Self = if cfg!(windows) {
        Self::Windows
    } else if cfg!(target_os = "macos") {
        Self::Mac
    } else {
        Self::Linux
    };
}

/// `rust-version` of a new project.
const OLDEST_RUST: &str = "1.94.1";

const RUSTUP: [&str; 3] = [
    "curl --proto '=https' --tlsv1.2 -sSf https://sh.rustup.rs | sh, or `rustup update stable`",
    "curl --proto '=https' --tlsv1.2 -sSf https://sh.rustup.rs | sh, or `rustup update stable`",
    "winget install Rustlang.Rustup, or `rustup update stable`",
];

impl Tool {
    /// In the order they are told. The versions are those of a new project's CI workflow.
    pub const ALL: &[Self] = &[
        Self {
            name: "rustc",
            needed_to: Purpose::Build,
            commands: &["rustc --version"],
            minimum: Some(OLDEST_RUST),
            tested: Some("1.95.0"),
            get_it: RUSTUP,
        },
        Self {
            name: "cargo",
            needed_to: Purpose::Build,
            commands: &["cargo --version"],
            minimum: Some(OLDEST_RUST),
            tested: Some("1.95.0"),
            get_it: RUSTUP,
        },
        Self {
            name: "rustfmt",
            needed_to: Purpose::Build,
            commands: &["rustfmt --version"],
            minimum: None,
            tested: None,
            get_it: ["rustup component add rustfmt"; 3],
        },
        Self {
            name: "clippy",
            needed_to: Purpose::Build,
            commands: &["cargo-clippy --version", "cargo clippy --version"],
            minimum: None,
            tested: None,
            get_it: ["rustup component add clippy"; 3],
        },
        Self {
            name: "C compiler",
            needed_to: Purpose::Build,
            // MSVC's is on no PATH: there, rustc finds it by itself.
            commands: if cfg!(windows) {
                &["rustc --version"]
            } else {
                &["cc --version", "clang --version", "gcc --version"]
            },
            minimum: None,
            tested: None,
            get_it: [
                "sudo apt install build-essential (Debian, Ubuntu), sudo dnf install gcc (Fedora)",
                "xcode-select --install",
                // Without the workload, it brings no compiler.
                "winget install Microsoft.VisualStudio.2022.BuildTools --override \"--passive --add Microsoft.VisualStudio.Workload.VCTools --includeRecommended\"",
            ],
        },
        Self {
            name: "git",
            needed_to: Purpose::Build,
            commands: &["git --version"],
            minimum: Some("2.28"),
            tested: None,
            get_it: [
                "sudo apt install git (Debian, Ubuntu), sudo dnf install git (Fedora)",
                "xcode-select --install",
                "winget install Git.Git",
            ],
        },
        Self {
            name: "cargo-lambda",
            needed_to: Purpose::Deploy,
            commands: &["cargo-lambda lambda --version", "cargo lambda --version"],
            minimum: Some("1.0"),
            tested: Some("1.9.2"),
            get_it: ["pipx install cargo-lambda==1.9.2"; 3],
        },
        Self {
            name: "zig",
            needed_to: Purpose::Deploy,
            commands: &[
                "zig version",
                "python-zig version",
                "python3 -m ziglang version",
            ],
            minimum: None,
            tested: Some("0.17.1"),
            get_it: ["pipx inject cargo-lambda ziglang==0.17.1 --include-apps"; 3],
        },
        Self {
            name: "sam",
            needed_to: Purpose::Deploy,
            commands: &["sam --version", "sam.cmd --version"],
            minimum: None,
            tested: Some("1.170.0"),
            get_it: [
                "pipx install aws-sam-cli==1.170.0",
                "brew install aws-sam-cli",
                "winget install Amazon.SAM-CLI",
            ],
        },
    ];

    pub(super) fn finding(
        &self,
        platform: Platform,
        state: State,
        version: Option<String>,
    ) -> Finding {
        let [linux, mac, windows] = self.get_it;
        let get_it = match platform {
            Platform::Linux => linux,
            Platform::Mac => mac,
            Platform::Windows => windows,
        };
        Finding {
            name: self.name,
            needed_to: self.needed_to,
            state,
            version,
            minimum: self.minimum,
            tested: self.tested,
            get_it: (state != State::Fine).then_some(get_it),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::name::ProjectName;
    use crate::project::Project;
    use crate::render;

    #[test]
    fn the_versions_are_those_of_a_new_project() {
        let project = Project::new(ProjectName::parse("my-api").unwrap());
        let tree = render::render(&project).unwrap();
        let text = |path: &str| tree.get(path).unwrap();
        let ci = text(".github/workflows/ci.yml");
        for command in Tool::ALL
            .iter()
            .map(|tool| tool.get_it[0])
            .filter(|command| command.starts_with("pipx"))
        {
            assert!(ci.contains(command), "{command}");
        }
        for tested in Tool::ALL
            .iter()
            .filter(|tool| tool.needed_to == Purpose::Deploy)
            .filter_map(|tool| tool.tested)
        {
            assert!(ci.contains(tested), "{tested}");
        }
        assert!(text("Cargo.toml").contains(&format!("rust-version = \"{OLDEST_RUST}\"")));
    }
}
