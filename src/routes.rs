//! The routes that a project's description stands for.

use std::collections::BTreeMap;

use crate::field::Field;
use crate::name::{EntityName, FeatureName};
use crate::project::{Access, Project};

/// A method, a path, who may use it, and what for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Route {
    pub method: &'static str,
    pub path: String,
    pub access: Access,
    pub purpose: Purpose,
}

/// What a route is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// Whether the API is up.
    Health,
    /// Who is signed in.
    Me,
    /// What a feature is.
    Summary,
    Create,
    List,
    Get,
    Update,
    Delete,
}

/// The routes that every project has, beside those of the documentation.
pub fn of_every_project() -> [Route; 2] {
    [
        ("/health", Access::Public, Purpose::Health),
        ("/api/auth/me", Access::User, Purpose::Me),
    ]
    .map(|(path, access, purpose)| Route {
        method: "GET",
        path: path.to_owned(),
        access,
        purpose,
    })
}

/// The routes of an entity.
pub fn of_entity(project: &Project, name: &EntityName) -> Vec<Route> {
    let plural = project.plural(name).kebab();
    let parent = project
        .entities
        .get(name)
        .and_then(|entity| entity.parent.as_ref());
    let collection = match parent {
        Some(parent) => {
            let above = project.plural(parent).kebab();
            format!("/api/{above}/{{{}_id}}/{plural}", parent.snake())
        }
        None => format!("/api/{plural}"),
    };
    let item = format!("{collection}/{{{}_id}}", name.snake());
    let access = project.access(name);
    [
        ("POST", &collection, access.write, Purpose::Create),
        ("GET", &collection, access.read, Purpose::List),
        ("GET", &item, access.read, Purpose::Get),
        ("PATCH", &item, access.write, Purpose::Update),
        ("DELETE", &item, access.delete, Purpose::Delete),
    ]
    .map(|(method, path, access, purpose)| Route {
        method,
        path: path.clone(),
        access,
        purpose,
    })
    .into()
}

/// The routes of a feature itself.
pub fn of_feature(name: &FeatureName) -> Vec<Route> {
    vec![Route {
        method: "GET",
        path: format!("/api/{}/summary", name.kebab()),
        access: Access::User,
        purpose: Purpose::Summary,
    }]
}

/// What a change of the description means to the API: a line for each part that came, went or is another.
pub fn changes(before: &Project, after: &Project) -> Vec<String> {
    let mut lines = Vec::new();
    for name in missing(&after.features, &before.features) {
        lines.push(format!("added feature {name}"));
        lines.extend(of_feature(name).iter().map(Route::line));
    }
    for name in missing(&after.entities, &before.entities) {
        lines.push(format!("added entity {name}"));
        lines.extend(of_entity(after, name).iter().map(Route::line));
    }
    for (name, entity) in &after.entities {
        if let Some(old) = before.entities.get(name) {
            lines.extend(changed_fields(name, &old.fields, &entity.fields));
        }
    }
    for name in missing(&before.entities, &after.entities) {
        lines.push(format!(
            "removed entity {name}; what is stored of it stays in the table"
        ));
    }
    for name in after.features.keys() {
        if before.entities_of(name).next().is_some() && after.entities_of(name).next().is_none() {
            lines.push(format!(
                "feature {name} has no entities any more; `scaffold remove feature {name}` takes it back"
            ));
        }
    }
    for name in missing(&before.features, &after.features) {
        lines.push(format!("removed feature {name}"));
    }
    lines
}

fn changed_fields(entity: &EntityName, before: &[Field], after: &[Field]) -> Vec<String> {
    let in_before = |field: &Field| before.iter().find(|other| other.name == field.name);
    let came = after.iter().filter_map(|field| match in_before(field) {
        None => Some(format!("added field {field} to {entity}")),
        Some(old) if old != field => Some(format!("changed field {old} of {entity} to {field}")),
        Some(_) => None,
    });
    let stays = |field: &Field| after.iter().any(|other| other.name == field.name);
    let went = before.iter().filter(|field| !stays(field)).map(|field| {
        let name = &field.name;
        format!("removed field {name} of {entity}; what is stored in it stays in the table")
    });
    came.chain(went).collect()
}

/// The names that only the first map has.
fn missing<'m, N: Ord, T>(map: &'m BTreeMap<N, T>, other: &BTreeMap<N, T>) -> Vec<&'m N> {
    map.keys()
        .filter(|name| !other.contains_key(*name))
        .collect()
}

impl Route {
    fn line(&self) -> String {
        let Self {
            method,
            path,
            access,
            ..
        } = self;
        format!("  {method:<6} {path}  ({})", access.word())
    }
}
