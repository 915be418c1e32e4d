//! A field of a PATCH body that can be cleared.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Unchanged, cleared, or changed: for a field that may be null.
///
/// The schema has to be told by `#[schema(value_type = Option<String>, max_length = 2000)]`, and serde by
/// `#[serde(default)]`. A field that may not be null needs no more than an `Option`, with `#[schema(nullable = false)]`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Patch<T> {
    /// Not in the body.
    #[default]
    Absent,
    /// `null`
    Null,
    Value(T),
}

impl<T> Patch<T> {
    pub fn is_absent(&self) -> bool {
        matches!(self, Self::Absent)
    }

    /// What the field is to be, if it is to change.
    pub fn change(&self) -> Option<Option<&T>> {
        match self {
            Self::Absent => None,
            Self::Null => Some(None),
            Self::Value(value) => Some(Some(value)),
        }
    }

    /// The new value, if there is one.
    pub fn value(&self) -> Option<&T> {
        self.change().flatten()
    }

    /// Changes the field that this is the patch of.
    pub fn apply(self, field: &mut Option<T>) {
        match self {
            Self::Absent => {}
            Self::Null => *field = None,
            Self::Value(value) => *field = Some(value),
        }
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Patch<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = Option::deserialize(deserializer)?;
        Ok(value.map_or(Self::Null, Self::Value))
    }
}

impl<T: Serialize> Serialize for Patch<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Value(value) => serializer.serialize_some(value),
            Self::Absent | Self::Null => serializer.serialize_none(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, PartialEq, Deserialize, Serialize)]
    struct Change {
        #[serde(default, skip_serializing_if = "Patch::is_absent")]
        description: Patch<String>,
    }

    #[test]
    fn absent_null_and_a_value_are_told_apart_both_ways() {
        for (json, description) in [
            ("{}", Patch::Absent),
            (r#"{"description":null}"#, Patch::Null),
            (r#"{"description":"new"}"#, Patch::Value("new".to_owned())),
        ] {
            let change = Change { description };
            assert_eq!(serde_json::to_string(&change).unwrap(), json);
            assert_eq!(serde_json::from_str::<Change>(json).unwrap(), change);
        }
    }

    #[test]
    fn a_change_is_told_from_none() {
        assert_eq!(Patch::<i64>::Absent.change(), None);
        assert_eq!(Patch::<i64>::Null.change(), Some(None));
        assert_eq!(Patch::Value(2).change(), Some(Some(&2)));
        assert_eq!(Patch::<i64>::Null.value(), None);
        assert_eq!(Patch::Value(2).value(), Some(&2));
    }

    #[test]
    fn applying_leaves_clears_or_sets_the_field() {
        for (patch, after) in [
            (Patch::Absent, Some(1)),
            (Patch::Null, None),
            (Patch::Value(2), Some(2)),
        ] {
            let mut field = Some(1);
            patch.apply(&mut field);
            assert_eq!(field, after);
        }
    }
}
