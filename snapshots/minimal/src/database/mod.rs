//! The single table, typed: what the repositories of the features are written on.
//!
//! - [`schema`]: the table itself, its key names and indexes.
//! - [`Key`], [`Prefix`], [`IndexKey`]: where an item is, and where it is listed.
//! - [`Entity`], [`Item`]: a struct of attributes, and the same with its id, owner, version and times.
//! - [`Table`]: get, create, update, delete, query. [`Transaction`]: several writes or none.
//! - [`Guard`], [`Condition`], [`Update`]: when a write may happen, and what it changes.
//! - [`Collection`], [`Filter`]: what is listed together.
//! - [`Page`], [`Cursor`]: one page of a list, and where the next one starts.
//!
//! Three rules hold throughout. A write never reads first: existence, owner and version are part of its
//! condition, so nothing can happen in between. Every attribute name goes through a placeholder, so no name is
//! reserved. And an item below another is created only while its parent exists, but deleted after it: read the
//! parent along with the child, and what a crash leaves behind is out of reach.

mod attribute;
mod collection;
mod cursor;
mod entity;
mod error;
mod expression;
mod family;
mod guard;
mod key;
mod query;
mod retry;
pub mod schema;
mod table;
mod timestamp;
mod transaction;
mod update;

pub use collection::{Collection, Filter};
pub use cursor::Cursor;
pub use entity::{Entity, Item};
pub use error::{Error, Result};
pub use expression::Condition;
pub use guard::{Guard, Scope};
pub use key::{IndexKey, Key, Prefix, segment};
pub use query::{Page, Query};
pub use schema::Index;
pub use table::{Consistency, Table};
pub use timestamp::Timestamp;
pub use transaction::{Rejected, Transaction};
pub use update::Update;
