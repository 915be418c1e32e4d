//! Types that use every kind of rule, each behind a route that does nothing but read it.

use std::collections::HashMap;

use axum::routing::{get, post};
use axum::{Json, Router};
use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;
use uuid::Uuid;

use my_api::shared::decimal::Decimal;
use my_api::shared::validation::Body;
use my_api::shared::validation::Id;
use my_api::shared::validation::Ids;
use my_api::shared::validation::Patch;
use my_api::shared::validation::Query;

/// Every route answers with what it has read.
pub fn routes() -> Router {
    Router::new()
        .route(
            "/changes",
            post(async |Body(body): Body<Change>| Json(body)),
        )
        .route("/kinds", post(async |Body(body): Body<Kinds>| Json(body)))
        .route("/orders", post(async |Body(body): Body<Order>| Json(body)))
        .route(
            "/proposals",
            post(async |Body(body): Body<Proposal>| Json(body)),
        )
        .route("/proposals/{proposal_id}", get(async |Id(id)| Json(id)))
        .route(
            "/proposals/{proposal_id}/documents/{document_id}",
            get(async |Ids(ids): Ids<2>| Json(ids)),
        )
        .route(
            "/search",
            get(async |Query(search): Query<Search>| Json(search)),
        )
        .route("/trees", post(async |Body(body): Body<Tree>| Json(body)))
}

#[derive(Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum Status {
    Draft,
    Processing,
    Completed,
    Failed,
}

#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Proposal {
    #[schema(min_length = 1, max_length = 200)]
    title: String,
    #[schema(max_length = 20)]
    description: Option<String>,
    #[schema(value_type = f64, format = "decimal", exclusive_minimum = 0, maximum = 10_000_000)]
    budget: Decimal,
    status: Option<Status>,
}

#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Change {
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, min_length = 1, max_length = 200)]
    title: Option<String>,
    #[serde(default, skip_serializing_if = "Patch::is_absent")]
    #[schema(value_type = Option<String>, max_length = 20)]
    description: Patch<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    status: Option<Status>,
}

#[derive(Deserialize, Serialize, ToSchema)]
struct Item {
    #[schema(min_length = 1)]
    name: String,
    #[schema(minimum = 1, exclusive_maximum = 10)]
    quantity: i64,
}

#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Order {
    #[schema(min_items = 1, max_items = 2)]
    items: Vec<Item>,
    #[schema(max_items = 3, max_length = 3)]
    tags: Option<Vec<String>>,
    counts: Option<HashMap<String, i64>>,
    notes: Option<Value>,
}

#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Kinds {
    #[schema(pattern = "^[A-Z]+$")]
    code: Option<String>,
    #[schema(multiple_of = 5, minimum = -10)]
    rating: Option<i64>,
    #[schema(exclusive_minimum = 0.5, exclusive_maximum = 1e25)]
    share: Option<f64>,
    #[schema(value_type = Option<f64>, format = "decimal", minimum = 0.5, exclusive_maximum = 10)]
    price: Option<Decimal>,
    active: Option<bool>,
    #[schema(value_type = Option<String>, format = "date")]
    day: Option<Date>,
    #[schema(value_type = Option<String>, format = "date-time")]
    at: Option<Timestamp>,
    key: Option<Uuid>,
    #[schema(format = "email")]
    email: Option<String>,
    #[schema(format = "uri")]
    link: Option<String>,
}

#[derive(Deserialize, Serialize, ToSchema)]
struct Search {
    #[schema(min_length = 1)]
    must: String,
    #[serde(default)]
    #[schema(minimum = 1, maximum = 100)]
    limit: u16,
    #[schema(exclusive_minimum = 0.0)]
    ratio: Option<f64>,
    status: Option<Status>,
    #[serde(default)]
    active: bool,
    #[serde(default)]
    #[schema(max_items = 2)]
    tags: Vec<String>,
}

/// A type that holds itself.
#[derive(Deserialize, Serialize, ToSchema)]
struct Tree {
    #[serde(default)]
    #[schema(no_recursion)]
    branches: Vec<Tree>,
}
