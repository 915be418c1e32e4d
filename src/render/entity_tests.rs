//! What the tests of an entity are filled in with.

use std::collections::{BTreeMap, BTreeSet};

use minijinja::value::Serde;
use minijinja::{Value, context};
use serde::Serialize;

use super::file;
use super::samples::{self, Samples, Target, samples};
use crate::field::{Field, FieldType};
use crate::name::EntityName;
use crate::project::{Access, Entity, Project};
use crate::version_sort;

/// A member of an object in `json!`.
#[derive(Debug, Serialize)]
struct Member {
    name: String,
    value: String,
}

/// A field, and the values it takes and refuses.
#[derive(Debug, Serialize)]
struct Rule {
    name: String,
    cases: Vec<Member>,
}

/// A function of the test that returns an object, which is asynchronous if it makes other items first.
#[derive(Debug, Serialize)]
struct Object {
    members: Vec<Member>,
    waits: bool,
    /// A call of it.
    call: String,
}

/// What one caller is answered.
#[derive(Debug, Serialize)]
struct Answers {
    caller: &'static str,
    statuses: String,
}

pub(super) fn context(project: &Project, name: &EntityName, entity: &Entity) -> Value {
    let by_admin = made_by_admin(project, name);
    let access = project.access(name);
    let settable: Vec<&Field> = entity.fields.iter().filter(|it| it.is_settable()).collect();
    let sampled: BTreeMap<&str, Samples> = settable
        .iter()
        .map(|field| {
            (
                field.name.snake(),
                samples(field, &target(project, name, field)),
            )
        })
        .collect();
    let first = |field: &&&Field| member(field, &sampled[field.name.snake()].first);
    let second = |field: &&&Field| member(field, &sampled[field.name.snake()].second);

    let least = settable
        .iter()
        .filter(|field| is_required(field))
        .map(|field| first(&field));
    let least = Object::new("least", least);
    let full = Object::new("full", settable.iter().map(|field| first(&field)));
    let changed = changed(&settable);
    let changes = Object::new("changes", changed.iter().map(|field| second(&field)));
    let defaults = entity.fields.iter().filter(|field| !is_required(field));
    let defaults: Vec<Member> = defaults
        .filter_map(|field| Some(member(field, &samples::default(field)?)))
        .collect();
    let cleared = entity
        .fields
        .iter()
        .filter(|field| field.optional && field.default.is_some());
    let rules: Vec<Rule> = entity
        .fields
        .iter()
        .map(|field| rule(field, sampled.get(field.name.snake())))
        .collect();
    let rules_wait = rules.iter().flat_map(|rule| &rule.cases).any(Member::waits);
    let filters = settable
        .iter()
        .filter(|field| is_filter(field))
        .map(|field| {
            let Samples { first, second, .. } = &sampled[field.name.snake()];
            member(field, &format!("[{first}, {second}]"))
        });
    let filters = Object::new("filters", filters);
    let served: Vec<Member> = entity.fields.iter().filter_map(served).collect();
    let redacted: Vec<&&Field> = settable
        .iter()
        .filter(|field| field.redact && !matches!(field.kind, FieldType::Ref(_)))
        .collect();
    let secrets: Vec<Member> = redacted
        .iter()
        .filter(|field| is_quoted(field))
        .map(|field| {
            let one_of_it = Field {
                list: None,
                ..(**field).clone()
            };
            let Samples { first, second, .. } = samples(&one_of_it, &Target::default());
            member(field, &format!("[{first}, {second}]"))
        })
        .collect();

    let parent = entity.parent.as_ref().map(|parent| {
        let above = &project.entities[parent];
        context! {
            words => parent.words(),
            screaming => parent.screaming(),
            path => format!("crate::features::{}::{}", above.feature.ident(), parent.ident()),
            least => least_of(project, parent, "parents::least"),
        }
    });
    let is_child = parent.is_some();
    let callers = callers(by_admin, access.read);
    let plural = project.plural(name);
    let redacted_files = entity
        .fields
        .iter()
        .any(|field| field.is_file() && field.redact);
    let uses = Uses {
        before: !defaults.is_empty(),
        served: !served.is_empty(),
        redacted: !redacted.is_empty() || redacted_files,
        child: is_child,
    };
    context! {
        path => routes_path(project, name),
        segment => match is_child {
            true => plural.kebab(),
            false => format!("/api/{}", plural.kebab()),
        },
        items => if is_child { "items(app).await" } else { "items(app)" },
        writer => callers.0,
        reader => callers.1,
        targets => targets(project, name, &settable),
        rules => Object {
            call: if rules_wait { "rules(app).await" } else { "rules()" }.to_owned(),
            waits: rules_wait,
            members: Vec::new(),
        }.value(),
        fields => rules.iter().map(|it| Value::from(Serde(it))).collect::<Vec<_>>(),
        least => least.value(),
        full => full.value(),
        changes => changes.value(),
        filters => filters.value(),
        served => served.iter().map(|it| Value::from(Serde(it))).collect::<Vec<_>>(),
        defaults => defaults.iter().map(|it| Value::from(Serde(it))).collect::<Vec<_>>(),
        cleared => cleared.map(|field| field.name.snake().to_owned()).collect::<Vec<_>>(),
        redacts => !redacted.is_empty(),
        secrets => secrets.iter().map(|it| Value::from(Serde(it))).collect::<Vec<_>>(),
        answers => answers(project, name, &changed)
            .iter()
            .map(|it| Value::from(Serde(it)))
            .collect::<Vec<_>>(),
        file_answers => file_answers(project, name)
            .iter()
            .map(|it| Value::from(Serde(it)))
            .collect::<Vec<_>>(),
        files => file::samples(entity),
        redacted_files,
        open_files => entity.fields.iter().filter(|it| it.is_file() && !it.redact).count(),
        optional_files => entity.fields.iter().any(|field| field.is_file() && field.optional),
        job_answers => job_answers(project, name)
            .iter()
            .map(|it| Value::from(Serde(it)))
            .collect::<Vec<_>>(),
        own_list => !is_child && access.read == Access::Owner,
        imports => uses.imports(),
        parent,
    }
}

/// Which types of the project the tests look behind the API with.
struct Uses {
    before: bool,
    served: bool,
    redacted: bool,
    child: bool,
}

impl Uses {
    fn imports(&self) -> Value {
        context! {
            consistency => self.redacted || self.child,
            error => self.child,
            guard => self.before || self.served,
            index => self.served,
            key => self.before || self.served || self.redacted || self.child,
        }
    }
}

/// Whether the tests list items by a field.
pub(super) fn has_filters(project: &Project) -> bool {
    let mut fields = project.entities.values().flat_map(|entity| &entity.fields);
    fields.any(is_filter)
}

/// Clients can set it to one value and to another.
fn is_filter(field: &Field) -> bool {
    if field.index.is_none() || field.readonly {
        return false;
    }
    let Samples { first, second, .. } = samples(field, &Target::default());
    first != second || matches!(field.kind, FieldType::Ref(_))
}

/// The index of a field that clients can list by and not set, a value that new items do not have, and how the index
/// has that.
fn served(field: &Field) -> Option<Member> {
    let index = field.index.filter(|_| field.readonly)?;
    let target = Target {
        own: format!("{:?}", samples::FIRST_ID),
        foreign: None,
    };
    let value = samples(field, &target).first;
    if samples::default(field).as_ref() == Some(&value) {
        return None;
    }
    let number = value.trim_end_matches("_i64");
    let sort = match &field.kind {
        FieldType::Float(_) => format!("\"{}\"", number.trim_end_matches(".0")),
        _ if number.starts_with('"') => number.to_owned(),
        _ => format!("\"{number}\""),
    };
    let index = index.number() + 1;
    Some(member(field, &format!("[{index}, {value}, {sort}]")))
}

/// How many members the largest object of the tests has.
pub(super) fn largest_object(project: &Project) -> usize {
    let fields = project.entities.values().map(|entity| entity.fields.len());
    fields.max().unwrap_or_default()
}

impl Member {
    fn waits(&self) -> bool {
        self.value.contains(".await") || self.value.contains("(app)")
    }
}

impl Object {
    fn new(name: &str, members: impl Iterator<Item = Member>) -> Self {
        let members: Vec<Member> = members.collect();
        let waits = members.iter().any(Member::waits);
        let call = match waits {
            true => format!("{name}(app).await"),
            false => format!("{name}()"),
        };
        Self {
            members,
            waits,
            call,
        }
    }

    fn value(self) -> Value {
        Value::from(Serde(self))
    }
}

fn member(field: &Field, value: &str) -> Member {
    Member {
        name: field.name.snake().to_owned(),
        value: value.to_owned(),
    }
}

fn rule(field: &Field, samples: Option<&Samples>) -> Rule {
    let case = |(reason, values): &(&str, Vec<String>)| Member {
        name: (*reason).to_owned(),
        value: format!("[{}]", values.join(", ")),
    };
    Rule {
        name: field.name.snake().to_owned(),
        cases: match samples {
            Some(samples) => samples.cases.iter().map(case).collect(),
            None => vec![case(&(
                "extra_forbidden",
                vec!["null".to_owned(), "1".to_owned()],
            ))],
        },
    }
}

/// A new item cannot be without it.
fn is_required(field: &Field) -> bool {
    field.is_settable() && samples::default(field).is_none()
}

/// Whether `Debug` would show a sample, or one of a list, as it stands in the source.
fn is_quoted(field: &Field) -> bool {
    match &field.kind {
        FieldType::Email | FieldType::Url => true,
        FieldType::String(rules) | FieldType::Text(rules) => {
            rules.pattern.is_none()
                && rules.length.max.is_none_or(|max| max >= 60)
                && rules.length.min.is_none_or(|min| min <= 6)
        }
        _ => false,
    }
}

/// The fields of the change that the tests make: without references, unless there is nothing else.
fn changed<'f>(settable: &[&'f Field]) -> Vec<&'f Field> {
    let is_plain = |field: &&&Field| !matches!(field.kind, FieldType::Ref(_));
    let plain: Vec<&Field> = settable.iter().filter(is_plain).copied().collect();
    if plain.is_empty() {
        settable.to_vec()
    } else {
        plain
    }
}

/// Whether only an admin can make the items of the tests; else alice does.
fn made_by_admin(project: &Project, name: &EntityName) -> bool {
    let mut seen = BTreeSet::new();
    let mut next = vec![name];
    while let Some(name) = next.pop() {
        let Some(entity) = project.entities.get(name).filter(|_| seen.insert(name)) else {
            continue;
        };
        if project.access(name).write == Access::Admin {
            return true;
        }
        next.extend(&entity.parent);
        for target in entity.fields.iter().filter_map(referred) {
            match project.access(target).read {
                Access::Admin => return true,
                // It is made by the one who refers to it.
                Access::Owner => next.push(target),
                Access::User | Access::Public => {}
            }
        }
    }
    false
}

/// Whether the caller may read an item of the tests, and so refer to it.
fn is_readable(project: &Project, target: &EntityName, caller: Caller) -> bool {
    match project.access(target).read {
        _ if caller == Caller::Admin => true,
        Access::Public => true,
        Access::User => caller != Caller::Nobody,
        Access::Owner => caller == Caller::Owner && !made_by_admin(project, target),
        Access::Admin => false,
    }
}

/// What clients make the field refer to.
fn referred(field: &Field) -> Option<&EntityName> {
    match &field.kind {
        FieldType::Ref(target) if !field.readonly => Some(target),
        _ => None,
    }
}

/// How a field's items come about, and one that its own caller may not refer to.
fn target(project: &Project, name: &EntityName, field: &Field) -> Target {
    let FieldType::Ref(other) = &field.kind else {
        return Target::default();
    };
    let module = match other == name {
        true => String::new(),
        false => format!("{}::", other.ident()),
    };
    let least = least_of(project, other, &format!("{module}least"));
    let own = format!("{module}items(app).add({least}).await");
    let access = project.access(other);
    let is_for_owners = access.read == Access::Owner && access.write != Access::Admin;
    let mut needed = project.entities[other]
        .fields
        .iter()
        .filter(|it| is_required(it));
    let is_possible = needed.all(|field| {
        referred(field).is_none_or(|target| is_readable(project, target, Caller::Other))
    });
    let foreign = is_for_owners && is_possible && !made_by_admin(project, name);
    let bob = r#"by(Caller::User("bob"))"#;
    Target {
        own,
        foreign: foreign.then(|| format!("{module}items(app).{bob}.add({least}).await")),
    }
}

/// A call of the function that gives the least item of an entity.
fn least_of(project: &Project, name: &EntityName, function: &str) -> String {
    let fields = &project.entities[name].fields;
    let mut needed = fields.iter().filter(|field| is_required(field));
    match needed.any(|field| matches!(field.kind, FieldType::Ref(_))) {
        true => format!("{function}(app).await"),
        false => format!("{function}()"),
    }
}

/// The imports of the tests of what the entity refers to, as rustfmt sorts them.
fn targets(project: &Project, name: &EntityName, settable: &[&Field]) -> Vec<String> {
    let targets = settable.iter().copied().filter_map(referred);
    let targets: BTreeSet<&EntityName> = targets.filter(|target| *target != name).collect();
    let mut paths: Vec<[String; 2]> = targets
        .into_iter()
        .map(|target| [project.entities[target].feature.ident(), target.ident()])
        .collect();
    let compare = |a: &str, b: &str| {
        version_sort::compare(a.trim_start_matches("r#"), b.trim_start_matches("r#"))
    };
    paths.sort_by(|a, b| compare(&a[0], &b[0]).then(compare(&a[1], &b[1])));
    let line =
        |[feature, module]: [String; 2]| format!("use crate::features::{feature}::{module};");
    paths.into_iter().map(line).collect()
}

/// The URL as the documentation has it.
fn routes_path(project: &Project, name: &EntityName) -> String {
    let routes = crate::routes::of_entity(project, name);
    routes
        .first()
        .map(|route| route.path.clone())
        .unwrap_or_default()
}

const ALICE: &str = r#"Caller::User("alice")"#;
const ROOT: &str = r#"Caller::Admin("root")"#;

/// Who writes and who reads unless a test says otherwise.
fn callers(by_admin: bool, read: Access) -> (&'static str, &'static str) {
    match (by_admin, read) {
        (true, _) => (ROOT, ROOT),
        (false, Access::Admin) => (ALICE, ROOT),
        (false, _) => (ALICE, ALICE),
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Caller {
    Nobody,
    /// Signed in, and not who made the item.
    Other,
    Owner,
    Admin,
}

/// What each caller is answered to a list, a creation, and a look at, a change of nothing, a change and the deletion of
/// an item that the usual writer has made.
fn answers(project: &Project, name: &EntityName, changed: &[&Field]) -> Vec<Answers> {
    let entity = &project.entities[name];
    let access = project.access(name);
    let is_child = entity.parent.is_some();
    let required: Vec<&Field> = entity
        .fields
        .iter()
        .filter(|field| is_required(field))
        .collect();
    let row = |(caller, shown): (Caller, &'static str)| {
        let item = |access, success| of_item(caller, access, success);
        // Whoever may do it to his own is not asked whose the list is.
        let collection = |access: Access, success: u16| match item(access, success) {
            404 if !is_child => success,
            status => status,
        };
        let refers = |fields: &[&Field]| {
            let mut targets = fields.iter().copied().filter_map(referred);
            targets.all(|target| is_readable(project, target, caller))
        };
        let create = match collection(access.write, 201) {
            201 if !refers(&required) => 422,
            status => status,
        };
        let update = match item(access.write, 200) {
            200 if !refers(changed) => 422,
            // A child's parent is looked up before anything else.
            404 if !refers(changed) && !is_child => 422,
            status => status,
        };
        let statuses = [
            collection(access.read, 200),
            create,
            item(access.read, 200),
            item(access.write, 200),
            update,
            item(access.delete, 204),
        ];
        Answers {
            caller: shown,
            statuses: statuses.map(|status| status.to_string()).join(", "),
        }
    };
    rows(project, name).into_iter().map(row).collect()
}

/// What each caller is answered to the announcement, the confirmation, the download and the deletion of a file.
fn file_answers(project: &Project, name: &EntityName) -> Vec<Answers> {
    let access = project.access(name);
    let row = |(caller, shown): (Caller, &'static str)| {
        let item = |access, success| of_item(caller, access, success);
        let statuses = [
            item(access.write, 200),
            item(access.write, 200),
            item(access.read, 200),
            item(access.write, 204),
        ];
        Answers {
            caller: shown,
            statuses: statuses.map(|status| status.to_string()).join(", "),
        }
    };
    rows(project, name).into_iter().map(row).collect()
}

/// What each caller is answered to the start of a job and to the question how it went.
fn job_answers(project: &Project, name: &EntityName) -> Vec<Answers> {
    let access = project.access(name);
    let row = |(caller, shown): (Caller, &'static str)| {
        let start = of_item(caller, access.write, 202);
        let outcome = of_item(caller, access.read, 200);
        Answers {
            caller: shown,
            statuses: format!("{start}, {outcome}"),
        }
    };
    rows(project, name).into_iter().map(row).collect()
}

/// The callers that the tests try, and how these name them.
fn rows(project: &Project, name: &EntityName) -> Vec<(Caller, &'static str)> {
    let mut rows = vec![
        (Caller::Nobody, "Caller::Nobody"),
        (Caller::Other, r#"Caller::User("bob")"#),
    ];
    if !made_by_admin(project, name) {
        rows.push((Caller::Owner, ALICE));
    }
    rows.push((Caller::Admin, ROOT));
    rows
}

/// What a caller is answered who asks for something to be done to an item.
fn of_item(caller: Caller, access: Access, success: u16) -> u16 {
    match (access, caller) {
        (_, Caller::Admin) | (Access::Public, _) => success,
        (_, Caller::Nobody) => 401,
        (Access::Admin, _) => 403,
        (Access::Owner, Caller::Other) => 404,
        (Access::Owner | Access::User, _) => success,
    }
}
