//! The parts of a field's text, which stand between colons.
//!
//! Only where a value is made of colons itself do they not end it: the default of a `url`, `datetime` or `json`, and a
//! `pattern=`. Such a value goes on until the next part that is a rule (`pattern=^a:b$:optional` has the pattern `^a:b$`);
//! inside a pattern, `\x3a` is a colon that ends nothing.

use std::ops::Range as Span;

use super::rules::{WITH_VALUE, WORDS};

/// A part of the text, and where it stands.
#[derive(Clone)]
pub struct Part<'a> {
    pub text: &'a str,
    pub start: usize,
}

impl<'a> Part<'a> {
    pub fn span(&self) -> Span<usize> {
        self.start..self.start + self.text.len()
    }

    /// `gt=0` is `gt` and `0`; `optional` is `optional` alone.
    pub fn split(&self) -> (&'a str, Option<Part<'a>>) {
        match self.text.split_once('=') {
            Some((word, value)) => {
                let start = self.start + word.len() + 1;
                (word, Some(Part { text: value, start }))
            }
            None => (self.text, None),
        }
    }

    /// Whether a value with colons ends before this part, because it is a rule, or nearly one.
    fn begins_a_rule(&self) -> bool {
        let (word, value) = self.split();
        let known = if value.is_some() { WITH_VALUE } else { WORDS };
        let plain = !word.is_empty() && word.bytes().all(|b| b.is_ascii_lowercase());
        let close = |known: &&str| known.len() > 3 && strsim::damerau_levenshtein(word, known) <= 1;
        is_range(self.text) || known.contains(&word) || (plain && known.iter().any(close))
    }
}

/// `1..200`, `..2000`, `-1.5..`
pub fn is_range(text: &str) -> bool {
    let plain = |b: u8| b.is_ascii_digit() || b"+-.eE".contains(&b);
    text.contains("..") && text.bytes().all(plain) && text.bytes().any(|b| b.is_ascii_digit())
}

/// The parts of a text, one after the other.
pub struct Parts<'a> {
    pub text: &'a str,
    /// Where the next part begins; past the end when there is none.
    next: usize,
}

impl<'a> Parts<'a> {
    pub fn of(text: &'a str) -> Self {
        Self { text, next: 0 }
    }

    pub fn peek(&self) -> Option<Part<'a>> {
        let rest = self.text.get(self.next..)?;
        let end = rest.find(':').unwrap_or(rest.len());
        Some(Part {
            text: &rest[..end],
            start: self.next,
        })
    }

    pub fn next(&mut self) -> Option<Part<'a>> {
        let part = self.peek()?;
        self.next += part.text.len() + 1;
        Some(part)
    }

    /// Makes `value`, the end of the part before, as long as it can be.
    pub fn extend(&mut self, value: Part<'a>) -> Part<'a> {
        let mut end = value.span().end;
        while let Some(part) = self.peek().filter(|part| !part.begins_a_rule()) {
            end = part.span().end;
            self.next();
        }
        Part {
            text: &self.text[value.start..end],
            start: value.start,
        }
    }
}
