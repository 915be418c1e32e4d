//! `scaffold add entity`: a type with fields, stored in the table, behind routes of its own.

use anyhow::Result;

use super::add_field;
use super::remove::find_entity;
use crate::change::{Request, change};
use crate::cli::{AddEntity, Output};
use crate::name::{EntityName, FeatureName, Plural};
use crate::problem::{Problem, Problems, quoted};
use crate::project::{Entity, Feature, Project};

/// The field of an entity that is given none.
pub const DEFAULT_FIELD: &str = "title:string:1..200";

pub fn run(args: &AddEntity, output: &Output) -> Result<()> {
    let request = Request {
        command: format!("scaffold add entity {}", args.name),
        output,
        keep: &args.keep,
    };
    change(&request, |project| edit(project, args))
}

/// The project with the entity, and with a feature for it if there is none.
pub fn edit(project: &mut Project, args: &AddEntity) -> Result<(), Problems> {
    let mut problems = Problems::default();
    let name = problems.take(EntityName::parse(&args.name));
    let parent = args.parent.as_deref().map(EntityName::parse).transpose();
    let plural = args.plural.as_deref().map(Plural::parse).transpose();
    let feature = args.feature.as_deref().map(FeatureName::parse).transpose();
    let (parent, plural) = (problems.take(parent), problems.take(plural));
    let feature = problems.take(feature);
    let default = [DEFAULT_FIELD.to_owned()];
    let fields = if args.fields.is_empty() {
        &default[..]
    } else {
        &args.fields
    };
    let fields = problems.take(add_field::parse(fields));
    let (Some(name), Some(parent), Some(plural), Some(feature), Some(fields)) =
        (name, parent, plural, feature, fields)
    else {
        return Err(problems);
    };
    if project.entities.contains_key(&name) {
        return Err(Problem::new(format!("entity `{name}` exists already"))
            .help(format!("add to it with `scaffold add field {name} FIELD…`"))
            .into());
    }

    let plural_or_default = plural.clone().unwrap_or_else(|| name.default_plural());
    let feature = match feature {
        Some(feature) => feature,
        None => choose_feature(project, &name, parent.as_ref(), &plural_or_default)?,
    };
    let mut entity = Entity {
        parent,
        plural: plural.filter(|plural| *plural != name.default_plural()),
        read: args.read,
        write: args.write,
        delete: args.delete,
        ..Entity::new(feature)
    };
    for field in fields {
        entity.push(field);
    }
    project.entities.insert(name, entity);
    Ok(())
}

/// The parent's feature, else the only one, else a new one.
fn choose_feature(
    project: &mut Project,
    name: &EntityName,
    parent: Option<&EntityName>,
    plural: &Plural,
) -> Result<FeatureName, Problem> {
    if let Some(parent) = parent {
        let parent = find_entity(project, parent.snake())?;
        return Ok(project.entities[&parent].feature.clone());
    }
    let mut features = project.features.keys();
    match (features.next(), features.next()) {
        (Some(only), None) => Ok(only.clone()),
        (None, _) => {
            let feature = FeatureName::parse(plural.snake()).map_err(|problem| {
                problem.help(format!(
                    "make a feature of another name first: `scaffold add feature NAME`, then add `{name}`"
                ))
            })?;
            project.features.insert(feature.clone(), Feature::default());
            Ok(feature)
        }
        (Some(_), Some(_)) => {
            let known = project.features.keys().map(|feature| feature.snake());
            Err(
                Problem::new(format!("which feature does `{name}` belong to?"))
                    .help(format!("choose one with `--feature`: {}", quoted(known))),
            )
        }
    }
}
