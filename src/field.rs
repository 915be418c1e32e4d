//! Fields of an entity: `name:type[:rule…]`, the text that is typed on the command line and stands in scaffold.toml.
//!
//! A [`Field`] comes from [`Field::parse`] and prints as the canonical form of its text, so both say the same. Parsing
//! checks everything that can be known without the rest of the project: each rule against its type, and the rules
//! against each other.

mod default;
pub mod explain;
mod file;
mod index;
mod number;
mod parse;
mod parts;
mod pattern;
mod print;
mod rules;
mod size;

use crate::name::{EntityName, EnumValue, FieldName};

pub use default::DefaultValue;
pub use file::{FileRules, MediaType, Size};
pub use index::Index;
pub use number::{Decimal, Float, Length, Number, Range};
pub use parse::Mistake;
pub use pattern::Pattern;
pub use size::ROOM_FOR_LEAST;

/// A field and its rules, which agree with each other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    pub name: FieldName,
    pub kind: FieldType,
    /// May be absent or null.
    pub optional: bool,
    /// Holds any number of values, within these bounds; the type's own rules are about each one.
    pub list: Option<Length>,
    /// The value of an item that was created without one. Never set on a list, a `file` or a `ref`.
    pub default: Option<DefaultValue>,
    /// Never logged, nor shown by `Debug`.
    pub redact: bool,
    /// Read by clients, set by the service alone; then a new item has a value for it anyway (`optional`, `default=`, or
    /// an empty list).
    pub readonly: bool,
    /// Items can be listed by it.
    pub index: Option<Index>,
}

/// What a field holds, with the rules that only this type has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FieldType {
    /// Not blank: it has a character other than white space.
    String(TextRules),
    Text(TextRules),
    Int(Range<i64>),
    Float(Range<Float>),
    Decimal(Range<Decimal>),
    Bool,
    Date,
    /// RFC 3339, kept in UTC.
    DateTime,
    Uuid,
    Email,
    Url,
    Json,
    /// At least one value, each a variant of its own.
    Enum(Vec<EnumValue>),
    /// The id of another entity's item.
    Ref(EntityName),
    /// One object in the bucket, bound to the item.
    File(FileRules),
}

/// Rules of `string` and `text`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TextRules {
    /// In characters: Unicode scalar values, as in JSON Schema.
    pub length: Length,
    pub pattern: Option<Pattern>,
}

impl Field {
    pub fn is_file(&self) -> bool {
        matches!(self.kind, FieldType::File(_))
    }

    /// Whether clients say in the body of a request what it holds.
    pub fn is_settable(&self) -> bool {
        !self.readonly && !self.is_file()
    }

    /// Whether an item that was stored without it can be read.
    pub fn loads_when_absent(&self) -> bool {
        let may_be_empty = self.list.is_some_and(|length| length.contains(0));
        self.optional || self.default.is_some() || may_be_empty || self.is_file()
    }
}

impl FieldType {
    /// The word for it in a field's text.
    pub fn word(&self) -> &'static str {
        match self {
            Self::String(_) => "string",
            Self::Text(_) => "text",
            Self::Int(_) => "int",
            Self::Float(_) => "float",
            Self::Decimal(_) => "decimal",
            Self::Bool => "bool",
            Self::Date => "date",
            Self::DateTime => "datetime",
            Self::Uuid => "uuid",
            Self::Email => "email",
            Self::Url => "url",
            Self::Json => "json",
            Self::Enum(_) => "enum",
            Self::Ref(_) => "ref",
            Self::File(_) => "file",
        }
    }
}

#[cfg(test)]
mod tests;
