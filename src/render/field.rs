//! What a field is in Rust: its types, its attributes, and the values it begins with.

use std::ops::Bound;

use serde::Serialize;

use crate::field::{DefaultValue, Field, FieldType, Length, Range};
use crate::name::EntityName;

/// A field as the templates of an entity need it. Attributes and statements are whole lines.
#[derive(Debug, Serialize)]
pub(super) struct FieldContext {
    ident: String,
    wire: String,
    /// The type of a stored field, and of one in the body of a POST.
    pub(super) r#type: String,
    stored_attributes: Vec<String>,
    create_attributes: Vec<String>,
    pub(super) update_type: String,
    update_attributes: Vec<String>,
    /// Clients may set it.
    pub(super) settable: bool,
    /// The update says `Patch` and not `Option`.
    pub(super) patch: bool,
    /// What a new item has of a field that clients do not set.
    initial: String,
    pub(super) default_fn: Option<DefaultFn>,
    pub(super) r#enum: Option<EnumContext>,
    pub(super) index: Option<IndexContext>,
}

/// The function that makes a default value: its name, its type and its body.
#[derive(Debug, Serialize)]
pub(super) struct DefaultFn {
    name: String,
    r#type: String,
    body: Vec<String>,
}

#[derive(Debug, Serialize)]
pub(super) struct EnumContext {
    name: String,
    has_default: bool,
    is_indexed: bool,
    variants: Vec<VariantContext>,
}

#[derive(Debug, Serialize)]
struct VariantContext {
    name: String,
    wire: String,
    rename: bool,
    default: bool,
}

#[derive(Debug, Serialize)]
pub(super) struct IndexContext {
    number: u8,
    /// Of the parameter in the query.
    r#type: String,
    query_attributes: Vec<String>,
    /// From `field`, a reference to the stored field, to an `Option` of what is displayed.
    value: &'static str,
    /// The same from `value`, what an update sets; none if it is that already.
    changed: Option<&'static str>,
}

/// The type of one value.
struct Scalar {
    rust: String,
    /// What stands in its place for the schema, where that is not the type itself.
    schema: Option<&'static str>,
    format: Option<&'static str>,
}

pub(super) fn field(entity: &EntityName, field: &Field) -> FieldContext {
    let as_stored = as_stored(field);
    let field = &as_stored;
    let scalar = scalar(entity, field);
    let is_json = matches!(field.kind, FieldType::Json) && field.list.is_none();
    // null is a JSON value like any other, but stored as none.
    let patch = field.optional || is_json;
    let value = held(field, &scalar.rust);
    let r#type = match field.optional {
        true => format!("Option<{value}>"),
        false => value.clone(),
    };
    let update_type = match patch {
        true => format!("Patch<{value}>"),
        false => format!("Option<{value}>"),
    };
    let default_fn = default_fn(entity, field, &r#type);
    let serde = serde(field, default_fn.as_ref(), is_json);
    let rules = rules(field);
    let schema_type = schema_type(field, &scalar);

    let rename = rename(field);
    let attributes = |serde: Option<&String>, schema: Vec<Vec<String>>| {
        let serde = [rename.as_ref(), serde];
        let mut lines: Vec<String> = serde
            .into_iter()
            .flatten()
            .map(|argument| format!("#[serde({argument})]"))
            .collect();
        let schema = schema.iter().filter(|arguments| !arguments.is_empty());
        lines.extend(schema.flat_map(|arguments| attribute("schema", arguments)));
        lines
    };
    let shape = shape(&schema_type, field.optional, &scalar);
    let mut described = rules.clone();
    described.extend(shown_default(field));
    // What was cleared stays cleared: an optional field that is not stored is null, and not its default.
    let stored_serde = match &serde {
        _ if field.optional => None,
        None if is_json => Some("default".to_owned()),
        serde => serde.clone(),
    };
    let create_attributes = attributes(serde.as_ref(), vec![shape.clone(), described]);
    let update_attributes = if patch {
        let name = schema_type.clone().unwrap_or_else(|| match field.list {
            Some(_) => format!("Vec<{}>", scalar.rust),
            None => scalar.rust.clone(),
        });
        let name = match is_json {
            true => name,
            false => format!("Option<{name}>"),
        };
        let mut shape = vec![format!("value_type = {name}")];
        shape.extend(scalar.format.map(|format| format!("format = {format:?}")));
        attributes(Some(&"default".to_owned()), vec![shape, rules])
    } else if let Some(name) = &schema_type {
        let mut shape = vec![
            format!("value_type = {name}"),
            "required = false".to_owned(),
        ];
        shape.extend(scalar.format.map(|format| format!("format = {format:?}")));
        attributes(None, vec![shape, rules])
    } else {
        let mut shape = vec!["nullable = false".to_owned()];
        shape.extend(scalar.format.map(|format| format!("format = {format:?}")));
        shape.extend(rules);
        attributes(None, vec![shape])
    };
    FieldContext {
        ident: field.name.ident(),
        wire: field.name.snake().to_owned(),
        stored_attributes: attributes(stored_serde.as_ref(), vec![shape]),
        create_attributes,
        update_attributes,
        update_type,
        settable: !field.readonly,
        patch,
        initial: initial(entity, field, default_fn.as_ref()),
        r#enum: enumeration(entity, field),
        index: index(field, &scalar),
        default_fn,
        r#type,
    }
}

/// A file is uploaded when the item is there, by routes of its own.
fn as_stored(field: &Field) -> Field {
    let is_file = field.is_file();
    Field {
        optional: field.optional || is_file,
        readonly: field.readonly || is_file,
        ..field.clone()
    }
}

fn scalar(entity: &EntityName, field: &Field) -> Scalar {
    let (rust, schema, format) = match &field.kind {
        FieldType::String(_) | FieldType::Text(_) => ("String", None, None),
        FieldType::Email => ("String", None, Some("email")),
        FieldType::Url => ("String", None, Some("uri")),
        FieldType::Int(_) => ("i64", None, None),
        FieldType::Float(_) => ("f64", None, None),
        FieldType::Decimal(_) => ("Decimal", Some("f64"), Some("decimal")),
        FieldType::Bool => ("bool", None, None),
        FieldType::Date => ("Date", Some("String"), Some("date")),
        FieldType::DateTime => ("database::Timestamp", Some("String"), Some("date-time")),
        FieldType::Uuid | FieldType::Ref(_) => ("Uuid", None, None),
        FieldType::Json => ("Value", None, None),
        FieldType::Enum(_) => {
            return Scalar {
                rust: enum_name(entity, field),
                schema: None,
                format: None,
            };
        }
        FieldType::File(_) => ("StoredFile", None, None),
    };
    Scalar {
        rust: rust.to_owned(),
        schema,
        format,
    }
}

fn enum_name(entity: &EntityName, field: &Field) -> String {
    format!("{}{}", entity.pascal(), field.name.pascal())
}

/// The type of the field when it has a value.
fn held(field: &Field, scalar: &str) -> String {
    let value = match field.list {
        Some(_) => format!("Vec<{scalar}>"),
        None => scalar.to_owned(),
    };
    match field.redact {
        true => format!("Redacted<{value}>"),
        false => value,
    }
}

/// What stands for [`held`] in the schema, where that is not the type itself.
fn schema_type(field: &Field, scalar: &Scalar) -> Option<String> {
    let name = match (scalar.schema, field.redact) {
        (Some(schema), _) => schema,
        (None, true) => &scalar.rust,
        (None, false) => return None,
    };
    Some(match field.list {
        Some(_) => format!("Vec<{name}>"),
        None => name.to_owned(),
    })
}

fn shape(schema_type: &Option<String>, optional: bool, scalar: &Scalar) -> Vec<String> {
    let name = schema_type.as_ref().map(|name| match optional {
        true => format!("value_type = Option<{name}>"),
        false => format!("value_type = {name}"),
    });
    let format = scalar.format.map(|format| format!("format = {format:?}"));
    name.into_iter().chain(format).collect()
}

/// The rules of a field, as arguments of `#[schema(…)]`.
fn rules(field: &Field) -> Vec<String> {
    let mut rules = Vec::new();
    if let Some(length) = field.list {
        rules.extend(bounds_of(length, "min_items", "max_items"));
    }
    match &field.kind {
        FieldType::String(text) | FieldType::Text(text) => {
            rules.extend(bounds_of(text.length, "min_length", "max_length"));
            let not_blank = matches!(field.kind, FieldType::String(_)).then_some(r"\S");
            let own = text.pattern.as_ref().map(|pattern| pattern.as_str());
            let pattern = own.or(not_blank).map(raw_string);
            rules.extend(pattern.map(|pattern| format!("pattern = {pattern}")));
        }
        FieldType::Int(range) => rules.extend(range_of(range, |n| Some(integer(*n)))),
        FieldType::Float(range) => rules.extend(range_of(range, |n| Some(float(n.get())))),
        FieldType::Decimal(range) => rules.extend(range_of(range, |n| short(&n.to_string()))),
        _ => {}
    }
    rules
}

fn bounds_of(length: Length, least: &str, most: &str) -> Vec<String> {
    let rule = |name, bound: Option<u32>| bound.map(|bound| format!("{name} = {bound}"));
    let rules = [rule(least, length.min), rule(most, length.max)];
    rules.into_iter().flatten().collect()
}

/// `write` gives a literal, or `None` for a number that no literal can be. Those become extensions, all in one attribute:
/// of several only the first counts.
fn range_of<T: ToString>(range: &Range<T>, write: impl Fn(&T) -> Option<String>) -> Vec<String> {
    let mut rules = Vec::new();
    let mut extensions = Vec::new();
    for (inclusive, exclusive, bound) in [
        ("minimum", "exclusive_minimum", &range.lower),
        ("maximum", "exclusive_maximum", &range.upper),
    ] {
        let (name, number) = match bound {
            Bound::Unbounded => continue,
            Bound::Included(number) => (inclusive, number),
            Bound::Excluded(number) => (exclusive, number),
        };
        match write(number) {
            Some(literal) => rules.push(format!("{name} = {literal}")),
            None => {
                let name = name.replace('_', "-");
                let number = number.to_string();
                extensions.push(format!("(\"x-{name}\" = json!({number:?}))"));
            }
        }
    }
    if !extensions.is_empty() {
        rules.push(format!("extensions({})", extensions.join(", ")));
    }
    rules
}

/// A literal has 32 bits unless it says otherwise.
pub(super) fn integer(number: i64) -> String {
    match i32::try_from(number) {
        Ok(_) => number.to_string(),
        Err(_) => format!("{number}_i64"),
    }
}

fn float(number: f64) -> String {
    format!("{number:?}")
}

/// The text of a number, if a float names it exactly.
fn short(number: &str) -> Option<String> {
    let digits = number.chars().filter(char::is_ascii_digit).count();
    let literal = || number.parse().map_or(number.to_owned(), integer);
    (digits <= 15).then(literal)
}

/// A default for the reader of the OpenAPI document.
fn shown_default(field: &Field) -> Option<String> {
    let literal = match field.default.as_ref()? {
        DefaultValue::Text(text) => format!("{text:?}"),
        DefaultValue::Int(number) => integer(*number),
        DefaultValue::Float(number) => float(number.get()),
        DefaultValue::Decimal(number) => short(&number.to_string())?,
        DefaultValue::Bool(truth) => truth.to_string(),
        DefaultValue::Enum(value) => format!("{:?}", value.snake()),
        DefaultValue::Json(_) => return None,
    };
    Some(format!("default = {literal}"))
}

/// What serde does when the field is absent.
fn serde(field: &Field, default: Option<&DefaultFn>, is_json: bool) -> Option<String> {
    if let Some(function) = default {
        return Some(format!("default = \"{}\"", function.name));
    }
    let begins_empty = field.list.is_some_and(|length| length.min.is_none()) && !field.optional;
    let has_default = field.default.is_some();
    (has_default || begins_empty && !is_json).then(|| "default".to_owned())
}

fn rename(field: &Field) -> Option<String> {
    let is_clean = field.name.ident().trim_start_matches("r#") == field.name.snake();
    (!is_clean).then(|| format!("rename = {:?}", field.name.snake()))
}

fn initial(entity: &EntityName, field: &Field, default: Option<&DefaultFn>) -> String {
    match (default, &field.kind) {
        (Some(function), _) => format!("{}()", function.name),
        (None, FieldType::Enum(_)) if field.default.is_some() => {
            format!("{}::default()", enum_name(entity, field))
        }
        _ if field.optional => "None".to_owned(),
        _ if field.redact => "Redacted::default()".to_owned(),
        _ => "Vec::new()".to_owned(),
    }
}

/// An enum has its default by itself, unless something is around it.
fn default_fn(entity: &EntityName, field: &Field, r#type: &str) -> Option<DefaultFn> {
    let is_plain = !field.optional && !field.redact;
    let value = field.default.as_ref()?;
    if matches!(value, DefaultValue::Enum(_)) && is_plain {
        return None;
    }
    let mut body = value_of(entity, field, value);
    if !is_plain {
        let last = body.pop().unwrap_or_default();
        body.push(format!("let value = {last};"));
        let value = match field.redact {
            true => "Redacted(value)",
            false => "value",
        };
        body.push(match field.optional {
            true => format!("Some({value})"),
            false => value.to_owned(),
        });
    }
    Some(DefaultFn {
        name: format!("default_{}", field.name.snake()),
        r#type: r#type.to_owned(),
        body,
    })
}

/// The statements that end in a default value.
fn value_of(entity: &EntityName, field: &Field, value: &DefaultValue) -> Vec<String> {
    let one = match (value, &field.kind) {
        (DefaultValue::Text(text), FieldType::Date) => {
            let mut parts = text.split('-').map(|part| part.trim_start_matches('0'));
            let mut part = || parts.next().filter(|part| !part.is_empty()).unwrap_or("0");
            format!("Date::constant({}, {}, {})", part(), part(), part())
        }
        (DefaultValue::Text(text), FieldType::DateTime) => {
            let (seconds, nanoseconds) = instant(text);
            format!("jiff::Timestamp::constant({seconds}, {nanoseconds}).into()")
        }
        (DefaultValue::Text(text), FieldType::Uuid) => format!("uuid::uuid!({text:?})"),
        (DefaultValue::Text(text), _) => format!("{text:?}.to_owned()"),
        (DefaultValue::Int(number), _) => number.to_string(),
        (DefaultValue::Float(number), _) => float(number.get()),
        (DefaultValue::Decimal(number), _) => {
            return vec![
                format!("let number = {:?};", number.to_string()),
                "number.parse().unwrap_or_default()".to_owned(),
            ];
        }
        (DefaultValue::Bool(truth), _) => truth.to_string(),
        (DefaultValue::Enum(_), _) => format!("{}::default()", enum_name(entity, field)),
        (DefaultValue::Json(value), _) => {
            return vec![
                format!("let json = {};", raw_string(&value.to_string())),
                "serde_json::from_str(json).unwrap_or_default()".to_owned(),
            ];
        }
    };
    vec![one]
}

/// Seconds since 1970, and nanoseconds, of a time in UTC that is known to be one: `2030-12-31T23:59:59.5Z`.
fn instant(text: &str) -> (i64, u32) {
    let digits = |from: usize, to: usize| -> i64 {
        let digits = text.get(from..to).unwrap_or_default();
        digits.parse().unwrap_or_default()
    };
    // Counted from March, a leap day is the last day of its year.
    let (year, month, day) = (digits(0, 4), digits(5, 7), digits(8, 10));
    let year = if month > 2 { year } else { year - 1 };
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let leap_days = year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400);
    let days = 365 * year + leap_days + day_of_year - 719_468;
    let seconds = days * 86_400 + digits(11, 13) * 3_600 + digits(14, 16) * 60 + digits(17, 19);
    let fraction = text.get(19..).unwrap_or_default();
    let fraction: String = fraction.chars().filter(char::is_ascii_digit).collect();
    let nanoseconds = format!("{fraction:0<9}");
    let nanoseconds = nanoseconds.get(..9).and_then(|digits| digits.parse().ok());
    (seconds, nanoseconds.unwrap_or_default())
}

fn enumeration(entity: &EntityName, field: &Field) -> Option<EnumContext> {
    let FieldType::Enum(values) = &field.kind else {
        return None;
    };
    let variants = values.iter().map(|value| VariantContext {
        name: value.variant(),
        wire: value.snake().to_owned(),
        rename: value.needs_rename(),
        default: matches!(&field.default, Some(DefaultValue::Enum(default)) if default == value),
    });
    Some(EnumContext {
        name: enum_name(entity, field),
        has_default: field.default.is_some(),
        is_indexed: field.index.is_some(),
        variants: variants.collect(),
    })
}

fn index(field: &Field, scalar: &Scalar) -> Option<IndexContext> {
    let index = field.index?;
    let mut shape = match scalar.schema {
        Some(schema) => vec![
            format!("value_type = {schema}"),
            "required = false".to_owned(),
        ],
        None => vec!["nullable = false".to_owned()],
    };
    shape.extend(scalar.format.map(|format| format!("format = {format:?}")));
    Some(IndexContext {
        number: index.number() + 1,
        r#type: format!("Option<{}>", scalar.rust),
        query_attributes: attribute("schema", &shape),
        value: match (field.optional, field.redact) {
            (true, true) => "field.as_ref().map(|field| &field.0)",
            (true, false) => "field.as_ref()",
            (false, true) => "Some(&field.0)",
            (false, false) => "Some(field)",
        },
        changed: match (field.optional, field.redact) {
            (true, true) => Some("value.map(|value| &value.0)"),
            (true, false) => None,
            (false, true) => Some("Some(&value.0)"),
            (false, false) => Some("Some(value)"),
        },
    })
}

/// `#[name(arguments)]`. rustfmt breaks one of more than 70 columns of literals, and leaves any other as it is.
fn attribute(name: &str, arguments: &[String]) -> Vec<String> {
    let joined = arguments.join(", ");
    let is_of_literals = !joined.starts_with("value_type") && !joined.contains("extensions(");
    if joined.chars().count() <= 70 || !is_of_literals {
        return vec![format!("#[{name}({joined})]")];
    }
    let mut lines = vec![format!("#[{name}(")];
    let (last, others) = match arguments.split_last() {
        Some((last, others)) => (last, others),
        None => return Vec::new(),
    };
    lines.extend(others.iter().map(|argument| format!("    {argument},")));
    lines.push(format!("    {last}"));
    lines.push(")]".to_owned());
    lines
}

/// A literal that needs no escapes.
fn raw_string(text: &str) -> String {
    let mut hashes = String::new();
    if !text.contains(['"', '\\']) {
        return format!("\"{text}\"");
    }
    while text.contains(&format!("\"{hashes}")) {
        hashes.push('#');
    }
    format!("r{hashes}\"{text}\"{hashes}")
}
