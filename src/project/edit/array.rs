//! Changes of an array of strings, in the layout that it has: on one line, or one string on each.

use std::ops::Range;

use toml_edit::Array;

use super::splice::{Splice, is_comment, line_end, line_start};

/// Where the strings of an array stand in the text.
pub struct Strings<'a> {
    text: &'a str,
    /// With its brackets.
    whole: Range<usize>,
    spans: Vec<Range<usize>>,
}

impl<'a> Strings<'a> {
    pub fn of(text: &'a str, array: &Array) -> Self {
        Self {
            text,
            whole: array.span().unwrap_or_default(),
            spans: array.iter().filter_map(|value| value.span()).collect(),
        }
    }

    pub fn replace(&self, index: usize, literal: &str) -> Splice {
        Splice::replace(self.spans[index].clone(), literal)
    }

    /// Puts strings before the one at `index`, or last. The first ones of an array get lines of their own if `indent` says
    /// how far they are in.
    pub fn insert(
        &self,
        index: usize,
        literals: &[String],
        eol: &str,
        indent: Option<&str>,
    ) -> Vec<Splice> {
        if literals.is_empty() {
            return Vec::new();
        }
        let lines = |indent: &str| {
            literals
                .iter()
                .map(|literal| format!("{indent}{literal},{eol}"))
                .collect::<String>()
        };
        if let Some(next) = self.spans.get(index) {
            let splice = match self.indent(next) {
                Some(indent) => Splice::insert(line_start(self.text, next.start), lines(indent)),
                None => Splice::insert(next.start, literals.join(", ") + ", "),
            };
            return vec![splice];
        }
        let inside = self.whole.start + 1..self.whole.end - 1;
        let Some(last) = self.spans.last() else {
            return vec![match indent {
                Some(indent) if self.text[inside.clone()].contains('#') => {
                    Splice::insert(inside.start, eol.to_owned() + lines(indent).trim_end())
                }
                Some(indent) => Splice::replace(inside, eol.to_owned() + &lines(indent)),
                None => Splice::insert(inside.start, literals.join(", ")),
            }];
        };
        let comma = self.after_comma(last);
        let Some(indent) = self.indent(last) else {
            return vec![match comma {
                Some(comma) => Splice::insert(comma, format!(" {},", literals.join(", "))),
                None => Splice::insert(last.end, format!(", {}", literals.join(", "))),
            }];
        };
        let next_line = line_end(self.text, last.end);
        let between = format!(",{eol}{indent}");
        match comma {
            Some(_) if self.ends_its_line(last) => vec![Splice::insert(next_line, lines(indent))],
            None if self.ends_its_line(last) => vec![
                Splice::insert(last.end, ","),
                Splice::insert(
                    next_line,
                    format!("{indent}{}{eol}", literals.join(&between)),
                ),
            ],
            Some(comma) => vec![Splice::insert(
                comma,
                format!("{eol}{indent}{},", literals.join(&between)),
            )],
            None => vec![Splice::insert(
                last.end,
                between.clone() + &literals.join(&between),
            )],
        }
    }

    /// Takes strings out. Comments on lines of their own stay; one behind a string goes with it.
    pub fn remove(&self, indexes: &[usize]) -> Vec<Splice> {
        if indexes.is_empty() {
            return Vec::new();
        }
        let inside = self.whole.start + 1..self.whole.end - 1;
        if indexes.len() == self.spans.len() && !self.has_comment_lines() {
            return vec![Splice::remove(inside)];
        }
        let kept = |i: &usize| !indexes.contains(i);
        let mut splices = Vec::new();
        for &i in indexes {
            let span = &self.spans[i];
            let comma = self.after_comma(span);
            let kept_before = (0..i).rev().find(kept).map(|i| &self.spans[i]);
            if self.indent(span).is_some() && self.ends_its_line(span) {
                splices.push(Splice::remove(
                    line_start(self.text, span.start)..line_end(self.text, span.end),
                ));
                // Where the last string has no comma after it, the new last one gets none.
                let comma_before = kept_before.and_then(|before| self.after_comma(before));
                if let (None, Some(comma_before)) = (comma, comma_before) {
                    splices.push(Splice::remove(comma_before - 1..comma_before));
                }
            } else if let Some(next) = self.spans.get(i + 1) {
                splices.push(Splice::remove(span.start..next.start));
            } else {
                let start = kept_before.map_or(span.start, |before| before.end);
                let end = if kept_before.is_some() {
                    span.end
                } else {
                    comma.unwrap_or(span.end)
                };
                splices.push(Splice::remove(start..end));
            }
        }
        splices
    }

    /// What stands before a string that begins its line.
    fn indent(&self, span: &Range<usize>) -> Option<&'a str> {
        let before = &self.text[line_start(self.text, span.start)..span.start];
        before.trim().is_empty().then_some(before)
    }

    /// Whether nothing but a comma and a comment follows a string on its line.
    fn ends_its_line(&self, span: &Range<usize>) -> bool {
        let rest = &self.text[span.end..line_end(self.text, span.end)];
        let rest = rest.trim_start();
        let rest = rest.strip_prefix(',').unwrap_or(rest);
        rest.trim().is_empty() || is_comment(rest)
    }

    /// The byte after the comma that follows a string.
    fn after_comma(&self, span: &Range<usize>) -> Option<usize> {
        let mut at = span.end;
        loop {
            let rest = &self.text[at..self.whole.end];
            let trimmed = rest.trim_start();
            at += rest.len() - trimmed.len();
            match trimmed.chars().next() {
                Some('#') => at = line_end(self.text, at),
                Some(',') => return Some(at + 1),
                _ => return None,
            }
        }
    }

    fn has_comment_lines(&self) -> bool {
        let inside = &self.text[self.whole.clone()];
        inside.lines().skip(1).any(is_comment)
    }
}
