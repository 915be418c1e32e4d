//! Two renderings of nearly the same project, for what it costs to render the difference.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Result;
use minijinja::Value;

use super::{Layer, layers, shared_with, summary};
use crate::field::FieldType;
use crate::name::{EntityName, FeatureName};
use crate::project::{Entity, Project};
use crate::template::{Engine, Templates};
use crate::tree::Tree;

/// Both projects rendered, without the files that are alike in both.
pub fn difference(
    templates: &Templates,
    before: &Project,
    after: &Project,
) -> Result<(Tree, Tree)> {
    let engine = Engine::new(templates)?;
    let touched = Touched::by(before, after);
    let contexts = contexts(before, after, &touched);
    let words = changed_words(&contexts.0, &contexts.1);
    let side = |project, shared| render(&engine, project, shared, &touched, &words);
    let (mut old, mut new) = (side(before, &contexts.0)?, side(after, &contexts.1)?);
    let differing: BTreeSet<String> = old.differing(&new).into_iter().map(str::to_owned).collect();
    for tree in [&mut old, &mut new] {
        tree.retain(|path| differing.contains(path));
    }
    Ok((old, new))
}

fn render(
    engine: &Engine<'_>,
    project: &Project,
    shared: &Value,
    touched: &Touched,
    words: &[String],
) -> Result<Tree> {
    // A text that names nothing of what has changed is the same on both sides, unless only one side has it.
    let may_differ = |source: &str| words.iter().any(|word| source.contains(&**word));
    let mut tree = Tree::new();
    for layer in layers(project) {
        let whole = match layer {
            Layer::Project => false,
            Layer::Component(_) => touched.everything,
            Layer::Shared(_) => true,
            Layer::Feature(feature) if !touched.features.contains(feature) => continue,
            Layer::Entity(entity)
            | Layer::File(entity, _)
            | Layer::JobsOf(entity)
            | Layer::Job(entity, _)
                if !touched.entities.contains(entity) =>
            {
                continue;
            }
            Layer::Feature(_) | Layer::Entity(_) | Layer::File(..) => true,
            Layer::JobsOf(_) | Layer::Job(..) => true,
        };
        let context = layer.context(project, shared);
        engine.render_layer(layer.folder(), &context, &mut tree, |source| {
            whole || may_differ(source)
        })?;
    }
    Ok(tree)
}

/// What the files that a project has once are filled in with, on both sides. There is much to tell of each entity, and
/// most of them have not changed.
fn contexts(before: &Project, after: &Project, touched: &Touched) -> (Value, Value) {
    let names = || before.entities.keys();
    let summaries: Vec<Value> = names().map(|name| summary(before, name)).collect();
    let old = shared_with(before, summaries.clone());
    let known: BTreeMap<&EntityName, Value> = names()
        .zip(summaries)
        .filter(|(name, _)| !touched.entities.contains(*name))
        .collect();
    let summaries = after.entities.keys().map(|name| match known.get(name) {
        Some(summary) => summary.clone(),
        None => summary(after, name),
    });
    (old, shared_with(after, summaries.collect()))
}

/// The names, at the top of the templates' context, of what is not the same on both sides.
fn changed_words(before: &Value, after: &Value) -> Vec<String> {
    let keys = before.try_iter().into_iter().flatten();
    let keys = keys.filter_map(|key| key.as_str().map(str::to_owned));
    keys.filter(|key| before.get_attr(key).ok() != after.get_attr(key).ok())
        .collect()
}

/// What may be rendered differently on the two sides.
struct Touched {
    /// The settings of the project, on which everything may depend.
    everything: bool,
    features: BTreeSet<FeatureName>,
    entities: BTreeSet<EntityName>,
}

impl Touched {
    fn by(before: &Project, after: &Project) -> Self {
        let everything = before.name != after.name
            || before.region != after.region
            || before.arch != after.arch
            || before.components != after.components;
        let sides = [before, after];
        let all = || sides.into_iter().flat_map(|side| &side.entities);
        let mut entities: BTreeSet<EntityName> = all()
            .map(|(name, _)| name)
            .filter(|name| everything || before.entities.get(*name) != after.entities.get(*name))
            .cloned()
            .collect();
        // An entity's files know of those it leans on, however far, and of the children right below it.
        let changed = entities.clone();
        loop {
            let leaning: Vec<EntityName> = all()
                .filter(|(name, entity)| {
                    !entities.contains(*name)
                        && leans_on(entity).any(|other| entities.contains(other))
                })
                .map(|(name, _)| name.clone())
                .collect();
            if leaning.is_empty() {
                break;
            }
            entities.extend(leaning);
        }
        let parents = all()
            .filter(|(name, _)| changed.contains(*name))
            .filter_map(|(_, entity)| entity.parent.clone());
        entities.extend(parents);
        let features = all()
            .filter(|(name, _)| entities.contains(*name))
            .map(|(_, entity)| &entity.feature);
        let come_or_gone = sides
            .into_iter()
            .flat_map(|side| side.features.keys())
            .filter(|name| everything || before.features.get(*name) != after.features.get(*name));
        Self {
            everything,
            features: features.chain(come_or_gone).cloned().collect(),
            entities,
        }
    }
}

/// The entities without whose items its own cannot be: its parent, and what its fields refer to.
fn leans_on(entity: &Entity) -> impl Iterator<Item = &EntityName> {
    let targets = entity.fields.iter().filter_map(|field| match &field.kind {
        FieldType::Ref(target) => Some(target),
        _ => None,
    });
    entity.parent.iter().chain(targets)
}
