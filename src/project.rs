//! A project: all that rendering needs to know, and all that scaffold.toml says.

mod access;
mod check;
mod edit;
mod needs;
mod read;
mod settings;

use std::collections::{BTreeMap, BTreeSet};

use crate::field::{Field, Index};
use crate::name::{EntityName, FeatureName, JobName, Plural, ProjectName};

pub use access::{Access, AccessRules};
pub use settings::{Arch, Component, Region, Version};

/// A project, before or after a command.
///
/// Collections are sorted by name, so that the order of commands never shows; fields keep the order they were written in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Project {
    /// The scaffold that last wrote the project.
    pub version: Version,
    pub name: ProjectName,
    pub region: Region,
    pub arch: Arch,
    pub components: BTreeSet<Component>,
    pub features: BTreeMap<FeatureName, Feature>,
    pub entities: BTreeMap<EntityName, Entity>,
}

/// A module of the API. It has nothing of its own yet but its name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Feature {}

/// A type, and what is stored of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entity {
    pub feature: FeatureName,
    /// The entity below whose items its own are stored; itself no one's child.
    pub parent: Option<EntityName>,
    /// Where the library's plural does not please.
    pub plural: Option<Plural>,
    /// As written: what is left open comes from the parent, else from [`AccessRules::DEFAULT`].
    pub read: Option<Access>,
    pub write: Option<Access>,
    pub delete: Option<Access>,
    pub fields: Vec<Field>,
    pub jobs: BTreeMap<JobName, Job>,
}

/// A background job of an entity. It has nothing of its own yet but its name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Job {}

impl Entity {
    pub fn new(feature: FeatureName) -> Self {
        Self {
            feature,
            parent: None,
            plural: None,
            read: None,
            write: None,
            delete: None,
            fields: Vec::new(),
            jobs: BTreeMap::new(),
        }
    }

    /// Adds a field as it was typed: there `index` only says that it has one, and it gets the next that is free.
    pub fn push(&mut self, mut field: Field) {
        if field.index == Some(Index::FIRST) {
            let taken: Vec<Index> = self.fields.iter().filter_map(|field| field.index).collect();
            field.index = Index::free(&taken).or(field.index);
        }
        self.fields.push(field);
    }
}

impl Project {
    /// A project with all components and nothing in it.
    pub fn new(name: ProjectName) -> Self {
        Self {
            version: Version::CURRENT,
            name,
            region: Region::default(),
            arch: Arch::default(),
            components: Component::ALL.into(),
            features: BTreeMap::new(),
            entities: BTreeMap::new(),
        }
    }

    /// The plural of one of its entities.
    pub fn plural(&self, entity: &EntityName) -> Plural {
        self.entities
            .get(entity)
            .and_then(|entity| entity.plural.clone())
            .unwrap_or_else(|| entity.default_plural())
    }

    /// Who may do what with one of its entities.
    pub fn access(&self, entity: &EntityName) -> AccessRules {
        let Some(entity) = self.entities.get(entity) else {
            return AccessRules::DEFAULT;
        };
        // A parent's own parent is a mistake that `check` reports; looking only one level up ends on a cycle too.
        let parent = entity
            .parent
            .as_ref()
            .and_then(|parent| self.entities.get(parent));
        let inherited = parent.map_or(AccessRules::DEFAULT, |parent| {
            AccessRules::DEFAULT.with(parent).of_who_reads()
        });
        inherited.with(entity)
    }

    /// The entities below one, by name.
    pub fn children(&self, parent: &EntityName) -> impl Iterator<Item = (&EntityName, &Entity)> {
        self.entities
            .iter()
            .filter(move |(_, entity)| entity.parent.as_ref() == Some(parent))
    }

    /// The entities of a feature, by name.
    pub fn entities_of(
        &self,
        feature: &FeatureName,
    ) -> impl Iterator<Item = (&EntityName, &Entity)> {
        self.entities
            .iter()
            .filter(move |(_, entity)| entity.feature == *feature)
    }

    /// How many indexes the table has: the first, and as many as the entity has that needs the most.
    pub fn index_count(&self) -> u8 {
        let fields = self.entities.values().flat_map(|entity| &entity.fields);
        let numbers = fields.filter_map(|field| field.index.map(Index::number));
        numbers.max().unwrap_or_default() + 1
    }
}

#[cfg(test)]
mod tests;
