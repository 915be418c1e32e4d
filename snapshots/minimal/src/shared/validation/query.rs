//! The query string of a request.

use std::collections::BTreeMap;

use axum::extract::FromRequestParts;
use http::request::Parts;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::value::{RawValue, to_raw_value};
use url::form_urlencoded;
use utoipa::ToSchema;
use utoipa::openapi::path::{Parameter, ParameterBuilder, ParameterIn};
use utoipa::openapi::schema::Schema as OpenApiSchema;
use utoipa::openapi::{RefOr, Required};

use super::check::{check, extra};
use super::field_error::{FieldError, Loc};
use super::json;
use super::scalar;
use super::schema::{Members, Others, Rule, Schema};
use crate::error::Error;

/// A query string that keeps every rule of its type's OpenAPI schema.
///
/// Everything in a query is text, so here `5` is a number where one is asked for, and `yes` a boolean. A list is a key
/// that is repeated; where one value is asked for, the last one counts.
#[derive(Clone, Copy, Debug)]
pub struct Query<T>(pub T);

impl<T, S> FromRequestParts<S> for Query<T>
where
    T: DeserializeOwned + ToSchema + 'static,
    S: Send + Sync,
{
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Error> {
        let schema = Schema::of::<T>().map_err(Error::internal)?;
        let Rule::Object(members) = &schema.root else {
            return Err(Error::internal("a query is read into a struct with fields"));
        };
        read(&schema, members, parts.uri.query().unwrap_or_default())
            .map(Self)
            .map_err(Error::Validation)
    }
}

/// The parameters that a `Query<T>` takes, for the OpenAPI document.
pub fn parameters<T: ToSchema>() -> Vec<Parameter> {
    let RefOr::T(OpenApiSchema::Object(object)) = T::schema() else {
        return Vec::new();
    };
    let parameter = |(name, schema): (String, RefOr<OpenApiSchema>)| {
        let required = if object.required.contains(&name) {
            Required::True
        } else {
            Required::False
        };
        let description = match &schema {
            RefOr::T(OpenApiSchema::Object(object)) => object.description.clone(),
            RefOr::T(OpenApiSchema::Array(array)) => array.description.clone(),
            _ => None,
        };
        ParameterBuilder::new()
            .name(name)
            .parameter_in(ParameterIn::Query)
            .required(required)
            .description(description)
            .schema(Some(schema))
            .build()
    };
    object
        .properties
        .clone()
        .into_iter()
        .map(parameter)
        .collect()
}

fn read<T: DeserializeOwned>(
    schema: &Schema,
    members: &Members,
    query: &str,
) -> Result<T, Vec<FieldError>> {
    let pairs: Vec<_> = form_urlencoded::parse(query.as_bytes()).collect();
    let mut values = BTreeMap::new();
    let mut errors = Vec::new();

    for field in &members.fields {
        let loc = [Loc::from("query"), Loc::from(field.name.as_str())];
        let texts = pairs.iter().filter(|(key, _)| *key == field.name);
        let texts: Vec<&str> = texts.map(|(_, text)| text.as_ref()).collect();
        let Some(last) = texts.last() else {
            if field.required {
                errors.push(FieldError::new("missing", loc, "Field required").with_input(&()));
            }
            continue;
        };

        let value = if let Rule::List(list) = schema.resolve(&field.rule) {
            let items = texts.iter().map(|text| literal(schema, &list.items, text));
            let value = raw(&items.collect::<Vec<_>>());
            errors.extend(check(schema, &field.rule, &loc, &value));
            value
        } else {
            let value = literal(schema, &field.rule, last);
            let broken = check(schema, &field.rule, &loc, &value);
            errors.extend(broken.into_iter().map(|error| error.with_input(last)));
            value
        };
        values.insert(field.name.as_str(), value);
    }

    if matches!(members.others, Others::Forbidden) {
        let is_unknown = |key: &str| members.fields.iter().all(|field| field.name != key);
        for (key, text) in pairs.iter().filter(|(key, _)| is_unknown(key)) {
            errors.push(extra([Loc::from("query"), Loc::from(key.as_ref())]).with_input(text));
        }
    }
    if !errors.is_empty() {
        return Err(errors);
    }
    serde_json::from_str(raw(&values).get()).map_err(|error| {
        let msg = json::without_position(&error);
        vec![FieldError::value_error(["query"], msg)]
    })
}

/// The JSON that a text stands for, where it reads as what the rule asks for; a string otherwise.
fn literal(schema: &Schema, rule: &Rule, text: &str) -> Box<RawValue> {
    match schema.resolve(rule) {
        Rule::Boolean => scalar::truth(text).map(|truth| raw(&truth)),
        Rule::Integer { .. } => scalar::whole_number(text).and_then(integer),
        Rule::Number(_) => {
            let number = text.trim().parse::<f64>().ok();
            number
                .filter(|number| number.is_finite())
                .map(|number| raw(&number))
        }
        _ => None,
    }
    .unwrap_or_else(|| raw(text))
}

/// Digits that fit no integer stay as they are, for the check to say what is allowed.
fn integer(digits: &str) -> Option<Box<RawValue>> {
    match digits.parse::<i64>() {
        Ok(number) => Some(raw(&number)),
        Err(_) => RawValue::from_string(digits.to_owned()).ok(),
    }
}

fn raw<V: Serialize + ?Sized>(value: &V) -> Box<RawValue> {
    to_raw_value(value).unwrap_or_default()
}
