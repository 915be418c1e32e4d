//! Changes of a text that leave the rest of its bytes alone.

use std::ops::Range;

/// Puts `text` in the place of some bytes.
#[derive(Clone, Debug)]
pub struct Splice {
    pub range: Range<usize>,
    pub text: String,
}

impl Splice {
    pub fn insert(at: usize, text: impl Into<String>) -> Self {
        let text = text.into();
        Self {
            range: at..at,
            text,
        }
    }

    pub fn remove(range: Range<usize>) -> Self {
        let text = String::new();
        Self { range, text }
    }

    pub fn replace(range: Range<usize>, text: impl Into<String>) -> Self {
        let text = text.into();
        Self { range, text }
    }
}

/// Makes all changes at once. Ranges may overlap; insertions at one place keep their order, and come before what is put
/// in the place of the bytes that follow.
pub fn apply(text: &str, mut splices: Vec<Splice>) -> String {
    splices.sort_by_key(|splice| (splice.range.start, !splice.range.is_empty()));
    let mut changed = String::with_capacity(text.len());
    let mut at = 0;
    for splice in splices {
        if at < splice.range.start {
            changed.push_str(&text[at..splice.range.start]);
        }
        changed.push_str(&splice.text);
        at = at.max(splice.range.end);
    }
    changed.push_str(&text[at..]);
    changed
}

/// Where the line of a byte begins.
pub fn line_start(text: &str, at: usize) -> usize {
    text[..at].rfind('\n').map_or(0, |i| i + 1)
}

/// Where the line after that of a byte begins.
pub fn line_end(text: &str, at: usize) -> usize {
    text[at..].find('\n').map_or(text.len(), |i| at + i + 1)
}

/// Whether a line, or the rest of one, has nothing but a comment.
pub fn is_comment(line: &str) -> bool {
    line.trim_start().starts_with('#')
}
