//! Turns a project's description into the tree of files it stands for. Pure: the same project gives the same bytes
//! on every machine.

mod difference;

use anyhow::Result;
use minijinja::{Value, context};

pub use difference::difference;

use crate::lock;
use crate::name::{EntityName, FeatureName};
use crate::project::{Component, Project};
use crate::template;
use crate::tree::Tree;

/// Every file that scaffold keeps in step with scaffold.toml.
pub fn render(project: &Project) -> Result<Tree> {
    let engine = template::engine()?;
    let shared = shared(project);
    let mut tree = Tree::new();
    for layer in layers(project) {
        let context = layer.context(project, &shared);
        template::render_layer(&engine, layer.folder(), &context, &mut tree, |_| true)?;
    }
    Ok(tree)
}

/// The files that are written once, with a new project, and are the user's from then on.
pub fn render_once(project: &Project) -> Result<Tree> {
    let mut rendered = Tree::new();
    let engine = template::engine()?;
    template::render_layer(&engine, "once", &shared(project), &mut rendered, |_| true)?;
    let mut tree = Tree::new();
    for (path, text) in rendered.iter() {
        let text = if path == "Cargo.lock" {
            lock::finish(text)
        } else {
            text.to_owned()
        };
        tree.insert(path, text)?;
    }
    Ok(tree)
}

/// A layer of templates, and what it is filled in for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Layer<'p> {
    Project,
    Component(Component),
    Feature(&'p FeatureName),
    Entity(&'p EntityName),
}

/// Which layers apply, and how often.
fn layers(project: &Project) -> Vec<Layer<'_>> {
    let mut layers = vec![Layer::Project];
    layers.extend(project.components.iter().copied().map(Layer::Component));
    layers.extend(project.features.keys().map(Layer::Feature));
    layers.extend(project.entities.keys().map(Layer::Entity));
    layers
}

impl Layer<'_> {
    fn folder(self) -> &'static str {
        match self {
            Self::Project => "project",
            Self::Component(component) => component.word(),
            Self::Feature(_) => "feature",
            Self::Entity(_) => "entity",
        }
    }

    /// What its templates are filled in with; `shared` is what those of the whole project are.
    fn context(self, project: &Project, shared: &Value) -> Value {
        match self {
            Self::Project | Self::Component(_) => shared.clone(),
            Self::Feature(feature) => context! {
                feature => feature.snake(),
                entities => project.entities_of(feature).map(|(name, _)| Value::from(name.snake())).collect::<Vec<_>>(),
                ..shared.clone()
            },
            Self::Entity(entity) => context! {
                entity => entity.snake(),
                feature => project.entities[entity].feature.snake(),
                ..shared.clone()
            },
        }
    }
}

/// What the files that a project has once are filled in with.
fn shared(project: &Project) -> Value {
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
        features => project.features.keys().map(|name| Value::from(name.snake())).collect::<Vec<_>>(),
    }
}
