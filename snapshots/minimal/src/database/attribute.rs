//! Values as attributes, and back.
//!
//! An attribute holds what serde makes of the value in JSON, type for type. It goes by the text of that JSON, for serde
//! itself knows no number of more than 17 digits, and DynamoDB's have 38.

use std::collections::{BTreeMap, HashMap};

use aws_sdk_dynamodb::types::AttributeValue;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Result;
use serde_json::value::{RawValue, to_raw_value};

pub(super) type Attributes = HashMap<String, AttributeValue>;

pub(super) fn to_attribute(value: impl Serialize) -> Result<AttributeValue> {
    attribute(&to_raw_value(&value)?)
}

/// The fields of a struct.
pub(super) fn to_attributes(value: impl Serialize) -> Result<Attributes> {
    fields(&to_raw_value(&value)?)
}

pub(super) fn from_attribute<T: DeserializeOwned>(value: &AttributeValue) -> Result<T> {
    serde_json::from_str(json(value)?.get())
}

pub(super) fn from_attributes<T: DeserializeOwned>(attributes: &Attributes) -> Result<T> {
    serde_json::from_str(object(attributes)?.get())
}

fn attribute(json: &RawValue) -> Result<AttributeValue> {
    let text = json.get();
    Ok(match text.as_bytes().first() {
        Some(b'n') => AttributeValue::Null(true),
        Some(b't') => AttributeValue::Bool(true),
        Some(b'f') => AttributeValue::Bool(false),
        Some(b'"') => AttributeValue::S(serde_json::from_str(text)?),
        Some(b'{') => AttributeValue::M(fields(json)?),
        Some(b'[') => {
            let items: Vec<&RawValue> = serde_json::from_str(text)?;
            AttributeValue::L(items.into_iter().map(attribute).collect::<Result<_>>()?)
        }
        _ => AttributeValue::N(text.to_owned()),
    })
}

fn fields(json: &RawValue) -> Result<Attributes> {
    let fields: HashMap<String, &RawValue> = serde_json::from_str(json.get())?;
    let fields = fields.into_iter();
    fields
        .map(|(name, value)| Ok((name, attribute(value)?)))
        .collect()
}

fn json(value: &AttributeValue) -> Result<Box<RawValue>> {
    match value {
        AttributeValue::Null(_) => to_raw_value(&()),
        AttributeValue::Bool(truth) => to_raw_value(truth),
        AttributeValue::S(text) => to_raw_value(text),
        AttributeValue::N(number) => RawValue::from_string(number.clone()),
        AttributeValue::M(fields) => object(fields),
        AttributeValue::L(items) => {
            to_raw_value(&items.iter().map(json).collect::<Result<Vec<_>>>()?)
        }
        // What JSON does not have is not written here, and must not keep an item with it from loading.
        _ => to_raw_value(&()),
    }
}

fn object(attributes: &Attributes) -> Result<Box<RawValue>> {
    let fields = attributes
        .iter()
        .map(|(name, value)| Ok((name, json(value)?)));
    to_raw_value(&fields.collect::<Result<BTreeMap<_, _>>>()?)
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;
    use serde_json::{Value, json};

    use super::*;
    use crate::shared::decimal::Decimal;

    #[derive(Debug, PartialEq, Deserialize, Serialize)]
    struct Everything {
        text: String,
        integer: i64,
        float: f64,
        decimal: Decimal,
        decimals: Vec<Decimal>,
        absent: Option<Decimal>,
        json: Value,
    }

    #[test]
    fn what_is_stored_is_what_is_read() {
        let digits = "1234567890123456789.0123456789012345678";
        let decimal: Decimal = digits.parse().unwrap();
        let value = Everything {
            text: "\u{1F600} \"\n".to_owned(),
            integer: i64::MIN,
            float: 999.999_999_999_999_9,
            decimal: decimal.clone(),
            decimals: vec![decimal, Decimal::default()],
            absent: None,
            json: json!({"a": [null, true, 1.5, {"b": ""}]}),
        };

        let attributes = to_attributes(&value).unwrap();
        let number = |text: &str| AttributeValue::N(text.to_owned());
        assert_eq!(attributes["decimal"], number(digits));
        assert_eq!(
            attributes["decimals"],
            AttributeValue::L(vec![number(digits), number("0")])
        );
        assert_eq!(attributes["integer"], number("-9223372036854775808"));
        assert_eq!(attributes["absent"], AttributeValue::Null(true));
        assert_eq!(from_attributes::<Everything>(&attributes).unwrap(), value);
    }

    #[test]
    fn what_json_does_not_have_can_be_ignored() {
        let binary = AttributeValue::B(vec![1].into());
        let attributes = HashMap::from([("binary".to_owned(), binary)]);
        let read: Value = from_attributes(&attributes).unwrap();
        assert_eq!(read, json!({"binary": null}));
        assert!(to_attributes("not a struct").is_err());
    }
}
