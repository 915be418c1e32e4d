//! A tree of text files, held in memory.

use std::collections::BTreeMap;

/// Files by their path, which is relative to the project's root and written with `/`.
///
/// Sorted, so that the order in which things were added never shows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tree {
    pub files: BTreeMap<String, String>,
}
