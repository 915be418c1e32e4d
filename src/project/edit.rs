//! From a [`Project`] to the text of scaffold.toml: a new one, or the old one with no more changed than has to be.
//!
//! Changes are made in the text itself, where the TOML parser says that things stand. So comments, order, blank lines,
//! line endings and everything else of the user's own stay as they are. The outcome is read again: a file that is laid
//! out in a way that this cannot change is refused, and never damaged.

mod array;
mod layout;
mod splice;

use std::collections::BTreeMap;
use std::ops::Range;

use toml_edit::{Document, Item, Table, TableLike, Value};

use self::array::Strings;
use self::layout::Layout;
use self::splice::{Splice, apply, line_end, line_start};
use super::read::{ENTITY, PROJECT, document, structure};
use super::{Access, Entity, Project};
use crate::field::Field;
use crate::name::{EntityName, JobName, Name, Plural};
use crate::problem::{Problem, Problems};

const HEADER: &str = "\
# What this project is made of. `scaffold add` and `scaffold remove` keep this file; edit it by hand as you like, then
# run `scaffold sync`. Fields are written `name:type[:rule…]`: see `scaffold add field --help`.

";

const INDENT: &str = "    ";

impl Project {
    /// A new scaffold.toml.
    pub fn to_toml(&self) -> String {
        let mut text = format!(
            "{HEADER}scaffold = {}\n\n[project]\nname = {}\nregion = {}\narch = {}\n{}",
            quote(&self.version.to_string()),
            quote(&self.name.to_string()),
            quote(self.region.as_str()),
            quote(self.arch.word()),
            components_line(self)
        );
        for feature in self.features.keys() {
            text += &format!("\n[features.{feature}]\n");
        }
        for (name, entity) in &self.entities {
            text.push('\n');
            text += &entity_block(name, entity);
        }
        text
    }

    /// Changes `text`, a scaffold.toml that says `before`, so that it says this. `file` is what problems call it.
    pub fn edit_toml(&self, before: &Self, text: &str, file: &str) -> Result<String, Problems> {
        let ends_in_a_line = text.ends_with('\n');
        let whole = if ends_in_a_line {
            text.to_owned()
        } else {
            format!("{text}{}", line_ending(text))
        };

        let doc = document(&whole, file)?;
        let edit = Edit::of(&whole, &doc, before);
        let removals = edit.remove(self);
        let changed = if removals.is_empty() {
            apply(&whole, edit.add(self))
        } else {
            // What goes is gone before anything comes, so that this finds the text as it will be.
            let shorter = apply(&whole, removals);
            let doc = document(&shorter, file).map_err(|_| cannot_edit(file))?;
            let between = structure(&shorter, &doc, file).map_err(|_| cannot_edit(file))?;
            apply(&shorter, Edit::of(&shorter, &doc, &between).add(self))
        };
        if document(&changed, file)
            .and_then(|doc| structure(&changed, &doc, file))
            .as_ref()
            != Ok(self)
        {
            return Err(cannot_edit(file).into());
        }
        match changed.strip_suffix(edit.eol) {
            Some(stripped) if !ends_in_a_line => Ok(stripped.to_owned()),
            _ => Ok(changed),
        }
    }
}

fn cannot_edit(file: &str) -> Problem {
    Problem::new(format!("`{file}` is laid out in a way that cannot be changed without touching the rest of it"))
        .help("make the change by hand, with a table such as `[entities.Name]` for each part, and run `scaffold sync`")
}

/// How the text ends its lines.
fn line_ending(text: &str) -> &'static str {
    let first = text.split_inclusive('\n').next().unwrap_or_default();
    if first.ends_with("\r\n") {
        "\r\n"
    } else {
        "\n"
    }
}

/// A text that is to be changed.
struct Edit<'a> {
    text: &'a str,
    eol: &'static str,
    root: &'a Table,
    layout: Layout<'a>,
    before: &'a Project,
}

impl<'a> Edit<'a> {
    fn of(text: &'a str, doc: &'a Document<&'a str>, before: &'a Project) -> Self {
        Self {
            text,
            eol: line_ending(text),
            root: doc.as_table(),
            layout: Layout::of(text, doc),
            before,
        }
    }

    fn remove(&self, after: &Project) -> Vec<Splice> {
        let mut splices = self.remove_components(after);
        for feature in missing(&self.before.features, &after.features) {
            splices.extend(self.remove_named(&["features"], self.root.get("features"), feature));
        }
        for entity in missing(&self.before.entities, &after.entities) {
            splices.extend(self.remove_named(&["entities"], self.root.get("entities"), entity));
        }
        for (name, before, after) in changed(self.before, after) {
            let item = self.entity(name).map(|(_, item)| item);
            for job in missing(&before.jobs, &after.jobs) {
                let jobs = item.and_then(|item| item.get("jobs"));
                splices.extend(self.remove_named(&["entities", name.snake(), "jobs"], jobs, job));
            }
            let stays = |field: &Field| after.fields.iter().any(|other| other.name == field.name);
            let gone = positions(&before.fields, |field| !stays(field));
            if let Some(array) = item.and_then(|item| item.get("fields")?.as_array()) {
                splices.extend(Strings::of(self.text, array).remove(&gone));
            }
        }
        splices
    }

    fn remove_components(&self, after: &Project) -> Vec<Splice> {
        let Some(array) = self
            .root
            .get("project")
            .and_then(|item| item.get("components")?.as_array())
        else {
            return Vec::new();
        };
        let stays = |word: &str| {
            after
                .components
                .iter()
                .any(|component| component.word() == word)
        };
        let gone = positions(array, |value| !value.as_str().is_some_and(stays));
        Strings::of(self.text, array).remove(&gone)
    }

    /// Takes a table out, or the line `name = {}` in the table above it.
    fn remove_named(&self, parents: &[&str], table: Option<&Item>, name: &Name) -> Vec<Splice> {
        let key = table.and_then(Item::as_table).and_then(|table| {
            let (key, item) = table.iter().find(|(key, _)| name.is_typed_as(key))?;
            item.as_value()?;
            Some(Splice::remove(self.line(table, key, item)?))
        });
        let mut splices = self.layout.remove(parents, name, self.eol);
        splices.extend(key);
        splices
    }

    fn add(&self, after: &Project) -> Vec<Splice> {
        let mut splices = self.change_settings(after);
        for feature in missing(&after.features, &self.before.features) {
            let block = format!("[features.{feature}]\n");
            let others: &[&[&str]] = &[&["project"]];
            splices.extend(
                self.layout
                    .insert(&["features"], feature, &block, self.eol, others),
            );
        }
        for (name, before, after) in changed(self.before, after) {
            splices.extend(self.change_entity(name, before, after));
        }
        for name in missing(&after.entities, &self.before.entities) {
            let block = entity_block(name, &after.entities[name]);
            let others: &[&[&str]] = &[&["features"], &["project"]];
            splices.extend(
                self.layout
                    .insert(&["entities"], name, &block, self.eol, others),
            );
        }
        splices
    }

    fn change_settings(&self, after: &Project) -> Vec<Splice> {
        let before = self.before;
        let mut splices = Vec::new();
        if before.version != after.version {
            splices.extend(
                self.root
                    .get("scaffold")
                    .and_then(|item| replace(item, &after.version.to_string())),
            );
        }
        let Some(item) = self.root.get("project") else {
            return splices;
        };
        let settings = Settings::of(item, item.span(), PROJECT);
        let values = |project: &Project| {
            [
                ("name", Some(project.name.to_string())),
                ("region", Some(project.region.to_string())),
                ("arch", Some(project.arch.word().to_owned())),
            ]
        };
        splices.extend(self.change_values(&settings, values(before), values(after)));
        splices.extend(self.add_components(&settings, after));
        splices
    }

    fn add_components(&self, settings: &Settings<'_>, after: &Project) -> Vec<Splice> {
        let Some(array) = settings.item.get("components").and_then(Item::as_array) else {
            let line = components_line(after).replace('\n', self.eol);
            let says_something = after.components != self.before.components;
            return says_something
                .then(|| self.insert_line(settings, "components", line))
                .flatten()
                .into_iter()
                .collect();
        };
        let strings = Strings::of(self.text, array);
        let mut new: BTreeMap<usize, Vec<String>> = BTreeMap::new();
        for component in after.components.difference(&self.before.components) {
            let later = array
                .iter()
                .position(|value| value.as_str().is_some_and(|word| word > component.word()));
            let place = new.entry(later.unwrap_or(array.len())).or_default();
            place.push(quote(component.word()));
        }
        let places = new.into_iter();
        places
            .flat_map(|(at, words)| strings.insert(at, &words, self.eol, None))
            .collect()
    }

    fn change_entity(&self, name: &EntityName, before: &Entity, after: &Entity) -> Vec<Splice> {
        let Some((key, item)) = self.entity(name) else {
            return Vec::new();
        };
        let header = self
            .layout
            .find(&["entities"], name)
            .map(|block| block.header.clone());
        let settings = Settings::of(item, header, ENTITY);
        let mut splices =
            self.change_values(&settings, entity_values(before), entity_values(after));
        match item.get("fields").and_then(Item::as_array) {
            Some(array) => {
                splices.extend(self.change_fields(&Strings::of(self.text, array), before, after))
            }
            None if after.fields.is_empty() => {}
            None => {
                let lines = fields_lines(after).replace('\n', self.eol);
                splices.extend(self.insert_line(&settings, "fields", lines));
            }
        }
        for job in missing(&after.jobs, &before.jobs) {
            let parents = ["entities", name.snake(), "jobs"];
            let block = job_block(key, job);
            splices.extend(
                self.layout
                    .insert(&parents, job, &block, self.eol, &[&parents[..2]]),
            );
        }
        splices
    }

    /// A new field stands behind the one that it follows in the project.
    fn change_fields(&self, strings: &Strings<'_>, before: &Entity, after: &Entity) -> Vec<Splice> {
        let mut splices = Vec::new();
        let mut new = Vec::new();
        let mut index = 0;
        for field in &after.fields {
            let literal = quote(&field.to_string());
            let Some(old) = before.fields.iter().position(|old| old.name == field.name) else {
                new.push(literal);
                continue;
            };
            splices.extend(strings.insert(
                index,
                &std::mem::take(&mut new),
                self.eol,
                Some(INDENT),
            ));
            if before.fields[old] != *field {
                splices.push(strings.replace(old, &literal));
            }
            index = old + 1;
        }
        splices.extend(strings.insert(index, &new, self.eol, Some(INDENT)));
        splices
    }

    /// An entity, with the key that the file has for it.
    fn entity(&self, name: &Name) -> Option<(&'a str, &'a Item)> {
        let mut entities = self.root.get("entities")?.as_table_like()?.iter();
        entities.find(|(key, _)| name.is_typed_as(key))
    }

    fn change_values<const N: usize>(
        &self,
        settings: &Settings<'_>,
        before: [(&str, Option<String>); N],
        after: [(&str, Option<String>); N],
    ) -> Vec<Splice> {
        let changed = before
            .into_iter()
            .zip(after)
            .filter(|(old, new)| old != new);
        let splices =
            changed.filter_map(|(_, (key, value))| match (settings.item.get(key), value) {
                (Some(item), Some(value)) => replace(item, &value),
                (Some(item), None) => Some(Splice::remove(self.line(
                    settings.item.as_table_like()?,
                    key,
                    item,
                )?)),
                (None, Some(value)) => self.insert_line(
                    settings,
                    key,
                    format!("{key} = {}{}", quote(&value), self.eol),
                ),
                (None, None) => None,
            });
        splices.collect()
    }

    /// Adds lines to a table that has a header: behind the nearest key that comes before theirs.
    fn insert_line(&self, settings: &Settings<'_>, key: &str, lines: String) -> Option<Splice> {
        let before = settings.order.iter().take_while(|other| **other != key);
        let before = before.filter_map(|other| settings.item.get(*other)?.as_value()?.span());
        let header = settings.header.clone()?;
        let at = before.last().unwrap_or(header).end;
        Some(Splice::insert(line_end(self.text, at), lines))
    }

    /// The lines of a key and its value, if they have them for themselves.
    fn line(&self, table: &dyn TableLike, key: &str, item: &Item) -> Option<Range<usize>> {
        let key = table.key(key)?.span()?;
        let value = item.span()?;
        let start = line_start(self.text, key.start);
        let alone = !self.text[start..key.start].contains(['{', ',', '=']);
        alone.then(|| start..line_end(self.text, value.end))
    }
}

/// A table of settings, and the order that they are written in.
struct Settings<'a> {
    item: &'a Item,
    header: Option<Range<usize>>,
    order: &'static [&'static str],
}

impl<'a> Settings<'a> {
    /// `header` is where there is one: an inline table has none.
    fn of(item: &'a Item, header: Option<Range<usize>>, order: &'static [&'static str]) -> Self {
        let header = header.filter(|_| item.is_table());
        Self {
            item,
            header,
            order,
        }
    }
}

/// The names that only the first map has.
fn missing<'m, N: Ord, T>(map: &'m BTreeMap<N, T>, other: &BTreeMap<N, T>) -> Vec<&'m N> {
    map.keys()
        .filter(|name| !other.contains_key(*name))
        .collect()
}

/// The entities that are in both projects, but not alike.
fn changed<'p>(
    before: &'p Project,
    after: &'p Project,
) -> Vec<(&'p EntityName, &'p Entity, &'p Entity)> {
    let both = before
        .entities
        .iter()
        .filter_map(|(name, old)| Some((name, old, after.entities.get(name)?)));
    both.filter(|(_, old, new)| old != new).collect()
}

fn positions<T>(values: impl IntoIterator<Item = T>, which: impl Fn(T) -> bool) -> Vec<usize> {
    let matches = values
        .into_iter()
        .enumerate()
        .filter_map(|(i, value)| which(value).then_some(i));
    matches.collect()
}

fn replace(item: &Item, text: &str) -> Option<Splice> {
    Some(Splice::replace(item.span()?, quote(text)))
}

/// A TOML string, in whichever quotes need no escapes.
fn quote(text: &str) -> String {
    Value::from(text).to_string()
}

fn components_line(project: &Project) -> String {
    let words: Vec<String> = project
        .components
        .iter()
        .map(|component| quote(component.word()))
        .collect();
    format!("components = [{}]\n", words.join(", "))
}

fn entity_block(name: &EntityName, entity: &Entity) -> String {
    let values = entity_values(entity).into_iter();
    let values = values.filter_map(|(key, value)| Some(format!("{key} = {}\n", quote(&value?))));
    let jobs = entity
        .jobs
        .keys()
        .map(|job| format!("\n{}", job_block(&name.to_string(), job)));
    format!(
        "[entities.{name}]\n{}{}{}",
        values.collect::<String>(),
        fields_lines(entity),
        jobs.collect::<String>()
    )
}

/// What stands in an entity's table besides its fields, in this order.
fn entity_values(entity: &Entity) -> [(&'static str, Option<String>); 6] {
    let access = |access: Option<Access>| access.map(|access| access.word().to_owned());
    [
        ("feature", Some(entity.feature.to_string())),
        ("parent", entity.parent.as_ref().map(EntityName::to_string)),
        ("plural", entity.plural.as_ref().map(Plural::to_string)),
        ("read", access(entity.read)),
        ("write", access(entity.write)),
        ("delete", access(entity.delete)),
    ]
}

fn fields_lines(entity: &Entity) -> String {
    if entity.fields.is_empty() {
        return "fields = []\n".to_owned();
    }
    let lines = entity
        .fields
        .iter()
        .map(|field| format!("{INDENT}{},\n", quote(&field.to_string())));
    format!("fields = [\n{}]\n", lines.collect::<String>())
}

fn job_block(entity: &str, job: &JobName) -> String {
    format!("[entities.{entity}.jobs.{job}]\n")
}
