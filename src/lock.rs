//! Cargo.lock, as cargo itself would write it.

mod merge;

use std::cmp::Reverse;
use std::collections::BTreeSet;

pub use merge::merge;

/// Where it is.
pub const PATH: &str = "Cargo.lock";

const START: &str = "[[package]]\n";

/// Finishes a rendered lock file.
///
/// The template holds the project's own two packages under whatever name the project has, so only now is it known
/// where they belong, and whether a dependency has the same name and must be told apart.
pub fn finish(lock: &str) -> String {
    let mut parts = lock.split(START);
    let head = parts.next().unwrap_or_default();
    let mut packages: Vec<Package<'_>> = parts.map(Package::parse).collect();
    packages.sort_by_key(|package| (package.name, package.order(), Reverse(package.is_own())));

    let own: BTreeSet<&str> = packages
        .iter()
        .filter(|p| p.is_own())
        .map(|p| p.name)
        .collect();
    let namesakes: Vec<(String, String)> = packages
        .iter()
        .filter(|package| !package.is_own() && own.contains(package.name))
        .map(|package| {
            (
                format!(" \"{}\",", package.name),
                package.qualified(&packages),
            )
        })
        .collect();
    let written: Vec<String> = packages.iter().map(|p| p.write(&namesakes)).collect();
    format!("{head}{}", written.join("\n"))
}

struct Package<'a> {
    name: &'a str,
    version: &'a str,
    /// None for a package of the project itself.
    source: Option<&'a str>,
    /// The lines before the dependencies.
    head: Vec<&'a str>,
    dependencies: Vec<&'a str>,
}

impl<'a> Package<'a> {
    fn parse(text: &'a str) -> Self {
        let (dependencies, head): (Vec<_>, Vec<_>) = text
            .trim_end()
            .lines()
            .filter(|line| !matches!(*line, "dependencies = [" | "]"))
            .partition(|line| line.starts_with(' '));
        let value = |key: &str| {
            let line = head.iter().find_map(|line| line.strip_prefix(key))?;
            Some(line.trim_start_matches(" = ").trim_matches('"'))
        };
        Self {
            name: value("name").unwrap_or_default(),
            version: value("version").unwrap_or_default(),
            source: value("source"),
            head,
            dependencies,
        }
    }

    fn is_own(&self) -> bool {
        self.source.is_none()
    }

    /// What packages of one name are sorted by.
    fn order(&self) -> Vec<u64> {
        let numbers = self.version.split(['-', '+']).next().unwrap_or_default();
        numbers.split('.').flat_map(str::parse).collect()
    }

    /// The line by which another package depends on this one, whose name alone would not do.
    fn qualified(&self, all: &[Self]) -> String {
        let alike = |other: &&Self| other.name == self.name && other.version == self.version;
        match self.source {
            Some(source) if all.iter().filter(alike).count() > 1 => {
                format!(" \"{} {} ({source})\",", self.name, self.version)
            }
            _ => format!(" \"{} {}\",", self.name, self.version),
        }
    }

    fn write(&self, namesakes: &[(String, String)]) -> String {
        let mut text = START.to_owned();
        for line in &self.head {
            text += line;
            text += "\n";
        }
        let mut dependencies: Vec<&str> = self.dependencies.clone();
        for line in &mut dependencies {
            if let Some((_, qualified)) = namesakes.iter().find(|(plain, _)| plain == line) {
                *line = qualified;
            }
        }
        dependencies.sort_unstable();
        if !dependencies.is_empty() {
            text += "dependencies = [\n";
            for line in dependencies {
                text += line;
                text += "\n";
            }
            text += "]\n";
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lock(packages: &[(&str, &str, bool, &[&str])]) -> String {
        let packages: Vec<String> = packages
            .iter()
            .map(|(name, version, own, dependencies)| {
                let mut text = format!("{START}name = \"{name}\"\nversion = \"{version}\"\n");
                if !own {
                    text += "source = \"registry+x\"\n";
                }
                if !dependencies.is_empty() {
                    let lines: Vec<String> = dependencies
                        .iter()
                        .map(|d| format!(" \"{d}\",\n"))
                        .collect();
                    text += &format!("dependencies = [\n{}]\n", lines.concat());
                }
                text
            })
            .collect();
        format!("version = 4\n\n{}", packages.join("\n"))
    }

    #[test]
    fn packages_and_dependencies_are_sorted_and_nothing_else_changes() {
        let rendered = lock(&[
            ("my", "0.1.0", true, &["b 2.0.0", "my-local", "b-x"]),
            ("my-local", "0.1.0", true, &[]),
            ("b", "1.0.0", false, &[]),
            ("b", "2.0.0", false, &["b-x"]),
            ("b-x", "1.0.0", false, &[]),
        ]);
        let finished = lock(&[
            ("b", "1.0.0", false, &[]),
            ("b", "2.0.0", false, &["b-x"]),
            ("b-x", "1.0.0", false, &[]),
            ("my", "0.1.0", true, &["b 2.0.0", "b-x", "my-local"]),
            ("my-local", "0.1.0", true, &[]),
        ]);
        assert_eq!(finish(&rendered), finished);
        assert_eq!(finish(&finished), finished);
    }

    #[test]
    fn a_dependency_with_the_name_of_the_project_is_told_apart() {
        let rendered = |version| {
            lock(&[
                ("time", "0.1.0", true, &["x"]),
                ("time", version, false, &[]),
                ("x", "1.0.0", false, &["time"]),
            ])
        };
        let finished = |version, line| {
            lock(&[
                ("time", "0.1.0", true, &["x"]),
                ("time", version, false, &[]),
                ("x", "1.0.0", false, &[line]),
            ])
        };
        assert_eq!(
            finish(&rendered("0.3.10")),
            finished("0.3.10", "time 0.3.10")
        );
        assert_eq!(
            finish(&rendered("0.1.0")),
            finished("0.1.0", "time 0.1.0 (registry+x)")
        );
    }
}
