//! Values that must not end up in a log.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A value that `Debug` does not show. Stored and sent it is like any other.
///
/// Its schema is the one of the value: `#[schema(value_type = String)]`.
#[derive(Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Redacted<T>(pub T);

impl<T> fmt::Debug for Redacted<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[redacted]")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_redacted_value_is_sent_but_not_shown() {
        let secret = Some(Redacted("secret"));
        assert_eq!(format!("{secret:?}"), "Some([redacted])");
        assert_eq!(serde_json::to_string(&secret).unwrap(), r#""secret""#);
    }
}
