//! The difference between two lists of lines, placed where a person would place it.

use std::hash::Hash;
use std::ops::Range;

use similar::{Algorithm, capture_diff_slices};

/// Items of the old list that are replaced by items of the new one; either range may be empty, never both.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edit {
    pub old: Range<usize>,
    pub new: Range<usize>,
}

impl Edit {
    pub fn is_insertion(&self) -> bool {
        self.old.is_empty()
    }

    pub fn is_deletion(&self) -> bool {
        self.new.is_empty()
    }
}

/// The edits that lead from `old` to `new`, in order, with at least one equal item between any two.
pub fn edits<T: Eq + Hash>(old: &[T], new: &[T]) -> Vec<Edit> {
    let mut edits: Vec<Edit> = Vec::new();
    for op in capture_diff_slices(Algorithm::Histogram, old, new) {
        let (tag, old, new) = op.as_tag_tuple();
        if tag == similar::DiffTag::Equal {
            continue;
        }
        match edits.last_mut() {
            Some(last) if last.old.end == old.start && last.new.end == new.start => {
                last.old.end = old.end;
                last.new.end = new.end;
            }
            _ => edits.push(Edit { old, new }),
        }
    }
    edits
}

/// As [`edits`], of lines. Where a block of lines could as well be said to begin some lines earlier or later (the
/// closing brace of the function before, or its own), it is placed as whole blocks, so that two people who insert at
/// the same place are seen to do so.
pub fn line_edits(old: &[&str], new: &[&str]) -> Vec<Edit> {
    let mut edits = edits(old, new);
    for index in 0..edits.len() {
        let floor = index
            .checked_sub(1)
            .map_or(0, |before| edits[before].old.end + 1);
        let ceiling = edits
            .get(index + 1)
            .map_or(old.len(), |after| after.old.start - 1);
        let edit = &edits[index];
        if edit.is_insertion() {
            let room = Room {
                up: edit.old.start.saturating_sub(floor),
                down: ceiling.saturating_sub(edit.old.end),
            };
            let (shift, up) = best_shift(new, &edit.new, &room);
            edits[index] = edit.shifted(shift, up);
        } else if edit.is_deletion() {
            let room = Room {
                up: edit.old.start.saturating_sub(floor),
                down: ceiling.saturating_sub(edit.old.end),
            };
            let (shift, up) = best_shift(old, &edit.old, &room);
            edits[index] = edit.shifted(shift, up);
        }
    }
    edits
}

impl Edit {
    fn shifted(&self, by: usize, up: bool) -> Edit {
        let shift = |range: &Range<usize>| {
            if up {
                range.start - by..range.end - by
            } else {
                range.start + by..range.end + by
            }
        };
        Edit {
            old: shift(&self.old),
            new: shift(&self.new),
        }
    }
}

/// How many lines an edit may move before it would touch the next one.
struct Room {
    up: usize,
    down: usize,
}

/// How far to move `block`, and whether upwards.
fn best_shift(lines: &[&str], block: &Range<usize>, room: &Room) -> (usize, bool) {
    let mut best = (cost(lines, block), 0, false);
    let mut consider = |at: Range<usize>, by: usize, up: bool| {
        let cost = cost(lines, &at);
        // With equal costs the lowest place wins, however it was reached.
        if cost < best.0 || (cost == best.0 && !up) {
            best = (cost, by, up);
        }
    };
    for by in 1..=room.up.min(block.start) {
        if lines[block.start - by] != lines[block.end - by] {
            break;
        }
        consider(block.start - by..block.end - by, by, true);
    }
    for by in 1..=room.down.min(lines.len() - block.end) {
        if lines[block.start + by - 1] != lines[block.end + by - 1] {
            break;
        }
        consider(block.start + by..block.end + by, by, false);
    }
    (best.1, best.2)
}

fn cost(lines: &[&str], block: &Range<usize>) -> usize {
    boundary_cost(lines, block.start) + boundary_cost(lines, block.end)
}

/// How odd it would be to cut the lines before line `at`: least odd between blocks, most odd inside of one.
fn boundary_cost(lines: &[&str], at: usize) -> usize {
    let is_blank = |line: &str| line.trim().is_empty();
    let Some(next) = lines.get(at) else { return 0 };
    if is_blank(next) {
        return 1;
    }
    let closes = next.trim_start().starts_with(['}', ')', ']']);
    let follows_blank = at == 0 || is_blank(lines[at - 1]);
    2 * indent(next) + if closes { 40 } else { 0 } + usize::from(!follows_blank)
}

/// The width of the white space a line begins with; a tab counts as four.
pub fn indent(line: &str) -> usize {
    line.chars()
        .take_while(|c| c.is_whitespace())
        .map(|c| if c == '\t' { 4 } else { 1 })
        .sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn inserted<'a>(old: &str, new: &'a str) -> Vec<Vec<&'a str>> {
        let old: Vec<&str> = old.lines().collect();
        let new: Vec<&'a str> = new.lines().collect();
        line_edits(&old, &new)
            .into_iter()
            .map(|edit| new[edit.new].to_vec())
            .collect()
    }

    #[test]
    fn a_function_is_inserted_as_a_whole() {
        let old = "fn a() {\n}\n\nfn c() {\n}\n";
        let new = "fn a() {\n}\n\nfn b() {\n}\n\nfn c() {\n}\n";
        assert_eq!(inserted(old, new), [["fn b() {", "}", ""]]);
    }

    #[test]
    fn a_function_at_the_end_takes_the_blank_line_before_it() {
        let old = "fn a() {\n}\n";
        let new = "fn a() {\n}\n\nfn b() {\n}\n";
        assert_eq!(inserted(old, new), [["", "fn b() {", "}"]]);
    }

    #[test]
    fn a_mapping_of_yaml_is_inserted_with_its_key() {
        let old = "A:\n  Type: X\nB:\n  Type: X\n";
        let new = "A:\n  Type: X\nC:\n  Type: X\nB:\n  Type: X\n";
        assert_eq!(inserted(old, new), [["C:", "  Type: X"]]);
    }

    fn text() -> impl Strategy<Value = Vec<&'static str>> {
        prop::collection::vec(prop::sample::select(vec!["", "a", "}", "  b", "c"]), 0..14)
    }

    proptest! {
        #[test]
        fn edits_lead_from_old_to_new(old in text(), new in text()) {
            let mut result: Vec<&str> = Vec::new();
            let mut at = 0;
            for edit in line_edits(&old, &new) {
                prop_assert!(at <= edit.old.start);
                result.extend(&old[at..edit.old.start]);
                result.extend(&new[edit.new.clone()]);
                at = edit.old.end;
            }
            result.extend(&old[at..]);
            prop_assert_eq!(result, new);
        }
    }
}
