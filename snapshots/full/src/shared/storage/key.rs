//! Object keys, made by the server from ids and constants only.

use uuid::Uuid;

/// Where the objects of one item live: `PROPOSAL/<id>/`, after the item's key in the table. Always ends with a slash, so
/// that one item's prefix is never the beginning of another's.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ObjectPrefix(String);

impl ObjectPrefix {
    /// The prefix of an item without a parent. `entity` is [`Entity::NAME`](crate::database::Entity::NAME).
    #[must_use]
    pub fn item(entity: &'static str, id: Uuid) -> Self {
        Self(format!("{}/{id}/", segment(entity)))
    }

    /// The prefix of a child of this item. Deleting the item's prefix deletes its children's objects too.
    #[must_use]
    pub fn child(&self, entity: &'static str, id: Uuid) -> Self {
        Self(format!("{}{}/{id}/", self.0, segment(entity)))
    }

    /// The key of one upload to a field of this item: `PROPOSAL/<id>/content/<upload>`. Each upload has an id of its own,
    /// so that a new one never replaces an object that somebody is reading.
    #[must_use]
    pub fn upload(&self, field: &'static str, upload: Uuid) -> ObjectKey {
        ObjectKey(format!("{}{}/{upload}", self.0, segment(field)))
    }

    /// The prefix as S3 takes it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The key of one object. Only [`ObjectPrefix::upload`] makes one: it never comes from a client or from a table.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ObjectKey(String);

impl ObjectKey {
    /// The key as S3 takes it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// One segment of a key: what is not plain becomes `_`, so that a key needs no escaping in URLs, policies and shells.
fn segment(text: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    text.replace(|c: char| !is_plain(c), "_")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_lies_under_its_item() {
        let [id, upload] = [7, 8].map(Uuid::from_u128);
        let item = ObjectPrefix::item("PROPOSAL", id);
        let child = item.child("DOCUMENT", id);

        let key = child.upload("a/b c", upload);
        let expected = format!("PROPOSAL/{id}/DOCUMENT/{id}/a_b_c/{upload}");
        assert_eq!(key.as_str(), expected);
        assert!(key.as_str().starts_with(child.as_str()));
        assert!(child.as_str().starts_with(item.as_str()));
        assert!(item.as_str().ends_with('/'));
    }
}
