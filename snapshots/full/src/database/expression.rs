//! Conditions, and the placeholders through which every name and value of an expression goes.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use serde::Serialize;

use super::attribute::to_attribute;
use super::error::{Error, Result};
use super::schema::PARTITION_KEY;

/// Something that must hold for an item, or be true of its absence, when a write happens.
///
/// Attributes are named as they are stored. A comparison with an attribute that the item does not have, or
/// that is of another type, does not hold.
#[derive(Clone, Debug)]
pub struct Condition(Node);

#[derive(Clone, Debug)]
enum Node {
    Exists(String),
    Absent(String),
    Compare(String, &'static str, Value),
    /// The attribute is a map, and one of its members has the value.
    Member(String, &'static str, Value),
    OneOf(String, Vec<Value>),
    And(Box<Node>, Box<Node>),
    Or(Box<Node>, Box<Node>),
}

impl Condition {
    /// The item has the attribute.
    pub fn exists(attribute: &str) -> Self {
        Self(Node::Exists(attribute.to_owned()))
    }

    /// The item does not have the attribute.
    pub fn not_exists(attribute: &str) -> Self {
        Self(Node::Absent(attribute.to_owned()))
    }

    pub fn equals(attribute: &str, value: impl Serialize) -> Self {
        Self::compare(attribute, "=", value)
    }

    /// The attribute is a map, and this member of it has the value.
    pub fn member_equals(attribute: &str, member: &'static str, value: impl Serialize) -> Self {
        let value = Value::new(value);
        Self(Node::Member(attribute.to_owned(), member, value))
    }

    /// Also holds for an item that does not have the attribute.
    pub fn not_equals(attribute: &str, value: impl Serialize) -> Self {
        Self::compare(attribute, "<>", value)
    }

    pub fn less_than(attribute: &str, value: impl Serialize) -> Self {
        Self::compare(attribute, "<", value)
    }

    pub fn at_most(attribute: &str, value: impl Serialize) -> Self {
        Self::compare(attribute, "<=", value)
    }

    pub fn greater_than(attribute: &str, value: impl Serialize) -> Self {
        Self::compare(attribute, ">", value)
    }

    pub fn at_least(attribute: &str, value: impl Serialize) -> Self {
        Self::compare(attribute, ">=", value)
    }

    /// The attribute has one of these values, of which there are 1 to 100.
    pub fn one_of<V: Serialize>(attribute: &str, values: impl IntoIterator<Item = V>) -> Self {
        let values = values.into_iter().map(Value::new).collect();
        Self(Node::OneOf(attribute.to_owned(), values))
    }

    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self(Node::And(Box::new(self.0), Box::new(other.0)))
    }

    #[must_use]
    pub fn or(self, other: Self) -> Self {
        Self(Node::Or(Box::new(self.0), Box::new(other.0)))
    }

    fn compare(attribute: &str, operator: &'static str, value: impl Serialize) -> Self {
        Self(Node::Compare(
            attribute.to_owned(),
            operator,
            Value::new(value),
        ))
    }

    pub(super) fn item_exists() -> Self {
        Self::exists(PARTITION_KEY)
    }

    pub(super) fn item_absent() -> Self {
        Self::not_exists(PARTITION_KEY)
    }

    pub(super) fn render(&self, placeholders: &mut Placeholders) -> Result<String> {
        self.0.render(placeholders)
    }
}

impl Node {
    fn render(&self, placeholders: &mut Placeholders) -> Result<String> {
        Ok(match self {
            Self::Exists(attribute) => {
                format!("attribute_exists({})", placeholders.name(attribute))
            }
            Self::Absent(attribute) => {
                format!("attribute_not_exists({})", placeholders.name(attribute))
            }
            Self::Compare(attribute, operator, value) => {
                let value = placeholders.value(value)?;
                format!("{} {operator} {value}", placeholders.name(attribute))
            }
            Self::Member(attribute, member, value) => {
                let (attribute, member) = (placeholders.name(attribute), placeholders.name(member));
                format!("{attribute}.{member} = {}", placeholders.value(value)?)
            }
            Self::OneOf(attribute, values) => {
                let values = values
                    .iter()
                    .map(|value| placeholders.value(value))
                    .collect::<Result<Vec<_>>>()?
                    .join(", ");
                format!("{} IN ({values})", placeholders.name(attribute))
            }
            Self::And(left, right) => {
                let left = left.render(placeholders)?;
                format!("({left} AND {})", right.render(placeholders)?)
            }
            Self::Or(left, right) => {
                let left = left.render(placeholders)?;
                format!("({left} OR {})", right.render(placeholders)?)
            }
        })
    }
}

/// A value on its way into an expression. That it cannot be stored comes out when the expression is written, so
/// that building one needs no `?`.
#[derive(Clone, Debug)]
pub(super) struct Value(Result<AttributeValue, String>);

impl Value {
    pub(super) fn new(value: impl Serialize) -> Self {
        Self(to_attribute(value).map_err(|error| error.to_string()))
    }

    pub(super) fn is_null(&self) -> bool {
        matches!(self.0, Ok(AttributeValue::Null(_)))
    }
}

/// The names and values of one request. `#n0` and `:v0` stand for them in its expressions.
#[derive(Debug, Default)]
pub(super) struct Placeholders {
    names: Vec<String>,
    values: Vec<AttributeValue>,
}

impl Placeholders {
    pub(super) fn name(&mut self, attribute: &str) -> String {
        let known = self.names.iter().position(|name| name == attribute);
        let position = known.unwrap_or_else(|| {
            self.names.push(attribute.to_owned());
            self.names.len() - 1
        });
        format!("#n{position}")
    }

    pub(super) fn value(&mut self, value: &Value) -> Result<String> {
        let value = value.0.clone().map_err(Error::internal)?;
        self.values.push(value);
        Ok(format!(":v{}", self.values.len() - 1))
    }

    pub(super) fn names(&self) -> Option<HashMap<String, String>> {
        numbered("#n", &self.names)
    }

    pub(super) fn values(&self) -> Option<HashMap<String, AttributeValue>> {
        numbered(":v", &self.values)
    }
}

/// DynamoDB refuses an empty map, so no entries are `None`.
fn numbered<T: Clone>(prefix: &str, entries: &[T]) -> Option<HashMap<String, T>> {
    let numbered = entries.iter().cloned().enumerate();
    let named = numbered.map(|(n, entry)| (format!("{prefix}{n}"), entry));
    (!entries.is_empty()).then(|| named.collect())
}
