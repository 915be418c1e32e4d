//! What a field holds when an item is created without it.

use std::fmt;

use serde_json::Value;

use super::{Decimal, FieldType, Float, Number, Range, TextRules};
use crate::name::EnumValue;
use crate::problem::quoted;

/// A value of the field's type that keeps its rules, in its canonical form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DefaultValue {
    /// Of a `string`, `text`, `date`, `datetime`, `uuid`, `email` or `url`: as it stands in JSON.
    Text(String),
    Int(i64),
    Float(Float),
    Decimal(Decimal),
    Bool(bool),
    Enum(EnumValue),
    Json(Value),
}

impl DefaultValue {
    /// Reads a value for a field of type `kind`; the error says why there is none.
    pub(super) fn read(kind: &FieldType, text: &str) -> Result<Self, String> {
        match kind {
            FieldType::String(rules) => text_value(rules, text, true),
            FieldType::Text(rules) => text_value(rules, text, false),
            FieldType::Int(range) => number(range, text).map(Self::Int),
            FieldType::Float(range) => number(range, text).map(Self::Float),
            FieldType::Decimal(range) => number(range, text).map(Self::Decimal),
            FieldType::Bool => match text {
                "true" => Ok(Self::Bool(true)),
                "false" => Ok(Self::Bool(false)),
                _ => Err(format!("`{text}` is neither `true` nor `false`")),
            },
            FieldType::Date if is_date(text) => Ok(Self::Text(text.to_owned())),
            FieldType::Date => Err(format!("`{text}` is not a date, such as `2030-12-31`")),
            FieldType::DateTime if is_datetime(text) => Ok(Self::Text(text.to_owned())),
            FieldType::DateTime => Err(format!(
                "`{text}` is not a time in UTC, such as `2030-12-31T23:59:59Z`"
            )),
            FieldType::Uuid if is_uuid(text) => Ok(Self::Text(text.to_ascii_lowercase())),
            FieldType::Uuid => Err(format!("`{text}` is not a UUID with its four hyphens")),
            FieldType::Email if is_email(text) => Ok(Self::Text(text.to_owned())),
            FieldType::Email => Err(format!("`{text}` is not an e-mail address")),
            FieldType::Url if is_url(text) => Ok(Self::Text(text.to_owned())),
            FieldType::Url => Err(format!(
                "`{text}` is not a URL that starts with `https://` or `http://`"
            )),
            FieldType::Json => match serde_json::from_str(text) {
                Ok(Value::Null) => {
                    Err("`null` is what an `optional` field holds without a default".to_owned())
                }
                Ok(value) => stored(value, 0).map(Self::Json),
                Err(error) => Err(format!("`{text}` is not JSON: {error}")),
            },
            FieldType::Enum(values) => EnumValue::parse(text)
                .ok()
                .filter(|value| values.contains(value))
                .map(Self::Enum)
                .ok_or_else(|| {
                    format!(
                        "`{text}` is none of the values {}",
                        quoted(values.iter().map(|value| value.snake()))
                    )
                }),
            FieldType::Ref(_) => {
                Err("a `ref` has no default: no item exists from the start".to_owned())
            }
            FieldType::File(_) => Err("a `file` has no default: it is uploaded later".to_owned()),
        }
    }
}

/// As it is written after `default=`.
impl fmt::Display for DefaultValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => f.write_str(text),
            Self::Int(value) => value.fmt(f),
            Self::Float(value) => value.fmt(f),
            Self::Decimal(value) => value.fmt(f),
            Self::Bool(value) => value.fmt(f),
            Self::Enum(value) => value.fmt(f),
            Self::Json(value) => value.fmt(f),
        }
    }
}

/// How deep DynamoDB stores maps and lists in each other, the field itself included.
const MOST_LEVELS: usize = 32;

/// JSON as the table gives it back, which has one form of a number.
fn stored(value: Value, level: usize) -> Result<Value, String> {
    if level >= MOST_LEVELS {
        return Err(format!(
            "the table stores {MOST_LEVELS} levels, and no more"
        ));
    }
    Ok(match value {
        Value::Number(number) if number.is_f64() => {
            let text = Float::read(&number.to_string())?.to_string();
            let whole = text.strip_suffix(".0").and_then(|whole| whole.parse().ok());
            Value::Number(whole.map_or(number, |whole: i64| whole.into()))
        }
        Value::Array(values) => {
            let values = values.into_iter().map(|value| stored(value, level + 1));
            Value::Array(values.collect::<Result<_, _>>()?)
        }
        Value::Object(members) => {
            let members = members
                .into_iter()
                .map(|(name, value)| match name.as_str() {
                    "" => Err("the table stores no member without a name".to_owned()),
                    _ => Ok((name, stored(value, level + 1)?)),
                });
            Value::Object(members.collect::<Result<_, _>>()?)
        }
        _ => value,
    })
}

fn text_value(rules: &TextRules, text: &str, not_blank: bool) -> Result<DefaultValue, String> {
    if text.chars().any(char::is_control) {
        return Err("a default holds no control characters".to_owned());
    }
    if not_blank && text.trim().is_empty() {
        return Err("a `string` is not blank".to_owned());
    }
    if !rules.length.contains(text.chars().count()) {
        return Err(format!("`{text}` is outside the length {}", rules.length));
    }
    if rules
        .pattern
        .as_ref()
        .is_some_and(|pattern| !pattern.is_match(text))
    {
        return Err(format!("`{text}` does not match the pattern"));
    }
    Ok(DefaultValue::Text(text.to_owned()))
}

fn number<T: Number>(range: &Range<T>, text: &str) -> Result<T, String> {
    let value = T::read(text)?;
    if range.contains(&value) {
        Ok(value)
    } else {
        Err(format!("`{text}` is outside the bounds"))
    }
}

/// `2030-12-31`, a day that exists.
fn is_date(text: &str) -> bool {
    let Some([year, month, day]) = numbers(text, '-', [4, 2, 2]) else {
        return false;
    };
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let days = match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 if leap => 29,
        2 => 28,
        _ => 0,
    };
    (1..=days).contains(&day)
}

/// `2030-12-31T23:59:59Z`, to the second or to the millisecond.
fn is_datetime(text: &str) -> bool {
    let Some((date, time)) = text.strip_suffix('Z').and_then(|text| text.split_once('T')) else {
        return false;
    };
    let (time, millis) = time.split_once('.').unwrap_or((time, "000"));
    let clock = numbers(time, ':', [2, 2, 2]);
    is_date(date)
        && clock.is_some_and(|[hour, minute, second]| hour < 24 && minute < 60 && second < 60)
        && numbers(millis, '.', [3]).is_some()
}

/// `N` numbers between separators, each with so many digits.
fn numbers<const N: usize>(text: &str, separator: char, digits: [usize; N]) -> Option<[u32; N]> {
    let mut parts = text.split(separator);
    let mut found = [0; N];
    for (number, digits) in found.iter_mut().zip(digits) {
        let part = parts.next()?;
        if part.len() != digits || !part.bytes().all(|b| b.is_ascii_digit()) {
            return None;
        }
        *number = part.parse().ok()?;
    }
    parts.next().is_none().then_some(found)
}

fn is_uuid(text: &str) -> bool {
    let groups: Vec<&str> = text.split('-').collect();
    let hex = |group: &&str| group.bytes().all(|b| b.is_ascii_hexdigit());
    groups.iter().all(hex) && groups.iter().map(|group| group.len()).eq([8, 4, 4, 4, 12])
}

/// The plain form of an address, which every definition of one allows.
fn is_email(text: &str) -> bool {
    let Some((local, domain)) = text.split_once('@') else {
        return false;
    };
    let word = |word: &str| {
        let inner = |b: u8| b.is_ascii_alphanumeric() || b"_+-".contains(&b);
        !word.is_empty()
            && word.bytes().all(inner)
            && !word.starts_with('-')
            && !word.ends_with('-')
    };
    text.len() <= 254
        && local.len() <= 64
        && local.split('.').all(word)
        && is_host(domain)
        && domain.contains('.')
}

fn is_url(text: &str) -> bool {
    let rest = text
        .strip_prefix("https://")
        .or(text.strip_prefix("http://"));
    let plain = |b: u8| b.is_ascii_graphic() && !b"\"<>\\^`{|}".contains(&b);
    rest.is_some_and(|rest| {
        let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
        let (host, port) = rest[..end].split_once(':').unwrap_or((&rest[..end], "80"));
        is_host(host) && port.parse::<u16>().is_ok() && rest.bytes().all(plain)
    })
}

fn is_host(text: &str) -> bool {
    text.split('.').all(|label| {
        let inner = |b: u8| b.is_ascii_alphanumeric() || b == b'-';
        (1..=63).contains(&label.len())
            && label.bytes().all(inner)
            && !label.starts_with('-')
            && !label.ends_with('-')
    })
}
