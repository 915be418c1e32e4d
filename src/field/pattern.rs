//! Regular expressions that a string has to match.

use std::convert::Infallible;

use regex::Regex;
use regex_syntax::ast::{
    self, AssertionKind, Ast, ClassSetBinaryOp, ClassSetItem, GroupKind, LiteralKind,
};
use regex_syntax::hir::{Class, Hir, HirKind};

/// A regular expression that means the same to the service (the `regex` crate) and to everyone who reads its OpenAPI
/// document (ECMA-262). It may match anywhere in the text; `^` and `$` bind it to the ends.
#[derive(Clone, Debug)]
pub struct Pattern {
    regex: Regex,
    hir: Hir,
}

impl Pattern {
    /// Reads a regular expression; the error says what is wrong with it.
    pub(super) fn read(text: &str) -> Result<Self, String> {
        if text.is_empty() {
            return Err("the pattern is empty".to_owned());
        }
        if text.chars().any(char::is_control) {
            return Err("the pattern has control characters".to_owned());
        }
        let broken = |error: &dyn std::fmt::Display| {
            let text = error.to_string();
            let reason = text
                .lines()
                .last()
                .unwrap_or_default()
                .trim_start_matches("error: ");
            format!("the pattern is not a regular expression: {reason}")
        };
        let ast = ast::parse::Parser::new()
            .parse(text)
            .map_err(|error| broken(&error))?;
        let Ok(only_rust) = ast::visit(&ast, OnlyRust::default());
        if let Some(part) = only_rust {
            return Err(format!(
                "the pattern uses {part}, which OpenAPI does not know"
            ));
        }
        let hir = regex_syntax::parse(text).map_err(|error| broken(&error))?;
        if states(&hir) > MOST_STATES {
            return Err(format!(
                "the pattern repeats things more than {MOST_STATES} times in all: a length is a rule of its own, such as `..5000`"
            ));
        }
        let regex = Regex::new(text).map_err(|error| broken(&error))?;
        Ok(Self { regex, hir })
    }

    pub fn as_str(&self) -> &str {
        self.regex.as_str()
    }

    pub fn is_match(&self, text: &str) -> bool {
        self.regex.is_match(text)
    }

    /// A text that matches and is accepted, with at least `min` characters, if a simple search finds one.
    pub fn sample(&self, min: usize, accept: impl Fn(&str) -> bool) -> Option<String> {
        let mut shortest = String::new();
        write_match(&self.hir, 0, 0, &mut shortest);
        let repeats = [0, 1, 2, 3, min.saturating_sub(shortest.chars().count())];
        repeats
            .into_iter()
            .flat_map(|repeats| (0..4).map(move |branch| (repeats, branch)))
            .flat_map(|(repeats, branch)| {
                let mut text = String::new();
                write_match(&self.hir, repeats, branch, &mut text);
                let longer = text.clone() + &"a".repeat(min.saturating_sub(text.chars().count()));
                [text, longer]
            })
            .find(|text| self.is_match(text) && accept(text))
    }
}

/// A text is matched in time that grows with its length and with this, and whoever sends a text chooses its length.
const MOST_STATES: u64 = 2_000;

/// How many places there are in the pattern, with each repetition written out.
fn states(hir: &Hir) -> u64 {
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => 0,
        HirKind::Literal(literal) => literal.0.len() as u64,
        HirKind::Class(_) => 1,
        HirKind::Repetition(repetition) => {
            let times = u64::from(repetition.max.unwrap_or(repetition.min).max(1));
            states(&repetition.sub).saturating_mul(times)
        }
        HirKind::Capture(capture) => states(&capture.sub),
        HirKind::Concat(parts) | HirKind::Alternation(parts) => {
            parts.iter().map(states).fold(0, u64::saturating_add)
        }
    }
}

impl PartialEq for Pattern {
    fn eq(&self, other: &Self) -> bool {
        self.as_str() == other.as_str()
    }
}

impl Eq for Pattern {}

/// Writes something that matches `hir`, apart from its look-arounds: `repeats` more than necessary of what may repeat,
/// and the `branch`th of alternatives.
fn write_match(hir: &Hir, repeats: usize, branch: usize, out: &mut String) {
    // Nested repetitions multiply; a text this long fits no field anyway.
    if out.len() > 400_000 {
        return;
    }
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => {}
        HirKind::Literal(literal) => out.push_str(&String::from_utf8_lossy(&literal.0)),
        HirKind::Class(class) => out.extend(one_of(class)),
        HirKind::Repetition(repetition) => {
            let max = repetition.max.map_or(usize::MAX, |max| max as usize);
            for _ in 0..(repetition.min as usize + repeats).min(max) {
                write_match(&repetition.sub, repeats, branch, out);
            }
        }
        HirKind::Capture(capture) => write_match(&capture.sub, repeats, branch, out),
        HirKind::Concat(parts) => {
            for part in parts {
                write_match(part, repeats, branch, out);
            }
        }
        HirKind::Alternation(branches) => {
            write_match(&branches[branch % branches.len()], repeats, branch, out);
        }
    }
}

/// A character of the class: a plain one if there is one.
fn one_of(class: &Class) -> Option<char> {
    let Class::Unicode(class) = class else {
        return None;
    };
    let holds = |c: &char| {
        class
            .ranges()
            .iter()
            .any(|range| (range.start()..=range.end()).contains(c))
    };
    ('a'..='z')
        .chain('A'..='Z')
        .chain('0'..='9')
        .chain('!'..='~')
        .find(holds)
        .or_else(|| class.ranges().first().map(|range| range.start()))
}

/// Looks for what only the `regex` crate understands.
#[derive(Default)]
struct OnlyRust(Option<&'static str>);

impl ast::Visitor for OnlyRust {
    type Output = Option<&'static str>;
    type Err = Infallible;

    fn finish(self) -> Result<Self::Output, Infallible> {
        Ok(self.0)
    }

    fn visit_pre(&mut self, ast: &Ast) -> Result<(), Infallible> {
        let part = match ast {
            Ast::Flags(_) => Some("flags (`(?i)`)"),
            Ast::ClassUnicode(_) => Some("Unicode classes (`\\p{…}`)"),
            Ast::Assertion(assertion) => match assertion.kind {
                AssertionKind::StartLine
                | AssertionKind::EndLine
                | AssertionKind::WordBoundary
                | AssertionKind::NotWordBoundary => None,
                _ => Some("`\\A`, `\\z` or a special word boundary"),
            },
            Ast::Group(group) => match &group.kind {
                GroupKind::NonCapturing(flags) if !flags.items.is_empty() => {
                    Some("flags (`(?i:…)`)")
                }
                GroupKind::CaptureName {
                    starts_with_p: true,
                    ..
                } => Some("`(?P<name>…)`"),
                _ => None,
            },
            Ast::Literal(literal) => unknown_literal(&literal.kind),
            _ => None,
        };
        self.0 = self.0.or(part);
        Ok(())
    }

    fn visit_class_set_item_pre(&mut self, item: &ClassSetItem) -> Result<(), Infallible> {
        let part = match item {
            ClassSetItem::Ascii(_) => Some("named classes (`[[:alpha:]]`)"),
            ClassSetItem::Unicode(_) => Some("Unicode classes (`\\p{…}`)"),
            ClassSetItem::Bracketed(_) => Some("a class inside a class"),
            ClassSetItem::Literal(literal) => unknown_literal(&literal.kind),
            _ => None,
        };
        self.0 = self.0.or(part);
        Ok(())
    }

    fn visit_class_set_binary_op_pre(&mut self, _: &ClassSetBinaryOp) -> Result<(), Infallible> {
        self.0 = self
            .0
            .or(Some("operators between classes (`&&`, `--`, `~~`)"));
        Ok(())
    }
}

fn unknown_literal(kind: &LiteralKind) -> Option<&'static str> {
    matches!(kind, LiteralKind::HexBrace(_)).then_some("`\\x{…}`")
}
