//! The catalogue in Markdown: `docs/data-model.md`, and a page below it for each entity.
//!
//! In the one, each entity has a row and a block of the diagram that depend on no other entity, so that a change of one
//! changes nothing else: nothing is aligned, and nothing is counted. All that is longer is on the entity's own page, so that
//! a change of a large project is not a change of a large file.

use serde::Serialize;

use super::{keys, patterns};
use crate::field::{Field, FieldType};
use crate::name::EntityName;
use crate::project::{Entity, Project};

/// What `docs/data-model.md` has of an entity: lines, the last of them without its end.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Summary {
    /// In the table of all entities.
    pub row: String,
    pub diagram: String,
}

/// What an entity's own page has: the rows of its tables, the last of them without its end.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Page {
    pub keys: String,
    pub patterns: String,
}

impl Summary {
    pub fn of(project: &Project, name: &EntityName) -> Self {
        let entity = &project.entities[name];
        Self {
            row: row(project, name, entity),
            diagram: diagram(name, entity).join("\n"),
        }
    }
}

impl Page {
    pub fn of(project: &Project, name: &EntityName) -> Self {
        let entity = &project.entities[name];
        Self {
            keys: keys(project, name, entity).join("\n"),
            patterns: patterns(project, name).join("\n"),
        }
    }
}

fn row(project: &Project, name: &EntityName, entity: &Entity) -> String {
    let access = project.access(name);
    let parent = entity.parent.as_ref().map(ToString::to_string);
    cells(&[
        &format!("[{name}](data-model/{}.md)", name.snake()),
        entity.feature.snake(),
        &parent.unwrap_or_default(),
        access.read.word(),
        access.write.word(),
        access.delete.word(),
    ])
}

/// In Mermaid's language. Names are quoted, for some would be words of that language.
fn diagram(name: &EntityName, entity: &Entity) -> Vec<String> {
    let mut lines = vec![format!("    \"{name}\" {{")];
    lines.extend(entity.fields.iter().map(attribute));
    lines.push("    }".to_owned());
    if let Some(parent) = &entity.parent {
        lines.push(format!("    \"{parent}\" ||--o{{ \"{name}\" : \"has\""));
    }
    for field in &entity.fields {
        if let FieldType::Ref(target) = &field.kind {
            let many = field.list.is_some();
            let right = match (many, field.optional) {
                (true, _) => "o{",
                (false, true) => "o|",
                (false, false) => "||",
            };
            lines.push(format!(
                "    \"{name}\" }}o--{right} \"{target}\" : \"{}\"",
                field.name
            ));
        }
    }
    lines
}

fn attribute(field: &Field) -> String {
    let list = if field.list.is_some() { "[]" } else { "" };
    let key = match field.kind {
        FieldType::Ref(_) => " FK",
        _ => "",
    };
    let optional = field.optional.then(|| "optional".to_owned());
    let index = field.index.map(|index| index.table_name());
    let remarks: Vec<String> = optional.into_iter().chain(index).collect();
    let comment = match &*remarks {
        [] => String::new(),
        remarks => format!(" \"{}\"", remarks.join(", ")),
    };
    let name = match field.name.snake() {
        // Mermaid takes them for kinds of keys, and has no quotes for attributes.
        name @ ("fk" | "uk") => format!("{name}_"),
        name => name.to_owned(),
    };
    format!("        {}{list} {name}{key}{comment}", field.kind.word())
}

fn keys(project: &Project, name: &EntityName, entity: &Entity) -> Vec<String> {
    let own = keys::of_entity(project, name).into_iter();
    let own = own.map(|key| (key.place.to_string(), key));
    let jobs = entity.jobs.keys();
    let jobs = jobs.map(|job| (format!("job `{job}`"), keys::of_job(project, name, job)));
    let line = |(of, key): (String, keys::Key)| cells(&[&of, &code(&key.pk), &code(&key.sk)]);
    own.chain(jobs).map(line).collect()
}

fn patterns(project: &Project, name: &EntityName) -> Vec<String> {
    let line = |pattern: patterns::Pattern| {
        let (pk, sk) = pattern.conditions();
        let conditions: Vec<String> = [pk].into_iter().chain(sk).map(|it| code(&it)).collect();
        cells(&[
            &pattern.what,
            &code(&format!("{} {}", pattern.method, pattern.path)),
            pattern.access,
            pattern.operation,
            &conditions.join(" and "),
        ])
    };
    patterns::of(project, name).into_iter().map(line).collect()
}

/// What is given in code never holds a backtick or a bar: it is made of names.
fn code(text: &str) -> String {
    format!("`{text}`")
}

fn cells(cells: &[&str]) -> String {
    let cells = cells.iter().map(|cell| match *cell {
        "" => " |".to_owned(),
        cell => format!(" {cell} |"),
    });
    format!("|{}", cells.collect::<String>())
}
