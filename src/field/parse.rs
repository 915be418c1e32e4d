//! From text to [`Field`].

use std::ops::{Bound, Range as Span};

use super::parts::{Part, Parts};
use super::rules::Rules;
use super::size;
use super::{
    Decimal, DefaultValue, Field, FieldType, FileRules, Float, Length, MediaType, Number, Pattern,
    Range, Size, TextRules, explain,
};
use crate::name::{EntityName, EnumValue, FieldName};
use crate::problem::{Place, Problem, Problems, nearest, quoted};

/// Something wrong in the text of a field, and which bytes of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mistake {
    pub problem: Problem,
    pub span: Span<usize>,
}

impl Field {
    /// Reads `name:type[:rule…]` as an argument of the command line.
    pub fn parse(text: &str) -> Result<Self, Problems> {
        Self::read(text).map_err(|mistakes| {
            let place = |mistake: Mistake| mistake.problem.at(Place::of(None, text, mistake.span));
            Problems(mistakes.into_iter().map(place).collect())
        })
    }

    /// Reads `name:type[:rule…]` that stands somewhere else: the caller knows where.
    pub fn read(text: &str) -> Result<Self, Vec<Mistake>> {
        let mut reader = Reader {
            parts: Parts::of(text),
            mistakes: Vec::new(),
        };
        let field = reader.field();
        match field {
            Some(field) if reader.mistakes.is_empty() => Ok(field),
            _ => Err(reader.mistakes),
        }
    }
}

/// What others call the types.
const OTHER_TYPES: &[(&str, &str)] = &[
    ("boolean", "bool"),
    ("blob", "file"),
    ("char", "string"),
    ("double", "float"),
    ("f64", "float"),
    ("foreign", "ref"),
    ("i32", "int"),
    ("i64", "int"),
    ("integer", "int"),
    ("long", "int"),
    ("money", "decimal"),
    ("number", "decimal"),
    ("numeric", "decimal"),
    ("object", "json"),
    ("reference", "ref"),
    ("str", "string"),
    ("time", "datetime"),
    ("timestamp", "datetime"),
    ("u64", "int"),
    ("upload", "file"),
    ("varchar", "string"),
];

fn types() -> impl Iterator<Item = &'static str> + Clone {
    explain::TYPES.iter().map(|(word, _)| *word)
}

/// The text of one field, and what is wrong with it so far.
pub struct Reader<'a> {
    pub parts: Parts<'a>,
    mistakes: Vec<Mistake>,
}

impl Reader<'_> {
    fn field(&mut self) -> Option<Field> {
        let name = self.name();
        let Some(word) = self.parts.next() else {
            let end = self.parts.text.len();
            self.mistake(
                end..end,
                Problem::new("the type is missing").help(format!(
                    "write `name:type`, where type is one of {}",
                    quoted(types())
                )),
            );
            return None;
        };
        if !types().any(|known| known == word.text) {
            self.unknown_type(&word);
            return None;
        }
        let mut values = Vec::new();
        let mut target = None;
        match word.text {
            "enum" => values = self.values(&word),
            "ref" => target = self.target(&word),
            _ => {}
        }
        let rules = self.rules(word.text);
        let kind = match word.text {
            "string" => FieldType::String(self.text_rules(&rules, true)),
            "text" => FieldType::Text(self.text_rules(&rules, false)),
            "int" => FieldType::Int(self.range(&rules)),
            "float" => FieldType::Float(self.range::<Float>(&rules)),
            "decimal" => FieldType::Decimal(self.range::<Decimal>(&rules)),
            "bool" => FieldType::Bool,
            "date" => FieldType::Date,
            "datetime" => FieldType::DateTime,
            "uuid" => FieldType::Uuid,
            "email" => FieldType::Email,
            "url" => FieldType::Url,
            "json" => FieldType::Json,
            "enum" => FieldType::Enum(values),
            "ref" => FieldType::Ref(target?),
            _ => FieldType::File(self.file_rules(&rules)),
        };
        let list = match &rules.list {
            Some(Some(length)) => Some(self.length(length)),
            Some(None) => Some(Length::default()),
            None => None,
        };
        let list = match &kind {
            FieldType::Ref(_) => list.map(|length| self.looked_up(length, &rules)),
            _ => list,
        };
        // A default is only looked at when its type is sound.
        let default = match &rules.default {
            Some(text) if self.mistakes.is_empty() => self.default(&kind, list.is_some(), text),
            _ => None,
        };
        let field = Field {
            name: name?,
            kind,
            optional: rules.optional,
            list,
            default,
            redact: rules.redact,
            readonly: rules.readonly.is_some(),
            index: rules.index.as_ref().map(|(_, index)| *index),
        };
        self.agree(&field, &rules);
        Some(field)
    }

    pub fn mistake(&mut self, span: Span<usize>, problem: Problem) {
        self.mistakes.push(Mistake { problem, span });
    }

    /// Takes a value, or notes what is wrong with its text.
    pub fn ok<T>(&mut self, part: &Part<'_>, result: Result<T, String>) -> Option<T> {
        result
            .map_err(|message| self.mistake(part.span(), Problem::new(message)))
            .ok()
    }

    fn name(&mut self) -> Option<FieldName> {
        let part = self.parts.next()?;
        FieldName::parse(part.text)
            .map_err(|problem| self.mistake(part.span(), problem))
            .ok()
    }

    fn unknown_type(&mut self, word: &Part<'_>) {
        let typed = word.text.to_lowercase();
        let other = OTHER_TYPES
            .iter()
            .find(|(other, _)| *other == typed)
            .map(|(_, ours)| *ours);
        let help = match other.or_else(|| nearest(&typed, types())) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("the types are {}", quoted(types())),
        };
        let message = match word.text {
            "" => "the type is missing".to_owned(),
            text => format!("unknown type `{text}`"),
        };
        self.mistake(word.span(), Problem::new(message).help(help));
    }

    fn values(&mut self, word: &Part<'_>) -> Vec<EnumValue> {
        let part = self.parts.next().filter(|part| !part.text.is_empty());
        let Some(part) = part else {
            self.mistake(
                word.span(),
                Problem::new("`enum` has no values").help("write them as `enum:draft/published`"),
            );
            return Vec::new();
        };
        let mut values: Vec<EnumValue> = Vec::new();
        let mut start = part.start;
        for text in part.text.split('/') {
            let value = Part { text, start };
            start = value.span().end + 1;
            match EnumValue::parse(text) {
                Ok(new) if values.iter().any(|value| value.variant() == new.variant()) => self
                    .mistake(
                        value.span(),
                        Problem::new(format!(
                            "enum value `{new}` is there already, as the variant `{}`",
                            new.variant()
                        )),
                    ),
                Ok(new) => values.push(new),
                Err(problem) => self.mistake(value.span(), problem),
            }
        }
        values
    }

    fn target(&mut self, word: &Part<'_>) -> Option<EntityName> {
        let part = self.parts.next().filter(|part| !part.text.is_empty());
        let Some(part) = part else {
            self.mistake(
                word.span(),
                Problem::new("`ref` names no entity").help("write it as `ref:Entity`"),
            );
            return None;
        };
        EntityName::parse(part.text)
            .map_err(|problem| self.mistake(part.span(), problem))
            .ok()
    }

    fn text_rules(&mut self, rules: &Rules<'_>, not_blank: bool) -> TextRules {
        let length = rules.range.as_ref().map(|part| (part, self.length(part)));
        if let Some((part, _)) = length
            && not_blank
            && part.text.starts_with("0..")
        {
            self.mistake(
                part.span(),
                Problem::new("a `string` is not blank, so it cannot have 0 characters")
                    .help("use `text` for what may be empty"),
            );
        }
        let length = length.map(|(_, length)| length).unwrap_or_default();
        let pattern = rules
            .pattern
            .as_ref()
            .and_then(|part| self.ok(part, Pattern::read(part.text)));
        if let (Some(pattern), Some(part)) = (&pattern, &rules.pattern) {
            let accept = |text: &str| {
                length.contains(text.chars().count()) && !(not_blank && text.trim().is_empty())
            };
            let min = length.min.unwrap_or(u32::from(not_blank)) as usize;
            if pattern.sample(min, accept).is_none() {
                self.mistake(
                    part.span(),
                    Problem::new(
                        "no text was found that matches the pattern and keeps the other rules",
                    )
                    .help("loosen the pattern or the length"),
                );
            }
        }
        TextRules { length, pattern }
    }

    fn length(&mut self, part: &Part<'_>) -> Length {
        let (min, max) = part.text.split_once("..").unwrap_or((part.text, "-"));
        let read = |text: &str| match text {
            "" => Some(None),
            _ if text.bytes().all(|b| b.is_ascii_digit()) => text
                .parse::<u32>()
                .ok()
                .filter(|n| *n <= Length::MAX)
                .map(Some),
            _ => None,
        };
        let (Some(min), Some(max)) = (read(min), read(max)) else {
            self.mistake(
                part.span(),
                Problem::new(format!("`{}` is not a length", part.text)).help(format!(
                    "write it as `1..200`, `..200` or `1..`, with numbers up to {}",
                    Length::MAX
                )),
            );
            return Length::default();
        };
        if let (_, Some(max)) = (min, max)
            && (max == 0 || min.is_some_and(|min| min > max))
        {
            self.mistake(
                part.span(),
                Problem::new(format!("nothing has a length of `{}`", part.text)),
            );
        }
        if min.is_none() && max.is_none() {
            self.mistake(part.span(), Problem::new("`..` has no bound"));
        }
        Length {
            min: min.filter(|min| *min > 0),
            max,
        }
    }

    /// The length of a list of references, which always has an end.
    fn looked_up(&mut self, length: Length, rules: &Rules<'_>) -> Length {
        let most = length.max.or(length.min).unwrap_or(MAX_REFERENCES);
        if most > MAX_REFERENCES
            && let Some(Some(part)) = &rules.list
        {
            self.mistake(
                part.span(),
                Problem::new(format!(
                    "a list of `ref` has at most {MAX_REFERENCES} values: each of them is looked up"
                ))
                .help("make a child entity that refers to one of them"),
            );
        }
        Length {
            max: length.max.or(Some(MAX_REFERENCES)),
            ..length
        }
    }

    fn range<T: Number>(&mut self, rules: &Rules<'_>) -> Range<T> {
        let mut range = Range::default();
        let mut last = None;
        if let Some(part) = &rules.range {
            let (lower, upper) = part.text.split_once("..").unwrap_or((part.text, ""));
            let upper_start = part.start + lower.len() + 2;
            let ends = [("ge", lower, part.start), ("le", upper, upper_start)];
            for (rule, text, start) in ends.into_iter().filter(|(_, text, _)| !text.is_empty()) {
                self.bound(&mut range, rule, &Part { text, start });
            }
            last = Some(part.span());
        }
        for (rule, part) in &rules.bounds {
            self.bound(&mut range, rule, part);
            last = Some(part.span());
        }
        if let Some(span) = last
            && range.is_empty()
        {
            self.mistake(span, Problem::new("no number keeps all these bounds"));
        }
        range
    }

    fn bound<T: Number>(&mut self, range: &mut Range<T>, rule: &str, part: &Part<'_>) {
        let Some(value) = self.ok(part, T::read(part.text)) else {
            return;
        };
        let (end, bound) = match rule {
            "gt" => (&mut range.lower, Bound::Excluded(value)),
            "ge" => (&mut range.lower, Bound::Included(value)),
            "lt" => (&mut range.upper, Bound::Excluded(value)),
            _ => (&mut range.upper, Bound::Included(value)),
        };
        if matches!(end, Bound::Unbounded) {
            *end = bound;
        } else {
            let side = if rule.starts_with('g') {
                "lower"
            } else {
                "upper"
            };
            self.mistake(
                part.span(),
                Problem::new(format!("the {side} bound is given twice")),
            );
        }
    }

    fn file_rules(&mut self, rules: &Rules<'_>) -> FileRules {
        let max = rules
            .max
            .as_ref()
            .and_then(|part| self.ok(part, Size::read(part.text)));
        let types = rules
            .types
            .as_ref()
            .and_then(|part| self.ok(part, MediaType::read_list(part.text)));
        FileRules {
            max,
            types: types.unwrap_or_default(),
        }
    }

    fn default(
        &mut self,
        kind: &FieldType,
        is_list: bool,
        part: &Part<'_>,
    ) -> Option<DefaultValue> {
        if is_list {
            self.mistake(
                part.span(),
                Problem::new("a list has no default: it begins empty"),
            );
            return None;
        }
        self.ok(part, DefaultValue::read(kind, part.text))
    }

    /// The rules that depend on each other.
    fn agree(&mut self, field: &Field, rules: &Rules<'_>) {
        let refuse_list = matches!(field.kind, FieldType::File(_)) && field.list.is_some();
        if refuse_list {
            self.mistake(
                0..self.parts.text.len(),
                Problem::new("a `file` is one object, not a list")
                    .help("make a child entity that has the file"),
            );
        }
        if let Some((part, _)) = &rules.index {
            let leave_out = "leave out `index`";
            let refused = match &field.kind {
                _ if field.list.is_some() => Some(("a list has no single value", leave_out)),
                FieldType::Text(_) => Some(("`text` is too long for a key", "use `string`")),
                FieldType::Url => Some(("a `url` is too long for a key", leave_out)),
                FieldType::Json => Some(("`json` is not a key", leave_out)),
                FieldType::File(_) => Some(("a `file` is not a key", leave_out)),
                FieldType::String(text) if text.length.max.is_none_or(|max| max > MAX_KEY) => {
                    Some((
                        "a key is at most 230 characters long",
                        "give the string a length such as `..200`",
                    ))
                }
                _ if ["limit", "cursor"].contains(&field.name.snake()) => Some((
                    "the query parameter of that name is taken",
                    "rename the field, or leave out `index`",
                )),
                _ => None,
            };
            if let Some((reason, help)) = refused {
                self.mistake(
                    part.span(),
                    Problem::new(format!("`{}` cannot be an index: {reason}", field.name))
                        .help(help),
                );
            }
        }
        if let Some(Some(part)) = &rules.list
            && field
                .list
                .is_some_and(|length| length.min > Some(MOST_NEEDED))
        {
            self.mistake(
                part.span(),
                Problem::new(format!(
                    "an item that cannot be without more than {MOST_NEEDED} values in a list is too heavy"
                ))
                .help("make a child entity that has one value"),
            );
        } else if let Some(Some(part)) = &rules.list
            && let Some(reason) = size::too_large(field)
        {
            self.mistake(
                part.span(),
                Problem::new(format!("{reason} are more than the 400 KB of an item"))
                    .help("lower the bounds, or make a child entity that has one value"),
            );
        }
        let list_begins_empty = field.list.is_some_and(|length| length.min.is_none());
        if let Some(part) = &rules.readonly
            && !field.optional
            && rules.default.is_none()
            && !list_begins_empty
        {
            self.mistake(
                part.span(),
                Problem::new(
                    "`readonly` leaves a new item without a value, for clients cannot set it",
                )
                .help("add `optional` or a `default=`"),
            );
        }
    }
}

/// The longest indexed string, in characters. A key has room for 1,024 bytes, of which the entity's name and the id take
/// up to a hundred, and a character takes up to four.
const MAX_KEY: u32 = 230;

/// The most values that an item may have to have in a list.
const MOST_NEEDED: u32 = 1_000;

/// The longest list of references: each costs a request that writes it a read of the table.
const MAX_REFERENCES: u32 = 100;
