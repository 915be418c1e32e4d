//! From the text of scaffold.toml to a [`Project`], with every mistake in one go and each in its place.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use toml_edit::{Document, Item, TableLike, Value};

use super::check::Subject;
use super::{Access, Arch, Component, Entity, Feature, Job, Project, Region, Version};
use crate::field::Field;
use crate::name::{EntityName, FeatureName, JobName, Name, Plural, ProjectName};
use crate::problem::{Place, Problem, Problems, did_you_mean, quoted};

const ROOT: &[&str] = &["scaffold", "project", "features", "entities"];
pub(super) const PROJECT: &[&str] = &["name", "region", "arch", "components"];
pub(super) const ENTITY: &[&str] = &[
    "feature", "parent", "plural", "read", "write", "delete", "fields", "jobs",
];

impl Project {
    /// Reads scaffold.toml; `file` is what problems call it.
    pub fn parse(text: &str, file: &str) -> Result<Self, Problems> {
        let doc = document(text, file)?;
        let project = structure(text, &doc, file)?;
        let at = |subject: &Subject| span_of(&doc, subject).unwrap_or_default();
        let findings = project.findings().into_iter();
        let findings: Vec<_> = findings
            .map(|(subject, problem)| (at(&subject), problem))
            .collect();
        placed(text, file, findings).none_or(project)
    }
}

/// Each part of scaffold.toml for itself: the project as a whole may have problems.
pub(super) fn structure(text: &str, doc: &Document<&str>, file: &str) -> Result<Project, Problems> {
    let mut reader = Reader {
        text,
        problems: Vec::new(),
    };
    match reader.project(doc) {
        Some(project) if reader.problems.is_empty() => Ok(project),
        _ => Err(placed(text, file, reader.problems)),
    }
}

/// The text as TOML.
pub(super) fn document<'a>(text: &'a str, file: &str) -> Result<Document<&'a str>, Problems> {
    Document::parse(text).map_err(|error| {
        let span = error.span().unwrap_or_default();
        let problem = Problem::new(error.message());
        let line = text[..span.start].lines().count().saturating_sub(1);
        let is_mark = |line: &str| MERGE_MARKS.iter().any(|mark| line.starts_with(mark));
        let in_merge = text.lines().skip(line).take(2).any(is_mark);
        let help = in_merge.then(|| "resolve the merge conflict of git first".to_owned());
        placed(text, file, vec![(span, problem.maybe_help(help))])
    })
}

/// How the lines start that git puts around what it cannot merge.
const MERGE_MARKS: [&str; 3] = ["<<<<<<<", "=======", ">>>>>>>"];

/// In the order of the text.
fn placed(text: &str, file: &str, mut problems: Vec<(Range<usize>, Problem)>) -> Problems {
    problems.sort_by_key(|(span, _)| span.start);
    let place = |span| Place::of(Some(file), text, span);
    Problems(
        problems
            .into_iter()
            .map(|(span, problem)| problem.at(place(span)))
            .collect(),
    )
}

struct Reader<'a> {
    text: &'a str,
    problems: Vec<(Range<usize>, Problem)>,
}

impl Reader<'_> {
    /// Nothing if something that a project must have is missing, which is then among the problems.
    fn project(&mut self, doc: &Document<&str>) -> Option<Project> {
        let root = doc.as_table();
        let version = self.version(root)?;
        self.only(root, ROOT, "at the top");
        let Some(item) = root.get("project") else {
            self.refuse(
                0..0,
                Problem::new("`[project]` is missing")
                    .help("it holds at least the project's `name`"),
            );
            return None;
        };
        let settings = self.table(item, "project")?;
        self.only(settings, PROJECT, "in `[project]`");
        let name = self.parsed(settings, "name", ProjectName::parse);
        if settings.get("name").is_none() {
            self.refuse(span(item), Problem::new("the project has no `name`"));
        }
        let region = self
            .parsed(settings, "region", Region::parse)
            .unwrap_or_default();
        let arch = self
            .word(settings, "arch", &Arch::ALL, Arch::word)
            .unwrap_or_default();
        let components = self.components(settings);
        let features = self.named(
            root,
            "features",
            FeatureName::parse,
            |reader, name, item| {
                let table = reader.table(item, name)?;
                reader.only(table, &[], &format!("in feature `{name}`"));
                Some(Feature {})
            },
        );
        let entities = self.named(root, "entities", EntityName::parse, Self::entity);
        Some(Project {
            version,
            name: name?,
            region,
            arch,
            components,
            features,
            entities,
        })
    }

    fn refuse(&mut self, span: Range<usize>, problem: Problem) {
        self.problems.push((span, problem));
    }

    /// The version comes first: what a newer scaffold wrote would only seem to be full of mistakes.
    fn version(&mut self, root: &dyn TableLike) -> Option<Version> {
        let help = format!("write `scaffold = \"{}\"`", Version::CURRENT);
        let Some(item) = root.get("scaffold") else {
            self.refuse(
                0..0,
                Problem::new("the version of scaffold is missing").help(help),
            );
            return None;
        };
        let text = self.string(item, "scaffold")?;
        let Some(version) = Version::parse(text) else {
            self.refuse(
                span(item),
                Problem::new(format!("`{text}` is not a version of scaffold")).help(help),
            );
            return None;
        };
        if version > Version::CURRENT {
            let problem = Problem::new(format!(
                "this project was written by scaffold {version}, which is newer than this one, {}",
                Version::CURRENT
            ))
            .help("install the newer one: `cargo install lambda-scaffold`");
            self.refuse(span(item), problem);
            return None;
        }
        Some(version)
    }

    fn entity(&mut self, name: &str, item: &Item) -> Option<Entity> {
        let table = self.table(item, name)?;
        self.only(table, ENTITY, &format!("in entity `{name}`"));
        if table.get("feature").is_none() {
            self.refuse(
                span(item),
                Problem::new(format!("entity `{name}` has no `feature`"))
                    .help("name the feature it belongs to"),
            );
        }
        let feature = self.parsed(table, "feature", FeatureName::parse);
        let parent = self.parsed(table, "parent", EntityName::parse);
        let plural = self.parsed(table, "plural", Plural::parse);
        let [read, write, delete] = ["read", "write", "delete"]
            .map(|verb| self.word(table, verb, &Access::ALL, Access::word));
        let fields = self.fields(table);
        let jobs = self.named(table, "jobs", JobName::parse, |reader, name, item| {
            let table = reader.table(item, name)?;
            reader.only(table, &[], &format!("in job `{name}`"));
            Some(Job {})
        });
        Some(Entity {
            feature: feature?,
            parent,
            plural,
            read,
            write,
            delete,
            fields,
            jobs,
        })
    }

    fn fields(&mut self, table: &dyn TableLike) -> Vec<Field> {
        let values = self.strings(
            table,
            "fields",
            "a list of fields, such as `[\"title:string:1..200\"]`",
        );
        let mut fields = Vec::new();
        for (text, span) in values {
            match Field::read(&text) {
                Ok(field) => fields.push(field),
                Err(mistakes) => {
                    // Without escapes and with quotes of one character, the text's bytes are those of the file.
                    let inside = span.start + 1..span.end.saturating_sub(1);
                    let verbatim = self.text.get(inside.clone()) == Some(text.as_str());
                    for mistake in mistakes {
                        let at = inside.start + mistake.span.start..inside.start + mistake.span.end;
                        self.refuse(if verbatim { at } else { span.clone() }, mistake.problem);
                    }
                }
            }
        }
        fields
    }

    fn components(&mut self, table: &dyn TableLike) -> BTreeSet<Component> {
        if table.get("components").is_none() {
            return Component::ALL.into();
        }
        let known = || Component::ALL.into_iter().map(Component::word);
        let mut components = BTreeSet::new();
        for (text, span) in self.strings(
            table,
            "components",
            "a list, such as `[\"ai\", \"storage\", \"worker\"]`",
        ) {
            match Component::ALL
                .into_iter()
                .find(|component| component.word() == text)
            {
                Some(component) if components.insert(component) => {}
                Some(_) => self.refuse(
                    span,
                    Problem::new(format!("component `{text}` is listed twice")),
                ),
                None => self.refuse(
                    span,
                    Problem::new(format!("unknown component `{text}`"))
                        .help(did_you_mean(&text, known())),
                ),
            }
        }
        components
    }

    /// What stands below `key`, each with a name that is its own.
    fn named<N, T>(
        &mut self,
        table: &dyn TableLike,
        key: &str,
        parse: fn(&str) -> Result<N, Problem>,
        read: impl Fn(&mut Self, &str, &Item) -> Option<T>,
    ) -> BTreeMap<N, T>
    where
        N: Ord + std::fmt::Display + std::ops::Deref<Target = Name>,
    {
        let mut found = BTreeMap::new();
        let Some(item) = table.get(key) else {
            return found;
        };
        let Some(children) = self.table(item, key) else {
            return found;
        };
        let mut typed = BTreeMap::new();
        for (child, item) in children.iter() {
            let at = key_span(children, child).unwrap_or_else(|| span(item));
            match parse(child) {
                Ok(name) => {
                    if let Some(other) = typed.insert(name.snake().to_owned(), child) {
                        self.refuse(
                            at,
                            Problem::new(format!("`{child}` and `{other}` are the same name")),
                        );
                    } else if let Some(value) = read(self, child, item) {
                        found.insert(name, value);
                    }
                }
                Err(problem) => self.refuse(at, problem),
            }
        }
        found
    }

    fn only(&mut self, table: &dyn TableLike, known: &[&str], place: &str) {
        for (key, item) in table.iter().filter(|(key, _)| !known.contains(key)) {
            let problem = Problem::new(format!("unknown key `{key}` {place}"));
            let problem = match known {
                [] => problem.help("nothing can be set here yet"),
                _ => problem.help(did_you_mean(key, known.iter().copied())),
            };
            self.refuse(key_span(table, key).unwrap_or_else(|| span(item)), problem);
        }
    }

    fn table<'t>(&mut self, item: &'t Item, key: &str) -> Option<&'t dyn TableLike> {
        let table = item.as_table_like();
        if table.is_none() {
            self.wrong_type(item, key, "a table");
        }
        table
    }

    fn string<'t>(&mut self, item: &'t Item, key: &str) -> Option<&'t str> {
        let text = item.as_str();
        if text.is_none() {
            self.wrong_type(item, key, "a string in quotes");
        }
        text
    }

    fn strings(
        &mut self,
        table: &dyn TableLike,
        key: &str,
        expected: &str,
    ) -> Vec<(String, Range<usize>)> {
        let Some(item) = table.get(key) else {
            return Vec::new();
        };
        let Some(values) = item.as_array() else {
            self.wrong_type(item, key, expected);
            return Vec::new();
        };
        let mut strings = Vec::new();
        for value in values {
            let span = value.span().unwrap_or_default();
            match value {
                Value::String(text) => strings.push((text.value().clone(), span)),
                other => self.refuse(
                    span,
                    Problem::new(format!(
                        "`{key}` holds strings, not {}",
                        a(other.type_name())
                    )),
                ),
            }
        }
        strings
    }

    fn wrong_type(&mut self, item: &Item, key: &str, expected: &str) {
        let found = a(item.type_name());
        self.refuse(
            span(item),
            Problem::new(format!("`{key}` is {found}, not {expected}")),
        );
    }

    /// A string that is read as something else.
    fn parsed<T>(
        &mut self,
        table: &dyn TableLike,
        key: &str,
        parse: fn(&str) -> Result<T, Problem>,
    ) -> Option<T> {
        let item = table.get(key)?;
        let text = self.string(item, key)?;
        parse(text)
            .map_err(|problem| self.refuse(span(item), problem))
            .ok()
    }

    /// One of a few words.
    fn word<T: Copy>(
        &mut self,
        table: &dyn TableLike,
        key: &str,
        known: &[T],
        word: fn(T) -> &'static str,
    ) -> Option<T> {
        let item = table.get(key)?;
        let text = self.string(item, key)?;
        let found = known.iter().copied().find(|value| word(*value) == text);
        if found.is_none() {
            let words = known.iter().copied().map(word);
            let problem = Problem::new(format!("`{key}` cannot be `{text}`"));
            self.refuse(
                span(item),
                problem.help(format!("it is one of {}", quoted(words))),
            );
        }
        found
    }
}

fn span(item: &Item) -> Range<usize> {
    item.span().unwrap_or_default()
}

fn key_span(table: &dyn TableLike, key: &str) -> Option<Range<usize>> {
    table.key(key)?.span()
}

fn a(noun: &str) -> String {
    let article = if noun.starts_with(['a', 'i']) {
        "an"
    } else {
        "a"
    };
    format!("{article} {noun}")
}

/// Where a part of the project stands in the file.
fn span_of(doc: &Document<&str>, subject: &Subject) -> Option<Range<usize>> {
    let root = doc.as_table();
    match subject {
        Subject::Project => key_span(root, "project"),
        Subject::Entity(entity) => {
            let (table, key) = named_key(root.get("entities")?, entity)?;
            key_span(table, key)
        }
        Subject::Setting(entity, setting) => {
            let item = entity_item(doc, entity)?;
            item.get(*setting)
                .and_then(Item::span)
                .or_else(|| span_of(doc, &Subject::Entity(entity.clone())))
        }
        Subject::Field(entity, index) => entity_item(doc, entity)?
            .get("fields")?
            .as_array()?
            .get(*index)?
            .span(),
        Subject::Job(entity, job) => {
            let (table, key) = named_key(entity_item(doc, entity)?.get("jobs")?, job)?;
            key_span(table, key)
        }
    }
}

fn entity_item<'a>(doc: &'a Document<&str>, entity: &EntityName) -> Option<&'a Item> {
    let (table, key) = named_key(doc.as_table().get("entities")?, entity)?;
    table.get(key)
}

/// The key that a name is written as.
fn named_key<'a>(item: &'a Item, name: &Name) -> Option<(&'a dyn TableLike, &'a str)> {
    let table = item.as_table_like()?;
    let (key, _) = table.iter().find(|(key, _)| name.is_typed_as(key))?;
    Some((table, key))
}
