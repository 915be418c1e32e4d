//! What the templates of an entity are filled in with.

use std::collections::BTreeMap;

use minijinja::value::Serde;
use minijinja::{Value, context};
use serde::Serialize;

use super::field::{FieldContext, field};
use super::file;
use super::modules;
use crate::field::{Field, FieldType};
use crate::name::{EntityName, Name};
use crate::project::{Access, Entity, Project};
use crate::version_sort;

/// Where a handler gets its caller from, and what of it it uses.
#[derive(Debug, Serialize)]
pub(super) struct Verb {
    public: bool,
    admin: bool,
    /// The handler's argument, if it asks who the caller is.
    argument: Option<&'static str>,
    /// Whose items the caller may reach.
    scope: &'static str,
}

/// A field that refers to other items.
#[derive(Debug, Serialize)]
struct Reference {
    /// Statements, for the body of a POST and of a PATCH.
    create: Vec<String>,
    update: Vec<String>,
}

impl Reference {
    fn names_scope(&self) -> bool {
        self.create.iter().any(|line| line.contains("database::"))
    }
}

pub(super) fn context(project: &Project, name: &EntityName, entity: &Entity) -> Value {
    let fields: Vec<FieldContext> = entity.fields.iter().map(|it| field(name, it)).collect();
    let access = project.access(name);
    let plural = project.plural(name);
    let references = references(project, entity, access.write);
    let needs_user = references.iter().any(|(_, needs_user)| *needs_user);
    let parent = entity.parent.as_ref().map(|parent| {
        let above = &project.entities[parent];
        context! {
            pascal => parent.pascal(),
            snake => parent.snake(),
            words => parent.words(),
            with_article => with_article(parent),
            plural => context! { kebab => project.plural(parent).kebab() },
            path => format!("crate::features::{}::{}", above.feature.ident(), parent.ident()),
        }
    });
    let is_child = parent.is_some();
    let settable = || fields.iter().filter(|field| field.settable);
    let uses = |word: &str| {
        fields.iter().any(|field| {
            let own = [&field.r#type, &field.update_type];
            own.into_iter().any(|r#type| mentions(r#type, word))
        })
    };
    let index = fields.iter().any(|field| field.index.is_some());
    let own = [access.read, access.write, access.delete];
    let names_scope = own.into_iter().any(|access| access != Access::Owner)
        || references
            .iter()
            .any(|(reference, _)| reference.names_scope());
    let imports = context! {
        date => uses("Date"),
        decimal => uses("Decimal"),
        patch => settable().any(|field| field.patch),
        redacted => uses("Redacted"),
        uuid => uses("Uuid") || settable().any(|field| field.index.is_some()),
        value => uses("Value"),
        patched_reference => entity.fields.iter().any(|field| {
            matches!(field.kind, FieldType::Ref(_)) && field.optional && !field.readonly
        }),
        scope => names_scope,
        display => index && fields.iter().any(|field| field.r#enum.is_some() && field.index.is_some()),
    };
    let public_write = access.write == Access::Public;
    let create = match access.write {
        Access::Public if !is_child || needs_user => Some("user: Option<CurrentUser>"),
        Access::Public => None,
        Access::User if is_child && !needs_user => None,
        Access::Owner | Access::User => Some("user: CurrentUser"),
        Access::Admin if is_child => Some("_: AdminUser"),
        Access::Admin => Some("AdminUser(user): AdminUser"),
    };
    let update = match access.write {
        Access::Public if needs_user => Some("user: Option<CurrentUser>"),
        Access::User if needs_user => Some("user: CurrentUser"),
        write => argument(write),
    };
    let list = match (access.read, is_child) {
        (Access::Owner, _) => Some("user: CurrentUser"),
        (read, _) => argument(read),
    };
    let verb = |access, argument| Serde(verb(access, argument));
    let verbs = context! {
        list => verb(access.read, list),
        get => verb(access.read, argument(access.read)),
        create => verb(access.write, create),
        update => verb(access.write, update),
        delete => verb(access.delete, argument(access.delete)),
    };
    let arguments = [
        list,
        argument(access.read),
        create,
        update,
        argument(access.delete),
    ];
    let has = |word: &str| arguments.iter().flatten().any(|it| mentions(it, word));
    let collection = match (is_child, access.read) {
        (true, _) => "database::Collection::Below(&item.key)",
        (false, Access::Owner) => "database::Collection::Owner(&item.owner)",
        (false, _) => "database::Collection::All",
    };
    let targets = targets(project, entity);
    let checks: Vec<Reference> = references
        .into_iter()
        .map(|(reference, _)| reference)
        .collect();
    let anonymous = create.is_some_and(|it| it.contains("Option<")) && (!is_child || needs_user);
    context! {
        entity => context! {
            snake => name.snake(),
            ident => name.ident(),
            pascal => name.pascal(),
            screaming => name.screaming(),
            words => name.words(),
            title => name.title(),
            with_article => with_article(name),
            title_with_article => capitalised(&with_article(name)),
            plural => context! { kebab => plural.kebab(), words => plural.words(), title => plural.title() },
            fields => fields.iter().map(|it| Value::from(Serde(it))).collect::<Vec<_>>(),
            is_settable => settable().next().is_some(),
            has_index => index,
            jobs => modules(entity.jobs.keys().map(|job| &**job)),
            has_settable_index => settable().any(|field| field.index.is_some()),
            reads_all => access.read != Access::Owner,
            collection,
            imports,
            parent,
            public_write,
            anonymous,
            verbs => verbs,
            current_user => has("CurrentUser"),
            admin_user => has("AdminUser"),
            targets,
            files => file::modules(entity),
            has_objects => file::has_objects(project, name),
            references => checks.iter().map(|it| Value::from(Serde(it))).collect::<Vec<_>>(),
        },
        feature => context! {
            snake => entity.feature.snake(),
            ident => entity.feature.ident(),
        },
    }
}

fn verb(access: Access, argument: Option<&'static str>) -> Verb {
    Verb {
        public: access == Access::Public,
        admin: access == Access::Admin,
        argument,
        scope: match access {
            Access::Owner => "user.scope()",
            _ => "database::Scope::Everyone",
        },
    }
}

/// What a handler needs that asks no more than whether the caller may do this to the item.
pub(super) fn of_item(access: Access) -> Verb {
    verb(access, argument(access))
}

/// Of a handler that needs no more than to know that the caller may.
fn argument(access: Access) -> Option<&'static str> {
    match access {
        Access::Owner => Some("user: CurrentUser"),
        Access::Admin => Some("_: AdminUser"),
        Access::User | Access::Public => None,
    }
}

/// The imports of the entities that are referred to, as rustfmt sorts them.
fn targets(project: &Project, entity: &Entity) -> Vec<String> {
    let mut paths = BTreeMap::new();
    for field in entity.fields.iter().filter(|field| !field.readonly) {
        if let FieldType::Ref(target) = &field.kind {
            let feature = &project.entities[target].feature;
            let path = [feature.ident(), target.ident()];
            paths.insert(target.pascal(), path);
        }
    }
    let mut paths: Vec<_> = paths.into_iter().collect();
    paths.sort_by(|(_, a), (_, b)| {
        let compare = |a: &str, b: &str| {
            version_sort::compare(a.trim_start_matches("r#"), b.trim_start_matches("r#"))
        };
        compare(&a[0], &b[0]).then(compare(&a[1], &b[1]))
    });
    let line = |(pascal, [feature, module]): (String, [String; 2])| {
        format!("use crate::features::{feature}::{module}::model::{pascal};")
    };
    paths.into_iter().map(line).collect()
}

/// The checks of what the entity refers to, and whether each asks who the caller is.
fn references(project: &Project, entity: &Entity, write: Access) -> Vec<(Reference, bool)> {
    let mut references = Vec::new();
    for field in entity.fields.iter().filter(|field| !field.readonly) {
        let FieldType::Ref(target) = &field.kind else {
            continue;
        };
        let (scope, needs_user) = scope_of_target(project.access(target).read, write);
        let statements = |patch: bool| {
            let mut lines: Vec<String> = scope.iter().map(|line| (*line).to_owned()).collect();
            lines.extend(ids(field, patch));
            lines.extend(check(target, field));
            lines
        };
        let reference = Reference {
            create: statements(false),
            update: statements(true),
        };
        references.push((reference, needs_user));
    }
    references
}

const EVERYONE: &[&str] = &["let scope = database::Scope::Everyone;"];

/// What of the referred-to entity the caller may read.
fn scope_of_target(read: Access, write: Access) -> (&'static [&'static str], bool) {
    match (write, read) {
        (Access::Admin, _) | (_, Access::Public) => (EVERYONE, false),
        (Access::Public, Access::User) => (
            &[
                "let scope = match &user {",
                "    Some(_) => database::Scope::Everyone,",
                "    None => database::Scope::Owner(ANONYMOUS),",
                "};",
            ],
            true,
        ),
        (Access::Public, _) => (
            &[
                "let scope = match &user {",
                "    Some(user) => user.scope(),",
                "    None => database::Scope::Owner(ANONYMOUS),",
                "};",
            ],
            true,
        ),
        (_, Access::User) => (EVERYONE, false),
        (_, Access::Owner | Access::Admin) => (&["let scope = user.scope();"], true),
    }
}

/// The statements that find the ids in the body: `targets` of a list, else `target`.
fn ids(field: &Field, is_update: bool) -> Vec<String> {
    let ident = field.name.ident();
    let first = match (is_update, field.optional) {
        (true, true) => format!("let value = Patch::value(&body.{ident});"),
        (false, false) => format!("let value = Some(&body.{ident});"),
        _ => format!("let value = Option::as_ref(&body.{ident});"),
    };
    let second = match (field.list.is_some(), field.redact) {
        (true, true) => "let targets = value.map_or(&[][..], |ids| &ids.0);",
        (true, false) => "let targets = value.map_or(&[][..], |ids| ids);",
        (false, true) => "let target = value.map(|id| id.0);",
        (false, false) => "let target = value.copied();",
    };
    vec![first, second.to_owned()]
}

/// The statement that checks `target` or `targets`, as rustfmt breaks it.
fn check(target: &EntityName, field: &Field) -> Vec<String> {
    let wire = field.name.snake();
    let target = target.pascal();
    let (method, ids) = match field.list {
        Some(_) => ("check_each", "targets"),
        None => ("check", "target"),
    };
    let name = format!("{wire:?}");
    let arguments = [&name, ids, "scope"];
    let joined = arguments.join(", ");
    let one = format!("references.{method}::<{target}>({joined}).await?;");
    if one.len() <= CHAIN_WIDTH {
        return vec![one];
    }
    let call = format!("    .{method}::<{target}>({joined})");
    let mut lines = vec!["references".to_owned()];
    if joined.len() <= ARGUMENTS_WIDTH && call.len() + "    ".len() <= LINE_WIDTH {
        lines.push(call);
    } else {
        lines.push(format!("    .{method}::<{target}>("));
        lines.extend(arguments.map(|argument| format!("        {argument},")));
        lines.push("    )".to_owned());
    }
    lines.push("    .await?;".to_owned());
    lines
}

/// As many columns has a chain of calls on one line.
const CHAIN_WIDTH: usize = 60;

/// As many columns have the arguments of a call on one line.
const ARGUMENTS_WIDTH: usize = 60;

const LINE_WIDTH: usize = 100;

fn mentions(text: &str, word: &str) -> bool {
    text.split(|c: char| !c.is_ascii_alphanumeric() && c != ':')
        .any(|part| part == word)
}

/// `a proposal`, `an order`.
fn with_article(name: &Name) -> String {
    let article = match name.snake().starts_with(['a', 'e', 'i', 'o']) {
        true => "an",
        false => "a",
    };
    format!("{article} {}", name.words())
}

fn capitalised(text: &str) -> String {
    let mut chars = text.chars();
    let first = chars.next().map(|first| first.to_ascii_uppercase());
    first.into_iter().chain(chars).collect()
}
