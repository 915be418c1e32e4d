//! YAML with its lines and tags, as CloudFormation uses them.

use saphyr_parser::{Event, Parser, Tag};

use crate::syntax::SyntaxError;

/// Templates nest a tenth of that.
const DEEPEST: usize = 256;

#[derive(Debug, Default)]
pub struct Node {
    /// Counted from 1.
    pub line: usize,
    /// `If` of `!If`, else empty.
    pub tag: String,
    pub value: Value,
}

#[derive(Debug, Default)]
pub enum Value {
    Text(String),
    List(Vec<Node>),
    /// Keys with their lines. One that is no text is left out with its value.
    Map(Vec<(String, usize, Node)>),
    /// An alias of what stands elsewhere, which is not looked into.
    #[default]
    Alias,
}

impl Node {
    /// Reads the first document.
    pub fn parse(text: &str) -> Result<Self, SyntaxError> {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let mut open: Vec<Open> = Vec::new();
        for event in Parser::new_from_str(text) {
            let (event, span) = event.map_err(|error| SyntaxError {
                line: error.marker().line().max(1),
                message: error.info().to_owned(),
            })?;
            let line = span.start.line().max(1);
            if open.len() > DEEPEST {
                let message = "it is nested too deeply to be read".to_owned();
                return Err(SyntaxError { line, message });
            }
            let done = match event {
                Event::Scalar(value, _, _, tag) => {
                    let value = Value::Text(value.into_owned());
                    Node {
                        line,
                        tag: name(tag.as_deref()),
                        value,
                    }
                }
                Event::Alias(_) => Node {
                    line,
                    ..Node::default()
                },
                Event::SequenceStart(_, tag) => {
                    let value = Value::List(Vec::new());
                    open.push(Open::new(Node {
                        line,
                        tag: name(tag.as_deref()),
                        value,
                    }));
                    continue;
                }
                Event::MappingStart(_, tag) => {
                    let value = Value::Map(Vec::new());
                    open.push(Open::new(Node {
                        line,
                        tag: name(tag.as_deref()),
                        value,
                    }));
                    continue;
                }
                Event::SequenceEnd | Event::MappingEnd => match open.pop() {
                    Some(open) => open.node,
                    None => continue,
                },
                Event::DocumentEnd => break,
                _ => continue,
            };
            match open.last_mut() {
                None => return Ok(done),
                Some(parent) => parent.add(done),
            }
        }
        Ok(Self::default())
    }

    pub fn text(&self) -> Option<&str> {
        match &self.value {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The elements of a list, or the one thing that stands in its place.
    pub fn one_or_more(&self) -> Vec<&Node> {
        match &self.value {
            Value::List(list) if self.tag.is_empty() => list.iter().collect(),
            _ => vec![self],
        }
    }

    pub fn entries(&self) -> &[(String, usize, Node)] {
        match &self.value {
            Value::Map(entries) => entries,
            _ => &[],
        }
    }

    pub fn get(&self, key: &str) -> Option<&Node> {
        let found = self.entries().iter().find(|(name, ..)| name == key);
        found.map(|(_, _, node)| node)
    }

    pub fn at(&self, path: &[&str]) -> Option<&Node> {
        path.iter().try_fold(self, |node, key| node.get(key))
    }

    /// A function of CloudFormation with what it is given, in its short or its long form.
    pub fn intrinsic(&self) -> Option<(&str, &Node)> {
        if !self.tag.is_empty() {
            return Some((&self.tag, self));
        }
        match self.entries() {
            [(key, _, value)] if key == "Ref" => Some(("Ref", value)),
            [(key, _, value)] => key.strip_prefix("Fn::").map(|name| (name, value)),
            _ => None,
        }
    }
}

/// Deep trees must not be taken apart on the stack.
struct Open {
    node: Node,
    key: Option<(String, usize)>,
    is_key_next: bool,
}

impl Open {
    fn new(node: Node) -> Self {
        let is_key_next = matches!(node.value, Value::Map(_));
        Self {
            node,
            key: None,
            is_key_next,
        }
    }

    fn add(&mut self, done: Node) {
        match &mut self.node.value {
            Value::List(list) => list.push(done),
            Value::Map(entries) => {
                if self.is_key_next {
                    let line = done.line;
                    self.key = match done.value {
                        Value::Text(key) => Some((key, line)),
                        _ => None,
                    };
                } else if let Some((key, line)) = self.key.take() {
                    entries.push((key, line, done));
                }
                self.is_key_next = !self.is_key_next;
            }
            Value::Text(_) | Value::Alias => {}
        }
    }
}

/// YAML's own tags say nothing that matters here.
fn name(tag: Option<&Tag>) -> String {
    match tag {
        Some(tag) if tag.handle == "!" => tag.suffix.clone(),
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_tags_and_both_forms_of_functions_are_kept() {
        let text = "A:\n  - !If [C, !Ref D, x]\n  - Fn::If: [C]\nB: &b {c: d}\nE: *b\n";
        let node = Node::parse(text).unwrap();
        let list = node.get("A").unwrap().one_or_more();
        assert_eq!(list[0].intrinsic().map(|(name, _)| name), Some("If"));
        assert_eq!(
            (list[1].intrinsic().map(|(name, _)| name), list[1].line),
            (Some("If"), 3)
        );
        assert_eq!(node.at(&["B", "c"]).and_then(Node::text), Some("d"));
        assert!(matches!(node.get("E").unwrap().value, Value::Alias));
    }

    #[test]
    fn depth_is_bounded_and_errors_have_lines() {
        assert!(Node::parse(&"[".repeat(100_000)).is_err());
        assert!(Node::parse(&"- ".repeat(50_000)).is_err());
        assert_eq!(Node::parse("a: 1\nb: [\n").unwrap_err().line, 3);
        assert!(Node::parse("").is_ok());
    }
}
