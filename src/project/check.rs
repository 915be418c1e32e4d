//! What can only be wrong about a project as a whole: parts that are missing, and names that are alike.

use std::collections::{BTreeMap, BTreeSet};

use super::needs::Part;
use super::{Access, Entity, Project};
use crate::field::{Field, FieldType, ROOM_FOR_LEAST};
use crate::name::{EntityName, JobName, is_taken_type};
use crate::problem::{Problem, Problems, nearest};
use crate::routes::upload_schema;

/// What a problem is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Subject {
    Project,
    Entity(EntityName),
    /// One of the entity's keys in scaffold.toml.
    Setting(EntityName, &'static str),
    /// By its position.
    Field(EntityName, usize),
    Job(EntityName, JobName),
}

type Findings = Vec<(Subject, Problem)>;

/// The entities below each one, and those below none.
type Children<'a> = BTreeMap<Option<&'a EntityName>, Vec<&'a EntityName>>;

impl Project {
    /// Everything that is wrong with the project; a project without problems can be rendered.
    pub fn check(&self) -> Problems {
        Problems(
            self.findings()
                .into_iter()
                .map(|(_, problem)| problem)
                .collect(),
        )
    }

    pub(super) fn findings(&self) -> Findings {
        let mut found = Vec::new();
        let mut children: Children = BTreeMap::new();
        for (name, entity) in &self.entities {
            children
                .entry(entity.parent.as_ref())
                .or_default()
                .push(name);
        }
        for (name, entity) in &self.entities {
            feature(self, name, entity, &mut found);
            parent(self, name, entity, &mut found);
            access(self, name, entity, &mut found);
            fields(name, entity, &mut found);
            size(name, entity, &mut found);
            refs(self, name, entity, &mut found);
            components(self, name, entity, &mut found);
            jobs(name, entity, &mut found);
            item_routes(self, name, entity, &children, &mut found);
        }
        first_items(self, &mut found);
        routes(self, &mut found);
        types(self, &mut found);
        found
    }
}

fn feature(project: &Project, name: &EntityName, entity: &Entity, found: &mut Findings) {
    let feature = &entity.feature;
    let subject = || Subject::Setting(name.clone(), "feature");
    if !project.features.contains_key(feature) {
        let known = project.features.keys().map(|feature| feature.snake());
        let help = match nearest(feature.snake(), known) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!(
                "add it with `scaffold add feature {feature}`, or as `[features.{feature}]` in scaffold.toml"
            ),
        };
        found.push((
            subject(),
            Problem::new(format!(
                "entity `{name}` is in feature `{feature}`, which does not exist"
            ))
            .help(help),
        ));
    }
    if feature.snake() == name.snake() {
        let problem = Problem::new(format!(
            "entity `{name}` and its feature would both be the module `{feature}`"
        ));
        found.push((
            subject(),
            problem.help("put it into a feature of another name, such as its plural"),
        ));
    }
}

fn parent(project: &Project, name: &EntityName, entity: &Entity, found: &mut Findings) {
    let Some(parent) = &entity.parent else {
        return;
    };
    let problem = match project.entities.get(parent) {
        _ if parent == name => Problem::new(format!("entity `{name}` is its own parent")),
        None => Problem::new(format!("the parent of entity `{name}`, `{parent}`, does not exist"))
            .maybe_help(near_entity(project, parent)),
        Some(Entity { parent: Some(above), .. }) => Problem::new(format!(
            "the parent of entity `{name}`, `{parent}`, is itself a child, of `{above}`"
        ))
        .help(format!("an item's children are stored with it, one level deep: leave `{name}` without a parent and give it the field `{}:ref:…`", parent.snake())),
        Some(_) => return,
    };
    found.push((Subject::Setting(name.clone(), "parent"), problem));
}

fn near_entity(project: &Project, name: &EntityName) -> Option<String> {
    let known: Vec<String> = project.entities.keys().map(EntityName::to_string).collect();
    let near = nearest(&name.to_string(), known.iter().map(String::as_str))?;
    Some(format!("did you mean `{near}`?"))
}

/// A child's items are reached through the parent's, so no one can do anything with them who cannot read that.
fn access(project: &Project, name: &EntityName, entity: &Entity, found: &mut Findings) {
    let Some(parent) = entity
        .parent
        .as_ref()
        .filter(|parent| project.entities.contains_key(parent))
    else {
        return;
    };
    let reach = project.access(parent).read;
    let rules = project.access(name);
    for (verb, access) in [
        ("read", rules.read),
        ("write", rules.write),
        ("delete", rules.delete),
    ] {
        if access > reach {
            let problem = Problem::new(format!(
                "`{name}` lets `{}` {verb} it, but its parent `{parent}` lets only `{}` read it",
                access.word(),
                reach.word()
            ));
            let narrower: Vec<String> = Access::ALL
                .into_iter()
                .filter(|access| *access <= reach)
                .map(|access| format!("`{}`", access.word()))
                .collect();
            let help = format!(
                "use {}, or open the parent for reading",
                narrower.join(" or ")
            );
            found.push((Subject::Setting(name.clone(), verb), problem.help(help)));
        }
    }
}

fn fields(name: &EntityName, entity: &Entity, found: &mut Findings) {
    let mut names = BTreeMap::new();
    let mut indexes = BTreeMap::new();
    let parent = entity.parent.as_ref();
    let parent_id = parent.map(|parent| format!("{}_id", parent.snake()));
    for (i, field) in entity.fields.iter().enumerate() {
        let mut refuse = |problem: Problem| found.push((Subject::Field(name.clone(), i), problem));
        let snake = field.name.snake();
        if names.insert(snake, i).is_some() {
            refuse(
                Problem::new(format!("entity `{name}` has the field `{snake}` twice"))
                    .help("rename one of them"),
            );
        } else if let Some(parent) = parent.filter(|_| parent_id.as_deref() == Some(snake)) {
            refuse(
                Problem::new(format!(
                    "entity `{name}` cannot have a field `{snake}`: it is the id of the parent, `{parent}`"
                ))
                .help("choose a more specific name"),
            );
        }
        if let Some(index) = field.index
            && let Some(other) = indexes.insert(index, snake)
        {
            let taken: Vec<_> = entity
                .fields
                .iter()
                .filter_map(|field| field.index)
                .collect();
            let free = crate::field::Index::free(&taken);
            refuse(
                Problem::new(format!(
                    "fields `{other}` and `{snake}` of entity `{name}` have the same index"
                ))
                .maybe_help(free.map(|free| format!("write `index={free}`"))),
            );
        }
    }
}

/// An item that has a value in each field is to have room for larger ones, too.
fn size(name: &EntityName, entity: &Entity, found: &mut Findings) {
    let least: u64 = entity.fields.iter().map(Field::least_bytes).sum();
    if least > ROOM_FOR_LEAST {
        let problem = Problem::new(format!(
            "the fields of entity `{name}` take at least {} KB, and an item holds 400 KB in all",
            least / 1_000
        ));
        let help = format!(
            "lower their bounds until they come to {} KB, or move some to a child entity",
            ROOM_FOR_LEAST / 1_000
        );
        found.push((Subject::Entity(name.clone()), problem.help(help)));
    }
}

fn refs(project: &Project, name: &EntityName, entity: &Entity, found: &mut Findings) {
    for (i, field) in entity.fields.iter().enumerate() {
        let FieldType::Ref(target) = &field.kind else {
            continue;
        };
        let problem = match project.entities.get(target) {
            None => Problem::new(format!("field `{}` of entity `{name}` refers to `{target}`, which does not exist", field.name))
                .help(near_entity(project, target).unwrap_or_else(|| format!("add it first, with `scaffold add entity {target}`"))),
            Some(Entity { parent: Some(parent), .. }) => Problem::new(format!(
                "field `{}` of entity `{name}` refers to `{target}`, which is only found through its parent `{parent}`",
                field.name
            ))
            .help(format!("refer to `{parent}`, or leave `{target}` without a parent")),
            Some(_) => continue,
        };
        found.push((Subject::Field(name.clone(), i), problem));
    }
}

fn components(project: &Project, name: &EntityName, entity: &Entity, found: &mut Findings) {
    let missing = entity
        .needs()
        .filter(|(component, _)| !project.components.contains(component));
    for (component, part) in missing {
        let word = component.word();
        let problem = Problem::new(format!(
            "{} needs the component `{word}`, which is off",
            part.describe(name)
        ));
        let subject = match part {
            Part::File(i, _) => Subject::Field(name.clone(), i),
            Part::Job(job) => Subject::Job(name.clone(), job.clone()),
        };
        let help = format!("add `\"{word}\"` to `components` in scaffold.toml");
        found.push((subject, problem.help(help)));
    }
}

/// What follows an item's id in a URL: its children, jobs and files.
fn item_routes(
    project: &Project,
    name: &EntityName,
    entity: &Entity,
    children: &Children<'_>,
    found: &mut Findings,
) {
    let mut segments = Segments::default();
    for child in children.get(&Some(name)).into_iter().flatten() {
        let what = format!("entity `{child}`");
        let subject = Subject::Setting((*child).clone(), "plural");
        segments.take(project.plural(child).kebab(), what, subject);
    }
    for job in entity.jobs.keys() {
        let subject = Subject::Job(name.clone(), job.clone());
        segments.take(job.kebab(), format!("job `{job}`"), subject.clone());
        segments.take(
            format!("{}-status", job.kebab()),
            format!("job `{job}`"),
            subject,
        );
    }
    for (i, field) in entity.fields.iter().enumerate() {
        if matches!(field.kind, FieldType::File(_)) {
            segments.take(
                field.name.kebab(),
                format!("file `{}`", field.name),
                Subject::Field(name.clone(), i),
            );
        }
    }
    let base = || {
        format!(
            "/api/{}/{{{}_id}}",
            project.plural(name).kebab(),
            name.snake()
        )
    };
    found.extend(segments.clashes(base));
}

/// What follows `/api` in a URL: entities without a parent.
fn routes(project: &Project, found: &mut Findings) {
    let mut segments = Segments::default();
    segments.take("auth".to_owned(), "sign-in".to_owned(), Subject::Project);
    for (name, entity) in &project.entities {
        if entity.parent.is_none() {
            let subject = Subject::Setting(name.clone(), "plural");
            segments.take(
                project.plural(name).kebab(),
                format!("entity `{name}`"),
                subject,
            );
        }
    }
    found.extend(segments.clashes(|| "/api".to_owned()));
}

/// The parts of URLs that are next to each other.
#[derive(Default)]
struct Segments(BTreeMap<String, Vec<(String, Subject)>>);

impl Segments {
    fn take(&mut self, segment: String, what: String, subject: Subject) {
        self.0.entry(segment).or_default().push((what, subject));
    }

    fn clashes(self, base: impl Fn() -> String) -> Findings {
        let mut found = Vec::new();
        for (segment, takers) in self.0 {
            let mut takers = takers.into_iter();
            let Some((first, _)) = takers.next() else {
                continue;
            };
            for (what, subject) in takers {
                let problem = Problem::new(format!(
                    "{first} and {what} both have the route `{}/{segment}`",
                    base()
                ));
                found.push((
                    subject,
                    problem.help("rename one of them, or give an entity another `plural`"),
                ));
            }
        }
        found
    }
}

/// The longest name of a type that is made of two, an enum's or a job's: with what is around it, it must fit on a line.
const LONGEST_TYPE: usize = 64;

/// Types are alike when two entities' are, or an entity's own and the one of an `enum` or `file` field or of a job.
fn types(project: &Project, found: &mut Findings) {
    let summaries = project.features.keys().map(|feature| {
        let what = format!("the summary of feature `{feature}`");
        (format!("{}Summary", feature.pascal()), what)
    });
    let mut taken: BTreeMap<String, String> = summaries.collect();
    for (name, entity) in &project.entities {
        for (generated, what, subject) in generated_types(name, entity) {
            let is_made_of_two = match &subject {
                Subject::Field(_, at) => matches!(entity.fields[*at].kind, FieldType::Enum(_)),
                Subject::Job(..) => true,
                _ => false,
            };
            if generated.len() > LONGEST_TYPE && is_made_of_two {
                let problem = Problem::new(format!(
                    "{what} would have the type `{generated}`, which is longer than {LONGEST_TYPE} characters"
                ));
                found.push((
                    subject.clone(),
                    problem.help("shorten one of the two names"),
                ));
            }
            if let Some(other) = taken.insert(generated.clone(), what.clone()) {
                let problem = Problem::new(format!(
                    "{other} and {what} would both be the type `{generated}`"
                ));
                found.push((subject, problem.help("rename one of them")));
            }
        }
    }
}

/// The types that an entity declares or describes in the OpenAPI document, what each is for, and what gave it its name.
fn generated_types(name: &EntityName, entity: &Entity) -> Vec<(String, String, Subject)> {
    let pascal = name.pascal();
    let own = ["", "Create", "Update"].map(|suffix| {
        let what = match suffix {
            "" => format!("entity `{name}`"),
            "Create" => format!("the new item of entity `{name}`"),
            _ => format!("the changes to entity `{name}`"),
        };
        (
            format!("{pascal}{suffix}"),
            what,
            Subject::Entity(name.clone()),
        )
    });
    let enums = entity
        .fields
        .iter()
        .enumerate()
        .filter(|(_, field)| matches!(field.kind, FieldType::Enum(_)));
    let enums = enums.map(|(i, field)| {
        let what = format!("field `{}` of entity `{name}`", field.name);
        (
            format!("{pascal}{}", field.name.pascal()),
            what,
            Subject::Field(name.clone(), i),
        )
    });
    let indexed = entity.fields.iter().any(|field| field.index.is_some());
    let query = indexed.then(|| {
        let what = format!("the query of entity `{name}`");
        (
            format!("{pascal}Query"),
            what,
            Subject::Entity(name.clone()),
        )
    });
    let files = entity.fields.iter().enumerate();
    let uploads = files
        .filter(|(_, field)| field.is_file())
        .map(|(i, field)| {
            let what = format!("the upload of file `{}` of entity `{name}`", field.name);
            (
                upload_schema(name, field),
                what,
                Subject::Field(name.clone(), i),
            )
        });
    let jobs = entity.jobs.keys().map(|job| {
        let what = format!("the result of job `{job}` of entity `{name}`");
        let subject = Subject::Job(name.clone(), job.clone());
        (format!("{}Result", job.type_of(name)), what, subject)
    });
    own.into_iter()
        .chain(query)
        .chain(enums)
        .chain(uploads)
        .chain(jobs)
        .collect()
}

/// A job's type is used beside those of the project.
fn jobs(name: &EntityName, entity: &Entity, found: &mut Findings) {
    for job in entity.jobs.keys() {
        let generated = job.type_of(name);
        if is_taken_type(&generated) {
            let problem = Problem::new(format!(
                "job `{job}` of entity `{name}` would be the type `{generated}`, which generated code uses for something else"
            ));
            let subject = Subject::Job(name.clone(), job.clone());
            found.push((subject, problem.help("rename the job")));
        }
    }
}

/// Entities that need each other's items before they can have one of their own.
fn first_items(project: &Project, found: &mut Findings) {
    let mut done = BTreeSet::new();
    for start in project.entities.keys() {
        let mut path = vec![start];
        let mut tried = BTreeSet::new();
        while let Some(&here) = path.last() {
            let next = needed(project, here)
                .find(|next| !done.contains(next) && !tried.contains(&(here, *next)));
            let Some(next) = next else {
                done.insert(here);
                path.pop();
                continue;
            };
            tried.insert((here, next));
            match path.iter().position(|name| *name == next) {
                Some(first) => {
                    let circle: Vec<String> = path[first..]
                        .iter()
                        .chain([&next])
                        .map(|name| format!("`{name}`"))
                        .collect();
                    let problem = Problem::new(format!(
                        "no item can be the first, for each needs another: {}",
                        circle.join(" → ")
                    ));
                    found.push((
                        Subject::Entity(next.clone()),
                        problem.help("make one of the `ref` fields `optional`"),
                    ));
                }
                None => path.push(next),
            }
        }
    }
}

/// The entities whose items must exist before one of `name`'s can. (A parent never closes a circle: no `ref` leads to a
/// child.)
fn needed<'a>(project: &'a Project, name: &EntityName) -> impl Iterator<Item = &'a EntityName> {
    let fields = project
        .entities
        .get(name)
        .into_iter()
        .flat_map(|entity| &entity.fields);
    fields
        .filter_map(needed_by)
        .filter(|target| project.entities.contains_key(*target))
}

fn needed_by(field: &Field) -> Option<&EntityName> {
    let may_be_empty = field.list.is_some_and(|length| length.min.is_none());
    match &field.kind {
        FieldType::Ref(target) if !field.optional && !may_be_empty => Some(target),
        _ => None,
    }
}
