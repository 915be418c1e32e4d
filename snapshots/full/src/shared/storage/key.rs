//! Object keys, made by the server from ids and constants only.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::FileName;

/// Where the objects of one item live: `proposals/<id>/`. Always ends with a slash, so that one item's prefix is never
/// the beginning of another's.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ObjectPrefix(String);

impl ObjectPrefix {
    /// The prefix of an item: its collection and its id.
    #[must_use]
    pub fn item(collection: &'static str, id: Uuid) -> Self {
        Self(format!("{}/{id}/", segment(collection)))
    }

    /// The prefix of a child of this item. Deleting the item's prefix deletes its children's objects too.
    #[must_use]
    pub fn child(&self, collection: &'static str, id: Uuid) -> Self {
        Self(format!("{}{}/{id}/", self.0, segment(collection)))
    }

    /// A key that no object has yet, for a file of this item: `proposals/<id>/<field>/<upload id>/<name>`. Each call
    /// gives another one, so that a new upload never replaces an object that somebody is reading.
    #[must_use]
    pub fn new_key(&self, field: &'static str, name: &FileName) -> ObjectKey {
        let upload = Uuid::now_v7();
        ObjectKey(format!(
            "{}{}/{upload}/{}",
            self.0,
            segment(field),
            segment(name.as_str())
        ))
    }

    /// Whether the object belongs to this item or to one of its children.
    #[must_use]
    pub fn holds(&self, key: &ObjectKey) -> bool {
        key.0.starts_with(&self.0)
    }

    /// The prefix as S3 takes it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The key of one object. Only [`ObjectPrefix::new_key`] makes one; an item that stores it gets it back from the
/// database. It never comes from a client and never goes to one.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ObjectKey(String);

impl ObjectKey {
    /// The key as S3 takes it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for ObjectKey {
    type Error = InvalidKey;

    fn try_from(key: String) -> Result<Self, InvalidKey> {
        let is_safe = |part: &str| !matches!(part, "" | "." | "..") && part.chars().all(is_plain);
        if key.split('/').all(is_safe) {
            Ok(Self(key))
        } else {
            Err(InvalidKey)
        }
    }
}

impl From<ObjectKey> for String {
    fn from(key: ObjectKey) -> Self {
        key.0
    }
}

/// A stored key that this program cannot have made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not an object key of this service")]
pub struct InvalidKey;

/// One segment of a key: what is not plain becomes `_`, so that a key needs no escaping in URLs, policies and shells.
fn segment(text: &str) -> String {
    text.replace(|c: char| !is_plain(c), "_")
}

fn is_plain(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.')
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: Uuid = Uuid::from_u128(7);

    #[test]
    fn a_key_lies_under_its_item_and_names_the_file() {
        let item = ObjectPrefix::item("proposals", ID);
        let child = item.child("documents", ID);
        let key = child.new_key("content", &FileName::sanitise("../Müller's plan.pdf"));

        let parts: Vec<_> = key.as_str().split('/').collect();
        let id = ID.to_string();
        assert_eq!(parts[..5], ["proposals", &id, "documents", &id, "content"]);
        assert_eq!(parts[6..], ["M_ller_s_plan.pdf"]);
        assert!(item.holds(&key) && child.holds(&key));
        assert!(!ObjectPrefix::item("proposals", Uuid::from_u128(8)).holds(&key));
    }

    #[test]
    fn two_uploads_of_one_name_are_two_objects() {
        let item = ObjectPrefix::item("proposals", ID);
        let name = FileName::sanitise("a.pdf");
        assert_ne!(
            item.new_key("content", &name),
            item.new_key("content", &name)
        );
    }

    #[test]
    fn only_keys_of_this_service_are_read_back() {
        let key =
            ObjectPrefix::item("proposals", ID).new_key("file", &FileName::sanitise("見.pdf"));
        let stored = serde_json::to_string(&key).unwrap();
        assert_eq!(serde_json::from_str::<ObjectKey>(&stored).unwrap(), key);

        for stored in [
            "", "/a", "a/", "a//b", "a/../b", "./a", "a b", "a?b", "a\u{0}",
        ] {
            assert!(
                ObjectKey::try_from(stored.to_owned()).is_err(),
                "{stored:?}"
            );
        }
    }
}
