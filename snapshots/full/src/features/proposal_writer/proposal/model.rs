//! What a proposal is, and what a client may say of one.

use std::fmt;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use utoipa::openapi::path::{Parameter, ParameterIn};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::database;
use crate::error::Result;
use crate::shared::decimal::Decimal;
use crate::shared::pagination;
use crate::shared::validation;
use crate::shared::validation::Patch;

/// A proposal.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Proposal {
    pub title: String,
    pub description: Option<String>,
    #[schema(value_type = f64, format = "decimal")]
    pub budget: Decimal,
    #[serde(default)]
    pub status: ProposalStatus,
    #[schema(value_type = Option<String>, format = "date")]
    pub due: Option<Date>,
}

/// The `status` of a proposal.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ProposalStatus {
    #[default]
    Draft,
    Processing,
    Completed,
    Failed,
}

impl fmt::Display for ProposalStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Draft => "draft",
            Self::Processing => "processing",
            Self::Completed => "completed",
            Self::Failed => "failed",
        })
    }
}

/// A proposal that is to be created.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ProposalCreate {
    #[schema(min_length = 1, max_length = 200, pattern = r"\S")]
    pub title: String,
    #[schema(max_length = 2000)]
    pub description: Option<String>,
    #[schema(value_type = f64, format = "decimal")]
    #[schema(exclusive_minimum = 0, maximum = 10000000)]
    pub budget: Decimal,
    #[serde(default)]
    #[schema(default = "draft")]
    pub status: ProposalStatus,
    #[schema(value_type = Option<String>, format = "date")]
    pub due: Option<Date>,
}

impl ProposalCreate {
    /// The proposal that is to be stored.
    pub fn into_data(self) -> Proposal {
        Proposal {
            title: self.title,
            description: self.description,
            budget: self.budget,
            status: self.status,
            due: self.due,
        }
    }
}

/// What is to change of a proposal. A field that is left out stays as it is; null clears it.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ProposalUpdate {
    #[schema(nullable = false, min_length = 1, max_length = 200, pattern = r"\S")]
    pub title: Option<String>,
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    #[schema(max_length = 2000)]
    pub description: Patch<String>,
    #[schema(value_type = f64, required = false, format = "decimal")]
    #[schema(exclusive_minimum = 0, maximum = 10000000)]
    pub budget: Option<Decimal>,
    #[schema(nullable = false)]
    pub status: Option<ProposalStatus>,
    #[serde(default)]
    #[schema(value_type = Option<String>, format = "date")]
    pub due: Patch<Date>,

    /// The version that is to change; 409 if it is no longer the current one.
    #[schema(nullable = false, minimum = 1)]
    pub version: Option<u64>,
}

impl ProposalUpdate {
    /// What changes in the item of this id.
    pub fn changes(&self, id: Uuid) -> database::Update {
        let mut changes = database::Update::new();
        if let Some(value) = &self.title {
            changes = changes.set("title", value);
        }
        if let Some(value) = Patch::change(&self.description) {
            changes = changes.set("description", value);
        }
        if let Some(value) = &self.budget {
            changes = changes.set("budget", value);
        }
        if let Some(value) = &self.status {
            changes = changes.set("status", value);
            let value = Some(value);
            changes = changes.by_value(database::Index(2), id, value);
        }
        if let Some(value) = Patch::change(&self.due) {
            changes = changes.set("due", value);
        }
        changes
    }
}

/// The query of the list of proposals.
#[derive(Clone, Debug, Deserialize, ToSchema)]
pub struct ProposalQuery {
    /// How many items to return.
    #[serde(default = "pagination::default_limit")]
    #[schema(minimum = 1, maximum = 100, default = 20)]
    pub limit: u16,
    /// Where to go on: the `next_cursor` of the page before.
    #[schema(value_type = String, nullable = false, required = false)]
    pub cursor: Option<database::Cursor>,
    /// Only items with this `status`.
    #[schema(nullable = false)]
    pub status: Option<ProposalStatus>,
}

impl ProposalQuery {
    /// The value to list by.
    ///
    /// # Errors
    ///
    /// A 422 if there are several.
    pub fn filter(&self) -> Result<Option<database::Filter>> {
        let mut filters = Vec::new();
        if let Some(value) = &self.status {
            filters.push(database::Filter::new(database::Index(2), value));
        }
        pagination::only_filter(filters)
    }
}

impl IntoParams for ProposalQuery {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        validation::parameters::<Self>()
    }
}

impl database::Entity for Proposal {
    const NAME: &'static str = "PROPOSAL";
    const NOT_FOUND: &'static str = "Proposal not found";

    fn indexes(item: &database::Item<Self>) -> Vec<database::IndexKey> {
        let collection = database::Collection::Owner(&item.owner);
        let mut keys = vec![item.by_time(collection)];
        let field = &item.data.status;
        let value = Some(field);
        keys.push(item.by_value(database::Index(2), collection, value));
        keys
    }
}
