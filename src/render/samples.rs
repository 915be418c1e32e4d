//! Values of a field for the generated tests: some that it takes, and some on the other side of each of its rules.

use std::ops::Bound;

use super::field::integer;
use crate::field::{
    Decimal, DefaultValue, Field, FieldType, Float, Length, Number, Range, TextRules,
};

/// Values of a field, written as `json!` reads them.
#[derive(Clone, Debug)]
pub(super) struct Samples {
    /// A value, and another if the rules leave a choice. The first is not the field's default, unless they leave none.
    pub first: String,
    pub second: String,
    /// The values that the field takes, under [`TAKEN`], and those it refuses, under the type of the error.
    pub cases: Vec<(&'static str, Vec<String>)>,
}

/// How the tests get the id of an item that a `ref` may refer to.
#[derive(Clone, Debug, Default)]
pub(super) struct Target {
    pub own: String,
    /// The same of an item that the caller may not read, if there can be one.
    pub foreign: Option<String>,
}

const TAKEN: &str = "ok";

/// So many values have the longest lists that the tests send.
const LONGEST_LIST: u32 = 1_000;

/// `target` is only asked for by a `ref`.
pub(super) fn samples(field: &Field, target: &Target) -> Samples {
    let mut one = scalar(field, target);
    let null = "null".to_owned();
    let is_json = matches!(field.kind, FieldType::Json);
    if let Some(length) = field.list {
        one = one.listed(length);
        one.wrong = ("list_type", vec!["1".to_owned()]);
    }
    if field.optional || is_json && field.list.is_none() && field.default.is_none() {
        one.taken.push(null);
    } else if !is_json || field.list.is_some() {
        one.wrong.1.push(null);
    }
    if !one.wrong.1.is_empty() {
        one.refused.push(one.wrong);
    }
    let default = default(field);
    let other = |than: Option<&String>| one.values.iter().find(|value| Some(*value) != than);
    let first = other(default.as_ref())
        .or(other(None))
        .cloned()
        .unwrap_or_default();
    let second = other(Some(&first)).unwrap_or(&first).clone();
    let mut cases: Vec<(&'static str, Vec<String>)> = Vec::new();
    for (reason, values) in [(TAKEN, one.taken)].into_iter().chain(one.refused) {
        let at = match cases.iter().position(|(other, _)| *other == reason) {
            Some(at) => at,
            None => {
                cases.push((reason, Vec::new()));
                cases.len() - 1
            }
        };
        for value in values {
            if !cases[at].1.contains(&value) {
                cases[at].1.push(value);
            }
        }
    }
    Samples {
        first,
        second,
        cases,
    }
}

/// What a new item has of a field that was left out, if it may be.
pub(super) fn default(field: &Field) -> Option<String> {
    if let Some(value) = &field.default {
        return Some(match value {
            DefaultValue::Text(text) if matches!(field.kind, FieldType::DateTime) => {
                let seconds = text.trim_end_matches('Z');
                let millis = if text.contains('.') { "" } else { ".000" };
                quoted(&format!("{seconds}{millis}Z"))
            }
            DefaultValue::Text(text) => quoted(text),
            DefaultValue::Int(number) => integer(*number),
            DefaultValue::Float(number) => number.to_string(),
            DefaultValue::Decimal(number) => decimal(&number.to_string()),
            DefaultValue::Bool(truth) => truth.to_string(),
            DefaultValue::Enum(value) => quoted(value.snake()),
            DefaultValue::Json(value) => json(value),
        });
    }
    if field.optional || field.is_file() {
        return Some("null".to_owned());
    }
    let begins_empty = field.list.is_some_and(|length| length.min.is_none());
    begins_empty.then(|| "[]".to_owned())
}

/// What is known of one value: those to choose from, those to try, and those of another type.
#[derive(Default)]
struct Scalar {
    values: Vec<String>,
    taken: Vec<String>,
    refused: Vec<(&'static str, Vec<String>)>,
    wrong: (&'static str, Vec<String>),
}

fn scalar(field: &Field, target: &Target) -> Scalar {
    let name = field.name.kebab();
    match &field.kind {
        FieldType::String(rules) => text(field, rules, true),
        FieldType::Text(rules) => text(field, rules, false),
        FieldType::Int(range) => ints(range),
        FieldType::Float(range) => floats(range),
        FieldType::Decimal(range) => decimals(range),
        FieldType::Bool => Scalar {
            wrong: ("bool_type", vec!["1".to_owned()]),
            ..of(["true", "false"].map(str::to_owned))
        },
        FieldType::Date => texts(
            ["2024-02-29", "2030-12-31"].map(str::to_owned),
            &[("date_from_datetime_parsing", "2023-02-29")],
            "date_type",
        ),
        FieldType::DateTime => texts(
            ["2024-02-29T12:30:00.000Z", "2030-12-31T23:59:59.999Z"].map(str::to_owned),
            &[
                ("timezone_aware", "2024-02-29T12:30:00"),
                ("datetime_from_date_parsing", "2023-02-29T12:30:00Z"),
            ],
            "datetime_type",
        ),
        FieldType::Uuid => texts(
            [FIRST_ID, SECOND_ID].map(str::to_owned),
            &[("uuid_parsing", "6d35bb8b")],
            "uuid_type",
        ),
        FieldType::Email => texts(
            [
                format!("{name}@example.com"),
                format!("other-{name}@example.com"),
            ],
            &[("value_error", "example.com")],
            "string_type",
        ),
        FieldType::Url => texts(
            ["", "other-"].map(|other| format!("https://example.com/{other}{name}")),
            &[
                ("url_scheme", "ftp://example.com"),
                ("url_parsing", "example.com"),
            ],
            "url_type",
        ),
        FieldType::Json => Scalar {
            taken: [
                r#"{"key": ["value", 1, null]}"#,
                "2.5",
                r#""text""#,
                "false",
            ]
            .map(str::to_owned)
            .into(),
            ..of([r#"{"key": ["value", 1, null]}"#, r#"["another"]"#].map(str::to_owned))
        },
        FieldType::Enum(values) => {
            let shouted = values.iter().map(|value| value.screaming()).next();
            Scalar {
                wrong: (
                    "enum",
                    vec![quoted(&shouted.unwrap_or_default()), "1".to_owned()],
                ),
                ..of(values.iter().map(|value| quoted(value.snake())))
            }
        }
        FieldType::Ref(_) => {
            let mut refused = vec![quoted(FIRST_ID)];
            refused.extend(target.foreign.clone());
            Scalar {
                refused: vec![
                    ("value_error", refused),
                    ("uuid_parsing", vec![quoted("6d35bb8b")]),
                ],
                wrong: ("uuid_type", vec!["1".to_owned()]),
                ..of([target.own.clone()])
            }
        }
        // No client sets one in a body.
        FieldType::File(_) => Scalar::default(),
    }
}

pub(super) const FIRST_ID: &str = "6d35bb8b-a8b7-4a8e-8a3c-1d2f3e4b5c6d";
const SECOND_ID: &str = "0b9cf1d4-7e5f-4c61-9d8e-2a3b4c5d6e7f";

/// Values that are all tried.
fn of(values: impl IntoIterator<Item = String>) -> Scalar {
    let values: Vec<String> = values.into_iter().collect();
    Scalar {
        taken: values.clone(),
        values,
        ..Scalar::default()
    }
}

fn texts(values: [String; 2], refused: &[(&'static str, &str)], r#type: &'static str) -> Scalar {
    let refused = refused
        .iter()
        .map(|(reason, text)| (*reason, vec![quoted(text)]));
    Scalar {
        refused: refused.collect(),
        wrong: (r#type, vec!["1".to_owned()]),
        ..of(values.map(|text| quoted(&text)))
    }
}

fn text(field: &Field, rules: &TextRules, not_blank: bool) -> Scalar {
    let TextRules { length, pattern } = rules;
    let least = length.min.unwrap_or(u32::from(not_blank));
    let mut found = Scalar {
        wrong: ("string_type", vec!["1".to_owned()]),
        ..Scalar::default()
    };
    if let Some(min) = length.min {
        found
            .refused
            .push(("string_too_short", vec![repeated('é', min - 1)]));
    }
    if let Some(max) = length.max {
        found
            .refused
            .push(("string_too_long", vec![repeated('é', max + 1)]));
    }
    let Some(pattern) = pattern else {
        let words = field.name.words();
        for (word, letter) in [("Some", 'a'), ("Other", 'b')] {
            let text = format!("{word} {words}");
            let count = u32::try_from(text.chars().count()).unwrap_or(u32::MAX);
            found.values.push(if count < least {
                repeated(letter, least)
            } else if length.max.is_some_and(|max| count > max) {
                repeated(letter, length.max.unwrap_or(least))
            } else {
                quoted(&text)
            });
        }
        let bounds = [Some(least), length.max];
        let bounds = bounds.into_iter().flatten();
        found.taken.extend(bounds.map(|count| repeated('é', count)));
        if not_blank {
            let mut blank = vec![repeated(' ', least)];
            if length.min.is_none() {
                blank.push(quoted(""));
            }
            found.refused.push(("string_pattern_mismatch", blank));
        }
        return found;
    };
    let keeps = |text: &str| {
        length.contains(text.chars().count()) && !(not_blank && text.trim().is_empty())
    };
    let first = pattern.sample(least as usize, keeps).unwrap_or_default();
    let second = [0, 1, 2, 3].into_iter().find_map(|more| {
        pattern.sample(least as usize + more, |text| keeps(text) && text != first)
    });
    found.values = [Some(first), second]
        .into_iter()
        .flatten()
        .map(|text| quoted(&text))
        .collect();
    found.taken.clone_from(&found.values);
    for count in [length.min, length.max].into_iter().flatten() {
        let count = count as usize;
        let at_bound = pattern.sample(count, |text| keeps(text) && text.chars().count() == count);
        found.taken.extend(at_bound.map(|text| quoted(&text)));
    }
    let mismatch = "!aA0 é_-\n".chars().find_map(|letter| {
        let text = letter.to_string().repeat(least.max(1) as usize);
        (length.contains(text.chars().count()) && !pattern.is_match(&text)).then_some(text)
    });
    if let Some(text) = mismatch {
        found
            .refused
            .push(("string_pattern_mismatch", vec![quoted(&text)]));
    }
    found
}

fn ints(range: &Range<i64>) -> Scalar {
    let below = |number: &i64| number.checked_sub(1);
    let above = |number: &i64| number.checked_add(1);
    let tries = [1, 2, 0, -1, 10, 100];
    Scalar {
        wrong: ("int_type", vec!["true".to_owned()]),
        ..numbers(range, &tries, below, above, |number| integer(*number))
    }
}

fn floats(range: &Range<Float>) -> Scalar {
    let below = |number: &Float| beside(number.get(), -1.0);
    let above = |number: &Float| beside(number.get(), 1.0);
    let tries: Vec<Float> = read(&["1.5", "0.5", "0.0", "-1.5", "10.0", "100.0"]);
    Scalar {
        wrong: ("float_type", vec!["true".to_owned()]),
        ..numbers(range, &tries, below, above, Float::to_string)
    }
}

/// The number that differs in the tenth digit: still one that reads well, and that every reader of JSON reads alike.
fn beside(number: f64, direction: f64) -> Option<Float> {
    let magnitude = match number {
        0.0 => 0,
        _ => number.abs().log10().floor() as i32,
    };
    let next = number + direction * 10_f64.powi(magnitude - 9);
    let places = usize::try_from(9 - magnitude).unwrap_or_default();
    Float::read(&format!("{next:.places$}")).ok()
}

fn decimals(range: &Range<Decimal>) -> Scalar {
    let tries: Vec<Decimal> = read(&["1.5", "0.5", "0", "-1.5", "10", "100"]);
    Scalar {
        wrong: ("decimal_type", vec!["true".to_owned()]),
        ..numbers(range, &tries, Decimal::before, Decimal::after, |number| {
            decimal(&number.to_string())
        })
    }
}

fn read<T: Number>(texts: &[&str]) -> Vec<T> {
    texts.iter().filter_map(|text| T::read(text).ok()).collect()
}

fn numbers<T: Number>(
    range: &Range<T>,
    tries: &[T],
    below: impl Fn(&T) -> Option<T>,
    above: impl Fn(&T) -> Option<T>,
    write: impl Fn(&T) -> String,
) -> Scalar {
    let mut taken = Vec::new();
    let mut refused = Vec::new();
    let (outside, inside, reason) = match &range.lower {
        Bound::Unbounded => (None, None, ""),
        Bound::Included(bound) => (below(bound), Some(bound.clone()), "greater_than_equal"),
        Bound::Excluded(bound) => {
            let near = above(bound).filter(|number| range.contains(number));
            let inside = near.or_else(|| bound.after());
            (Some(bound.clone()), inside, "greater_than")
        }
    };
    taken.extend(inside);
    refused.extend(outside.map(|number| (reason, vec![write(&number)])));
    let (outside, inside, reason) = match &range.upper {
        Bound::Unbounded => (None, None, ""),
        Bound::Included(bound) => (above(bound), Some(bound.clone()), "less_than_equal"),
        Bound::Excluded(bound) => {
            let near = below(bound).filter(|number| range.contains(number));
            let inside = near.or_else(|| bound.before());
            (Some(bound.clone()), inside, "less_than")
        }
    };
    taken.extend(inside);
    refused.extend(outside.map(|number| (reason, vec![write(&number)])));
    taken.retain(|number| range.contains(number));

    let within = tries.iter().filter(|number| range.contains(number));
    let mut values: Vec<T> = within.cloned().collect();
    values.extend(taken.iter().cloned());
    if taken.is_empty() {
        taken.extend(values.first().cloned());
    }
    Scalar {
        values: values.iter().map(&write).collect(),
        taken: taken.iter().map(&write).collect(),
        refused,
        ..Scalar::default()
    }
}

impl Scalar {
    /// Of a list of such values.
    fn listed(self, length: Length) -> Self {
        let least = length.min.unwrap_or(1);
        let in_list = |value: &String| list(value, least);
        let first = self.values.first().cloned().unwrap_or_default();
        let mut taken: Vec<String> = self.taken.iter().map(in_list).collect();
        let mut refused = Vec::new();
        match length.min {
            Some(min) => refused.push(("too_short", vec![list(&first, min - 1)])),
            None => taken.insert(0, "[]".to_owned()),
        }
        if let Some(max) = length.max.filter(|max| *max <= LONGEST_LIST) {
            taken.push(list(&first, max));
            refused.push(("too_long", vec![list(&first, max + 1)]));
        }
        let wrong = (!self.wrong.1.is_empty()).then_some(self.wrong);
        for (reason, values) in self.refused.into_iter().chain(wrong) {
            refused.push((reason, values.iter().map(in_list).collect()));
        }
        Self {
            values: self.values.iter().map(in_list).collect(),
            taken,
            refused,
            wrong: ("", Vec::new()),
        }
    }
}

/// So many times the value.
fn list(value: &str, count: u32) -> String {
    let is_json = value.starts_with(['{', '[']);
    match count {
        0 => "[]".to_owned(),
        1 => format!("[{value}]"),
        _ if is_json => format!("vec![json!({value}); {count}]"),
        _ => format!("vec![{value}; {count}]"),
    }
}

fn quoted(text: &str) -> String {
    match text.chars().next() {
        Some(letter) if text.len() > 48 && text.chars().all(|other| other == letter) => {
            format!("{:?}.repeat({})", letter.to_string(), text.chars().count())
        }
        _ => format!("{text:?}"),
    }
}

fn repeated(letter: char, count: u32) -> String {
    if count <= 8 {
        return format!("{:?}", letter.to_string().repeat(count as usize));
    }
    format!("{:?}.repeat({count})", letter.to_string())
}

/// A number of JSON if every reader of JSON keeps its digits, else a string.
fn decimal(text: &str) -> String {
    let digits = text.chars().filter(char::is_ascii_digit).count();
    if digits <= if text.contains('.') { 15 } else { 9 } {
        text.to_owned()
    } else {
        quoted(text)
    }
}

fn json(value: &serde_json::Value) -> String {
    use serde_json::Value;
    match value {
        Value::Null | Value::Bool(_) => value.to_string(),
        Value::Number(number) => match (number.as_i64(), number.as_u64()) {
            (Some(number), _) => integer(number),
            (None, Some(number)) => format!("{number}_u64"),
            (None, None) => format!("{:?}", number.as_f64().unwrap_or_default()),
        },
        Value::String(text) => quoted(text),
        Value::Array(values) => {
            let values: Vec<String> = values.iter().map(json).collect();
            format!("[{}]", values.join(", "))
        }
        Value::Object(members) => {
            let member = |(name, value)| format!("{name:?}: {}", json(value));
            let members: Vec<String> = members.iter().map(member).collect();
            format!("{{{}}}", members.join(", "))
        }
    }
}

#[cfg(test)]
mod tests;
