//! A field as text: type, what belongs to the type, what any field can have, and last the values that may hold colons.

use std::fmt;
use std::ops::Bound;

use super::{Field, FieldType, Index, Length, Number, Range};

impl fmt::Display for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.name, self.kind.word())?;
        match &self.kind {
            FieldType::String(rules) | FieldType::Text(rules)
                if rules.length != Length::default() =>
            {
                write!(f, ":{}", rules.length)?;
            }
            FieldType::Int(range) => bounds(f, range)?,
            FieldType::Float(range) => bounds(f, range)?,
            FieldType::Decimal(range) => bounds(f, range)?,
            FieldType::Enum(values) => list(f, ":", values)?,
            FieldType::Ref(entity) => write!(f, ":{entity}")?,
            FieldType::File(rules) => {
                if let Some(max) = rules.max {
                    write!(f, ":max={max}")?;
                }
                if !rules.types.is_empty() {
                    list(f, ":types=", &rules.types)?;
                }
            }
            _ => {}
        }
        if self.optional {
            f.write_str(":optional")?;
        }
        match self.list {
            Some(length) if length == Length::default() => f.write_str(":list")?,
            Some(length) => write!(f, ":list={length}")?,
            None => {}
        }
        if self.redact {
            f.write_str(":redact")?;
        }
        if self.readonly {
            f.write_str(":readonly")?;
        }
        match self.index {
            Some(Index::FIRST) => f.write_str(":index")?,
            Some(index) => write!(f, ":index={index}")?,
            None => {}
        }
        if let Some(default) = &self.default {
            write!(f, ":default={default}")?;
        }
        match &self.kind {
            FieldType::String(rules) | FieldType::Text(rules) => match &rules.pattern {
                Some(pattern) => write!(f, ":pattern={}", pattern.as_str()),
                None => Ok(()),
            },
            _ => Ok(()),
        }
    }
}

/// `..` can be read faster, but only says "included": both ends have to be.
fn bounds<T: Number>(f: &mut fmt::Formatter<'_>, range: &Range<T>) -> fmt::Result {
    if let (Bound::Included(lower), Bound::Included(upper)) = (&range.lower, &range.upper) {
        return write!(f, ":{lower}..{upper}");
    }
    match &range.lower {
        Bound::Included(value) => write!(f, ":ge={value}")?,
        Bound::Excluded(value) => write!(f, ":gt={value}")?,
        Bound::Unbounded => {}
    }
    match &range.upper {
        Bound::Included(value) => write!(f, ":le={value}"),
        Bound::Excluded(value) => write!(f, ":lt={value}"),
        Bound::Unbounded => Ok(()),
    }
}

fn list<T: fmt::Display>(f: &mut fmt::Formatter<'_>, before: &str, values: &[T]) -> fmt::Result {
    for (i, value) in values.iter().enumerate() {
        write!(f, "{}{value}", if i == 0 { before } else { "/" })?;
    }
    Ok(())
}
