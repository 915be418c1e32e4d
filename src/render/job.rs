//! What the templates of background jobs are filled in with.

use std::cmp::Ordering;

use minijinja::value::Serde;
use minijinja::{Value, context};

use super::entity::of_item;
use crate::name::{EntityName, FeatureName, JobName, Name};
use crate::project::{Access, Entity, Project};
use crate::routes;
use crate::version_sort;

/// What is a job's own; what is its entity's stands beside it.
pub(super) fn of(project: &Project, name: &EntityName, entity: &Entity, job: &JobName) -> Value {
    let access = project.access(name);
    let own = [access.write, access.read];
    let [start, _] = routes::of_job(project, name, job);
    let redacted = entity.fields.iter().filter(|field| field.redact);
    context! {
        snake => job.snake(),
        kebab => job.kebab(),
        title => job.title(),
        words => job.words(),
        type_name => job.type_of(name),
        path => start.path,
        start => Serde(of_item(access.write)),
        status => Serde(of_item(access.read)),
        current_user => own.contains(&Access::Owner),
        admin_user => own.contains(&Access::Admin),
        redacted => redacted.map(|field| field.name.snake().to_owned()).collect::<Vec<_>>(),
    }
}

/// All jobs of the project, as the worker has them: in the order in which rustfmt puts their imports.
pub(super) fn all(project: &Project) -> Vec<Value> {
    let entities = project.entities.iter();
    let mut jobs: Vec<(&FeatureName, &EntityName, &JobName)> = entities
        .flat_map(|(name, entity)| {
            entity
                .jobs
                .keys()
                .map(move |job| (&entity.feature, name, job))
        })
        .collect();
    jobs.sort_by(|a, b| {
        by_module(a.0, b.0)
            .then(by_module(a.1, b.1))
            .then(by_module(a.2, b.2))
    });
    let value = |(feature, entity, job): (&FeatureName, &EntityName, &JobName)| {
        let [feature, module, file] = [feature.ident(), entity.ident(), job.ident()];
        context! {
            type_name => job.type_of(entity),
            path => format!("crate::features::{feature}::{module}::jobs::{file}"),
        }
    };
    jobs.into_iter().map(value).collect()
}

fn by_module(a: &Name, b: &Name) -> Ordering {
    version_sort::compare(a.snake(), b.snake())
}
