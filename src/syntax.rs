//! What a text declares, by the grammar of its file type: the proof that a merged file is whole.

mod json;
mod rust;
mod toml;
mod yaml;

use std::collections::BTreeMap;

use crate::lock;

/// The file types whose grammar is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Rust,
    Toml,
    Yaml,
    Json,
    /// Cargo.lock, which is cargo's own: merged package by package, and never in conflict.
    Lock,
    Other,
}

/// Why a text is not what its file type promises.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SyntaxError {
    /// Counted from 1.
    pub line: usize,
    pub message: String,
}

/// The names a text declares, with the path that leads to each, and how often.
pub type Outline = BTreeMap<String, usize>;

impl Kind {
    pub fn of(path: &str) -> Self {
        if path == lock::PATH {
            return Self::Lock;
        }
        match path.rsplit_once('.').map(|(_, extension)| extension) {
            Some("rs") => Self::Rust,
            Some("toml") => Self::Toml,
            Some("yaml" | "yml") => Self::Yaml,
            Some("json") => Self::Json,
            _ => Self::Other,
        }
    }

    /// As it is called in a message.
    pub fn name(self) -> &'static str {
        match self {
            Self::Rust => "Rust",
            Self::Toml => "TOML",
            Self::Yaml => "YAML",
            Self::Json => "JSON",
            Self::Lock | Self::Other => "text",
        }
    }

    pub fn outline(self, text: &str) -> Result<Outline, SyntaxError> {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        match self {
            Self::Rust => rust::outline(text),
            Self::Toml => toml::outline(text),
            Self::Yaml => yaml::outline(text),
            Self::Json => json::outline(text),
            Self::Lock | Self::Other => Ok(Outline::new()),
        }
    }
}

/// Counts one more declaration of `name`.
fn declare(outline: &mut Outline, name: String) {
    *outline.entry(name).or_default() += 1;
}
