//! How much of an item a field takes. DynamoDB stores items of up to 400 KB, so what needs more than that is no rule.

use super::{Field, FieldType, TextRules};

/// What all fields of an item have together, in bytes: 400 KB, less some for its keys and the names of the fields.
const ROOM: u64 = 400_000;

/// What the least values of an entity's fields may take, in bytes, so that there is room left for more than those.
pub const ROOM_FOR_LEAST: u64 = ROOM / 2;

/// A character of UTF-8.
const BYTES_OF_CHARACTER: u64 = 4;

/// What a list adds to each of its values.
const BYTES_IN_LIST: u64 = 1;

/// Which of its own bounds a field cannot reach.
pub(super) fn too_large(field: &Field) -> Option<String> {
    let length = field.list?;
    let least = u64::from(length.min.unwrap_or(1));
    if let FieldType::String(TextRules { length, .. }) | FieldType::Text(TextRules { length, .. }) =
        &field.kind
        && let Some(characters) = length.max
        && least * u64::from(characters) * BYTES_OF_CHARACTER > ROOM
    {
        return Some(format!("{least} values of up to {characters} characters"));
    }
    let most = u64::from(length.max.or(length.min)?);
    (most * (least_value(&field.kind) + BYTES_IN_LIST) > ROOM).then(|| format!("{most} values"))
}

impl Field {
    /// The bytes of the smallest value that is not nothing.
    pub fn least_bytes(&self) -> u64 {
        let count = self.list.map_or(1, |length| length.min.unwrap_or(1));
        u64::from(count) * least_value(&self.kind)
    }
}

fn least_value(kind: &FieldType) -> u64 {
    match kind {
        FieldType::String(rules) | FieldType::Text(rules) => {
            u64::from(rules.length.min.unwrap_or(1))
        }
        FieldType::Int(_) | FieldType::Float(_) | FieldType::Decimal(_) => 2,
        FieldType::Bool | FieldType::Enum(_) | FieldType::Json => 1,
        FieldType::Date | FieldType::Email | FieldType::Url => 10,
        FieldType::DateTime => 24,
        FieldType::Uuid | FieldType::Ref(_) => 36,
        FieldType::File(_) => 0,
    }
}
