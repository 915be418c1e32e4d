//! The walk through a value and its schema, which finds every broken rule at once.

use std::collections::HashSet;
use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::field_error::{FieldError, Loc, Problem};
use super::scalar;
use super::schema::{List, Members, Others, Rule, Schema};

/// As many errors are listed. A body of a megabyte can break hundreds of thousands of rules, and the answer would be
/// larger than Lambda can send.
const MOST_ERRORS: usize = 100;

/// As much of an unknown key is shown.
const LONGEST_KEY: usize = 100;

/// Every rule that the value at `loc` breaks, in the order of the schema's fields; unknown keys come last.
pub(super) fn check(schema: &Schema, rule: &Rule, loc: &[Loc], json: &RawValue) -> Vec<FieldError> {
    let mut walk = Walk {
        schema,
        loc: loc.to_vec(),
        errors: Vec::new(),
    };
    walk.value(rule, json);
    walk.errors
}

/// What to answer to a key that is not in the schema.
pub(super) fn extra(loc: impl IntoIterator<Item = Loc>) -> FieldError {
    FieldError::new("extra_forbidden", loc, "Extra inputs are not permitted")
}

struct Walk<'a> {
    schema: &'a Schema,
    loc: Vec<Loc>,
    errors: Vec<FieldError>,
}

impl Walk<'_> {
    fn value(&mut self, rule: &Rule, json: &RawValue) {
        let checked = match rule {
            Rule::Definition(name) => {
                if let Some(rule) = self.schema.definitions.get(name) {
                    self.value(rule, json);
                }
                Ok(())
            }
            Rule::Nullable(rule) => {
                if json.get() != "null" {
                    self.value(rule, json);
                }
                Ok(())
            }
            Rule::All(rules) => {
                for rule in rules {
                    self.value(rule, json);
                }
                Ok(())
            }
            Rule::List(list) => self.list(list, json),
            Rule::Object(members) => self.object(members, json),
            Rule::Anything => scalar::anything(json),
            Rule::Boolean => scalar::boolean(json),
            Rule::Integer { bounds, range } => scalar::integer(bounds, *range, json),
            Rule::Number(bounds) => scalar::number(bounds, json),
            Rule::Decimal(bounds) => scalar::decimal(bounds, json),
            Rule::Text(text) => scalar::text(text, json),
            Rule::Choice(names) => scalar::choice(names, json),
        };
        if let Err(problem) = checked {
            self.report(problem, json);
        }
    }

    fn list(&mut self, list: &List, json: &RawValue) -> Result<(), Problem> {
        let Ok(items) = serde_json::from_str::<Vec<&RawValue>>(json.get()) else {
            return Err(Problem::new("list_type", "Input should be a valid list"));
        };
        let actual = items.len();
        if let Some(least) = list.min_items
            && actual < least
        {
            return Err(length_problem(
                "too_short",
                "at least",
                "min_length",
                least,
                actual,
            ));
        }
        if let Some(most) = list.max_items
            && actual > most
        {
            return Err(length_problem(
                "too_long",
                "at most",
                "max_length",
                most,
                actual,
            ));
        }
        for (index, item) in items.into_iter().enumerate() {
            if self.errors.len() >= MOST_ERRORS {
                break;
            }
            self.at(index, |walk| walk.value(&list.items, item));
        }
        Ok(())
    }

    fn object(&mut self, members: &Members, json: &RawValue) -> Result<(), Problem> {
        let Ok(Entries(entries)) = serde_json::from_str(json.get()) else {
            return Err(if members.fields.is_empty() {
                Problem::new("dict_type", "Input should be a valid dictionary")
            } else {
                Problem::new(
                    "model_attributes_type",
                    "Input should be a valid dictionary or object to extract fields from",
                )
            });
        };

        for field in &members.fields {
            let mut values = entries.iter().filter(|(key, _)| *key == field.name);
            self.at(field.name.as_str(), |walk| match values.next() {
                Some((_, value)) => {
                    walk.value(&field.rule, value);
                    if let Some((_, again)) = values.next() {
                        walk.report(duplicate(), again);
                    }
                }
                None if field.required => {
                    walk.report(Problem::new("missing", "Field required"), json);
                }
                None => {}
            });
        }

        let known: HashSet<&str> = members
            .fields
            .iter()
            .map(|field| field.name.as_str())
            .collect();
        for (key, value) in entries
            .iter()
            .filter(|(key, _)| !known.contains(key.as_str()))
        {
            if self.errors.len() >= MOST_ERRORS {
                break;
            }
            let shown: String = key.chars().take(LONGEST_KEY).collect();
            self.at(shown, |walk| match &members.others {
                Others::Ignored => {}
                Others::Forbidden => {
                    let error = extra(walk.loc.iter().cloned());
                    walk.errors.push(error.with_json(value));
                }
                Others::Checked(rule) => walk.value(rule, value),
            });
        }
        Ok(())
    }

    fn at(&mut self, step: impl Into<Loc>, walk: impl FnOnce(&mut Self)) {
        self.loc.push(step.into());
        walk(self);
        self.loc.pop();
    }

    fn report(&mut self, problem: Problem, input: &RawValue) {
        if self.errors.len() < MOST_ERRORS {
            let error = FieldError::from_problem(problem, self.loc.iter().cloned());
            self.errors.push(error.with_json(input));
        }
    }
}

fn length_problem(
    r#type: &'static str,
    relation: &str,
    name: &str,
    limit: usize,
    actual: usize,
) -> Problem {
    let items = if limit == 1 { "item" } else { "items" };
    let msg = format!("List should have {relation} {limit} {items} after validation, not {actual}");
    Problem::new(r#type, msg)
        .with_ctx("field_type", "List")
        .with_ctx(name, limit)
        .with_ctx("actual_length", actual)
}

fn duplicate() -> Problem {
    Problem::new("value_error", "Value error, field is given more than once")
}

/// The members of an object in the order they were written, doubles included.
struct Entries<'a>(Vec<(String, &'a RawValue)>);

impl<'de> Deserialize<'de> for Entries<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct EntriesVisitor;

        impl<'de> Visitor<'de> for EntriesVisitor {
            type Value = Entries<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Entries<'de>, A::Error> {
                let mut entries = Vec::new();
                while let Some(entry) = map.next_entry()? {
                    entries.push(entry);
                }
                Ok(Entries(entries))
            }
        }

        deserializer.deserialize_map(EntriesVisitor)
    }
}
