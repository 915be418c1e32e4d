//! Turns a project's description into the tree of files it stands for. Pure: the same project gives the same bytes
//! on every machine.

use anyhow::Result;
use minijinja::{Environment, Value, context};

use crate::lock;
use crate::project::{Component, Project};
use crate::template;
use crate::tree::Tree;

/// Every file that scaffold keeps in step with scaffold.toml.
pub fn render(project: &Project) -> Result<Tree> {
    let engine = template::engine()?;
    let mut tree = Tree::new();
    for (layer, context) in layers(project) {
        template::render_layer(&engine, layer, &context, &mut tree)?;
    }
    Ok(tree)
}

/// The files that are written once, with a new project, and are the user's from then on.
pub fn render_once(project: &Project) -> Result<Tree> {
    let mut rendered = Tree::new();
    let engine: Environment<'_> = template::engine()?;
    template::render_layer(&engine, "once", &of_project(project), &mut rendered)?;
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

/// Which layers of templates apply, how often, and what each is filled in with.
fn layers(project: &Project) -> Vec<(&'static str, Value)> {
    let base = of_project(project);
    let mut layers = vec![("project", base.clone())];
    for &component in &project.components {
        layers.push((component.word(), base.clone()));
    }
    layers
}

fn of_project(project: &Project) -> Value {
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
    }
}
