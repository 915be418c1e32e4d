//! `scaffold remove`: takes features, entities, fields and jobs back, unless something else needs them.

use anyhow::Result;

use crate::change::{Request, change};
use crate::cli::{Output, RemoveEntity, RemoveFeature, RemoveField, RemoveJob};
use crate::field::FieldType;
use crate::name::{EntityName, FeatureName, FieldName, JobName, Name};
use crate::problem::{Problem, Problems, did_you_mean, quoted};
use crate::project::Project;

pub fn run_feature(args: &RemoveFeature, output: &Output) -> Result<()> {
    let request = Request {
        command: format!("scaffold remove feature {}", args.names.join(" ")),
        output,
        keep: &args.keep,
    };
    change(&request, |project| features(project, args))
}

pub fn run_entity(args: &RemoveEntity, output: &Output) -> Result<()> {
    let request = Request {
        command: format!("scaffold remove entity {}", args.names.join(" ")),
        output,
        keep: &args.keep,
    };
    change(&request, |project| entities(project, args))
}

pub fn run_field(args: &RemoveField, output: &Output) -> Result<()> {
    let request = Request {
        command: format!("scaffold remove field {}", args.entity),
        output,
        keep: &args.keep,
    };
    change(&request, |project| fields(project, args))
}

pub fn run_job(args: &RemoveJob, output: &Output) -> Result<()> {
    let request = Request {
        command: format!("scaffold remove job {}", args.names.join(" ")),
        output,
        keep: &args.keep,
    };
    change(&request, |project| jobs(project, args))
}

/// The project without the features, which have to be empty.
pub fn features(project: &mut Project, args: &RemoveFeature) -> Result<(), Problems> {
    let mut problems = Problems::default();
    for typed in &args.names {
        let names = project.features.keys().map(|name| &**name);
        let Some(name) = problems.take(find("feature", names, typed, FeatureName::parse)) else {
            continue;
        };
        let entities: Vec<String> = project
            .entities_of(&name)
            .map(|(entity, _)| entity.to_string())
            .collect();
        if !entities.is_empty() {
            let problem = Problem::new(format!(
                "feature `{name}` has entities: {}",
                entities.join(", ")
            ));
            problems.0.push(problem.help(format!(
                "take them back first: `scaffold remove entity {}`",
                entities.join(" ")
            )));
        }
        project.features.remove(&name);
    }
    problems.none_or(())
}

/// The project without the entities, on which no other may depend.
pub fn entities(project: &mut Project, args: &RemoveEntity) -> Result<(), Problems> {
    let mut problems = Problems::default();
    let gone: Vec<EntityName> = args
        .names
        .iter()
        .filter_map(|typed| problems.take(find_entity(project, typed)))
        .collect();
    for (other, entity) in &project.entities {
        if gone.contains(other) {
            continue;
        }
        if let Some(parent) = entity
            .parent
            .as_ref()
            .filter(|parent| gone.contains(parent))
        {
            let problem = Problem::new(format!("`{other}` is stored below `{parent}`, its parent"));
            problems.0.push(problem.help(format!(
                "take both back: `scaffold remove entity {parent} {other}`"
            )));
        }
        for field in &entity.fields {
            if let FieldType::Ref(target) = &field.kind
                && gone.contains(target)
            {
                let problem = Problem::new(format!(
                    "field `{}` of `{other}` refers to `{target}`",
                    field.name
                ));
                problems.0.push(problem.help(format!(
                    "take it back first: `scaffold remove field {other} {}`",
                    field.name
                )));
            }
        }
    }
    project.entities.retain(|name, _| !gone.contains(name));
    problems.none_or(())
}

/// The project without the fields.
pub fn fields(project: &mut Project, args: &RemoveField) -> Result<(), Problems> {
    let name = find_entity(project, &args.entity)?;
    let Some(entity) = project.entities.get_mut(&name) else {
        return Ok(());
    };
    let mut problems = Problems::default();
    let what = format!("field of `{name}`");
    let known = || entity.fields.iter().map(|field| &*field.name);
    let gone: Vec<FieldName> = args
        .names
        .iter()
        .filter_map(|typed| problems.take(find(&what, known(), typed, FieldName::parse)))
        .collect();
    entity.fields.retain(|field| !gone.contains(&field.name));
    problems.none_or(())
}

/// The project without the jobs. The components that they needed stay: the user's own code may need them.
pub fn jobs(project: &mut Project, args: &RemoveJob) -> Result<(), Problems> {
    let of = args.entity.as_deref();
    let of = of.map(|typed| find_entity(project, typed)).transpose()?;
    let mut problems = Problems::default();
    let gone: Vec<(EntityName, JobName)> = args
        .names
        .iter()
        .filter_map(|typed| problems.take(find_job(project, of.as_ref(), typed)))
        .collect();
    for (entity, job) in gone {
        if let Some(entity) = project.entities.get_mut(&entity) {
            entity.jobs.remove(&job);
        }
    }
    problems.none_or(())
}

/// One of the entity's jobs, else of any entity, typed in any case.
fn find_job(
    project: &Project,
    of: Option<&EntityName>,
    typed: &str,
) -> Result<(EntityName, JobName), Problem> {
    let entities = project.entities.iter();
    let entities = entities.filter(|(name, _)| of.is_none_or(|of| of == *name));
    let jobs = entities.flat_map(|(name, entity)| entity.jobs.keys().map(move |job| (name, job)));
    let found: Vec<_> = jobs
        .clone()
        .filter(|(_, job)| job.is_typed_as(typed))
        .collect();
    match found.as_slice() {
        [(entity, job)] => Ok(((*entity).clone(), (*job).clone())),
        [] => {
            let what = of.map_or("job".to_owned(), |entity| format!("job of `{entity}`"));
            Err(missing(&what, jobs.map(|(_, job)| job.snake()), typed))
        }
        several => {
            let names: Vec<String> = several.iter().map(|(name, _)| name.to_string()).collect();
            let names = quoted(names.iter().map(String::as_str));
            Err(
                Problem::new(format!("several entities have a job `{typed}`"))
                    .help(format!("choose one with `--entity`: {names}")),
            )
        }
    }
}

/// One of the project's entities, typed in any case.
pub fn find_entity(project: &Project, typed: &str) -> Result<EntityName, Problem> {
    let names: Vec<String> = project.entities.keys().map(EntityName::to_string).collect();
    let known = project.entities.keys().find(|name| name.is_typed_as(typed));
    known
        .cloned()
        .ok_or_else(|| missing("entity", names.iter().map(String::as_str), typed))
}

/// One of the names in `known`, typed in any case.
fn find<'a, N>(
    what: &str,
    known: impl Iterator<Item = &'a Name> + Clone,
    typed: &str,
    parse: fn(&str) -> Result<N, Problem>,
) -> Result<N, Problem> {
    match known.clone().find(|name| name.is_typed_as(typed)) {
        Some(name) => parse(name.snake()),
        None => Err(missing(what, known.map(Name::snake), typed)),
    }
}

fn missing<'a>(what: &str, known: impl Iterator<Item = &'a str> + Clone, typed: &str) -> Problem {
    let problem = Problem::new(format!("there is no {what} called `{typed}`"));
    match known.clone().next() {
        Some(_) => problem.help(did_you_mean(typed, known)),
        None => {
            let word = what.split(' ').next().unwrap_or(what);
            problem.help(format!("there is none yet: `scaffold add {word}` adds one"))
        }
    }
}
