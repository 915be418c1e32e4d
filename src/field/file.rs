//! Rules of `file` fields: how large, and of which types.

use std::fmt;

use crate::problem::did_you_mean;

/// Rules of a `file`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FileRules {
    pub max: Option<Size>,
    /// The content types that are taken; any, if empty.
    pub types: Vec<MediaType>,
}

impl FileRules {
    /// The largest upload, in bytes: S3 takes no more in one request than 5 GB.
    pub fn max_bytes(&self) -> u64 {
        self.max.as_ref().map_or(Size::MAX, |size| size.0)
    }
}

/// Bytes. The units are powers of 1000 (`KB`, `MB`, `GB`) or of 1024 (`KiB`, `MiB`, `GiB`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Size(u64);

const UNITS: &[(&str, u64)] = &[
    ("GB", 1_000_000_000),
    ("MB", 1_000_000),
    ("KB", 1_000),
    ("GiB", 1 << 30),
    ("MiB", 1 << 20),
    ("KiB", 1 << 10),
    ("B", 1),
];

impl Size {
    /// No format has files that are smaller and hold anything; the generated tests send some of about this size.
    const MIN: u64 = 16;

    /// What S3 takes in one request.
    const MAX: u64 = 5_000_000_000;

    pub fn bytes(self) -> u64 {
        self.0
    }

    pub(super) fn read(text: &str) -> Result<Self, String> {
        let digits = text.bytes().take_while(u8::is_ascii_digit).count();
        let (number, unit) = text.split_at(digits);
        let factor = UNITS
            .iter()
            .find(|(name, _)| name.eq_ignore_ascii_case(unit))
            .map(|(_, factor)| *factor);
        let (Ok(number), Some(factor)) = (number.parse::<u64>(), factor) else {
            return Err(format!("`{text}` is not a size, such as `10MB` or `500KB`"));
        };
        match number.checked_mul(factor) {
            Some(bytes) if bytes < Self::MIN => Err(format!(
                "`{text}` is less than the {} bytes that the smallest files have",
                Self::MIN
            )),
            Some(bytes) if bytes <= Self::MAX => Ok(Self(bytes)),
            _ => Err(format!(
                "`{text}` is more than the 5GB that S3 takes in one upload"
            )),
        }
    }
}

/// In the largest unit that divides it, powers of 1000 first.
impl fmt::Display for Size {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let unit = UNITS
            .iter()
            .find(|(_, factor)| self.0.is_multiple_of(*factor));
        let (name, factor) = unit.unwrap_or(&("B", 1));
        write!(f, "{}{name}", self.0 / factor)
    }
}

/// A content type: `image/png`. Shown by its short name if it has one.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct MediaType(String);

/// Short names; where a type has two, it is shown by the first.
const SHORT: &[(&str, &str)] = &[
    ("avif", "image/avif"),
    ("csv", "text/csv"),
    ("doc", "application/msword"),
    (
        "docx",
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ),
    ("gif", "image/gif"),
    ("gz", "application/gzip"),
    ("heic", "image/heic"),
    ("jpeg", "image/jpeg"),
    ("jpg", "image/jpeg"),
    ("json", "application/json"),
    ("md", "text/markdown"),
    ("mov", "video/quicktime"),
    ("mp3", "audio/mpeg"),
    ("mp4", "video/mp4"),
    ("odt", "application/vnd.oasis.opendocument.text"),
    ("pdf", "application/pdf"),
    ("png", "image/png"),
    ("ppt", "application/vnd.ms-powerpoint"),
    (
        "pptx",
        "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    ),
    ("rtf", "application/rtf"),
    ("svg", "image/svg+xml"),
    ("tiff", "image/tiff"),
    ("txt", "text/plain"),
    ("wav", "audio/wav"),
    ("webm", "video/webm"),
    ("webp", "image/webp"),
    ("xls", "application/vnd.ms-excel"),
    (
        "xlsx",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ),
    ("xml", "application/xml"),
    ("zip", "application/zip"),
];

/// What a content type can begin with. None of them is a short name, so `image/png/pdf` can only be read in one way.
const TOP_LEVEL: &[&str] = &[
    "application",
    "audio",
    "font",
    "image",
    "model",
    "text",
    "video",
];

impl MediaType {
    /// `image/png`
    pub fn mime(&self) -> &str {
        &self.0
    }

    /// Reads `pdf/png/image/webp`: short names and content types, one after the other. The error says which word is
    /// wrong, and why.
    pub(super) fn read_list(text: &str) -> Result<Vec<Self>, String> {
        let mut types = Vec::new();
        let mut words = text.split('/');
        while let Some(word) = words.next() {
            let lower = word.to_ascii_lowercase();
            let mime = if TOP_LEVEL.contains(&lower.as_str()) {
                let subtype = words.next().unwrap_or_default().to_ascii_lowercase();
                let token = |b: u8| b.is_ascii_alphanumeric() || b".+-_".contains(&b);
                if subtype.is_empty() || !subtype.bytes().all(token) {
                    return Err(format!("`{word}/{subtype}` is not a content type"));
                }
                format!("{lower}/{subtype}")
            } else {
                let Some((_, mime)) = SHORT.iter().find(|(short, _)| *short == lower) else {
                    let hint = did_you_mean(word, SHORT.iter().map(|(short, _)| *short));
                    return Err(format!(
                        "unknown file type `{word}`; {hint}, or a content type such as `image/png`"
                    ));
                };
                (*mime).to_owned()
            };
            if types.contains(&Self(mime.clone())) {
                return Err(format!("`{mime}` is listed twice"));
            }
            types.push(Self(mime));
        }
        Ok(types)
    }
}

impl fmt::Display for MediaType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let short = SHORT.iter().find(|(_, mime)| *mime == self.0);
        f.write_str(short.map_or(self.0.as_str(), |(short, _)| short))
    }
}
