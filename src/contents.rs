//! What the pristine copy holds, by digest: so that a copy that was lost, one that was damaged, and a file that another
//! build of scaffold did not write are told apart.

use std::collections::BTreeMap;
use std::fmt::Write;

use crate::digest::Digest;
use crate::tree::Tree;

/// Where the list is, inside the pristine copy. No file of a project is called so.
pub const FILE: &str = ".contents";

/// This build of scaffold, by what it was made from: another one may write the same project in another way.
const BUILD: &str = env!("SCAFFOLD_BUILD");

const HEADING: &str = "# What scaffold wrote here, so that a lost or damaged copy is noticed. Git merges this line by line.\n";

/// The list as it was read. Where git merged two branches, it may name two builds, and two digests for one path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contents {
    builds: Vec<String>,
    /// Sorted by path.
    digests: Vec<(String, Digest)>,
}

impl Contents {
    /// The list of a pristine copy that this build wrote whole.
    pub fn of(tree: &Tree) -> Self {
        let digest = |(path, text): (&str, &str)| (path.to_owned(), Digest::of(text.as_bytes()));
        Self {
            builds: vec![BUILD.to_owned()],
            digests: tree.iter().map(digest).collect(),
        }
    }

    /// Reads a list: also one in which git left its marks, of which both sides count. `None` when it names no build,
    /// since then it is no list.
    pub fn parse(text: &str) -> Option<Self> {
        let mut builds = Vec::new();
        let mut digests = Vec::new();
        for (first, rest) in text
            .lines()
            .filter_map(|line| line.trim_end().split_once(' '))
        {
            if first == "build" {
                builds.push(rest.to_owned());
            } else if let Some(digest) = Digest::parse(first) {
                digests.push((rest.to_owned(), digest));
            }
        }
        builds.sort();
        builds.dedup();
        digests.sort();
        digests.dedup();
        (!builds.is_empty()).then_some(Self { builds, digests })
    }

    pub fn to_text(&self) -> String {
        let mut text = HEADING.to_owned();
        for build in &self.builds {
            let _ = writeln!(text, "build {build}");
        }
        for (path, digest) in &self.digests {
            let _ = writeln!(text, "{digest} {path}");
        }
        text
    }

    /// Whether this very build wrote all of it.
    pub fn is_of_this_build(&self) -> bool {
        self.builds == [BUILD]
    }

    /// The digests of what was written for a path: none if nothing was, two after git merged two branches.
    pub fn of_path<'a>(&'a self, path: &'a str) -> impl Iterator<Item = Digest> + Clone + 'a {
        let start = self.digests.partition_point(|(other, _)| **other < *path);
        let from_here = self.digests[start..].iter();
        from_here
            .take_while(move |(other, _)| other == path)
            .map(|(_, digest)| *digest)
    }

    pub fn paths(&self) -> impl Iterator<Item = &str> {
        self.digests.iter().map(|(path, _)| &**path)
    }

    /// The list after some copies were written, or removed.
    pub fn with(self, written: &BTreeMap<String, Option<String>>) -> Self {
        let others = self.digests.into_iter();
        let mut digests: Vec<(String, Digest)> = others
            .filter(|(path, _)| !written.contains_key(path))
            .collect();
        let present = written.iter().filter_map(|(path, text)| {
            let text = text.as_ref()?;
            Some((path.clone(), Digest::of(text.as_bytes())))
        });
        digests.extend(present);
        digests.sort();
        Self { digests, ..self }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tree() -> Tree {
        let mut tree = Tree::new();
        tree.insert("a", "1").unwrap();
        tree.insert("b/c d", "2").unwrap();
        tree
    }

    #[test]
    fn a_list_is_read_as_it_was_written() {
        let contents = Contents::of(&tree());
        assert_eq!(Contents::parse(&contents.to_text()), Some(contents.clone()));
        let windows = contents.to_text().replace('\n', "\r\n");
        assert_eq!(Contents::parse(&windows), Some(contents.clone()));
        assert!(contents.is_of_this_build());
        let found: Vec<Digest> = contents.of_path("b/c d").collect();
        assert_eq!(found, [Digest::of(b"2")]);
        assert_eq!(contents.of_path("b").count(), 0);
    }

    #[test]
    fn what_is_no_list_is_not_read_as_one() {
        for text in ["", "\0\0\0", "# build\n", "0123456789abcdef a\n"] {
            assert_eq!(Contents::parse(text), None, "{text:?}");
        }
    }

    #[test]
    fn both_sides_of_a_merge_count() {
        let ours = Contents::of(&tree()).to_text();
        let mut other = tree();
        other.remove("a");
        other.insert("a", "3").unwrap();
        let theirs = Contents::of(&other).to_text().replace("build ", "build x");
        for merged in [
            format!("{ours}{theirs}"),
            format!("<<<<<<< HEAD\n{ours}=======\n{theirs}>>>>>>> branch\n"),
        ] {
            let contents = Contents::parse(&merged).unwrap();
            assert!(!contents.is_of_this_build());
            assert_eq!(contents.of_path("a").count(), 2);
            assert_eq!(contents.of_path("b/c d").count(), 1);
        }
    }

    #[test]
    fn what_is_written_replaces_what_was_listed() {
        let written = [
            ("a".to_owned(), None),
            ("b/c d".to_owned(), Some("4".to_owned())),
            ("0".to_owned(), Some("5".to_owned())),
        ];
        let contents = Contents::of(&tree()).with(&written.into());
        let mut expected = Tree::new();
        expected.insert("0", "5").unwrap();
        expected.insert("b/c d", "4").unwrap();
        assert_eq!(contents, Contents::of(&expected));
    }
}
