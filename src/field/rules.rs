//! The rules of a field as they are typed: which there are, and which type has which. Their values come later.

use super::parse::Reader;
use super::parts::{Part, is_range};
use super::{Index, explain};
use crate::problem::{Problem, nearest, quoted};

/// The rules that are one word, and those that have a value. `list` and `index` are both.
pub const WORDS: &[&str] = &["optional", "list", "redact", "readonly", "index"];
pub const WITH_VALUE: &[&str] = &[
    "list", "default", "index", "pattern", "gt", "ge", "lt", "le", "max", "types",
];

/// What has been read of the rules. Values that depend on the type are looked at when all rules are known.
#[derive(Default)]
pub struct Rules<'a> {
    pub seen: Vec<&'static str>,
    pub range: Option<Part<'a>>,
    pub bounds: Vec<(&'static str, Part<'a>)>,
    pub pattern: Option<Part<'a>>,
    pub max: Option<Part<'a>>,
    pub types: Option<Part<'a>>,
    pub default: Option<Part<'a>>,
    pub list: Option<Option<Part<'a>>>,
    pub index: Option<(Part<'a>, Index)>,
    pub optional: bool,
    pub redact: bool,
    pub readonly: Option<Part<'a>>,
}

impl<'a> Reader<'a> {
    pub fn rules(&mut self, kind: &str) -> Rules<'a> {
        let mut rules = Rules::default();
        while let Some(part) = self.parts.next() {
            self.rule(kind, &part, &mut rules);
        }
        rules
    }

    fn rule(&mut self, kind: &str, part: &Part<'a>, rules: &mut Rules<'a>) {
        let (typed, value) = part.split();
        let known = if value.is_some() { WITH_VALUE } else { WORDS };
        let word = if is_range(part.text) {
            Some("..")
        } else {
            known.iter().find(|word| **word == typed).copied()
        };
        let Some(word) = word else {
            return self.unknown_rule(kind, part);
        };
        let only_for: Option<&[&str]> = match word {
            ".." => Some(&["string", "text", "int", "float", "decimal"]),
            "pattern" => Some(&["string", "text"]),
            "gt" | "ge" | "lt" | "le" => Some(&["int", "float", "decimal"]),
            "max" | "types" => Some(&["file"]),
            _ => None,
        };
        // Nobody but a client uploads a file.
        let is_not_for_files = word == "readonly" && kind == "file";
        if is_not_for_files || only_for.is_some_and(|kinds| !kinds.contains(&kind)) {
            let what = if word == ".." { part.text } else { word };
            return self.mistake(
                part.span(),
                Problem::new(format!("`{what}` is not a rule for `{kind}`")).help(allowed(kind)),
            );
        }
        if rules.seen.contains(&word) {
            let what = if word == ".." { "the range" } else { word };
            return self.mistake(
                part.span(),
                Problem::new(format!("`{what}` is given twice")),
            );
        }
        rules.seen.push(word);
        match (word, value) {
            ("optional", _) => rules.optional = true,
            ("redact", _) => rules.redact = true,
            ("readonly", _) => rules.readonly = Some(part.clone()),
            ("list", value) => rules.list = Some(value),
            ("index", None) => rules.index = Some((part.clone(), Index::FIRST)),
            ("index", Some(value)) => {
                let index = self.ok(&value, Index::read(value.text));
                rules.index = index.map(|index| (part.clone(), index));
            }
            ("default", Some(value)) if matches!(kind, "url" | "datetime" | "json") => {
                rules.default = Some(self.parts.extend(value));
            }
            ("default", value) => rules.default = value,
            ("pattern", Some(value)) => rules.pattern = Some(self.parts.extend(value)),
            ("max", value) => rules.max = value,
            ("types", value) => rules.types = value,
            ("..", _) => rules.range = Some(part.clone()),
            (bound, Some(value)) => rules.bounds.push((bound, value)),
            (_, None) => {}
        }
    }

    fn unknown_rule(&mut self, kind: &str, part: &Part<'_>) {
        let (typed, value) = part.split();
        let message = match (typed, &value) {
            ("", None) => "a rule is missing between the colons".to_owned(),
            _ if WITH_VALUE.contains(&typed) => format!("`{typed}` has no value"),
            _ if WORDS.contains(&typed) => format!("`{typed}` takes no value"),
            _ => format!("unknown rule `{}`", part.text),
        };
        let words = WORDS.iter().chain(WITH_VALUE).copied();
        let help = match nearest(typed, words).filter(|near| *near != typed) {
            Some(near) if WITH_VALUE.contains(&near) && !WORDS.contains(&near) => {
                format!("did you mean `{near}=`?")
            }
            Some(near) => format!("did you mean `{near}`?"),
            None => allowed(kind),
        };
        self.mistake(part.span(), Problem::new(message).help(help));
    }
}

/// A help line with the rules of a type.
fn allowed(kind: &str) -> String {
    let words = explain::rules(kind).into_iter().map(|(word, _)| word);
    format!("the rules of `{kind}` are {}", quoted(words))
}
