//! Points in time as they are stored and sent.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use utoipa::ToSchema;

/// A point in time in UTC, to the millisecond: `2026-11-22T08:16:25.120Z`.
///
/// Its text always has the same width, so sorting the text sorts the times; sort keys rely on that.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, ToSchema)]
#[schema(value_type = String, format = DateTime)]
pub struct Timestamp(jiff::Timestamp);

impl Timestamp {
    pub fn now() -> Self {
        jiff::Timestamp::now().into()
    }

    /// This much later; at the end of time, that.
    pub fn after(self, duration: Duration) -> Self {
        self.0
            .checked_add(duration)
            .unwrap_or(jiff::Timestamp::MAX)
            .into()
    }

    /// This much earlier; at the beginning of time, that.
    pub fn before(self, duration: Duration) -> Self {
        self.0
            .checked_sub(duration)
            .unwrap_or(jiff::Timestamp::MIN)
            .into()
    }

    /// Whole seconds since 1970, as the [time-to-live attribute](super::schema::TIME_TO_LIVE) wants them.
    pub fn as_seconds(self) -> i64 {
        self.0.as_second()
    }
}

impl From<jiff::Timestamp> for Timestamp {
    /// Drops what is below a millisecond.
    fn from(timestamp: jiff::Timestamp) -> Self {
        Self(jiff::Timestamp::from_millisecond(timestamp.as_millisecond()).unwrap_or(timestamp))
    }
}

impl From<Timestamp> for jiff::Timestamp {
    fn from(timestamp: Timestamp) -> Self {
        timestamp.0
    }
}

impl FromStr for Timestamp {
    type Err = jiff::Error;

    /// Any RFC 3339 text, with any offset.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.parse::<jiff::Timestamp>().map(Self::from)
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.3}", self.0)
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}
