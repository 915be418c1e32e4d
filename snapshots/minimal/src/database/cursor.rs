//! Where the next page of a list starts.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::error::{Error, Result};
use super::query::Query;
use super::schema::{PARTITION_KEY, SORT_KEY};

/// Longer than any cursor of ours: three keys of at most 1 or 2 KB, escaped and in base64.
const MAX_LENGTH: usize = 16 * 1024;

/// A place in one list, opaque to clients.
///
/// It holds the last item's keys, but never the partition that is read: that one comes from the caller's token or
/// the path every time. So a forged cursor can only skip within what its sender may see anyway, and needs no
/// secret. The checksum is there to answer a damaged cursor, or one from another list, with an error instead of
/// a page that makes no sense.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(transparent)]
#[schema(value_type = String)]
pub struct Cursor(String);

#[derive(Serialize, Deserialize)]
struct Content {
    checksum: u64,
    position: Position,
}

#[derive(Serialize, Deserialize)]
struct Position {
    /// The sort key in the table or index that is read.
    sort: String,
    /// The key in the table, for a list of an index.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    key: Option<[String; 2]>,
}

impl Cursor {
    /// The place behind an item of the list.
    pub(super) fn behind(item: &HashMap<String, AttributeValue>, query: &Query) -> Result<Self> {
        let text = |name: &str| {
            let text = item.get(name).and_then(|value| value.as_s().ok()).cloned();
            text.ok_or_else(|| Error::internal(format!("a listed item has no `{name}`")))
        };
        let position = Position {
            sort: text(&query.sort_key())?,
            key: match query.index {
                Some(_) => Some([text(PARTITION_KEY)?, text(SORT_KEY)?]),
                None => None,
            },
        };
        let content = Content {
            checksum: checksum(&position, query),
            position,
        };
        let json = serde_json::to_vec(&content).map_err(Error::internal)?;
        Ok(Self(URL_SAFE_NO_PAD.encode(json)))
    }

    /// The key to start behind, if the cursor is one of this list.
    pub(super) fn start_key(&self, query: &Query) -> Result<HashMap<String, AttributeValue>> {
        let position = self.open(query).ok_or(Error::InvalidCursor)?;
        let mut key = HashMap::from([
            (query.partition_key(), query.partition.clone()),
            (query.sort_key(), position.sort),
        ]);
        if let Some([partition, sort]) = position.key {
            key.insert(PARTITION_KEY.to_owned(), partition);
            key.insert(SORT_KEY.to_owned(), sort);
        }
        let text = |(name, value)| (name, AttributeValue::S(value));
        Ok(key.into_iter().map(text).collect())
    }

    fn open(&self, query: &Query) -> Option<Position> {
        if self.0.len() > MAX_LENGTH {
            return None;
        }
        let json = URL_SAFE_NO_PAD.decode(&self.0).ok()?;
        let content: Content = serde_json::from_slice(&json).ok()?;
        let valid = content.checksum == checksum(&content.position, query)
            && content.position.key.is_some() == query.index.is_some()
            && query.range.contains(&content.position.sort);
        valid.then_some(content.position)
    }
}

impl From<String> for Cursor {
    fn from(text: String) -> Self {
        Self(text)
    }
}

impl From<Cursor> for String {
    fn from(cursor: Cursor) -> Self {
        cursor.0
    }
}

/// FNV-1a over the list and the position in it: stable across builds, unlike the hashers of the standard library.
fn checksum(position: &Position, query: &Query) -> u64 {
    let text = format!("{query:?} {:?} {:?}", position.sort, position.key);
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::database::schema::Index;

    /// What somebody makes who knows how, but not the keys of others.
    fn forge(query: &Query, sort: &str, key: Option<[&str; 2]>) -> Cursor {
        let position = Position {
            sort: sort.to_owned(),
            key: key.map(|key| key.map(str::to_owned)),
        };
        let content = Content {
            checksum: checksum(&position, query),
            position,
        };
        Cursor(URL_SAFE_NO_PAD.encode(serde_json::to_vec(&content).unwrap()))
    }

    #[test]
    fn a_forged_cursor_stays_within_its_list() {
        let query = Query::index(Index::TIME, "USER#alice", "PROPOSAL#");
        let key = Some(["PROPOSAL#of bob", "METADATA"]);

        let start = forge(&query, "PROPOSAL#2026", key).start_key(&query);
        let partition = AttributeValue::S("USER#alice".to_owned());
        assert_eq!(start.unwrap()["GSI1PK"], partition);

        for (sort, key) in [("DOCUMENT#2026", key), ("", key), ("PROPOSAL#2026", None)] {
            let start = forge(&query, sort, key).start_key(&query);
            assert!(matches!(start, Err(Error::InvalidCursor)), "{sort} {key:?}");
        }
    }
}
