//! The components that the parts of entities cannot be without.

use super::{Component, Entity, Project};
use crate::field::FieldType;
use crate::name::{EntityName, FieldName, JobName};

/// What a component is needed by.
#[derive(Clone, Copy, Debug)]
pub enum Part<'p> {
    /// A `file` field, and its position.
    File(usize, &'p FieldName),
    Job(&'p JobName),
}

impl Part<'_> {
    /// `job `analyze` of entity `Proposal``
    pub fn describe(self, entity: &EntityName) -> String {
        match self {
            Self::File(_, name) => format!("file `{name}` of entity `{entity}`"),
            Self::Job(name) => format!("job `{name}` of entity `{entity}`"),
        }
    }
}

impl Component {
    /// What a job is made of: the worker runs it, and the work that it starts out with is a question to a model.
    const OF_JOBS: [Self; 2] = [Self::Ai, Self::Worker];
}

impl Entity {
    /// The components that it needs, and what for.
    pub fn needs(&self) -> impl Iterator<Item = (Component, Part<'_>)> {
        let fields = self.fields.iter().enumerate();
        let files = fields.filter(|(_, field)| matches!(field.kind, FieldType::File(_)));
        let files = files.map(|(i, field)| (Component::Storage, Part::File(i, &field.name)));
        let jobs = self
            .jobs
            .keys()
            .flat_map(|job| Component::OF_JOBS.map(|component| (component, Part::Job(job))));
        files.chain(jobs)
    }
}

impl Project {
    /// Switches on the components that its entities need.
    pub fn switch_on_what_is_needed(&mut self) {
        let needed = self.entities.values().flat_map(Entity::needs);
        let needed: Vec<Component> = needed.map(|(component, _)| component).collect();
        self.components.extend(needed);
    }

    /// The components that are on here and were off before, each with what of an entity needs it, if that is why.
    pub fn switched_on_since(&self, before: &Self) -> Vec<(Component, Option<String>)> {
        let new = self.components.difference(&before.components).copied();
        let reason = |component| {
            self.entities.iter().find_map(|(name, entity)| {
                let mut needs = entity.needs();
                let (_, part) = needs.find(|(needed, _)| *needed == component)?;
                Some(part.describe(name))
            })
        };
        new.map(|component| (component, reason(component)))
            .collect()
    }
}
