//! What is wrong with something a user wrote, where, and what to do about it.

use std::fmt;
use std::ops::Range;

/// One mistake.
///
/// It is shown as the message, then the place if it is known, then a `help:` line if there is something to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Lower case, backticks around what was typed, no full stop.
    pub message: String,
    /// What to do about it.
    pub help: Option<String>,
    /// Where it stands.
    pub place: Option<Place>,
}

impl Problem {
    pub fn new(message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            help: None,
            place: None,
        }
    }

    #[must_use]
    pub fn help(self, help: impl Into<String>) -> Self {
        Self {
            help: Some(help.into()),
            ..self
        }
    }

    /// Adds what to do, if there is something.
    #[must_use]
    pub fn maybe_help(self, help: Option<String>) -> Self {
        Self { help, ..self }
    }

    #[must_use]
    pub fn at(self, place: Place) -> Self {
        Self {
            place: Some(place),
            ..self
        }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)?;
        if let Some(place) = &self.place {
            write!(f, "\n{place}")?;
        }
        if let Some(help) = &self.help {
            write!(f, "\nhelp: {help}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Problem {}

/// All mistakes found in one go; never empty where it is an error.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Problems(pub Vec<Problem>);

impl Problems {
    /// Gives the value of `outcome`, or keeps what is wrong with it.
    pub fn take<T>(&mut self, outcome: Result<T, impl Into<Self>>) -> Option<T> {
        outcome
            .map_err(|problems| self.0.extend(problems.into().0))
            .ok()
    }

    /// Gives `value`, unless there are problems.
    pub fn none_or<T>(self, value: T) -> Result<T, Self> {
        if self.0.is_empty() {
            Ok(value)
        } else {
            Err(self)
        }
    }
}

impl From<Problem> for Problems {
    fn from(problem: Problem) -> Self {
        Self(vec![problem])
    }
}

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, problem) in self.0.iter().enumerate() {
            if i > 0 {
                f.write_str("\n\n")?;
            }
            write!(f, "{problem}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Problems {}

/// A range inside a file, or inside an argument of the command line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The file's name; absent for an argument.
    pub file: Option<String>,
    /// Counted from 1.
    pub line: usize,
    /// In characters, counted from 1.
    pub column: usize,
    /// In characters; at least 1, and never past the end of the line by more than that.
    pub width: usize,
    /// The whole line.
    pub text: String,
}

impl Place {
    /// The place of the bytes `range` of `text`; a range over several lines ends with its first.
    pub fn of(file: Option<&str>, text: &str, range: Range<usize>) -> Self {
        let start = floor(text, range.start);
        let end = floor(text, range.end).max(start);
        let line_start = text[..start].rfind('\n').map_or(0, |i| i + 1);
        let line_end = text[start..].find('\n').map_or(text.len(), |i| start + i);
        let line = text[line_start..line_end].trim_end_matches('\r');
        Self {
            file: file.map(str::to_owned),
            line: text[..start].matches('\n').count() + 1,
            column: text[line_start..start].chars().count() + 1,
            width: text[start..end.min(line_end)].chars().count().max(1),
            text: line.to_owned(),
        }
    }
}

/// The nearest character boundary at or before `index`.
fn floor(text: &str, index: usize) -> usize {
    let mut index = index.min(text.len());
    while !text.is_char_boundary(index) {
        index -= 1;
    }
    index
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let number = self.line.to_string();
        let marks = "^".repeat(self.width);
        // A tab is as wide as the terminal says: repeating it keeps the marks below what they mark.
        let indent: String = self
            .text
            .chars()
            .chain(std::iter::repeat(' '))
            .take(self.column - 1)
            .map(|c| if c == '\t' { c } else { ' ' })
            .collect();
        let Some(file) = &self.file else {
            return write!(f, "  {}\n  {indent}{marks}", self.text);
        };
        let margin = " ".repeat(number.len());
        writeln!(f, "{margin}--> {file}:{number}:{}", self.column)?;
        writeln!(f, "{margin} |")?;
        writeln!(f, "{number} | {}", self.text)?;
        write!(f, "{margin} | {indent}{marks}")
    }
}

/// What someone who typed `typed` may have meant, if one of `known` is near.
pub fn nearest<'a>(typed: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let typed = typed.to_lowercase();
    known
        .into_iter()
        .map(|word| {
            (
                strsim::damerau_levenshtein(&typed, &word.to_lowercase()),
                word,
            )
        })
        .filter(|(distance, word)| *distance <= 1 + word.chars().count().min(typed.len()) / 4)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, word)| word)
}

/// A help line for a word that is none of `known`: the nearest one, else all of them.
pub fn did_you_mean<'a>(typed: &str, known: impl IntoIterator<Item = &'a str> + Clone) -> String {
    match nearest(typed, known.clone()) {
        Some(word) => format!("did you mean `{word}`?"),
        None => format!("expected one of {}", quoted(known)),
    }
}

/// `a`, `b`, `c`: each in backticks.
pub fn quoted<'a>(words: impl IntoIterator<Item = &'a str>) -> String {
    words
        .into_iter()
        .map(|word| format!("`{word}`"))
        .collect::<Vec<_>>()
        .join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_problem_in_a_file_shows_the_line_and_marks_the_words() {
        let text = "one\r\n\tfeild = []\r\n";
        let problem = Problem::new("unknown key `feild`")
            .at(Place::of(Some("scaffold.toml"), text, 6..11))
            .help("did you mean `fields`?");
        assert_eq!(
            problem.to_string(),
            "unknown key `feild`\n --> scaffold.toml:2:2\n  |\n2 | \tfeild = []\n  | \t^^^^^\nhelp: did you mean `fields`?"
        );
    }

    #[test]
    fn a_problem_in_an_argument_shows_the_argument() {
        let place = Place::of(None, "title:strng", 6..11);
        assert_eq!(place.to_string(), "  title:strng\n        ^^^^^");
    }

    #[test]
    fn a_place_outside_the_text_is_its_end() {
        let place = Place::of(None, "ä", 1..99);
        assert_eq!((place.line, place.column, place.width), (1, 1, 1));
        let place = Place::of(None, "ä", 98..99);
        assert_eq!((place.line, place.column, place.width), (1, 2, 1));
    }

    #[test]
    fn only_a_near_word_is_suggested() {
        let known = ["optional", "list", "default"];
        assert_eq!(nearest("optinal", known), Some("optional"));
        assert_eq!(nearest("Lsit", known), Some("list"));
        assert_eq!(nearest("required", known), None);
        assert_eq!(
            did_you_mean("required", known),
            "expected one of `optional`, `list`, `default`"
        );
    }
}
