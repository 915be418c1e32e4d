//! Exact decimal numbers, as wide as DynamoDB's: money, measures, anything that must not become 0.30000000000000004.

use std::fmt;
use std::str::FromStr;

use bigdecimal::BigDecimal;
use bigdecimal::num_bigint::BigInt;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de, ser};
use serde_json::value::RawValue;
use utoipa::ToSchema;

/// A number of up to 38 significant digits, from 1E-130 to 9.9…9E+125 on both sides of zero.
///
/// In JSON it is a number, or a string that holds one; it leaves as a number with all its digits.
/// Trailing zeros are no part of the value: 1.50 is 1.5.
///
/// It is read from the text of JSON. A [`serde_json::Value`] has lost digits by then, and fields that serde sorts
/// first, behind `#[serde(flatten)]` or `#[serde(tag = "…")]`, are no text any more: there, hold a `String`.
#[derive(Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash, ToSchema)]
#[schema(value_type = f64, format = "decimal")]
pub struct Decimal(BigDecimal);

/// Why a text or a computed number is no [`Decimal`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DecimalError {
    #[error("not a decimal number")]
    NotANumber,
    #[error("more than {} significant digits", Decimal::DIGITS)]
    TooManyDigits,
    #[error("more than {} digits before the decimal point", Decimal::WHOLE_DIGITS)]
    TooLarge,
    #[error("more than {} decimal places", Decimal::PLACES)]
    TooSmall,
}

impl Decimal {
    pub const DIGITS: usize = 38;
    /// As many digits as the largest number has before its decimal point.
    pub const WHOLE_DIGITS: i64 = 126;
    /// As many places as the smallest number has behind its decimal point.
    pub const PLACES: i64 = 130;

    pub fn is_multiple_of(&self, unit: &Self) -> bool {
        let zero = BigDecimal::default();
        unit.0 != zero && &self.0 % &unit.0 == zero
    }
}

impl FromStr for Decimal {
    type Err = DecimalError;

    /// Reads plain and scientific notation. The length of the text bounds the work: no number is built before its
    /// digits and its magnitude are known to be within the limits.
    fn from_str(text: &str) -> Result<Self, DecimalError> {
        let (mantissa, exponent) = match text.split_once(['e', 'E']) {
            Some((mantissa, exponent)) => (mantissa, exponent),
            None => (text, "0"),
        };
        let unsigned = mantissa.strip_prefix(['-', '+']).unwrap_or(mantissa);
        let (whole, fraction) = unsigned.split_once('.').unwrap_or((unsigned, ""));
        let digits = format!("{whole}{fraction}");
        let exponent_digits = exponent.strip_prefix(['-', '+']).unwrap_or(exponent);
        if !all_digits(&digits) || !all_digits(exponent_digits) {
            return Err(DecimalError::NotANumber);
        }

        let trimmed = digits.trim_end_matches('0');
        let significant = trimmed.trim_start_matches('0');
        if significant.is_empty() {
            return Ok(Self::default());
        }
        if significant.len() > Self::DIGITS {
            return Err(DecimalError::TooManyDigits);
        }

        // An exponent that does not fit is out of range however many digits it moves the point across.
        let exponent = exponent.parse().unwrap_or(if exponent.starts_with('-') {
            i32::MIN
        } else {
            i32::MAX
        });
        let places = trimmed.len() as i64 - whole.len() as i64 - i64::from(exponent);
        let whole_digits = significant.len() as i64 - places;
        if whole_digits > Self::WHOLE_DIGITS {
            return Err(DecimalError::TooLarge);
        }
        if whole_digits <= -Self::PLACES {
            return Err(DecimalError::TooSmall);
        }

        let sign = if mantissa.starts_with('-') { "-" } else { "" };
        let integer = format!("{sign}{significant}")
            .parse::<BigInt>()
            .map_err(|_| DecimalError::NotANumber)?;
        Ok(Self(BigDecimal::new(integer, places)))
    }
}

fn all_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

impl From<i64> for Decimal {
    fn from(integer: i64) -> Self {
        Self(BigDecimal::from(integer).normalized())
    }
}

/// For arithmetic; the way back checks the limits.
impl From<Decimal> for BigDecimal {
    fn from(decimal: Decimal) -> Self {
        decimal.0
    }
}

impl TryFrom<BigDecimal> for Decimal {
    type Error = DecimalError;

    fn try_from(number: BigDecimal) -> Result<Self, DecimalError> {
        number.to_scientific_notation().parse()
    }
}

/// Plain notation, never an exponent.
impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.to_plain_string())
    }
}

impl fmt::Debug for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Serialize for Decimal {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let number = RawValue::from_string(self.to_string()).map_err(ser::Error::custom)?;
        number.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Decimal {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let json = Box::<RawValue>::deserialize(deserializer)?;
        let parsed = if json.get().starts_with('"') {
            let text = serde_json::from_str::<String>(json.get()).map_err(de::Error::custom)?;
            text.parse()
        } else {
            json.get().parse()
        };
        parsed.map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decimal(text: &str) -> Decimal {
        text.parse().unwrap()
    }

    #[test]
    fn numbers_are_shown_plainly_and_without_idle_zeros() {
        for (text, shown) in [
            ("0", "0"),
            ("-0.000", "0"),
            ("0e999999999999", "0"),
            ("007", "7"),
            ("+1.50", "1.5"),
            (".5", "0.5"),
            ("5.", "5"),
            ("1e3", "1000"),
            ("-12.5E-3", "-0.0125"),
            ("10000000", "10000000"),
        ] {
            assert_eq!(decimal(text).to_string(), shown, "{text}");
        }
    }

    #[test]
    fn numbers_that_are_equal_compare_equal() {
        assert_eq!(decimal("1.0"), decimal("1"));
        assert_eq!(decimal("1e2"), Decimal::from(100));
        assert!(decimal("0.1") < decimal("0.10000000000000000000000000000000000001"));
        assert!(decimal("-1e125") < decimal("-1e-130"));
    }

    #[test]
    fn the_limits_are_those_of_dynamodb() {
        let nines = "9".repeat(Decimal::DIGITS);
        for (text, parsed) in [
            (format!("{nines}e88"), Ok(())),
            (format!("-{nines}e88"), Ok(())),
            ("1e125".to_owned(), Ok(())),
            ("1e126".to_owned(), Err(DecimalError::TooLarge)),
            ("1e99999999999".to_owned(), Err(DecimalError::TooLarge)),
            ("1e-130".to_owned(), Ok(())),
            ("9.9e-131".to_owned(), Err(DecimalError::TooSmall)),
            ("1e-99999999999".to_owned(), Err(DecimalError::TooSmall)),
            (format!("{nines}9"), Err(DecimalError::TooManyDigits)),
            (format!("{nines}0"), Ok(())),
        ] {
            assert_eq!(text.parse::<Decimal>().map(drop), parsed, "{text}");
        }
    }

    #[test]
    fn what_is_no_number_is_refused() {
        for text in [
            "", " ", "-", ".", "e5", "1e", "1e+", "1.2.3", "1_000", " 1", "0x1", "NaN", "Infinity",
            "٣",
        ] {
            assert_eq!(
                text.parse::<Decimal>(),
                Err(DecimalError::NotANumber),
                "{text}"
            );
        }
    }

    #[test]
    fn json_keeps_every_digit() {
        let digits = "1234567890123456789.0123456789012345678";
        for json in [digits.to_owned(), format!("\"{digits}\"")] {
            let read = serde_json::from_str::<Decimal>(&json).unwrap();
            assert_eq!(serde_json::to_string(&read).unwrap(), digits);
        }
        for json in ["null", "true", "[]", "\"x\""] {
            assert!(serde_json::from_str::<Decimal>(json).is_err(), "{json}");
        }
    }

    #[test]
    fn a_decimal_that_serde_has_sorted_is_an_error_and_not_another_number() {
        #[derive(Debug, Deserialize)]
        struct Outer {
            #[serde(flatten)]
            _inner: Inner,
        }
        #[derive(Debug, Deserialize)]
        struct Inner {
            _decimal: Decimal,
        }
        assert!(serde_json::from_str::<Inner>(r#"{"_decimal": 1.5}"#).is_ok());
        assert!(serde_json::from_str::<Outer>(r#"{"_decimal": 1.5}"#).is_err());
    }

    #[test]
    fn results_of_arithmetic_are_checked_too() {
        let third = BigDecimal::from(1) / BigDecimal::from(3);
        assert_eq!(Decimal::try_from(third), Err(DecimalError::TooManyDigits));

        let sum = BigDecimal::from(decimal("0.1")) + BigDecimal::from(decimal("0.2"));
        assert_eq!(Decimal::try_from(sum), Ok(decimal("0.3")));
    }
}
