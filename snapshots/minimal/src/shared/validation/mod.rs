//! Input that keeps the rules of its own OpenAPI schema.
//!
//! A field's rules are declared once, as `#[schema(min_length = 1, max_length = 200)]`: the document shows them, and
//! [`Body`] and [`Query`] hold requests to them. All broken rules are reported at once, as 422, with the types, messages
//! and locations of Pydantic.

mod body;
mod bounds;
mod check;
mod email;
mod field_error;
mod format;
mod id;
mod json;
mod patch;
mod query;
mod scalar;
mod schema;

pub use body::Body;
pub use field_error::FieldError;
pub use field_error::Loc;
pub use id::Id;
pub use id::Ids;
pub use patch::Patch;
pub use query::Query;
pub use query::parameters;
