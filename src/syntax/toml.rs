//! The tables and keys of a TOML file.

use toml_edit::{Document, Item, Value};

use super::{Outline, SyntaxError, declare};

pub fn outline(text: &str) -> Result<Outline, SyntaxError> {
    let document = Document::parse(text).map_err(|error| SyntaxError {
        line: error
            .span()
            .map_or(1, |span| 1 + text[..span.start].matches('\n').count()),
        message: error.message().trim().to_owned(),
    })?;
    let mut outline = Outline::new();
    for (key, found) in document.as_table() {
        item(&mut outline, key, found);
    }
    Ok(outline)
}

fn item(outline: &mut Outline, path: &str, found: &Item) {
    match found {
        Item::None => {}
        Item::Value(found) => value(outline, path, found),
        Item::Table(table) => {
            declare(outline, path.to_owned());
            for (key, found) in table {
                item(outline, &format!("{path}.{key}"), found);
            }
        }
        Item::ArrayOfTables(tables) => {
            for table in tables {
                declare(outline, format!("{path}[]"));
                for (key, found) in table {
                    item(outline, &format!("{path}[].{key}"), found);
                }
            }
        }
    }
}

fn value(outline: &mut Outline, path: &str, found: &Value) {
    match found {
        Value::Array(array) => {
            declare(outline, path.to_owned());
            for element in array {
                match element {
                    Value::String(text) => declare(outline, format!("{path}[]={}", text.value())),
                    _ => value(outline, &format!("{path}[]"), element),
                }
            }
        }
        Value::InlineTable(table) => {
            declare(outline, path.to_owned());
            for (key, found) in table {
                value(outline, &format!("{path}.{key}"), found);
            }
        }
        _ => declare(outline, path.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_found_with_their_table() {
        let found = outline("a = 1\n[t]\nb = [\"x\"]\n[[e]]\nc = { d = 1 }\n").unwrap();
        let names: Vec<&str> = found.keys().map(String::as_str).collect();
        assert_eq!(
            names,
            ["a", "e[]", "e[].c", "e[].c.d", "t", "t.b", "t.b[]=x"]
        );
    }

    #[test]
    fn a_key_declared_twice_is_an_error_with_its_line() {
        assert_eq!(outline("[t]\na = 1\na = 2\n").unwrap_err().line, 3);
    }
}
