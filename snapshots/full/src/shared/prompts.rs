//! Prompt templates: text files whose `{{KEY}}` and `{[KEY]}` placeholders are filled in one pass.
//!
//! A template is a file beside the code that uses it, compiled in with `include_str!`:
//!
//! ```ignore
//! const TEMPLATE: &str = include_str!("summary.txt"); // Summarise {{ TITLE }} for {[READER]}.
//!
//! let prompt = prompts::fill(TEMPLATE, &[("TITLE", &proposal.title), ("READER", "a manager")])?;
//! ```

use crate::error::Error;

/// The template with every placeholder replaced by its value.
///
/// A key is a name of ASCII letters, digits, `_`, `-` and `.`, with or without spaces inside the braces. Anything else
/// between braces is text and stays as it is, so that a template may hold JSON. Values are never looked at again: what
/// a user typed cannot pull another value into the prompt.
///
/// # Errors
///
/// Names every key of the template that has no value. Values without a placeholder are not an error: one set of values
/// may serve several templates.
pub fn fill(template: &str, values: &[(&str, &str)]) -> Result<String, MissingKeys> {
    let mut filled = String::with_capacity(template.len());
    let mut missing = Vec::new();
    let mut rest = template;
    while let Some(brace) = rest.find('{') {
        let (text, candidate) = rest.split_at(brace);
        filled.push_str(text);
        if let Some((key, after)) = placeholder(candidate) {
            match values.iter().find(|(name, _)| *name == key) {
                Some((_, value)) => filled.push_str(value),
                None if missing.iter().any(|name| name == key) => {}
                None => missing.push(key.to_owned()),
            }
            rest = after;
        } else {
            filled.push('{');
            rest = &candidate[1..];
        }
    }
    filled.push_str(rest);
    if missing.is_empty() {
        Ok(filled)
    } else {
        Err(MissingKeys(missing))
    }
}

/// The key of the placeholder that `text` starts with, and the text behind it.
fn placeholder(text: &str) -> Option<(&str, &str)> {
    let (inner, close) = match text.strip_prefix("{{") {
        Some(inner) => (inner, "}}"),
        None => (text.strip_prefix("{[")?, "]}"),
    };
    let inner = inner.trim_start_matches(SPACES);
    let end = inner
        .find(|c: char| !(c.is_ascii_alphanumeric() || "_-.".contains(c)))
        .filter(|end| *end > 0)?;
    let (key, after) = inner.split_at(end);
    let after = after.trim_start_matches(SPACES).strip_prefix(close)?;
    Some((key, after))
}

const SPACES: [char; 2] = [' ', '\t'];

/// Keys that a template asks for and nobody gave, in the order of the template.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the prompt template has no value for `{}`", .0.join("`, `"))]
pub struct MissingKeys(pub Vec<String>);

impl From<MissingKeys> for Error {
    fn from(missing: MissingKeys) -> Self {
        Self::internal(missing)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_kinds_of_placeholder_are_filled_with_and_without_spaces() {
        let template = "{{A}} {{ A }} {[A]} {[ A ]} {{\tB.2-c\t}}";
        let filled = fill(template, &[("A", "1"), ("B.2-c", "2")]).unwrap();
        assert_eq!(filled, "1 1 1 1 2");
    }

    #[test]
    fn every_missing_key_is_named_once() {
        let missing = fill("{{B}} {[A]} {{B}} {{C}}", &[("C", "")]).unwrap_err();
        assert_eq!(missing, MissingKeys(vec!["B".to_owned(), "A".to_owned()]));
        assert_eq!(
            missing.to_string(),
            "the prompt template has no value for `B`, `A`"
        );
    }

    #[test]
    fn what_is_not_a_placeholder_stays_as_it_is() {
        for text in [
            "",
            "{",
            "{{",
            "{{}}",
            "{{ }}",
            "{{A",
            "{{A}",
            "{{A]}",
            "{[A}}",
            "{{A B}}",
            "{{\nA\n}}",
            "{{é}}",
            "A}}",
            r#"{"a": {"b": [1, {"c": 2}]}}"#,
        ] {
            assert_eq!(fill(text, &[("A", "never")]).unwrap(), text);
        }
    }

    #[test]
    fn a_placeholder_may_stand_in_braces() {
        assert_eq!(fill("{{{A}}}", &[("A", "1")]).unwrap(), "{1}");
        assert_eq!(fill("{{{[A]}}}", &[("A", "1")]).unwrap(), "{{1}}");
    }

    /// Every value of up to five characters that could make up a placeholder, `{{K}}` and `{[K]}` among them, behind
    /// every kind of opening that could join up with it.
    #[test]
    fn a_value_is_never_expanded() {
        for template in ["{{V}}", "{{{V}}}", "{[V]}{{V}}", "{{{{V}}}}", "{{{[V]}]}"] {
            let values = [("V", "\0"), ("K", "leaked")];
            let shape = fill(template, &values).unwrap();
            let mut queue = vec![String::new()];
            while let Some(value) = queue.pop() {
                let filled = fill(template, &[("V", &value), ("K", "leaked")]).unwrap();
                assert_eq!(filled, shape.replace('\0', &value), "value {value:?}");
                if value.len() < 5 {
                    queue.extend(['{', '[', 'K', ']', '}'].map(|c| format!("{value}{c}")));
                }
            }
        }
    }
}
