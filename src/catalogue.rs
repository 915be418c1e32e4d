//! What a project consists of, told to a reader: its entities with their keys, how each is reached, its jobs, its routes.
//!
//! Computed from the description alone, by the rules that the templates follow. `scaffold list` and the generated
//! `docs/data-model.md`, with its pages, show the same values.

mod keys;
mod page;
mod patterns;
mod text;

use serde::Serialize;

use crate::field::Field;
use crate::name::{EntityName, FeatureName};
use crate::project::Project;
use crate::routes::{self, Route};

pub use keys::{Key, Place};
pub use page::{Page, Summary};
pub use patterns::{Pattern, Sort};
pub use text::Section;

/// A project, as it is listed.
#[derive(Debug, Serialize)]
pub struct Catalogue {
    project: String,
    region: String,
    arch: &'static str,
    components: Vec<&'static str>,
    features: Vec<FeatureEntry>,
    entities: Vec<EntityEntry>,
    access_patterns: Vec<EntityPattern>,
    jobs: Vec<JobEntry>,
    routes: Vec<RouteEntry>,
}

#[derive(Debug, Serialize)]
struct FeatureEntry {
    name: String,
    entities: Vec<String>,
}

#[derive(Debug, Serialize)]
struct EntityEntry {
    name: String,
    feature: String,
    parent: Option<String>,
    plural: String,
    read: &'static str,
    write: &'static str,
    delete: &'static str,
    fields: Vec<String>,
    /// Where its items are: in the table first, then in each index.
    keys: Vec<Key>,
}

#[derive(Debug, Serialize)]
struct EntityPattern {
    entity: String,
    #[serde(flatten)]
    pattern: Pattern,
}

#[derive(Debug, Serialize)]
struct JobEntry {
    name: String,
    entity: String,
    /// Where the record of its latest run is.
    key: Key,
}

#[derive(Debug, Serialize)]
struct RouteEntry {
    method: &'static str,
    path: String,
    access: &'static str,
    feature: Option<String>,
    entity: Option<String>,
}

impl Catalogue {
    pub fn of(project: &Project) -> Self {
        let entities = || project.entities.keys();
        let patterns = entities().flat_map(|name| {
            patterns::of(project, name)
                .into_iter()
                .map(|pattern| EntityPattern {
                    entity: name.to_string(),
                    pattern,
                })
        });
        let jobs = project.entities.iter().flat_map(|(name, entity)| {
            entity.jobs.keys().map(|job| JobEntry {
                name: job.to_string(),
                entity: name.to_string(),
                key: keys::of_job(project, name, job),
            })
        });
        Self {
            project: project.name.to_string(),
            region: project.region.to_string(),
            arch: project.arch.word(),
            components: project.components.iter().map(|it| it.word()).collect(),
            features: features(project),
            entities: entities().map(|name| entity(project, name)).collect(),
            access_patterns: patterns.collect(),
            jobs: jobs.collect(),
            routes: all_routes(project),
        }
    }
}

fn features(project: &Project) -> Vec<FeatureEntry> {
    let entry = |name: &FeatureName| FeatureEntry {
        name: name.to_string(),
        entities: project
            .entities_of(name)
            .map(|(entity, _)| entity.to_string())
            .collect(),
    };
    project.features.keys().map(entry).collect()
}

fn entity(project: &Project, name: &EntityName) -> EntityEntry {
    let entity = &project.entities[name];
    let access = project.access(name);
    EntityEntry {
        name: name.to_string(),
        feature: entity.feature.to_string(),
        parent: entity.parent.as_ref().map(ToString::to_string),
        plural: project.plural(name).to_string(),
        read: access.read.word(),
        write: access.write.word(),
        delete: access.delete.word(),
        fields: entity.fields.iter().map(Field::to_string).collect(),
        keys: keys::of_entity(project, name),
    }
}

/// Those of every project first, then by feature: its own, and its entities'.
fn all_routes(project: &Project) -> Vec<RouteEntry> {
    let entry = |route: Route, feature: Option<&FeatureName>, entity: Option<&EntityName>| {
        let Route {
            method,
            path,
            access,
            ..
        } = route;
        RouteEntry {
            method,
            path,
            access: access.word(),
            feature: feature.map(ToString::to_string),
            entity: entity.map(ToString::to_string),
        }
    };
    let mut all: Vec<RouteEntry> = routes::of_every_project()
        .map(|route| entry(route, None, None))
        .into();
    for feature in project.features.keys() {
        let own = routes::of_feature(feature).into_iter();
        all.extend(own.map(|route| entry(route, Some(feature), None)));
        for (name, _) in project.entities_of(feature) {
            let own = routes::of_entity(project, name).into_iter();
            all.extend(own.map(|route| entry(route, Some(feature), Some(name))));
        }
    }
    all
}
