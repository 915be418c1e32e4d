//! Numbers that bounds and defaults are made of, and the bounds themselves. All of it is exact.

use std::cmp::Ordering;
use std::fmt;
use std::ops::Bound;

/// A number as a field can have it.
pub trait Number: Clone + Ord + fmt::Display {
    /// Reads a number written out; the error says what is wrong with it.
    fn read(text: &str) -> Result<Self, String>;

    /// The next smaller number, if there is one.
    fn before(&self) -> Option<Self>;

    /// The next greater number, if there is one.
    fn after(&self) -> Option<Self>;
}

impl Number for i64 {
    fn read(text: &str) -> Result<Self, String> {
        if !is_written_out(text) || text.contains('.') {
            return Err(format!("`{text}` is not a whole number"));
        }
        text.parse()
            .map_err(|_| format!("`{text}` does not fit into 64 bits"))
    }

    fn before(&self) -> Option<Self> {
        self.checked_sub(1)
    }

    fn after(&self) -> Option<Self> {
        self.checked_add(1)
    }
}

/// A finite `f64`. There is one zero.
#[derive(Clone, Copy, Debug)]
pub struct Float(f64);

impl Float {
    pub fn get(self) -> f64 {
        self.0
    }
}

impl Number for Float {
    fn read(text: &str) -> Result<Self, String> {
        let mantissa = match text.split_once(['e', 'E']) {
            Some((mantissa, exponent)) if exponent.parse::<i32>().is_ok() => mantissa,
            Some(_) => "",
            None => text,
        };
        match text.parse::<f64>() {
            Ok(value) if is_written_out(mantissa) && is_stored(value) => Ok(Self(value + 0.0)),
            Ok(_) if is_written_out(mantissa) => Err(format!(
                "`{text}` is not stored: a number of DynamoDB is below 1e126, and not nearer to 0 than 1e-130"
            )),
            _ => Err(format!("`{text}` is not a number")),
        }
    }

    fn before(&self) -> Option<Self> {
        let after = Self(-self.0).after()?;
        Some(Self(-after.0 + 0.0))
    }

    fn after(&self) -> Option<Self> {
        let next = match self.0.next_up() {
            next if next.abs() >= LEAST_STORED => next,
            _ if self.0 < 0.0 => 0.0,
            _ => LEAST_STORED,
        };
        is_stored(next).then_some(Self(next))
    }
}

/// The least positive number of DynamoDB.
const LEAST_STORED: f64 = 1e-130;

fn is_stored(number: f64) -> bool {
    number == 0.0 || (LEAST_STORED..1e126).contains(&number.abs())
}

impl PartialEq for Float {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Float {}

impl PartialOrd for Float {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Float {
    fn cmp(&self, other: &Self) -> Ordering {
        self.0.total_cmp(&other.0)
    }
}

/// The shortest text that reads back as the same number; also a Rust literal.
impl fmt::Display for Float {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.0)
    }
}

/// An exact decimal number of at most [`Decimal::DIGITS`] digits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decimal {
    negative: bool,
    /// Digits before the point, without leading zeros.
    whole: String,
    /// Digits after the point, without trailing zeros.
    fraction: String,
}

impl Decimal {
    /// How many digits a DynamoDB number keeps.
    pub const DIGITS: usize = 38;

    /// The number that differs by this in the last digit that there is room for.
    fn stepped(&self, step: i128) -> Option<Self> {
        let Self {
            negative,
            whole,
            fraction,
        } = self;
        let places = Self::DIGITS - whole.len();
        let digits: i128 = format!("{whole}{fraction:0<places$}").parse().ok()?;
        let stepped = if *negative {
            step - digits
        } else {
            step + digits
        };
        let width = places + 1;
        let digits = format!("{:0>width$}", stepped.unsigned_abs());
        let (whole, fraction) = digits.split_at(digits.len() - places);
        let sign = if stepped < 0 { "-" } else { "" };
        let point = if fraction.is_empty() { "" } else { "." };
        Self::read(&format!("{sign}{whole}{point}{fraction}")).ok()
    }
}

impl Number for Decimal {
    fn read(text: &str) -> Result<Self, String> {
        if !is_written_out(text) {
            return Err(format!("`{text}` is not a decimal number"));
        }
        let digits = text.strip_prefix('-').unwrap_or(text);
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        let whole = whole.trim_start_matches('0').to_owned();
        let fraction = fraction.trim_end_matches('0').to_owned();
        if whole.len() + fraction.len() > Self::DIGITS {
            return Err(format!("`{text}` has more than {} digits", Self::DIGITS));
        }
        let zero = whole.is_empty() && fraction.is_empty();
        Ok(Self {
            negative: text.starts_with('-') && !zero,
            whole,
            fraction,
        })
    }

    fn before(&self) -> Option<Self> {
        self.stepped(-1)
    }

    fn after(&self) -> Option<Self> {
        self.stepped(1)
    }
}

impl PartialOrd for Decimal {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Decimal {
    fn cmp(&self, other: &Self) -> Ordering {
        let size = |number: &Self| {
            (
                number.whole.len(),
                number.whole.clone(),
                number.fraction.clone(),
            )
        };
        match (self.negative, other.negative) {
            (false, true) => Ordering::Greater,
            (true, false) => Ordering::Less,
            (false, false) => size(self).cmp(&size(other)),
            (true, true) => size(other).cmp(&size(self)),
        }
    }
}

impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.negative { "-" } else { "" };
        let whole = if self.whole.is_empty() {
            "0"
        } else {
            &self.whole
        };
        let point = if self.fraction.is_empty() { "" } else { "." };
        write!(f, "{sign}{whole}{point}{}", self.fraction)
    }
}

/// `-12.50`: digits, perhaps a sign before and a point between them. As JSON writes a number, but for exponents.
fn is_written_out(text: &str) -> bool {
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    let text = text.strip_prefix('-').unwrap_or(text);
    match text.split_once('.') {
        Some((whole, fraction)) => digits(whole) && digits(fraction),
        None => digits(text),
    }
}

/// Bounds of a number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Range<T> {
    pub lower: Bound<T>,
    pub upper: Bound<T>,
}

impl<T> Default for Range<T> {
    fn default() -> Self {
        Self {
            lower: Bound::Unbounded,
            upper: Bound::Unbounded,
        }
    }
}

impl<T: Number> Range<T> {
    pub fn contains(&self, value: &T) -> bool {
        use std::ops::RangeBounds;
        (self.lower.as_ref(), self.upper.as_ref()).contains(value)
    }

    /// Whether no number is within the bounds.
    pub fn is_empty(&self) -> bool {
        let lowest = match &self.lower {
            Bound::Unbounded => {
                return matches!(&self.upper, Bound::Excluded(value) if value.before().is_none());
            }
            Bound::Included(value) => value.clone(),
            Bound::Excluded(value) => match value.after() {
                Some(next) => next,
                None => return true,
            },
        };
        match &self.upper {
            Bound::Unbounded => false,
            Bound::Included(upper) => *upper < lowest,
            Bound::Excluded(upper) => *upper <= lowest,
        }
    }
}

/// Bounds of a count: of characters, or of a list's values.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Length {
    /// Never zero, which is the same as none.
    pub min: Option<u32>,
    /// Never zero: then there would be nothing to hold.
    pub max: Option<u32>,
}

impl Length {
    /// More cannot be stored: an item holds 400 KB, and a character takes up to four bytes.
    pub const MAX: u32 = 100_000;

    pub fn contains(&self, count: usize) -> bool {
        self.min.is_none_or(|min| count >= min as usize)
            && self.max.is_none_or(|max| count <= max as usize)
    }
}

/// `1..20`, `..20`, `1..`
impl fmt::Display for Length {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let show = |bound: Option<u32>| bound.map(|n| n.to_string()).unwrap_or_default();
        write!(f, "{}..{}", show(self.min), show(self.max))
    }
}
