//! Asks for fields, one at a time.

use anyhow::Result;

use super::ask::{Choice, Person, Refusal};
use crate::field::{Field, explain};
use crate::name::{EnumValue, FieldName};
use crate::problem::Problems;
use crate::table::broken;
use crate::terminal;

/// Where the meaning of a rule begins.
const INDENT: &str = "                   ";

/// What is asked for, and what makes it acceptable.
pub struct Fields<'a> {
    /// What an empty list means, if it may be empty.
    pub none: Option<&'a str>,
    /// The entities that a `ref` can be to.
    pub targets: Vec<String>,
    /// Whether the command would take these fields.
    pub check: &'a dyn Fn(&[String]) -> Result<(), Problems>,
}

impl Fields<'_> {
    pub fn ask(&self, person: &Person) -> Result<Vec<String>> {
        let introduction = broken(
            "Fields, one after the other, until a name is left empty. A whole field can be typed, too: `title:string:1..200`.",
            terminal::width_for_questions(),
        );
        terminal::tell(&introduction.join("\n"));
        let mut fields: Vec<String> = Vec::new();
        while let Some(field) = self.field(person, &fields)? {
            terminal::tell(&format!("  {field}"));
            fields.push(field);
        }
        Ok(fields)
    }

    /// The next field; none when the list is complete.
    fn field(&self, person: &Person, before: &[String]) -> Result<Option<String>> {
        let default = match self.none {
            Some(none) if before.is_empty() => format!("nothing: {none}"),
            None if before.is_empty() => String::new(),
            _ => "nothing: that was all".to_owned(),
        };
        let typed = person.text("Field", &default, |typed| {
            if typed.is_empty() {
                return match self.none {
                    None if before.is_empty() => Err("at least one field is needed".to_owned()),
                    _ => Ok(()),
                };
            }
            match typed.contains(':') {
                true => self.accept(before, typed),
                // Of a type and with rules that nothing is against.
                false => self.accept(before, &format!("{typed}:text:optional")),
            }
        })?;
        if typed.is_empty() {
            return Ok(None);
        }
        if typed.contains(':') {
            return Ok(Some(canonical(&typed)));
        }
        let begun = self.typed(person, &typed, before)?;
        let text = self.ruled(person, &begun, before)?;
        Ok(Some(canonical(&text)))
    }

    /// `name:type`, with what belongs to the type.
    fn typed(&self, person: &Person, typed: &str, before: &[String]) -> Result<String> {
        let name = FieldName::parse(typed)?;
        let kinds: Vec<Choice> = explain::TYPES
            .iter()
            .filter(|(word, _)| *word != "ref" || !self.targets.is_empty())
            .map(|(word, meaning)| Choice::new(*word, *meaning))
            .collect();
        let kind = &kinds[person.choose(&format!("Type of `{name}`"), &kinds)?].word;
        Ok(match &**kind {
            "enum" => {
                let question = format!("Values of `{name}`");
                let values = person.text(&question, "as draft/done", |values| {
                    if !values.contains(':') {
                        return self.accept(before, &format!("{name}:enum:{values}:optional"));
                    }
                    let first = values.split([':', '/']).next().unwrap_or_default();
                    EnumValue::parse(first).map_err(|problem| problem.to_string())?;
                    Err("values are separated by `/`; rules come next".to_owned())
                })?;
                format!("{name}:enum:{values}")
            }
            "ref" => {
                let targets: Vec<Choice> = self
                    .targets
                    .iter()
                    .map(|name| Choice::new(name, ""))
                    .collect();
                let target = person.choose(&format!("Entity that `{name}` refers to"), &targets)?;
                format!("{name}:ref:{}", self.targets[target])
            }
            kind => format!("{name}:{kind}"),
        })
    }

    /// The field with its rules.
    fn ruled(&self, person: &Person, begun: &str, before: &[String]) -> Result<String> {
        let mut parts = begun.split(':');
        let (name, kind) = (parts.next(), parts.next());
        let (name, kind) = (name.unwrap_or_default(), kind.unwrap_or_default());
        let room = terminal::width_for_questions().saturating_sub(INDENT.len());
        for (rule, meaning) in explain::rules(kind) {
            let meaning = broken(meaning, room).join(&format!("\n{INDENT}"));
            terminal::tell(&format!("    {rule:13}  {meaning}"));
        }
        let question = format!("Rules of `{name}`");
        let rules = person.text(&question, "as optional:redact", |rules| {
            self.accept(before, &with_rules(begun, rules))
        })?;
        Ok(with_rules(begun, &rules))
    }

    fn accept(&self, before: &[String], field: &str) -> Result<(), Refusal> {
        let mut fields = before.to_vec();
        fields.push(field.to_owned());
        (self.check)(&fields).map_err(|problems| problems.to_string())
    }
}

/// Rules that are typed with spaces between them are meant well; only a pattern or a default may have some itself.
fn with_rules(begun: &str, rules: &str) -> String {
    let has_room = ["pattern=", "default="]
        .iter()
        .any(|rule| rules.contains(rule));
    let rules = match has_room {
        true => rules.to_owned(),
        false => rules.split_whitespace().collect::<Vec<_>>().join(":"),
    };
    match rules.is_empty() {
        true => begun.to_owned(),
        false => format!("{begun}:{rules}"),
    }
}

fn canonical(text: &str) -> String {
    Field::parse(text).map_or_else(|_| text.to_owned(), |field| field.to_string())
}
