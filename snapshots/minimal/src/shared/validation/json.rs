//! From the bytes of a body to JSON that is safe to walk.

use std::str;

use serde_json::json;
use serde_json::value::RawValue;

use super::field_error::{FieldError, Loc};

/// As deep as serde_json reads without being told otherwise; deeper values could overflow the stack.
const DEEPEST_NESTING: usize = 127;

/// As many characters of an error are shown: serde quotes what it did not expect, however long that is.
const LONGEST_MESSAGE: usize = 200;

/// The body as JSON text, with its numbers as they were written.
///
/// Refuses what is no JSON and, before anything recurses into it, what is nested too deeply or holds half a surrogate
/// pair, which no Rust string can carry.
pub(super) fn parse(body: &[u8]) -> Result<&RawValue, FieldError> {
    if body.is_empty() {
        return Err(FieldError::new("missing", ["body"], "Field required").with_input(&()));
    }
    let text = str::from_utf8(body).map_err(|error| {
        let readable = String::from_utf8_lossy(&body[..error.valid_up_to()]);
        invalid(readable.chars().count(), "invalid UTF-8")
    })?;
    let json = serde_json::from_str::<&RawValue>(text)
        .map_err(|error| invalid(offset(text, &error), &without_position(&error)))?;
    match unreadable(text) {
        None => Ok(json),
        Some((byte, reason)) => Err(invalid(text[..byte].chars().count(), reason)),
    }
}

/// The text of the error without its `at line 1 column 10`.
pub(super) fn without_position(error: &serde_json::Error) -> String {
    let text = error.to_string();
    let message = match text.rsplit_once(" at line ") {
        Some((message, _)) => message,
        None => &text,
    };
    message.chars().take(LONGEST_MESSAGE).collect()
}

fn invalid(offset: usize, error: &str) -> FieldError {
    FieldError::new(
        "json_invalid",
        [Loc::from("body"), Loc::from(offset)],
        "JSON decode error",
    )
    .with_input(&json!({}))
    .with_ctx("error", error)
}

/// Where the error is, in characters from the start.
fn offset(text: &str, error: &serde_json::Error) -> usize {
    if error.is_eof() {
        return text.chars().count();
    }
    let line = error.line().saturating_sub(1);
    let column = error.column().saturating_sub(1);
    let line_start: usize = text.split_inclusive('\n').take(line).map(str::len).sum();
    text.char_indices()
        .take_while(|(byte, _)| *byte < line_start + column)
        .count()
}

/// The first place in valid JSON that is nested too deeply, or where a surrogate stands alone.
fn unreadable(json: &str) -> Option<(usize, &'static str)> {
    let bytes = json.as_bytes();
    let mut depth = 0;
    let mut in_string = false;
    let mut at = 0;
    while at < bytes.len() {
        match bytes[at] {
            b'"' => in_string = !in_string,
            b'\\' => match escaped_surrogate(&json[at..]) {
                Escape::Pair => at += 11,
                Escape::Lone => return Some((at, "lone surrogate")),
                Escape::Other => at += 1,
            },
            b'[' | b'{' if !in_string => depth += 1,
            b']' | b'}' if !in_string => depth -= 1,
            _ => {}
        }
        if depth > DEEPEST_NESTING {
            return Some((at, "nested too deeply"));
        }
        at += 1;
    }
    None
}

enum Escape {
    Pair,
    Lone,
    Other,
}

/// What the escape at the start of `text` stands for.
fn escaped_surrogate(text: &str) -> Escape {
    let unit = |from: usize| {
        let digits = text.get(from..from + 6)?.strip_prefix("\\u")?;
        u16::from_str_radix(digits, 16).ok()
    };
    match (unit(0), unit(6)) {
        (Some(0xD800..=0xDBFF), Some(0xDC00..=0xDFFF)) => Escape::Pair,
        (Some(0xD800..=0xDFFF), _) => Escape::Lone,
        _ => Escape::Other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_ends_before_all_of_the_input_is_quoted() {
        let json = format!("\"{}\"", "x".repeat(10_000));
        let error = serde_json::from_str::<u8>(&json).unwrap_err();
        let message = without_position(&error);
        assert!(
            message.starts_with("invalid type: string \"xxx"),
            "{message}"
        );
        assert_eq!(message.len(), LONGEST_MESSAGE);
    }
}
