//! `scaffold add field`: more fields for an entity that exists, whose stored items still load.

use anyhow::Result;

use super::remove::find_entity;
use crate::change::{Request, change};
use crate::cli::{AddField, Output};
use crate::field::{Field, FieldType};
use crate::problem::{Problem, Problems};
use crate::project::Project;

pub fn run(args: &AddField, output: &Output) -> Result<()> {
    let request = Request {
        command: format!("scaffold add field {}", args.entity),
        output,
        keep: &args.keep,
    };
    change(&request, |project| edit(project, args))
}

/// The project with the fields.
pub fn edit(project: &mut Project, args: &AddField) -> Result<(), Problems> {
    let name = find_entity(project, &args.entity)?;
    let Some(entity) = project.entities.get_mut(&name) else {
        return Ok(());
    };
    let fields = parse(&args.fields)?;
    let mut problems = Problems::default();
    for field in &fields {
        if entity.fields.iter().any(|other| other.name == field.name) {
            let problem = Problem::new(format!(
                "entity `{name}` has a field `{}` already",
                field.name
            ));
            problems
                .0
                .push(problem.help("to change it, edit scaffold.toml and run `scaffold sync`"));
        } else if !field.loads_when_absent() {
            let problem = Problem::new(format!(
                "field `{}` would be missing in the items of `{name}` that are stored already",
                field.name
            ));
            problems.0.push(problem.help(match field.kind {
                FieldType::Ref(_) => "make it `optional`",
                _ => "make it `optional`, or give it a `default=`",
            }));
        }
    }
    for field in fields {
        entity.push(field);
    }
    problems.none_or(())
}

/// Reads fields, or says what is wrong with all of them.
pub fn parse(texts: &[String]) -> Result<Vec<Field>, Problems> {
    let mut problems = Problems::default();
    let fields = texts
        .iter()
        .filter_map(|text| problems.take(Field::parse(text)))
        .collect();
    problems.none_or(fields)
}
