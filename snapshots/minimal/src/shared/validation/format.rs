//! Texts of a known shape: ids, dates, addresses.

use std::str;

use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use url::Url;
use uuid::Uuid;

use super::email;
use super::field_error::Problem;

/// A `format` of OpenAPI that is checked. All others are for the reader only.
#[derive(Clone, Copy, Debug)]
pub(super) enum Format {
    Date,
    DateTime,
    Email,
    Uri,
    Uuid,
}

impl Format {
    pub(super) fn named(name: &str) -> Option<Self> {
        match name {
            "date" => Some(Self::Date),
            "date-time" => Some(Self::DateTime),
            "email" => Some(Self::Email),
            "uri" => Some(Self::Uri),
            "uuid" => Some(Self::Uuid),
            _ => None,
        }
    }

    pub(super) fn check(self, text: &str) -> Result<(), Problem> {
        match self {
            Self::Date => date(text),
            Self::DateTime => date_time(text),
            Self::Email => email::check(text),
            Self::Uri => uri(text),
            Self::Uuid => uuid(text).map(drop),
        }
    }

    /// What to answer to a value that is no string at all.
    pub(super) fn type_problem(self) -> Problem {
        let (r#type, msg) = match self {
            Self::Date => ("date_type", "Input should be a valid date"),
            Self::DateTime => ("datetime_type", "Input should be a valid datetime"),
            Self::Email => ("string_type", "Input should be a valid string"),
            Self::Uri => ("url_type", "URL input should be a string or URL"),
            Self::Uuid => (
                "uuid_type",
                "UUID input should be a string, bytes or UUID object",
            ),
        };
        Problem::new(r#type, msg)
    }
}

pub(super) fn uuid(text: &str) -> Result<Uuid, Problem> {
    Uuid::parse_str(text).map_err(|error| {
        let error = error.to_string();
        Problem::new(
            "uuid_parsing",
            format!("Input should be a valid UUID, {error}"),
        )
        .with_ctx("error", error)
    })
}

/// An absolute URL that a browser would open.
fn uri(text: &str) -> Result<(), Problem> {
    let unreadable = |error: &str| {
        Problem::new(
            "url_parsing",
            format!("Input should be a valid URL, {error}"),
        )
        .with_ctx("error", error)
    };
    if text.is_empty() {
        return Err(unreadable("input is empty"));
    }
    let url = Url::parse(text).map_err(|error| unreadable(&error.to_string()))?;
    if !matches!(url.scheme(), "http" | "https") {
        let expected = "'http' or 'https'";
        return Err(
            Problem::new("url_scheme", format!("URL scheme should be {expected}"))
                .with_ctx("expected_schemes", expected),
        );
    }
    // The parser mends what browsers mend: spaces, backslashes, `http:/one-slash`. Stored as it came, such a text would
    // be read differently by the next program.
    let is_plain = !text.contains(|c: char| c.is_whitespace() || c.is_control() || c == '\\')
        && text[url.scheme().len()..].starts_with("://");
    if is_plain {
        Ok(())
    } else {
        Err(unreadable("invalid characters or missing slashes"))
    }
}

fn date(text: &str) -> Result<(), Problem> {
    if after(text, "0000-00-00") == Some("") && text.parse::<Date>().is_ok() {
        return Ok(());
    }
    if text.parse::<DateTime>().is_ok() || text.parse::<Timestamp>().is_ok() {
        return Err(Problem::new(
            "date_from_datetime_inexact",
            "Datetimes provided to dates should have zero time - e.g. be exact dates",
        ));
    }
    let error = match date_problem(text) {
        None => "invalid datetime separator, expected `T`, `t`, `_` or space",
        Some(error) => error,
    };
    let msg = format!("Input should be a valid date or datetime, {error}");
    Err(Problem::new("date_from_datetime_parsing", msg).with_ctx("error", error))
}

/// RFC 3339 with its offset: a time without one names no instant.
fn date_time(text: &str) -> Result<(), Problem> {
    let is_instant = text.parse::<Timestamp>().is_ok();
    if is_instant && is_rfc_3339(text) {
        return Ok(());
    }
    if !is_instant && text.parse::<DateTime>().is_ok() {
        return Err(Problem::new(
            "timezone_aware",
            "Input should have timezone info",
        ));
    }
    let error = date_problem(text).unwrap_or("unexpected extra characters at the end of the input");
    let msg = format!("Input should be a valid datetime or date, {error}");
    Err(Problem::new("datetime_from_date_parsing", msg).with_ctx("error", error))
}

fn is_rfc_3339(text: &str) -> bool {
    let Some(rest) = after(text, "0000-00-00T00:00:00") else {
        return false;
    };
    let offset = match rest.strip_prefix('.') {
        Some(fraction) => fraction.trim_start_matches(|c: char| c.is_ascii_digit()),
        None => rest,
    };
    match offset.strip_prefix(['+', '-']) {
        Some(hours) => after(hours, "00:00") == Some(""),
        None => offset.eq_ignore_ascii_case("z"),
    }
}

/// What follows a beginning of the given shape, where a 0 stands for any digit.
fn after<'a>(text: &'a str, shape: &str) -> Option<&'a str> {
    let (start, rest) = text.split_at_checked(shape.len())?;
    let fits = start
        .bytes()
        .zip(shape.bytes())
        .all(|(byte, shape)| match shape {
            b'0' => byte.is_ascii_digit(),
            _ => byte.eq_ignore_ascii_case(&shape),
        });
    fits.then_some(rest)
}

/// What Pydantic says about a text that does not start with a date.
fn date_problem(text: &str) -> Option<&'static str> {
    let bytes = text.as_bytes();
    if bytes.len() < 10 {
        return Some("input is too short");
    }
    let number = |digits: &[u8]| str::from_utf8(digits).ok()?.parse::<u16>().ok();
    if number(&bytes[..4]).is_none() {
        return Some("invalid character in year");
    }
    if bytes[4] != b'-' {
        return Some("invalid date separator, expected `-`");
    }
    match number(&bytes[5..7]) {
        None => return Some("invalid character in month"),
        Some(1..=12) => {}
        Some(_) => return Some("month value is outside expected range of 1-12"),
    }
    if bytes[7] != b'-' {
        return Some("invalid date separator, expected `-`");
    }
    if number(&bytes[8..10]).is_none() {
        return Some("invalid character in day");
    }
    let is_date = text
        .get(..10)
        .is_some_and(|date| date.parse::<Date>().is_ok());
    if is_date {
        None
    } else {
        Some("day value is outside expected range")
    }
}
