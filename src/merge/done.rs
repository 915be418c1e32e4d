//! Whether the user's file has a change already, made by hand: then merging it is no work and no conflict.

use std::collections::BTreeSet;

use crate::blocks::{Block, blocks, is_blank};
use crate::diff::{self, Edit, indent};
use crate::syntax::Kind;

use super::{Sides, overlap};

impl<'a> Sides<'a> {
    /// The new lines of an edit of theirs, without the blocks that the user inserted in the same scope.
    pub(super) fn without_present(&self, edit: &Edit) -> Vec<&'a str> {
        let new = &self.their_lines[edit.new.clone()];
        let wanted = blocks(new, self.kind);
        let present = |block: &Block| self.has_inserted(block, edit);
        let is_blank_only = new.iter().all(|line| is_blank(line));
        if !is_blank_only && wanted.iter().all(present) {
            return Vec::new();
        }
        wanted
            .iter()
            // The same statement may be wanted in two places, so it counts as present only with all the others.
            .filter(|block| is_blank_only || !(block.declares && present(block)))
            .flat_map(|block| new[block.lines.clone()].iter().copied())
            .collect()
    }

    fn has_inserted(&self, wanted: &Block, edit: &Edit) -> bool {
        if !wanted.key.contains(char::is_alphanumeric) {
            return wanted.key.is_empty();
        }
        self.our_edits.iter().any(|ours| {
            let lines = &self.our_lines[ours.new.clone()];
            let has = |block: &Block| block.key == wanted.key && block.indent == wanted.indent;
            self.same_scope(ours, edit, wanted.indent) && blocks(lines, self.kind).iter().any(has)
        })
    }

    /// Whether no line between two edits ends the scope that a line with this indentation is in.
    fn same_scope(&self, left: &Edit, right: &Edit, depth: usize) -> bool {
        let (first, last) = if left.old.start <= right.old.start {
            (left, right)
        } else {
            (right, left)
        };
        let between = first.old.end.min(last.old.start)..last.old.start;
        self.base_lines[between].iter().all(|line| {
            let is_table = self.kind == Kind::Toml && line.trim_start().starts_with('[');
            is_blank(line) || (indent(line) >= depth && !is_table)
        })
    }

    /// Whether an edit of theirs that overlaps edits of ours is nevertheless in the user's file: each old line gone and
    /// each new one there, or, word by word, everything that it takes out and puts in.
    pub(super) fn is_done(&self, edit: &Edit, still_wanted: &[&str]) -> bool {
        let gone = edit
            .old
            .clone()
            .all(|line| self.our_edits.iter().any(|ours| ours.old.contains(&line)));
        // Old lines that gave way to lines of the user's own may live on in those; then they are not gone for good.
        let settled = !edit.is_deletion() || self.lives_on_nowhere(edit);
        (gone && settled && still_wanted.is_empty()) || self.is_done_by_word(edit)
    }

    /// Whether what the user put in place of the lines of an edit is something else: lines that theirs brings, too, or
    /// without any of the words that theirs takes out of the file for good.
    fn lives_on_nowhere(&self, edit: &Edit) -> bool {
        let stays: BTreeSet<&str> = words(&self.their_lines).into_iter().collect();
        let vanish: BTreeSet<&str> = words(&self.base_lines[edit.old.clone()])
            .into_iter()
            .filter(|word| !stays.contains(word))
            .collect();
        let is_theirs = |line: &str| {
            self.their_edits
                .iter()
                .any(|theirs| self.their_lines[theirs.new.clone()].contains(&line))
        };
        let is_other = |line: &str| {
            !vanish.is_empty() && !words(&[line]).iter().any(|word| vanish.contains(word))
        };
        self.our_edits
            .iter()
            .filter(|ours| overlap(ours, edit))
            .flat_map(|ours| &self.our_lines[ours.new.clone()])
            .all(|line| is_blank(line) || is_theirs(line) || is_other(line))
    }

    fn is_done_by_word(&self, edit: &Edit) -> bool {
        let overlapping = || self.our_edits.iter().filter(|ours| overlap(ours, edit));
        let start = overlapping()
            .map(|ours| ours.old.start)
            .fold(edit.old.start, usize::min);
        let end = overlapping()
            .map(|ours| ours.old.end)
            .fold(edit.old.end, usize::max);
        let (Some(first), Some(last)) = (overlapping().next(), overlapping().next_back()) else {
            return false;
        };
        let ours_from = first.new.start - (first.old.start - start);
        let ours_to = last.new.end + (end - last.old.end);
        let base = words(&self.base_lines[start..end]);
        let ours = words(&self.our_lines[ours_from..ours_to]);
        let theirs: Vec<&str> = [
            words(&self.base_lines[start..edit.old.start]),
            words(&self.their_lines[edit.new.clone()]),
            words(&self.base_lines[edit.old.end..end]),
        ]
        .concat();
        let our_edits = diff::edits(&base, &ours);
        diff::edits(&base, &theirs).iter().all(|wanted| {
            let gone = wanted
                .old
                .clone()
                .all(|word| our_edits.iter().any(|ours| ours.old.contains(&word)));
            let new = &theirs[wanted.new.clone()];
            let there = new.is_empty()
                || our_edits.iter().any(|made| {
                    let touches =
                        made.old.start <= wanted.old.end && wanted.old.start <= made.old.end;
                    touches
                        && ours[made.new.clone()]
                            .windows(new.len())
                            .any(|window| window == new)
                });
            // To take words out and put others in instead is a different wish, which is the user's to settle.
            gone && there
                && !(new.is_empty()
                    && our_edits
                        .iter()
                        .any(|made| overlap(made, wanted) && !made.is_deletion()))
        })
    }
}

/// Identifiers and numbers whole, everything else character by character, white space left out.
fn words<'a>(lines: &[&'a str]) -> Vec<&'a str> {
    let mut words = Vec::new();
    for line in lines {
        let mut rest = line.trim_start();
        while let Some(first) = rest.chars().next() {
            let is_word = |c: char| c.is_alphanumeric() || c == '_';
            let length = if is_word(first) {
                rest.find(|c| !is_word(c)).unwrap_or(rest.len())
            } else {
                first.len_utf8()
            };
            words.push(&rest[..length]);
            rest = rest[length..].trim_start();
        }
    }
    words
}
