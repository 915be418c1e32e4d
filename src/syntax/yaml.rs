//! The keys and list entries of a YAML file, CloudFormation's tags included.

use std::collections::BTreeSet;

use saphyr_parser::{Event, Parser, ScanError};

use super::{Outline, SyntaxError, declare};

pub fn outline(text: &str) -> Result<Outline, SyntaxError> {
    let mut outline = Outline::new();
    let mut open: Vec<Open> = Vec::new();
    for event in Parser::new_from_str(text) {
        let (event, span) = event.map_err(|error| scan_error(&error))?;
        let closing = matches!(event, Event::MappingEnd | Event::SequenceEnd);
        let node = match event {
            Event::Scalar(value, ..) => Node::Scalar(value.into_owned()),
            Event::Alias(id) => Node::Scalar(format!("*{id}")),
            Event::MappingStart(..) => Node::Mapping,
            Event::SequenceStart(..) => Node::Sequence,
            Event::MappingEnd | Event::SequenceEnd => {
                open.pop();
                Node::Scalar(String::new())
            }
            _ => continue,
        };
        if closing {
            if let Some(parent) = open.last_mut() {
                parent.value_ended();
            }
            continue;
        }
        let path = match open.last_mut() {
            Some(Open::Mapping {
                path,
                keys,
                key: key @ None,
            }) => {
                // A key that is itself a list or mapping is legal and never seen in practice: it is left unnamed.
                let name = match &node {
                    Node::Scalar(name) => name.clone(),
                    _ => format!("?{}", keys.len()),
                };
                if !keys.insert(name.clone()) && name != "<<" {
                    return Err(SyntaxError {
                        line: span.start.line(),
                        message: format!("the key `{name}` is there twice"),
                    });
                }
                let full = if path.is_empty() {
                    name
                } else {
                    format!("{path}.{name}")
                };
                *key = Some(full.clone());
                if matches!(node, Node::Scalar(_)) {
                    declare(&mut outline, full);
                    continue;
                }
                full
            }
            Some(Open::Mapping { key: Some(key), .. }) => key.clone(),
            Some(Open::Sequence { path }) => {
                let path = format!("{path}[]");
                match &node {
                    Node::Scalar(value) => declare(&mut outline, format!("{path}={value}")),
                    _ => declare(&mut outline, path.clone()),
                }
                path
            }
            None => String::new(),
        };
        match node {
            Node::Scalar(_) => {
                if let Some(parent) = open.last_mut() {
                    parent.value_ended();
                }
            }
            Node::Mapping => open.push(Open::Mapping {
                path,
                keys: BTreeSet::new(),
                key: None,
            }),
            Node::Sequence => open.push(Open::Sequence { path }),
        }
    }
    Ok(outline)
}

enum Node {
    Scalar(String),
    Mapping,
    Sequence,
}

/// A collection whose end has not been read yet.
enum Open {
    /// `key` is the path of the key whose value comes next.
    Mapping {
        path: String,
        keys: BTreeSet<String>,
        key: Option<String>,
    },
    Sequence {
        path: String,
    },
}

impl Open {
    fn value_ended(&mut self) {
        if let Self::Mapping { key, .. } = self {
            *key = None;
        }
    }
}

fn scan_error(error: &ScanError) -> SyntaxError {
    SyntaxError {
        line: error.marker().line(),
        message: error.info().to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cloudformation_is_understood() {
        let text = "Resources:\n  Api:\n    Type: X\n    Arn: !GetAtt Api.Arn\n    Env:\n      - !Ref A\n      - !Sub \"${B}-x\"\n    \
                    If: !If [C, !Ref D, !Ref \"AWS::NoValue\"]\n    Policies:\n      - Statement:\n          Action: [a, b]\n";
        let found = outline(text).unwrap();
        for name in [
            "Resources.Api.Type",
            "Resources.Api.Env[]=A",
            "Resources.Api.If[]=C",
            "Resources.Api.Policies[].Statement.Action[]=b",
        ] {
            assert!(found.contains_key(name), "{name}: {found:?}");
        }
    }

    #[test]
    fn a_key_may_be_in_two_mappings_but_not_twice_in_one() {
        assert!(outline("- a: 1\n- a: 2\n").is_ok());
        assert_eq!(outline("a: 1\nb:\n  c: 1\n  c: 2\n").unwrap_err().line, 4);
    }

    #[test]
    fn an_error_names_its_line() {
        assert_eq!(outline("a: 1\n b: [\n").unwrap_err().line, 2);
    }

    #[test]
    fn a_mapping_ends_where_its_indentation_ends() {
        let found = outline("a:\n  b:\n    c: 1\n  d:\n  - e\nf: 1\n").unwrap();
        let names: Vec<&str> = found.keys().map(String::as_str).collect();
        assert_eq!(names, ["a", "a.b", "a.b.c", "a.d", "a.d[]=e", "f"]);
    }
}
