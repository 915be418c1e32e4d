//! What the templates of a `file` field are filled in with.

use std::collections::BTreeSet;

use minijinja::value::Serde;
use minijinja::{Value, context};

use super::entity::of_item;
use crate::field::{Field, FieldType, FileRules, MediaType};
use crate::name::EntityName;
use crate::project::{Access, Entity, Project};
use crate::routes;
use crate::version_sort;

/// Every file of the project, with the entity it belongs to.
pub(super) fn all(project: &Project) -> impl Iterator<Item = (&EntityName, &Field)> {
    let entities = project.entities.iter();
    entities.flat_map(|(name, entity)| files(entity).map(move |field| (name, field)))
}

pub(super) fn has_any(project: &Project) -> bool {
    all(project).next().is_some()
}

/// Whether there is a file that its item can do without.
pub(super) fn has_optional(project: &Project) -> bool {
    all(project).any(|(_, field)| field.optional)
}

/// Whether tests of an entity give an item all of its files: where they go with a parent, and where none may be logged.
pub(super) fn are_uploaded_together(project: &Project) -> bool {
    all(project).any(|(name, field)| field.redact || project.entities[name].parent.is_some())
}

fn files(entity: &Entity) -> impl Iterator<Item = &Field> {
    entity.fields.iter().filter(|field| field.is_file())
}

/// The modules of an entity's files, as rustfmt sorts them.
pub(super) fn modules(entity: &Entity) -> Vec<String> {
    let mut modules: Vec<String> = files(entity).map(module).collect();
    modules.sort_by(|a, b| version_sort::compare(a, b));
    modules
}

fn module(field: &Field) -> String {
    format!("{}_file", field.name.snake())
}

/// Whether objects are stored for the entity's items, or for what is below them.
pub(super) fn has_objects(project: &Project, name: &EntityName) -> bool {
    let own = project.entities.get(name).into_iter();
    let below = project.children(name).map(|(_, child)| child);
    own.chain(below)
        .any(|entity| files(entity).next().is_some())
}

/// What the keys of all objects begin with: an entity without a parent each.
pub(super) fn roots(project: &Project) -> Vec<String> {
    let roots = roots_of(project, |entity| files(entity).next().is_some());
    roots.into_iter().map(|name| name.screaming()).collect()
}

/// Those of them whose items, or what is below them, have jobs that may read files.
pub(super) fn roots_with_jobs(project: &Project) -> Vec<String> {
    let with_jobs = roots_of(project, |entity| !entity.jobs.is_empty());
    let roots = roots_of(project, |entity| files(entity).next().is_some());
    let roots = roots.intersection(&with_jobs);
    roots.map(|name| name.screaming()).collect()
}

/// The entities without a parent that are, or have below them, such an entity.
fn roots_of(project: &Project, wanted: impl Fn(&Entity) -> bool) -> BTreeSet<&EntityName> {
    let entities = project.entities.iter();
    let found = entities.filter(|(_, entity)| wanted(entity));
    found
        .map(|(name, entity)| entity.parent.as_ref().unwrap_or(name))
        .collect()
}

pub(super) fn context(project: &Project, name: &EntityName, field: &Field) -> Value {
    let access = project.access(name);
    let (read, write) = (of_item(access.read), of_item(access.write));
    let has = |asked: Access| access.read == asked || access.write == asked;
    let rules = rules(field);
    context! {
        module => module(field),
        wire => field.name.snake(),
        ident => field.name.ident(),
        words => field.name.words(),
        path => routes::file(project, name, field),
        upload => routes::upload_schema(name, field),
        max_size => grouped(rules.max_bytes()),
        types => types(&rules),
        optional => field.optional,
        redact => field.redact,
        current_user => has(Access::Owner),
        admin_user => has(Access::Admin),
        read => Value::from(Serde(read)),
        write => Value::from(Serde(write)),
    }
}

/// What the tests of an entity know of its files.
pub(super) fn samples(entity: &Entity) -> Vec<Value> {
    let sample = |field: &Field| {
        let rules = rules(field);
        let taken = rules.types.first().map(MediaType::mime);
        let (mut other_type, reason) = match taken {
            Some(_) => ("text/html".to_owned(), "enum"),
            None => (
                "text/html; charset=utf-8".to_owned(),
                "string_pattern_mismatch",
            ),
        };
        while rules.types.iter().any(|it| it.mime() == other_type) {
            other_type.push('x');
        }
        context! {
            name => field.name.snake(),
            path => field.name.kebab(),
            max_size => format!("{}_u64", grouped(rules.max_bytes())),
            content_type => taken.unwrap_or("application/pdf"),
            other_type,
            reason,
            optional => field.optional.to_string(),
        }
    };
    files(entity).map(sample).collect()
}

fn rules(field: &Field) -> FileRules {
    match &field.kind {
        FieldType::File(rules) => rules.clone(),
        _ => FileRules::default(),
    }
}

/// `10_000_000`
pub(super) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut grouped = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            grouped.push('_');
        }
        grouped.push(digit);
    }
    grouped
}

/// The constant with the content types, as rustfmt breaks it.
fn types(rules: &FileRules) -> Vec<String> {
    const BEGIN: &str = "const TYPES: &'static [&'static str] = &[";
    let types: Vec<String> = rules
        .types
        .iter()
        .map(|r#type| format!("{:?}", r#type.mime()))
        .collect();
    let joined = types.join(", ");
    if joined.len() <= ARRAY_WIDTH && "    ".len() + BEGIN.len() + joined.len() + 2 <= LINE_WIDTH {
        return vec![format!("{BEGIN}{joined}];")];
    }
    let mut lines = vec![BEGIN.to_owned()];
    if types.iter().all(|it| it.len() <= SHORT) {
        let mut line = String::from("   ");
        for r#type in &types {
            if "    ".len() + line.len() + 1 + r#type.len() + 1 > LINE_WIDTH {
                lines.push(std::mem::replace(&mut line, String::from("   ")));
            }
            line.push_str(&format!(" {type},"));
        }
        lines.push(line);
    } else {
        lines.extend(types.iter().map(|r#type| format!("    {type},")));
    }
    lines.push("];".to_owned());
    lines
}

/// As many columns have the elements of an array on one line.
const ARRAY_WIDTH: usize = 60;

/// Elements that are no longer share their lines with others.
const SHORT: usize = 10;

const LINE_WIDTH: usize = 100;
