//! The order in which rustfmt puts names: numbers by value, and `_` before all else.

use std::cmp::Ordering;

pub fn compare(a: &str, b: &str) -> Ordering {
    let (mut left, mut right) = (chunks(a), chunks(b));
    let mut tie = Ordering::Equal;
    loop {
        let order = match (left.next(), right.next()) {
            (None, None) => return tie,
            (None, Some(_)) => return Ordering::Less,
            (Some(_), None) => return Ordering::Greater,
            (Some(a), Some(b)) if is_number(a) && is_number(b) => {
                let zeros = zeros(b).cmp(&zeros(a));
                tie = tie.then(zeros);
                let (a, b) = (a.trim_start_matches('0'), b.trim_start_matches('0'));
                a.len().cmp(&b.len()).then(a.cmp(b))
            }
            (Some(a), Some(b)) => a.chars().map(rank).cmp(b.chars().map(rank)),
        };
        if order != Ordering::Equal {
            return order;
        }
    }
}

fn chunks(text: &str) -> impl Iterator<Item = &str> {
    text.as_bytes()
        .chunk_by(|a, b| a.is_ascii_digit() == b.is_ascii_digit())
        .filter_map(|chunk| str::from_utf8(chunk).ok())
}

fn is_number(chunk: &str) -> bool {
    chunk.starts_with(|c: char| c.is_ascii_digit())
}

fn zeros(number: &str) -> usize {
    number.len() - number.trim_start_matches('0').len()
}

fn rank(c: char) -> u32 {
    if c == '_' { 0 } else { u32::from(c) }
}
