//! The catalogue as tables for a terminal.

use std::fmt::Write;

use anstyle::{AnsiColor, Style};
use clap::ValueEnum;

use super::{Catalogue, EntityEntry, EntityPattern, FeatureEntry, JobEntry, Key, RouteEntry};
use crate::table::Table;

const TITLE: Style = AnsiColor::Green.on_default().bold();

/// A part of the catalogue, as it can be asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Section {
    Features,
    Entities,
    Fields,
    Keys,
    Patterns,
    Jobs,
    Routes,
}

impl Section {
    pub const ALL: &[Self] = &[
        Self::Features,
        Self::Entities,
        Self::Fields,
        Self::Keys,
        Self::Patterns,
        Self::Jobs,
        Self::Routes,
    ];
}

impl Catalogue {
    /// The sections as tables, each in lines of at most `width` characters, if there is a way. A section without rows is
    /// left out, unless it is the only one.
    pub fn show(&self, sections: &[Section], width: usize) -> String {
        let mut text = String::new();
        for section in sections {
            let (title, table) = self.table(*section);
            if table.rows.is_empty() && sections.len() > 1 {
                continue;
            }
            let blank = if text.is_empty() { "" } else { "\n" };
            let _ = write!(
                text,
                "{blank}{TITLE}{title}{TITLE:#}\n{}",
                table.show(width)
            );
        }
        text
    }

    fn table(&self, section: Section) -> (&'static str, Table) {
        match section {
            Section::Features => ("Features", features(&self.features)),
            Section::Entities => ("Entities", entities(&self.entities)),
            Section::Fields => ("Fields", fields(&self.entities)),
            Section::Keys => ("Keys", keys(&self.entities)),
            Section::Patterns => ("Access patterns", patterns(&self.access_patterns)),
            Section::Jobs => ("Jobs", jobs(&self.jobs)),
            Section::Routes => ("Routes", routes(&self.routes)),
        }
    }
}

fn features(features: &[FeatureEntry]) -> Table {
    let row = |it: &FeatureEntry| vec![it.name.clone(), it.entities.join(", ")];
    Table {
        headings: &["FEATURE", "ENTITIES"],
        rows: features.iter().map(row).collect(),
    }
}

fn entities(entities: &[EntityEntry]) -> Table {
    let row = |it: &EntityEntry| {
        let parent = it.parent.clone().unwrap_or_default();
        let mut cells = vec![it.name.clone(), it.feature.clone(), parent];
        cells.extend([it.read, it.write, it.delete].map(str::to_owned));
        cells
    };
    Table {
        headings: &["ENTITY", "FEATURE", "PARENT", "READ", "WRITE", "DELETE"],
        rows: entities.iter().map(row).collect(),
    }
}

fn fields(entities: &[EntityEntry]) -> Table {
    let rows = entities.iter().flat_map(|it| {
        let row = |field: &String| vec![it.name.clone(), field.clone()];
        it.fields.iter().map(row)
    });
    Table {
        headings: &["ENTITY", "FIELD"],
        rows: rows.collect(),
    }
}

fn keys(entities: &[EntityEntry]) -> Table {
    let rows = entities.iter().flat_map(|it| {
        let row = |key: &Key| {
            let place = key.place.to_string();
            vec![it.name.clone(), place, key.pk.clone(), key.sk.clone()]
        };
        it.keys.iter().map(row)
    });
    Table {
        headings: &["ENTITY", "IN", "PK", "SK"],
        rows: rows.collect(),
    }
}

fn patterns(patterns: &[EntityPattern]) -> Table {
    let row = |it: &EntityPattern| {
        let (pk, sk) = it.pattern.conditions();
        let condition: Vec<String> = [pk].into_iter().chain(sk).collect();
        vec![
            it.entity.clone(),
            it.pattern.what.clone(),
            it.pattern.operation.to_owned(),
            condition.join(" and "),
        ]
    };
    Table {
        headings: &["ENTITY", "TO", "OPERATION", "WHERE"],
        rows: patterns.iter().map(row).collect(),
    }
}

fn jobs(jobs: &[JobEntry]) -> Table {
    let row = |it: &JobEntry| {
        vec![
            it.name.clone(),
            it.entity.clone(),
            it.key.pk.clone(),
            it.key.sk.clone(),
        ]
    };
    Table {
        headings: &["JOB", "ENTITY", "PK", "SK"],
        rows: jobs.iter().map(row).collect(),
    }
}

fn routes(routes: &[RouteEntry]) -> Table {
    let row = |it: &RouteEntry| vec![it.method.to_owned(), it.path.clone(), it.access.to_owned()];
    Table {
        headings: &["METHOD", "PATH", "ACCESS"],
        rows: routes.iter().map(row).collect(),
    }
}
