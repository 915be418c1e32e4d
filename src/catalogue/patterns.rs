//! How the items of an entity are reached: each of its routes, with what it asks of the table.

use serde::Serialize;

use super::keys::{self, Key, Place};
use crate::name::EntityName;
use crate::project::Project;
use crate::routes::{self, Purpose, Route};

/// A request to the API, and one to the table behind it.
///
/// What is below a parent is reached through it: the reading of the parent, which comes first, is left out here.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Pattern {
    pub what: String,
    pub method: &'static str,
    /// With the query that selects, if there is one: `/api/proposals?status=<status>`.
    pub path: String,
    pub access: &'static str,
    /// As DynamoDB calls it; where there are two, one after the other.
    pub operation: &'static str,
    #[serde(rename = "in")]
    pub place: Place,
    pub pk: String,
    pub sk: Sort,
}

/// A condition on the sort key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Sort {
    Equals(String),
    BeginsWith(String),
}

/// Every access pattern of an entity, in the order of its routes.
pub fn of(project: &Project, name: &EntityName) -> Vec<Pattern> {
    let item = keys::in_table(project, name);
    let routes = routes::of_entity(project, name);
    let each = routes.iter();
    each.flat_map(|route| of_route(project, name, route, &item))
        .collect()
}

/// `item` is where the entity's items are.
fn of_route(project: &Project, name: &EntityName, route: &Route, item: &Key) -> Vec<Pattern> {
    let is_child = project.entities[name].parent.is_some();
    let at = |Key { place, pk, sk }, what: &str, operation| {
        pattern(route, what, operation, (place, pk, Sort::Equals(sk)))
    };
    let at_item = |what: &str, operation| at(item.clone(), what, operation);
    match &route.purpose {
        Purpose::Create if is_child => vec![at_item("create", "TransactWriteItems")],
        Purpose::Create => vec![at_item("create", "PutItem")],
        Purpose::List => lists(project, name, route),
        Purpose::Get => vec![at_item("get", "GetItem")],
        Purpose::Update => vec![at_item("change", "UpdateItem")],
        Purpose::Delete => {
            let mut patterns = vec![at_item("delete", "DeleteItem")];
            let of_jobs = keys::of_jobs(project, name);
            if !is_child || !project.entities[name].jobs.is_empty() {
                let sk = if is_child { of_jobs.sk } else { String::new() };
                let below = (of_jobs.place, of_jobs.pk, Sort::BeginsWith(sk));
                let what = "delete what is below";
                patterns.push(pattern(route, what, "Query, BatchWriteItem", below));
            }
            patterns
        }
        Purpose::Start(job) => {
            let record = keys::of_job(project, name, job);
            vec![at(record, &format!("start {job}"), "PutItem")]
        }
        Purpose::Status(job) => {
            let record = keys::of_job(project, name, job);
            vec![at(record, &format!("status of {job}"), "GetItem")]
        }
        Purpose::UploadFile(field) => vec![at_item(&format!("announce {field}"), "GetItem")],
        Purpose::ConfirmFile(field) => vec![at_item(&format!("set {field}"), "UpdateItem")],
        Purpose::DownloadFile(field) => vec![at_item(&format!("fetch {field}"), "GetItem")],
        Purpose::DeleteFile(field) => vec![at_item(&format!("clear {field}"), "UpdateItem")],
        Purpose::Health | Purpose::Me | Purpose::Summary => Vec::new(),
    }
}

/// All that are listed together, then those of them that have one value of an indexed field; the newest first.
fn lists(project: &Project, name: &EntityName, route: &Route) -> Vec<Pattern> {
    let screaming = name.screaming();
    let place = match project.entities[name].parent {
        Some(_) => Place::Table,
        None => Place::ByTime,
    };
    let all = Sort::BeginsWith(format!("{screaming}#"));
    let collection = keys::collection(project, name);
    let mut patterns = vec![pattern(
        route,
        "list",
        "Query",
        (place, collection.clone(), all),
    )];
    for field in &project.entities[name].fields {
        if let Some(index) = field.index {
            let field = &field.name;
            let some = Sort::BeginsWith(format!("{screaming}#<{field}>#"));
            let place = Place::ByValue(index);
            let what = format!("list by {field}");
            let mut selected = pattern(route, &what, "Query", (place, collection.clone(), some));
            selected.path = format!("{}?{field}=<{field}>", route.path);
            patterns.push(selected);
        }
    }
    patterns
}

fn pattern(
    route: &Route,
    what: &str,
    operation: &'static str,
    (place, pk, sk): (Place, String, Sort),
) -> Pattern {
    Pattern {
        what: what.to_owned(),
        method: route.method,
        path: route.path.clone(),
        access: route.access.word(),
        operation,
        place,
        pk,
        sk,
    }
}

impl Pattern {
    /// `GSI1PK = USER#<owner>`, and the same of the sort key, if it is asked for.
    pub fn conditions(&self) -> (String, Option<String>) {
        let [pk, sk] = self.place.attributes();
        let sort = match &self.sk {
            Sort::Equals(value) => Some(format!("{sk} = {value}")),
            Sort::BeginsWith(start) if start.is_empty() => None,
            Sort::BeginsWith(start) => Some(format!("begins_with({sk}, {start})")),
        };
        (format!("{pk} = {}", self.pk), sort)
    }
}
