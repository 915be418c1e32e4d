//! The limits of a number.

use std::fmt::Display;
use std::str::FromStr;

use serde::Serialize;
use serde_json::json;
use utoipa::Number;
use utoipa::openapi::schema::Object;

use super::field_error::Problem;
use crate::shared::decimal::Decimal;

/// The limits that a schema sets, in the type that its values are compared in.
#[derive(Debug)]
pub(super) struct Bounds<N> {
    multiple_of: Option<N>,
    at_most: Option<N>,
    less_than: Option<N>,
    at_least: Option<N>,
    greater_than: Option<N>,
}

impl<N: Limit> Bounds<N> {
    /// `None` when a limit of the schema is not an `N`: 1.5 for integers.
    pub(super) fn of(schema: &Object) -> Option<Self> {
        let limit = |name, number: &Option<Number>| limit(schema, name, number.as_ref());
        Some(Self {
            multiple_of: limit("x-multiple-of", &schema.multiple_of).ok()?,
            at_most: limit("x-maximum", &schema.maximum).ok()?,
            less_than: limit("x-exclusive-maximum", &schema.exclusive_maximum).ok()?,
            at_least: limit("x-minimum", &schema.minimum).ok()?,
            greater_than: limit("x-exclusive-minimum", &schema.exclusive_minimum).ok()?,
        })
    }

    /// The first limit that the value breaks, in Pydantic's order.
    pub(super) fn check(&self, value: &N) -> Result<(), Problem> {
        if let Some(unit) = &self.multiple_of
            && !value.is_multiple_of(unit)
        {
            return Err(outside("multiple_of", "a multiple of", "multiple_of", unit));
        }
        if let Some(limit) = &self.at_most
            && value > limit
        {
            return Err(at_most(limit));
        }
        if let Some(limit) = &self.less_than
            && value >= limit
        {
            return Err(outside("less_than", "less than", "lt", limit));
        }
        if let Some(limit) = &self.at_least
            && value < limit
        {
            return Err(at_least(limit));
        }
        if let Some(limit) = &self.greater_than
            && value <= limit
        {
            return Err(outside("greater_than", "greater than", "gt", limit));
        }
        Ok(())
    }
}

pub(super) fn at_most<N: Limit>(limit: &N) -> Problem {
    outside("less_than_equal", "less than or equal to", "le", limit)
}

pub(super) fn at_least<N: Limit>(limit: &N) -> Problem {
    outside(
        "greater_than_equal",
        "greater than or equal to",
        "ge",
        limit,
    )
}

fn outside<N: Limit>(r#type: &'static str, relation: &str, name: &str, limit: &N) -> Problem {
    Problem::new(r#type, format!("Input should be {relation} {limit}")).with_ctx(name, json!(limit))
}

/// A limit as it is written in the source. A float is named by its shortest text, which is what was written as long as
/// it has no more than 15 digits; a longer limit of a decimal stands as a string in an extension beside the keyword:
/// `extensions(("x-maximum" = json!("99999999999999999.99")))`.
fn limit<N: Limit>(
    schema: &Object,
    extension: &str,
    number: Option<&Number>,
) -> Result<Option<N>, N::Err> {
    let extensions = schema.extensions.as_ref();
    let exact = extensions.and_then(|extensions| extensions.get(extension)?.as_str());
    match (exact, number) {
        (Some(exact), _) => exact.parse().map(Some),
        (None, Some(Number::Int(number))) => number.to_string().parse().map(Some),
        (None, Some(Number::UInt(number))) => number.to_string().parse().map(Some),
        (None, Some(Number::Float(number))) => number.to_string().parse().map(Some),
        (None, None) => Ok(None),
    }
}

/// A type of number that has limits.
pub(super) trait Limit: PartialOrd + Display + FromStr + Serialize {
    fn is_multiple_of(&self, unit: &Self) -> bool;
}

impl Limit for i64 {
    fn is_multiple_of(&self, unit: &Self) -> bool {
        self.checked_rem(*unit) == Some(0)
    }
}

impl Limit for f64 {
    /// As near to a multiple as Pydantic asks for.
    fn is_multiple_of(&self, unit: &Self) -> bool {
        let remainder = (self % unit).abs();
        let tolerance = self.abs() / 1e9;
        remainder <= tolerance || (remainder - unit).abs() <= tolerance
    }
}

impl Limit for Decimal {
    fn is_multiple_of(&self, unit: &Self) -> bool {
        self.is_multiple_of(unit)
    }
}
