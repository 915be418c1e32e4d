//! A text as its lines, with everything that must survive a merge beside their content: line ends, a byte order
//! mark, a missing last newline.

/// A text taken apart; [`Lines::ending`] and the rest say how new lines are to be written into it.
#[derive(Clone, Debug)]
pub struct Lines<'a> {
    pub has_bom: bool,
    pub lines: Vec<Line<'a>>,
}

/// One line: what it says, and how it ends (`"\n"`, `"\r\n"`, or `""` for a last line without an end).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Line<'a> {
    pub content: &'a str,
    pub ending: &'a str,
}

const BOM: char = '\u{feff}';

impl<'a> Lines<'a> {
    pub fn new(text: &'a str) -> Self {
        let body = text.strip_prefix(BOM);
        let lines = body
            .unwrap_or(text)
            .split_inclusive('\n')
            .map(Line::new)
            .collect();
        Self {
            has_bom: body.is_some(),
            lines,
        }
    }

    pub fn contents(&self) -> Vec<&'a str> {
        self.lines.iter().map(|line| line.content).collect()
    }

    /// The line end that most lines have.
    pub fn ending(&self) -> &'static str {
        let count = |ending| {
            self.lines
                .iter()
                .filter(|line| line.ending == ending)
                .count()
        };
        if count("\r\n") > count("\n") {
            "\r\n"
        } else {
            "\n"
        }
    }

    pub fn ends_with_newline(&self) -> bool {
        self.lines.last().is_none_or(|line| !line.ending.is_empty())
    }
}

impl<'a> Line<'a> {
    fn new(text: &'a str) -> Self {
        let content = text.strip_suffix('\n').unwrap_or(text);
        let content = if content.len() < text.len() {
            content.strip_suffix('\r').unwrap_or(content)
        } else {
            content
        };
        Self {
            content,
            ending: &text[content.len()..],
        }
    }
}

/// Puts lines back together. Lines without an end get `ending`, except the last when `last_newline` is off.
pub fn join(has_bom: bool, lines: &[Line], ending: &str, last_newline: bool) -> String {
    let mut text = String::new();
    text.extend(has_bom.then_some(BOM));
    for (index, line) in lines.iter().enumerate() {
        let is_last = index + 1 == lines.len();
        text.push_str(line.content);
        if is_last && !last_newline {
            break;
        }
        text.push_str(if line.ending.is_empty() {
            ending
        } else {
            line.ending
        });
    }
    text
}

/// Whether two texts say the same, line ends and a byte order mark aside: what a checkout by git may change.
pub fn same_content(left: &str, right: &str) -> bool {
    left == right || {
        let [left, right] = [left, right].map(|text| text.strip_prefix(BOM).unwrap_or(text));
        left.replace("\r\n", "\n") == right.replace("\r\n", "\n")
    }
}

/// Whether most lines that are indented begin with a tab, as `hard_tabs` of rustfmt makes them.
pub fn has_tabs(text: &str) -> bool {
    let count = |start: &str| text.lines().filter(|line| line.starts_with(start)).count();
    count("\t") > count(SPACES)
}

/// The text with a tab for each four spaces that a line begins with; none if that is how it is.
pub fn with_tabs(text: &str) -> Option<String> {
    let is_spaced = text.lines().any(|line| line.starts_with(SPACES));
    is_spaced.then(|| {
        let line = |line: &str| {
            let rest = line.trim_start_matches(SPACES);
            "\t".repeat((line.len() - rest.len()) / SPACES.len()) + rest
        };
        text.split_inclusive('\n').map(line).collect()
    })
}

const SPACES: &str = "    ";

/// Whether git left marks of an unfinished merge in the text.
pub fn has_merge_markers(text: &str) -> bool {
    let starts = |mark: &str| text.lines().any(|line| line.starts_with(mark));
    text.contains("<<<<<<< ") && starts("<<<<<<< ") && starts("=======") && starts(">>>>>>> ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_text_taken_apart_and_joined_is_unchanged(text in "\u{feff}?([ab\t\r\n]|\r\n){0,30}") {
            let lines = Lines::new(&text);
            let joined = join(lines.has_bom, &lines.lines, lines.ending(), lines.ends_with_newline());
            prop_assert_eq!(joined, text);
        }
    }

    #[test]
    fn the_prevailing_line_end_wins() {
        assert_eq!(Lines::new("a\r\nb\r\nc\n").ending(), "\r\n");
        assert_eq!(Lines::new("a\r\nb\n").ending(), "\n");
        assert_eq!(Lines::new("").ending(), "\n");
    }

    #[test]
    fn an_indentation_becomes_tabs() {
        let spaced = "a\n    b\n          c    d\r\n";
        assert_eq!(
            with_tabs(spaced).as_deref(),
            Some("a\n\tb\n\t\t  c    d\r\n")
        );
        assert!(!has_tabs(spaced) && has_tabs("a\n\tb\n\t\tc\n    d\n"));
        assert_eq!(with_tabs("a\n\tb\n  c\n"), None);
    }

    #[test]
    fn only_a_whole_set_of_markers_counts() {
        assert!(has_merge_markers(
            "<<<<<<< HEAD\na\n=======\nb\n>>>>>>> x\n"
        ));
        assert!(!has_merge_markers("Title\n=======\n"));
    }
}
