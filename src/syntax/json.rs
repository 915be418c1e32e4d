//! The keys of a JSON file.

use super::{Outline, SyntaxError, yaml};

/// JSON proper is checked first; its keys are then read as the YAML that it also is, which finds doubled ones.
pub fn outline(text: &str) -> Result<Outline, SyntaxError> {
    let parsed: Result<serde::de::IgnoredAny, _> = serde_json::from_str(text);
    parsed.map_err(|error| SyntaxError {
        line: error.line().max(1),
        message: error.to_string(),
    })?;
    yaml::outline(text)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn keys_are_found_and_doubled_ones_refused() {
        let names: BTreeSet<String> = outline("{\n\t\"a\": {\"b\": [1]}\n}\n")
            .unwrap()
            .into_keys()
            .collect();
        assert_eq!(
            names,
            BTreeSet::from(["a".to_owned(), "a.b".to_owned(), "a.b[]=1".to_owned()])
        );
        assert!(outline("{\"a\": 1, \"a\": 2}").is_err());
        assert_eq!(outline("{\n\"a\": 1\n\"b\": 2\n}").unwrap_err().line, 3);
    }
}
