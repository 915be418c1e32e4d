//! The part of a project that has been rendered before, told by the files that there are.

use std::collections::BTreeSet;

use anyhow::Result;

use super::{Layer, layers, shared};
use crate::field::FieldType;
use crate::name::EntityName;
use crate::project::{Component, Project};
use crate::template::{Engine, Templates};

/// The project without the features, entities, files, jobs and components of which `exists` knows no file.
pub fn present(project: &Project, exists: impl Fn(&str) -> bool) -> Result<Project> {
    let templates = Templates::default();
    let engine = Engine::new(&templates)?;
    let shared = shared(project);
    let mut components: BTreeSet<Component> = BTreeSet::new();
    let mut features = BTreeSet::new();
    let mut entities: BTreeSet<EntityName> = BTreeSet::new();
    let mut files = BTreeSet::new();
    let mut jobs = BTreeSet::new();
    for layer in layers(project) {
        let context = layer.context(project, &shared);
        let paths = engine.paths(layer.folder(), &context)?;
        if !paths.iter().any(|(path, _)| exists(path)) {
            continue;
        }
        match layer {
            Layer::Component(component) => {
                components.insert(component);
            }
            Layer::Feature(name) => {
                features.insert(name.clone());
            }
            Layer::Entity(name) => {
                let entity = &project.entities[name];
                features.insert(entity.feature.clone());
                entities.insert(name.clone());
                entities.extend(entity.parent.clone());
            }
            Layer::File(name, field) => {
                files.insert((name.clone(), field.name.snake().to_owned()));
            }
            Layer::Job(name, job) => {
                jobs.insert((name.clone(), job.clone()));
            }
            Layer::Project | Layer::Shared(_) | Layer::JobsOf(_) => {}
        }
    }
    let mut present = project.clone();
    present.components = components;
    present.features.retain(|name, _| features.contains(name));
    present.entities.retain(|name, _| entities.contains(name));
    for (name, entity) in &mut present.entities {
        entity
            .jobs
            .retain(|job, _| jobs.contains(&(name.clone(), job.clone())));
        entity.fields.retain(|field| match &field.kind {
            FieldType::Ref(target) => entities.contains(target),
            FieldType::File(_) => files.contains(&(name.clone(), field.name.snake().to_owned())),
            _ => true,
        });
    }
    // What is left may lack something that it needs, where someone deleted that by hand.
    let is_sound = present.check().none_or(()).is_ok();
    Ok(if is_sound { present } else { project.clone() })
}
