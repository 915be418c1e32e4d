//! The routes that a project's description stands for.

use std::collections::BTreeMap;

use crate::field::Field;
use crate::name::{EntityName, FeatureName, FieldName, JobName};
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
    /// Each of a file, by its field.
    UploadFile(FieldName),
    ConfirmFile(FieldName),
    DownloadFile(FieldName),
    DeleteFile(FieldName),
    Start(JobName),
    /// How a job went.
    Status(JobName),
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

/// The routes of an entity: of its collection, of its items, of their files and of their jobs.
pub fn of_entity(project: &Project, name: &EntityName) -> Vec<Route> {
    let (collection, item) = (collection(project, name), item(project, name));
    let access = project.access(name);
    let mut routes: Vec<Route> = [
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
    .into();
    let entity = project.entities.get(name);
    let fields = entity.into_iter().flat_map(|entity| &entity.fields);
    let files = fields.filter(|field| field.is_file());
    routes.extend(files.flat_map(|field| of_file(project, name, field)));
    let jobs = entity.into_iter().flat_map(|entity| entity.jobs.keys());
    routes.extend(jobs.flat_map(|job| of_job(project, name, job)));
    routes
}

/// The routes of a file: whoever may change the item announces and confirms one, whoever may read it fetches it.
fn of_file(project: &Project, name: &EntityName, field: &Field) -> Vec<Route> {
    let path = file(project, name, field);
    let access = project.access(name);
    let of = |purpose: fn(FieldName) -> Purpose| purpose(field.name.clone());
    let mut routes = vec![
        (
            "POST",
            format!("{path}/upload-url"),
            access.write,
            of(Purpose::UploadFile),
        ),
        ("POST", path.clone(), access.write, of(Purpose::ConfirmFile)),
        (
            "GET",
            format!("{path}/download-url"),
            access.read,
            of(Purpose::DownloadFile),
        ),
    ];
    if field.optional {
        routes.push(("DELETE", path, access.write, of(Purpose::DeleteFile)));
    }
    let route = |(method, path, access, purpose)| Route {
        method,
        path,
        access,
        purpose,
    };
    routes.into_iter().map(route).collect()
}

/// The path of a file: `/api/proposals/{proposal_id}/contract`.
pub fn file(project: &Project, name: &EntityName, field: &Field) -> String {
    format!("{}/{}", item(project, name), field.name.kebab())
}

/// What the body that asks for an upload is called in the OpenAPI document.
pub fn upload_schema(entity: &EntityName, field: &Field) -> String {
    format!("{}{}Upload", entity.pascal(), field.name.pascal())
}

/// The routes of a job: whoever may change the item starts it, whoever may read the item sees how it went.
pub fn of_job(project: &Project, entity: &EntityName, job: &JobName) -> [Route; 2] {
    let access = project.access(entity);
    let path = format!("{}/{}", item(project, entity), job.kebab());
    let status = Route {
        method: "GET",
        path: format!("{path}-status"),
        access: access.read,
        purpose: Purpose::Status(job.clone()),
    };
    let start = Route {
        method: "POST",
        path,
        access: access.write,
        purpose: Purpose::Start(job.clone()),
    };
    [start, status]
}

fn item(project: &Project, name: &EntityName) -> String {
    format!("{}/{{{}_id}}", collection(project, name), name.snake())
}

fn collection(project: &Project, name: &EntityName) -> String {
    let plural = project.plural(name).kebab();
    let parent = project
        .entities
        .get(name)
        .and_then(|entity| entity.parent.as_ref());
    match parent {
        Some(parent) => {
            let above = project.plural(parent).kebab();
            format!("/api/{above}/{{{}_id}}/{plural}", parent.snake())
        }
        None => format!("/api/{plural}"),
    }
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
            lines.extend(changed_fields(after, name, &old.fields, &entity.fields));
            for job in missing(&entity.jobs, &old.jobs) {
                lines.push(format!("added job {job} to {name}"));
                lines.extend(of_job(after, name, job).iter().map(Route::line));
            }
            for job in missing(&old.jobs, &entity.jobs) {
                lines.push(format!(
                    "removed job {job} of {name}; what is stored of it stays until its items are deleted"
                ));
            }
        }
    }
    for name in missing(&before.entities, &after.entities) {
        let mut fields = before.entities[name].fields.iter();
        let stays = stays(fields.any(Field::is_file));
        lines.push(format!(
            "removed entity {name}; what is stored of it {stays}"
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
    let indexes = after.index_count().abs_diff(before.index_count());
    if indexes > 1 {
        lines.push(format!(
            "template.yaml changes by {indexes} indexes: a table that is deployed takes one with each deployment"
        ));
    }
    lines
}

fn changed_fields(
    project: &Project,
    entity: &EntityName,
    before: &[Field],
    after: &[Field],
) -> Vec<String> {
    let in_before = |field: &Field| before.iter().find(|other| other.name == field.name);
    let mut lines = Vec::new();
    for field in after {
        match in_before(field) {
            None => lines.push(format!("added field {field} to {entity}")),
            Some(old) if old != field => {
                lines.push(format!("changed field {old} of {entity} to {field}"));
            }
            Some(_) => continue,
        }
        let loaded = in_before(field).is_none_or(Field::loads_when_absent);
        if loaded && !field.loads_when_absent() {
            lines.push(format!(
                "items of {entity} that are stored without {} do not load any more: make it `optional`, or give it a `default=`",
                field.name
            ));
        }
        let was_listed_by = |old: &Field| old.index == field.index;
        if field.index.is_some() && !in_before(field).is_some_and(was_listed_by) {
            lines.push(format!(
                "items of {entity} that are stored already are listed by {0} as soon as it is set",
                field.name
            ));
        }
        if field.is_file() {
            lines.extend(of_file(project, entity, field).iter().map(Route::line));
        }
    }
    let is_there = |field: &&Field| after.iter().any(|other| other.name == field.name);
    let went = before.iter().filter(|field| !is_there(field)).map(|field| {
        let (name, stays) = (&field.name, stays(field.is_file()));
        format!("removed field {name} of {entity}; what is stored in it {stays}")
    });
    lines.extend(went);
    lines
}

/// Where that stays of which the project knows nothing any more.
fn stays(has_files: bool) -> &'static str {
    match has_files {
        true => "stays in the table, and its files in the bucket",
        false => "stays in the table",
    }
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
