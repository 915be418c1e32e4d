//! Where items are: the keys of an entity in the table and in its indexes, with the parts that differ in angle brackets.

use std::fmt;

use serde::{Serialize, Serializer};

use crate::field::Index;
use crate::name::{EntityName, JobName};
use crate::project::{Access, Project};

/// The table, or one of its indexes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    Table,
    /// `GSI1`
    ByTime,
    ByValue(Index),
}

/// A pattern of primary keys, as in `PROPOSAL#<proposal_id>` and `METADATA`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Key {
    #[serde(rename = "in")]
    pub place: Place,
    pub pk: String,
    pub sk: String,
}

impl Place {
    /// The names of its two key attributes.
    pub fn attributes(self) -> [String; 2] {
        match self {
            Self::Table => ["PK".to_owned(), "SK".to_owned()],
            _ => [format!("{self}PK"), format!("{self}SK")],
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Table => f.write_str("table"),
            Self::ByTime => f.write_str("GSI1"),
            Self::ByValue(index) => f.write_str(&index.table_name()),
        }
    }
}

impl Serialize for Place {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// The table's first, then those of each index that lists the entity.
pub fn of_entity(project: &Project, name: &EntityName) -> Vec<Key> {
    let entity = &project.entities[name];
    let (screaming, id) = (name.screaming(), id(name));
    let mut keys = vec![in_table(project, name)];
    if entity.parent.is_none() {
        keys.push(Key {
            place: Place::ByTime,
            pk: collection(project, name),
            sk: format!("{screaming}#<created_at>#{id}"),
        });
    }
    for field in &entity.fields {
        if let Some(index) = field.index {
            keys.push(Key {
                place: Place::ByValue(index),
                pk: collection(project, name),
                sk: format!("{screaming}#<{}>#{id}", field.name),
            });
        }
    }
    keys
}

/// Where an item of the entity is.
pub fn in_table(project: &Project, name: &EntityName) -> Key {
    let (screaming, id) = (name.screaming(), id(name));
    match &project.entities[name].parent {
        Some(parent) => Key {
            place: Place::Table,
            pk: root(parent),
            sk: format!("{screaming}#{id}"),
        },
        None => Key {
            place: Place::Table,
            pk: root(name),
            sk: "METADATA".to_owned(),
        },
    }
}

/// Where the record of a job's latest run is: in the partition of its item.
pub fn of_job(project: &Project, name: &EntityName, job: &JobName) -> Key {
    let key = of_jobs(project, name);
    let sk = format!("{}{job}", key.sk);
    Key { sk, ..key }
}

/// Where the records of all its jobs are; the sort key is how theirs begin.
pub fn of_jobs(project: &Project, name: &EntityName) -> Key {
    let key = in_table(project, name);
    let sk = match project.entities[name].parent {
        Some(_) => format!("job#{}#", id(name)),
        None => "job#".to_owned(),
    };
    Key { sk, ..key }
}

/// The partition of what is listed together: what a user owns, what is below a parent, or all there is.
pub fn collection(project: &Project, name: &EntityName) -> String {
    match (&project.entities[name].parent, project.access(name).read) {
        (Some(parent), _) => root(parent),
        (None, Access::Owner) => "USER#<owner>".to_owned(),
        (None, _) => name.screaming(),
    }
}

fn root(name: &EntityName) -> String {
    format!("{}#{}", name.screaming(), id(name))
}

fn id(name: &EntityName) -> String {
    format!("<{}_id>", name.snake())
}
