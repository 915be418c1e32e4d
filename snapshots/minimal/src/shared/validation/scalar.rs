//! Values that hold no others. JSON types are strict: a number in a string is a string.

use std::num::IntErrorKind;

use serde::de::DeserializeOwned;
use serde_json::Value;
use serde_json::value::RawValue;

use super::bounds::{self, Bounds};
use super::field_error::Problem;
use super::json;
use super::schema::Text;
use crate::shared::decimal::{Decimal, DecimalError};

/// Free JSON: whatever serde_json can hold, which is everything but numbers beyond f64, and DynamoDB can name.
pub(super) fn anything(json: &RawValue) -> Result<(), Problem> {
    match serde_json::from_str::<Value>(json.get()) {
        Ok(value) if has_empty_key(&value) => Err(Problem::new(
            "value_error",
            "Value error, keys must not be empty",
        )),
        Ok(_) => Ok(()),
        Err(error) => {
            let error = json::without_position(&error);
            Err(
                Problem::new("json_invalid", format!("Invalid JSON: {error}"))
                    .with_ctx("error", error),
            )
        }
    }
}

fn has_empty_key(value: &Value) -> bool {
    match value {
        Value::Object(members) => members
            .iter()
            .any(|(key, value)| key.is_empty() || has_empty_key(value)),
        Value::Array(items) => items.iter().any(has_empty_key),
        _ => false,
    }
}

pub(super) fn boolean(json: &RawValue) -> Result<(), Problem> {
    if read::<bool>(json).is_some() {
        return Ok(());
    }
    let unreadable = match (read::<String>(json), read::<i64>(json)) {
        (Some(text), _) => truth(&text).is_none(),
        (_, Some(number)) => !matches!(number, 0 | 1),
        _ => false,
    };
    Err(if unreadable {
        Problem::new(
            "bool_parsing",
            "Input should be a valid boolean, unable to interpret input",
        )
    } else {
        Problem::new("bool_type", "Input should be a valid boolean")
    })
}

/// The words that Pydantic takes for a boolean where there is nothing but text.
pub(super) fn truth(text: &str) -> Option<bool> {
    match text.to_ascii_lowercase().as_str() {
        "1" | "on" | "t" | "true" | "y" | "yes" => Some(true),
        "0" | "f" | "false" | "n" | "no" | "off" => Some(false),
        _ => None,
    }
}

pub(super) fn integer(
    bounds: &Bounds<i64>,
    (least, most): (i64, i64),
    json: &RawValue,
) -> Result<(), Problem> {
    let (value, fits) = match json.get().parse::<i64>() {
        Ok(value) => (value, least <= value && value <= most),
        Err(error) => match error.kind() {
            IntErrorKind::PosOverflow => (i64::MAX, false),
            IntErrorKind::NegOverflow => (i64::MIN, false),
            _ => return Err(no_integer(json)),
        },
    };
    bounds.check(&value)?;
    if fits {
        Ok(())
    } else if value > 0 {
        Err(bounds::at_most(&most))
    } else {
        Err(bounds::at_least(&least))
    }
}

fn no_integer(json: &RawValue) -> Problem {
    if read::<String>(json).is_some_and(|text| whole_number(&text).is_none()) {
        return Problem::new(
            "int_parsing",
            "Input should be a valid integer, unable to parse string as an integer",
        );
    }
    if read::<f64>(json).is_some_and(|number| number.fract() != 0.0) {
        return Problem::new(
            "int_from_float",
            "Input should be a valid integer, got a number with a fractional part",
        );
    }
    Problem::new("int_type", "Input should be a valid integer")
}

/// The digits of an integer in a text, of any size.
pub(super) fn whole_number(text: &str) -> Option<&str> {
    let text = text.trim();
    let number = text.strip_prefix('+').unwrap_or(text);
    let digits = number.strip_prefix('-').unwrap_or(number);
    let is_number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then_some(number)
}

pub(super) fn number(bounds: &Bounds<f64>, json: &RawValue) -> Result<(), Problem> {
    match read::<f64>(json) {
        Some(value) => bounds.check(&value),
        None => Err(no_number(json)),
    }
}

fn no_number(json: &RawValue) -> Problem {
    if is_number(json) {
        return not_finite();
    }
    match read::<String>(json).map(|text| text.trim().parse::<f64>()) {
        Some(Ok(number)) if !number.is_finite() => not_finite(),
        Some(Err(_)) => Problem::new(
            "float_parsing",
            "Input should be a valid number, unable to parse string as a number",
        ),
        _ => Problem::new("float_type", "Input should be a valid number"),
    }
}

fn not_finite() -> Problem {
    Problem::new("finite_number", "Input should be a finite number")
}

/// A number, or a string that holds one: JavaScript cannot write a long number in any other way.
pub(super) fn decimal(bounds: &Bounds<Decimal>, json: &RawValue) -> Result<(), Problem> {
    let text = match read::<String>(json) {
        Some(text) => text,
        None if is_number(json) => json.get().to_owned(),
        None => {
            return Err(Problem::new(
                "decimal_type",
                "Decimal input should be an integer, float, string or Decimal object",
            ));
        }
    };
    match text.parse::<Decimal>() {
        Ok(value) => bounds.check(&value),
        Err(error) => Err(no_decimal(error, &text)),
    }
}

fn no_decimal(error: DecimalError, text: &str) -> Problem {
    match error {
        DecimalError::NotANumber if text.parse::<f64>().is_ok_and(|number| !number.is_finite()) => {
            not_finite()
        }
        DecimalError::NotANumber => {
            Problem::new("decimal_parsing", "Input should be a valid decimal")
        }
        DecimalError::TooManyDigits => {
            let most = Decimal::DIGITS;
            let msg = format!("Decimal input should have no more than {most} digits in total");
            Problem::new("decimal_max_digits", msg).with_ctx("max_digits", most)
        }
        DecimalError::TooLarge => {
            let most = Decimal::WHOLE_DIGITS;
            let msg = format!(
                "Decimal input should have no more than {most} digits before the decimal point"
            );
            Problem::new("decimal_whole_digits", msg).with_ctx("whole_digits", most)
        }
        DecimalError::TooSmall => {
            let most = Decimal::PLACES;
            let msg = format!("Decimal input should have no more than {most} decimal places");
            Problem::new("decimal_max_places", msg).with_ctx("decimal_places", most)
        }
    }
}

pub(super) fn text(rule: &Text, json: &RawValue) -> Result<(), Problem> {
    let Some(text) = read::<String>(json) else {
        return Err(match rule.format {
            Some(format) => format.type_problem(),
            None => Problem::new("string_type", "Input should be a valid string"),
        });
    };
    let length = text.chars().count();
    if let Some(least) = rule.min_length
        && length < least
    {
        return Err(length_problem(
            "string_too_short",
            "at least",
            "min_length",
            least,
        ));
    }
    if let Some(most) = rule.max_length
        && length > most
    {
        return Err(length_problem(
            "string_too_long",
            "at most",
            "max_length",
            most,
        ));
    }
    if let Some(pattern) = &rule.pattern
        && !pattern.is_match(&text)
    {
        let msg = format!("String should match pattern '{pattern}'");
        return Err(
            Problem::new("string_pattern_mismatch", msg).with_ctx("pattern", pattern.as_str())
        );
    }
    match rule.format {
        Some(format) => format.check(&text),
        None => Ok(()),
    }
}

fn length_problem(r#type: &'static str, relation: &str, name: &str, limit: usize) -> Problem {
    let characters = if limit == 1 {
        "character"
    } else {
        "characters"
    };
    let msg = format!("String should have {relation} {limit} {characters}");
    Problem::new(r#type, msg).with_ctx(name, limit)
}

pub(super) fn choice(names: &[String], json: &RawValue) -> Result<(), Problem> {
    if read::<String>(json).is_some_and(|name| names.contains(&name)) {
        return Ok(());
    }
    let quoted: Vec<String> = names.iter().map(|name| format!("'{name}'")).collect();
    let expected = match quoted.split_last() {
        Some((last, others)) if !others.is_empty() => format!("{} or {last}", others.join(", ")),
        _ => quoted.concat(),
    };
    Err(Problem::new("enum", format!("Input should be {expected}")).with_ctx("expected", expected))
}

fn read<T: DeserializeOwned>(json: &RawValue) -> Option<T> {
    serde_json::from_str(json.get()).ok()
}

fn is_number(json: &RawValue) -> bool {
    json.get()
        .starts_with(|c: char| c == '-' || c.is_ascii_digit())
}
