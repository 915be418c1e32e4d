//! The settings of a whole project, each validated once.

use std::fmt;

use crate::problem::{Problem, nearest};

/// A part of the project that can be left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Component {
    /// Bedrock, and prompt templates.
    Ai,
    /// A bucket, and `file` fields.
    Storage,
    /// A second function, for background jobs.
    Worker,
}

impl Component {
    pub const ALL: [Self; 3] = [Self::Ai, Self::Storage, Self::Worker];

    /// As it is typed and written, and the name of its layer of templates.
    pub fn word(self) -> &'static str {
        match self {
            Self::Ai => "ai",
            Self::Storage => "storage",
            Self::Worker => "worker",
        }
    }
}

/// The processor that the functions run on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Arch {
    #[default]
    Arm64,
    X86_64,
}

impl Arch {
    pub const ALL: [Self; 2] = [Self::Arm64, Self::X86_64];

    /// As it is typed and written, here as in a SAM template.
    pub fn word(self) -> &'static str {
        match self {
            Self::Arm64 => "arm64",
            Self::X86_64 => "x86_64",
        }
    }
}

/// An AWS region, by its form: new ones come faster than new versions of scaffold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Region(String);

const REGIONS: &[&str] = &[
    "af-south-1",
    "ap-east-1",
    "ap-northeast-1",
    "ap-northeast-2",
    "ap-northeast-3",
    "ap-south-1",
    "ap-south-2",
    "ap-southeast-1",
    "ap-southeast-2",
    "ap-southeast-3",
    "ap-southeast-4",
    "ca-central-1",
    "ca-west-1",
    "eu-central-1",
    "eu-central-2",
    "eu-north-1",
    "eu-south-1",
    "eu-south-2",
    "eu-west-1",
    "eu-west-2",
    "eu-west-3",
    "il-central-1",
    "me-central-1",
    "me-south-1",
    "sa-east-1",
    "us-east-1",
    "us-east-2",
    "us-gov-east-1",
    "us-gov-west-1",
    "us-west-1",
    "us-west-2",
];

impl Region {
    pub fn parse(text: &str) -> Result<Self, Problem> {
        if has_form(text) {
            return Ok(Self(text.to_owned()));
        }
        let help = match nearest(text, REGIONS.iter().copied()) {
            Some(region) => format!("did you mean `{region}`?"),
            None => "write it as `us-east-1`".to_owned(),
        };
        Err(Problem::new(format!("`{text}` is not an AWS region")).help(help))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// What is before the number of a region.
const DIRECTIONS: &[&str] = &[
    "central",
    "east",
    "north",
    "northeast",
    "northwest",
    "south",
    "southeast",
    "southwest",
    "west",
];

/// `us-east-1`, `us-gov-west-1`: two to four letters, one or two words of which the last is a direction, a number.
fn has_form(text: &str) -> bool {
    let parts: Vec<&str> = text.split('-').collect();
    let word = |part: &&str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_lowercase());
    let [area, words @ .., number] = parts.as_slice() else {
        return false;
    };
    (2..=4).contains(&area.len())
        && word(area)
        && (1..=2).contains(&words.len())
        && words.iter().all(word)
        && words.last().is_some_and(|last| DIRECTIONS.contains(last))
        && (1..=2).contains(&number.len())
        && !number.starts_with('0')
        && number.bytes().all(|b| b.is_ascii_digit())
}

impl Default for Region {
    fn default() -> Self {
        Self("us-east-1".to_owned())
    }
}

impl fmt::Display for Region {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A released version of scaffold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Version(u16, u16, u16);

impl Version {
    /// This program's own.
    pub const CURRENT: Self = Self(
        number(env!("CARGO_PKG_VERSION_MAJOR")),
        number(env!("CARGO_PKG_VERSION_MINOR")),
        number(env!("CARGO_PKG_VERSION_PATCH")),
    );

    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = text.split('.').map(|part| {
            let plain =
                part.bytes().all(|b| b.is_ascii_digit()) && (part == "0" || !part.starts_with('0'));
            part.parse().ok().filter(|_| plain)
        });
        let version = Self(parts.next()??, parts.next()??, parts.next()??);
        parts.next().is_none().then_some(version)
    }
}

const fn number(text: &str) -> u16 {
    match u16::from_str_radix(text, 10) {
        Ok(number) => number,
        Err(_) => panic!("cargo gives plain numbers"),
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.0, self.1, self.2)
    }
}
