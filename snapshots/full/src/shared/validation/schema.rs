//! What a type's OpenAPI schema asks of its values, made ready for checking.

use std::any::TypeId;
use std::collections::HashMap;
use std::sync::{Arc, LazyLock, PoisonError, RwLock};

use regex::Regex;
use serde_json::Value;
use utoipa::ToSchema;
use utoipa::openapi::schema::{
    AdditionalProperties, Array, ArrayItems, Object, Schema as OpenApiSchema, SchemaFormat,
    SchemaType, Type,
};
use utoipa::openapi::{Ref, RefOr};

use super::bounds::Bounds;
use super::format::Format;
use crate::shared::decimal::Decimal;

/// The rules of a type and of all types it refers to.
#[derive(Debug)]
pub(super) struct Schema {
    pub(super) root: Rule,
    pub(super) definitions: HashMap<String, Rule>,
}

/// What one value must be.
#[derive(Debug)]
pub(super) enum Rule {
    Anything,
    Definition(String),
    Nullable(Box<Rule>),
    All(Vec<Rule>),
    Boolean,
    Integer {
        bounds: Bounds<i64>,
        range: (i64, i64),
    },
    Number(Bounds<f64>),
    Decimal(Bounds<Decimal>),
    Text(Text),
    /// One of these texts.
    Choice(Vec<String>),
    List(List),
    Object(Members),
}

#[derive(Debug)]
pub(super) struct Text {
    /// In Unicode scalar values.
    pub(super) min_length: Option<usize>,
    pub(super) max_length: Option<usize>,
    pub(super) pattern: Option<Regex>,
    pub(super) format: Option<Format>,
}

#[derive(Debug)]
pub(super) struct List {
    pub(super) min_items: Option<usize>,
    pub(super) max_items: Option<usize>,
    pub(super) items: Box<Rule>,
}

#[derive(Debug)]
pub(super) struct Members {
    /// In the order of the fields.
    pub(super) fields: Vec<Field>,
    pub(super) others: Others,
}

#[derive(Debug)]
pub(super) struct Field {
    pub(super) name: String,
    pub(super) rule: Rule,
    pub(super) required: bool,
}

/// What happens to keys that name no field.
#[derive(Debug)]
pub(super) enum Others {
    Ignored,
    Forbidden,
    Checked(Box<Rule>),
}

/// A schema that says something impossible: a mistake in the source, not in a request.
#[derive(Debug, thiserror::Error)]
pub(super) enum SchemaError {
    #[error("the pattern of a schema is no regular expression")]
    Pattern(#[from] regex::Error),
    #[error("a limit of a schema does not fit the type of its values")]
    Limit,
}

impl Schema {
    /// The schema of `T`, made the first time it is asked for.
    pub(super) fn of<T: ToSchema + 'static>() -> Result<Arc<Self>, SchemaError> {
        let id = TypeId::of::<T>();
        let known = SCHEMAS.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(schema) = known.get(&id) {
            return Ok(Arc::clone(schema));
        }
        drop(known);

        let schema = Arc::new(Self::read::<T>()?);
        let mut known = SCHEMAS.write().unwrap_or_else(PoisonError::into_inner);
        Ok(Arc::clone(known.entry(id).or_insert(schema)))
    }

    /// The rule behind a reference, null aside.
    pub(super) fn resolve<'a>(&'a self, rule: &'a Rule) -> &'a Rule {
        match rule {
            Rule::Nullable(rule) => self.resolve(rule),
            Rule::Definition(name) => match self.definitions.get(name) {
                Some(rule) => self.resolve(rule),
                None => &Rule::Anything,
            },
            _ => rule,
        }
    }

    fn read<T: ToSchema>() -> Result<Self, SchemaError> {
        let root = T::schema();
        let mut definitions = Vec::new();
        T::schemas(&mut definitions);
        // A type that holds itself refers to itself by name.
        definitions.push((T::name().into_owned(), root.clone()));
        Ok(Self {
            root: rule(&root)?,
            definitions: definitions
                .into_iter()
                .map(|(name, schema)| Ok((name, rule(&schema)?)))
                .collect::<Result<_, SchemaError>>()?,
        })
    }
}

static SCHEMAS: LazyLock<RwLock<HashMap<TypeId, Arc<Schema>>>> = LazyLock::new(RwLock::default);

fn rule(schema: &RefOr<OpenApiSchema>) -> Result<Rule, SchemaError> {
    match schema {
        RefOr::Ref(reference) => Ok(definition(reference)),
        RefOr::T(OpenApiSchema::Object(object)) => {
            Ok(nullable(&object.schema_type, object_rule(object)?))
        }
        RefOr::T(OpenApiSchema::Array(array)) => {
            Ok(nullable(&array.schema_type, array_rule(array)?))
        }
        RefOr::T(OpenApiSchema::OneOf(one_of)) => alternatives(&one_of.items),
        RefOr::T(OpenApiSchema::AnyOf(any_of)) => alternatives(&any_of.items),
        RefOr::T(OpenApiSchema::AllOf(all_of)) => {
            let rules = all_of.items.iter().map(rule).collect::<Result<_, _>>()?;
            Ok(Rule::All(rules))
        }
        RefOr::T(_) => Ok(Rule::Anything),
    }
}

fn definition(reference: &Ref) -> Rule {
    let path = &reference.ref_location;
    let name = path.rsplit('/').next().unwrap_or(path);
    Rule::Definition(name.to_owned())
}

/// `Option<T>` of a type that has a name is one of that type or null. Which one of several types a value is meant to
/// be, only serde can tell.
fn alternatives(schemas: &[RefOr<OpenApiSchema>]) -> Result<Rule, SchemaError> {
    let is_null = |schema: &&RefOr<OpenApiSchema>| {
        matches!(schema, RefOr::T(OpenApiSchema::Object(object))
            if matches!(object.schema_type, SchemaType::Type(Type::Null)))
    };
    let (null, other): (Vec<_>, Vec<_>) = schemas.iter().partition(is_null);
    match (null.is_empty(), other.as_slice()) {
        (true, [only]) => rule(only),
        (false, [only]) => Ok(Rule::Nullable(Box::new(rule(only)?))),
        _ => Ok(Rule::Anything),
    }
}

fn nullable(schema_type: &SchemaType, rule: Rule) -> Rule {
    match schema_type {
        SchemaType::Array(types) if types.contains(&Type::Null) => Rule::Nullable(Box::new(rule)),
        _ => rule,
    }
}

/// The one type besides null, if there is just one.
fn single_type(schema_type: &SchemaType) -> Option<&Type> {
    match schema_type {
        SchemaType::Type(only) => Some(only),
        SchemaType::Array(types) => {
            let mut types = types.iter().filter(|r#type| **r#type != Type::Null);
            let first = types.next();
            if types.next().is_none() { first } else { None }
        }
        SchemaType::AnyValue => None,
    }
}

fn object_rule(schema: &Object) -> Result<Rule, SchemaError> {
    match single_type(&schema.schema_type) {
        Some(Type::Boolean) => Ok(Rule::Boolean),
        Some(Type::Integer) => Ok(Rule::Integer {
            bounds: Bounds::of(schema).ok_or(SchemaError::Limit)?,
            range: match format_name(schema).as_deref() {
                Some("int32") => (i32::MIN.into(), i32::MAX.into()),
                _ => (i64::MIN, i64::MAX),
            },
        }),
        Some(Type::Number) => {
            let rule = match format_name(schema).as_deref() {
                Some("decimal") => Bounds::of(schema).map(Rule::Decimal),
                _ => Bounds::of(schema).map(Rule::Number),
            };
            rule.ok_or(SchemaError::Limit)
        }
        Some(Type::String) => text_rule(schema),
        Some(Type::Object) => members_rule(schema),
        Some(Type::Array | Type::Null) | None => Ok(Rule::Anything),
    }
}

fn text_rule(schema: &Object) -> Result<Rule, SchemaError> {
    if let Some(values) = &schema.enum_values {
        let names = values.iter().filter_map(Value::as_str);
        return Ok(Rule::Choice(names.map(str::to_owned).collect()));
    }
    Ok(Rule::Text(Text {
        min_length: schema.min_length,
        max_length: schema.max_length,
        pattern: schema.pattern.as_deref().map(Regex::new).transpose()?,
        format: format_name(schema).and_then(|name| Format::named(&name)),
    }))
}

fn members_rule(schema: &Object) -> Result<Rule, SchemaError> {
    let fields = schema
        .properties
        .iter()
        .map(|(name, property)| {
            Ok(Field {
                name: name.clone(),
                rule: rule(property)?,
                required: schema.required.contains(name),
            })
        })
        .collect::<Result<_, SchemaError>>()?;
    let others = match schema.additional_properties.as_deref() {
        Some(AdditionalProperties::FreeForm(false)) => Others::Forbidden,
        Some(AdditionalProperties::RefOr(values)) => Others::Checked(Box::new(rule(values)?)),
        Some(AdditionalProperties::FreeForm(true)) | None => Others::Ignored,
    };
    Ok(Rule::Object(Members { fields, others }))
}

fn array_rule(schema: &Array) -> Result<Rule, SchemaError> {
    // A tuple: serde knows the type of each place.
    let ArrayItems::RefOrSchema(items) = &schema.items else {
        return Ok(Rule::Anything);
    };
    Ok(Rule::List(List {
        min_items: schema.min_items,
        max_items: schema.max_items,
        items: Box::new(rule(items)?),
    }))
}

fn format_name(schema: &Object) -> Option<String> {
    match schema.format.as_ref()? {
        SchemaFormat::Custom(name) => Some(name.clone()),
        known @ SchemaFormat::KnownFormat(_) => match serde_json::to_value(known) {
            Ok(Value::String(name)) => Some(name),
            _ => None,
        },
    }
}

#[cfg(test)]
mod tests {
    use serde_json::value::RawValue;
    use utoipa::ToSchema;

    use super::*;
    use crate::shared::validation::check::check;

    fn accepts<T: ToSchema + 'static>(json: &str) -> bool {
        let schema = Schema::of::<T>().unwrap();
        let json: &RawValue = serde_json::from_str(json).unwrap();
        check(&schema, &schema.root, &[], json).is_empty()
    }

    #[test]
    fn a_limit_beyond_floats_is_exact_in_an_extension() {
        #[derive(ToSchema)]
        #[expect(dead_code, reason = "only its schema is used")]
        struct Account {
            #[schema(
                value_type = f64,
                format = "decimal",
                maximum = 1e20,
                extensions(("x-maximum" = json!("99999999999999999999.99")))
            )]
            balance: Decimal,
        }

        assert!(accepts::<Account>(r#"{"balance":99999999999999999999.99}"#));
        assert!(!accepts::<Account>(
            r#"{"balance":99999999999999999999.991}"#
        ));
    }

    #[test]
    fn the_limits_of_a_decimal_are_the_ones_written_in_the_source() {
        #[derive(ToSchema)]
        #[expect(dead_code, reason = "only its schema is used")]
        struct Price {
            #[schema(value_type = f64, format = "decimal", minimum = 0.1, multiple_of = 0.05)]
            price: Decimal,
        }

        assert!(accepts::<Price>(r#"{"price":0.1}"#));
        assert!(accepts::<Price>(r#"{"price":"0.30"}"#));
        assert!(!accepts::<Price>(r#"{"price":0.09999999999999999999}"#));
        assert!(!accepts::<Price>(r#"{"price":0.11}"#));
    }

    #[test]
    fn integers_keep_to_the_width_that_is_documented() {
        #[derive(ToSchema)]
        #[expect(dead_code, reason = "only its schema is used")]
        struct Widths {
            narrow: Option<i32>,
            wide: Option<i64>,
        }

        assert!(accepts::<Widths>(r#"{"narrow":2147483647}"#));
        assert!(!accepts::<Widths>(r#"{"narrow":2147483648}"#));
        assert!(accepts::<Widths>(r#"{"wide":-9223372036854775808}"#));
        assert!(!accepts::<Widths>(r#"{"wide":-9223372036854775809}"#));
    }

    #[test]
    fn what_only_serde_can_tell_apart_is_left_to_it() {
        #[derive(ToSchema)]
        #[expect(dead_code, reason = "only its schema is used")]
        enum Shape {
            Circle(f64),
            Square { side: f64 },
        }

        assert!(accepts::<Shape>(r#"{"Circle":1}"#));
        assert!(accepts::<Shape>("5"));
    }

    #[test]
    fn impossible_rules_are_found() {
        #[derive(ToSchema)]
        #[expect(dead_code, reason = "only its schema is used")]
        struct Unreadable {
            #[schema(pattern = "(")]
            code: String,
        }
        #[derive(ToSchema)]
        #[expect(dead_code, reason = "only its schema is used")]
        struct Fractional {
            #[schema(minimum = 0.5)]
            count: i64,
        }

        assert!(matches!(
            Schema::of::<Unreadable>(),
            Err(SchemaError::Pattern(_))
        ));
        assert!(matches!(
            Schema::of::<Fractional>(),
            Err(SchemaError::Limit)
        ));
    }
}
