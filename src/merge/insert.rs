//! Where both sides inserted at the same place: both are kept, each where it belongs.

use std::cmp::Ordering;

use super::{Sides, new_line};
use crate::blocks::{Block, blocks, is_blank, item_order, sort};
use crate::lines::Line;
use crate::syntax::Kind;

impl<'a> Sides<'a> {
    /// The lines of both, inserted before line `at` of the base.
    pub(super) fn both_inserted(
        &self,
        at: usize,
        ours: &[Line<'a>],
        theirs: &[&'a str],
    ) -> Vec<Line<'a>> {
        let our_lines: Vec<&str> = ours.iter().map(|line| line.content).collect();
        let our_blocks = blocks(&our_lines, self.kind);
        let their_blocks = blocks(theirs, self.kind);
        let theirs: Vec<Line> = theirs.iter().map(new_line).collect();
        let (Some(first), Some(their_first)) = (our_blocks.first(), their_blocks.first()) else {
            return [ours, &theirs].concat();
        };
        if their_first.indent > first.indent && self.kind != Kind::Toml {
            // Deeper lines belong to what stands above; the user's would cut them off from it.
            return [&*theirs, ours].concat();
        }
        if let Some(list) = self.list(at, &our_blocks, &their_blocks) {
            return join_list(&list, ours, &theirs);
        }
        let cut = self.keys_before_tables(&our_blocks, &our_lines);
        let their_lines: Vec<&str> = theirs.iter().map(|line| line.content).collect();
        let their_cut = self.keys_before_tables(&their_blocks, &their_lines);
        [
            &ours[..cut],
            &theirs[..their_cut],
            &ours[cut..],
            &theirs[their_cut..],
        ]
        .concat()
    }

    /// In TOML, keys belong to the table above them, so keys of either side come before new tables of the other.
    fn keys_before_tables(&self, blocks: &[Block], lines: &[&str]) -> usize {
        let first_table = blocks
            .iter()
            .find(|block| self.kind == Kind::Toml && block.sort == "[");
        first_table.map_or(lines.len(), |block| block.lines.start)
    }

    /// The blocks of ours that continue the same list as theirs: the one that ends right above, or begins right below.
    fn list(&self, at: usize, ours: &[Block], theirs: &[Block]) -> Option<List> {
        let sort_of = |line: Option<&&str>| {
            line.filter(|line| !is_blank(line))
                .map(|line| sort(line, self.kind))
        };
        let wanted = &theirs.first()?.sort;
        if wanted.is_empty() || theirs.iter().any(|block| block.sort != *wanted) {
            return None;
        }
        let above = at
            .checked_sub(1)
            .and_then(|above| self.base_lines.get(above));
        let below = self.base_lines.get(at);
        let belongs = |block: &&Block| block.sort == *wanted;
        let run = if sort_of(above).as_ref() == Some(wanted) {
            0..ours.iter().take_while(belongs).count()
        } else if sort_of(below).as_ref() == Some(wanted) {
            ours.len() - ours.iter().rev().take_while(belongs).count()..ours.len()
        } else {
            return None;
        };
        let start = ours.get(run.start).map_or_else(
            || ours.last().map_or(0, |block| block.lines.end),
            |block| block.lines.start,
        );
        let end = ours[run].last().map_or(start, |block| block.lines.end);
        Some(List { start, end })
    }
}

/// Lines of ours, by index, that form one list with theirs.
struct List {
    start: usize,
    end: usize,
}

/// Theirs go after the user's entries, or in between where `mod` and `use` lines are kept in order.
fn join_list<'a>(list: &List, ours: &[Line<'a>], theirs: &[Line<'a>]) -> Vec<Line<'a>> {
    let blank = ours[list.start..list.end]
        .iter()
        .rev()
        .take_while(|line| is_blank(line.content))
        .count();
    let end = list.end - blank;
    let entries = &ours[list.start..end];
    let joined = if is_ordered(entries) && is_ordered(theirs) {
        let mut all = [entries, theirs].concat();
        all.sort_by(|left, right| {
            item_order(left.content, right.content).unwrap_or(Ordering::Equal)
        });
        all
    } else {
        [entries, theirs].concat()
    };
    [&ours[..list.start], &joined, &ours[end..]].concat()
}

fn is_ordered(lines: &[Line]) -> bool {
    let is_item = |line: &Line| item_order(line.content, line.content).is_some();
    lines.iter().all(is_item)
        && lines.is_sorted_by(|left, right| {
            item_order(left.content, right.content) != Some(Ordering::Greater)
        })
}
