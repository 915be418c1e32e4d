//! Typed values from what a model writes.

use serde::de::DeserializeOwned;

use super::Error;

/// The value in a model's answer: the whole answer, or what stands in its first code fence. Models are asked for bare
/// JSON and often wrap it nonetheless.
pub(super) fn parse<T: DeserializeOwned>(answer: &str) -> Result<T, Error> {
    let json = fenced(answer).unwrap_or(answer);
    serde_json::from_str(json).map_err(|error| Error::NotAsAsked {
        // Not the error itself: its text quotes the answer.
        category: error.classify(),
        line: error.line(),
        column: error.column(),
    })
}

/// The text between the first line that starts with a fence and the next one.
fn fenced(text: &str) -> Option<&str> {
    let mut lines = text.split_inclusive('\n');
    let mut start = 0;
    for line in lines.by_ref() {
        start += line.len();
        if line.trim_start().starts_with("```") {
            break;
        }
    }
    let mut end = start;
    for line in lines {
        if line.trim_start().starts_with("```") {
            return text.get(start..end);
        }
        end += line.len();
    }
    None
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, PartialEq, Deserialize)]
    struct Score {
        points: u8,
    }

    #[test]
    fn bare_and_fenced_values_are_read() {
        for answer in [
            r#"{"points": 7}"#,
            "\n  {\"points\": 7}\n",
            "```json\n{\"points\": 7}\n```",
            "```\n{\"points\":\n 7}\n```\n",
            "Here it is:\n\n```json\r\n{\"points\": 7}\r\n```\n\nAnything else?",
            "  ```JSON\n  {\"points\": 7}\n  ```",
        ] {
            assert_eq!(
                parse::<Score>(answer).unwrap(),
                Score { points: 7 },
                "{answer}"
            );
        }
    }

    #[test]
    fn a_fence_inside_a_value_is_part_of_it() {
        let answer = r#"{"code": "```rust\n```"}"#;
        let value: serde_json::Value = parse(answer).unwrap();
        assert_eq!(value["code"], "```rust\n```");
    }

    #[test]
    fn nonsense_is_refused_without_quoting_it() {
        for answer in [
            "",
            "I am sorry.",
            "```json\n{\"points\": 7}",
            r#"{"points": "secret"}"#,
            r#"{"points": 7} and more"#,
            r#"{"points": 700}"#,
            "{}",
        ] {
            let error = parse::<Score>(answer).unwrap_err();
            assert!(!error.is_transient());
            assert!(!format!("{error} {error:?}").contains("secret"), "{error}");
        }
    }
}
