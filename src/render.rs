//! Turns a project's description into the tree of files it stands for. Pure: the same project gives the same bytes
//! on every machine.

mod difference;
mod entity;
mod entity_tests;
mod field;
mod file;
pub(crate) mod fit;
mod job;
mod present;
mod samples;

use anyhow::Result;
use minijinja::value::Serde;
use minijinja::{Value, context};

pub use difference::difference;
pub use present::present;

use crate::catalogue::{Page, Summary};
use crate::field::Field;
use crate::name::{EntityName, FeatureName, JobName, Name};
use crate::project::{Access, Component, Project};
use crate::routes;
use crate::template::{Engine, Templates};
use crate::tree::Tree;
use crate::version_sort;

/// Every file that scaffold keeps in step with scaffold.toml.
pub fn render(project: &Project) -> Result<Tree> {
    render_with(&Templates::default(), project)
}

/// The same, where the project has templates of its own.
pub fn render_with(templates: &Templates, project: &Project) -> Result<Tree> {
    let engine = Engine::new(templates)?;
    let shared = shared(project);
    let mut tree = Tree::new();
    for layer in layers(project) {
        let context = layer.context(project, &shared);
        engine.render_layer(layer.folder(), &context, &mut tree, |_| true)?;
    }
    Ok(tree)
}

/// The path of each file that scaffold's own templates make of the project, and the template's name.
pub fn origins(project: &Project) -> Result<Vec<(String, String)>> {
    let templates = Templates::default();
    let engine = Engine::new(&templates)?;
    let shared = shared(project);
    let mut origins = Vec::new();
    for layer in layers(project) {
        origins.extend(engine.paths(layer.folder(), &layer.context(project, &shared))?);
    }
    Ok(origins)
}

/// A layer of templates, and what it is filled in for.
#[derive(Clone, Copy, Debug)]
enum Layer<'p> {
    Project,
    Component(Component),
    /// Once, as soon as there is one of what it is called after.
    Shared(&'static str),
    Feature(&'p FeatureName),
    Entity(&'p EntityName),
    /// A `file` field, by its name.
    File(&'p EntityName, &'p Field),
    /// Once for each entity that has jobs.
    JobsOf(&'p EntityName),
    Job(&'p EntityName, &'p JobName),
}

/// Which layers apply, and how often.
fn layers(project: &Project) -> Vec<Layer<'_>> {
    let mut layers = vec![Layer::Project];
    layers.extend(project.components.iter().copied().map(Layer::Component));
    let shared = [
        ("features", !project.features.is_empty()),
        ("entities", !project.entities.is_empty()),
        ("files", file::has_any(project)),
        ("indexes", entity_tests::has_filters(project)),
        ("jobs", has_jobs(project)),
    ];
    let shared = shared.into_iter().filter(|(_, is_needed)| *is_needed);
    layers.extend(shared.map(|(folder, _)| Layer::Shared(folder)));
    layers.extend(project.features.keys().map(Layer::Feature));
    layers.extend(project.entities.keys().map(Layer::Entity));
    layers.extend(file::all(project).map(|(name, field)| Layer::File(name, field)));
    for (name, entity) in &project.entities {
        layers.extend((!entity.jobs.is_empty()).then_some(Layer::JobsOf(name)));
        layers.extend(entity.jobs.keys().map(|job| Layer::Job(name, job)));
    }
    layers
}

impl Layer<'_> {
    fn folder(self) -> &'static str {
        match self {
            Self::Project => "project",
            Self::Component(component) => component.word(),
            Self::Shared(folder) => folder,
            Self::Feature(_) => "feature",
            Self::Entity(_) => "entity",
            Self::File(..) => "file",
            Self::JobsOf(_) => "jobs_of_entity",
            Self::Job(..) => "job",
        }
    }

    /// What its templates are filled in with; `shared` is what those of the whole project are.
    fn context(self, project: &Project, shared: &Value) -> Value {
        match self {
            Self::Project | Self::Component(_) | Self::Shared(_) => shared.clone(),
            Self::Feature(feature) => context! {
                feature => of_feature(project, feature),
                ..shared.clone()
            },
            Self::Entity(name) | Self::JobsOf(name) => of_entity(project, name, shared),
            Self::Job(name, job) => {
                let entity = &project.entities[name];
                context! {
                    job => job::of(project, name, entity, job),
                    ..of_entity(project, name, shared)
                }
            }
            Self::File(name, field) => {
                let file = file::context(project, name, field);
                context! {
                    ..context! { file },
                    ..entity::context(project, name, &project.entities[name]),
                    ..shared.clone()
                }
            }
        }
    }
}

/// What the files that a project has once are filled in with.
fn shared(project: &Project) -> Value {
    let summaries = project.entities.keys();
    let summaries = summaries.map(|name| summary(project, name));
    shared_with(project, summaries.collect())
}

/// The same, with the summary of each entity made already.
fn shared_with(project: &Project, summaries: Vec<Value>) -> Value {
    let has = |component| project.components.contains(&component);
    context! {
        project => context! {
            kebab => project.name.kebab(),
            snake => project.name.snake(),
            title => project.name.title(),
            region => project.region.as_str(),
            arch => project.arch.word(),
        },
        ai => has(Component::Ai),
        storage => has(Component::Storage),
        worker => has(Component::Worker),
        features => modules(project.features.keys().map(|name| &**name)),
        indexes => (2..=project.index_count()).collect::<Vec<_>>(),
        index_count => project.index_count(),
        entities => !project.entities.is_empty(),
        data_model => summaries,
        files => file::has_any(project),
        optional_files => file::has_optional(project),
        files_together => file::are_uploaded_together(project),
        file_roots => file::roots(project),
        files_of_jobs => file::roots_with_jobs(project),
        jobs => job::all(project),
        filters => entity_tests::has_filters(project),
        recursion_limit => recursion_limit(project),
        public_routes => public_routes(project),
    }
}

fn of_entity(project: &Project, name: &EntityName, shared: &Value) -> Value {
    let entity = &project.entities[name];
    let tests = entity_tests::context(project, name, entity);
    let page = Serde(Page::of(project, name));
    context! {
        ..context! { tests, page },
        ..entity::context(project, name, entity),
        ..shared.clone()
    }
}

fn of_feature(project: &Project, name: &FeatureName) -> Value {
    context! {
        snake => name.snake(),
        kebab => name.kebab(),
        pascal => name.pascal(),
        title => name.title(),
        entities => modules(project.entities_of(name).map(|(name, _)| &**name)),
        mounts => mounts(project, name),
    }
}

/// The modules of these names, as rustfmt sorts them.
fn modules<'n>(names: impl Iterator<Item = &'n Name>) -> Vec<String> {
    let mut names: Vec<&Name> = names.collect();
    names.sort_by(|a, b| version_sort::compare(a.snake(), b.snake()));
    names.into_iter().map(Name::ident).collect()
}

/// An entity as `docs/data-model.md` lists it.
fn summary(project: &Project, name: &EntityName) -> Value {
    Value::from(Serde(Summary::of(project, name)))
}

/// The modules of a feature's entities that have routes.
fn mounts(project: &Project, feature: &FeatureName) -> Vec<String> {
    let mut entities: Vec<_> = project.entities_of(feature).collect();
    entities.sort_by(|(a, _), (b, _)| version_sort::compare(a.snake(), b.snake()));
    let modules = entities.into_iter().flat_map(|(name, entity)| {
        let routes = format!("{}::routes", name.ident());
        let jobs = (!entity.jobs.is_empty()).then(|| format!("{}::jobs", name.ident()));
        std::iter::once(routes).chain(jobs)
    });
    modules.collect()
}

fn has_jobs(project: &Project) -> bool {
    let mut entities = project.entities.values();
    entities.any(|entity| !entity.jobs.is_empty())
}

/// How deep macros may expand, if not as deep as usual: `json!` goes deeper with every member of an object.
fn recursion_limit(project: &Project) -> Option<usize> {
    let members = entity_tests::largest_object(project);
    (members > 24).then(|| (4 * members + 32).next_power_of_two())
}

/// `GET /api/things`: what can be used without a token.
fn public_routes(project: &Project) -> Vec<String> {
    let open = project.entities.keys().filter(|name| {
        let access = project.access(name);
        [access.read, access.write, access.delete].contains(&Access::Public)
    });
    let routes = open.flat_map(|name| routes::of_entity(project, name));
    let public = routes.filter(|route| route.access == Access::Public);
    let mut public: Vec<String> = public
        .map(|route| format!("{} {}", route.method, route.path))
        .collect();
    public.sort();
    public
}
