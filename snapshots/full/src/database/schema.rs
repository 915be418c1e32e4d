//! The table itself: the one place that knows its key names, indexes and time-to-live attribute.
//!
//! `template.yaml` declares the same table for AWS; [`create_table`] makes it for the tests and `cargo dev`.

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::error::BuildError;
use aws_sdk_dynamodb::types::{
    AttributeDefinition, BillingMode, GlobalSecondaryIndex, KeySchemaElement, KeyType, Projection,
    ProjectionType, ScalarAttributeType, TimeToLiveSpecification,
};

use super::error::{Result, failed};

pub const PARTITION_KEY: &str = "PK";
pub const SORT_KEY: &str = "SK";

/// The attribute with the second (since 1970) after which DynamoDB deletes an item, within a few days. Until
/// then a reader still sees the item: compare with [`Timestamp::now`](super::Timestamp::now) where it matters.
pub const TIME_TO_LIVE: &str = "ttl";

/// How many indexes the table has: `GSI1` up to this number.
pub const INDEXES: u8 = 2;

/// A global secondary index, by its number. An item is in it when it has both of the index's keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Index(pub u8);

impl Index {
    /// What a user owns of an entity, or all there is of it, by time of creation.
    pub const TIME: Self = Self(1);

    pub fn name(self) -> String {
        format!("GSI{}", self.0)
    }

    pub fn partition_key(self) -> String {
        format!("GSI{}PK", self.0)
    }

    pub fn sort_key(self) -> String {
        format!("GSI{}SK", self.0)
    }
}

/// Creates the table with the first `indexes` indexes; usually [`INDEXES`].
///
/// # Errors
///
/// If there is a table of that name already, or DynamoDB does not answer.
pub async fn create_table(client: &Client, name: &str, indexes: u8) -> Result<()> {
    let mut table = client
        .create_table()
        .table_name(name)
        .billing_mode(BillingMode::PayPerRequest)
        .attribute_definitions(text(PARTITION_KEY)?)
        .attribute_definitions(text(SORT_KEY)?)
        .key_schema(key(PARTITION_KEY, KeyType::Hash)?)
        .key_schema(key(SORT_KEY, KeyType::Range)?);
    for index in (1..=indexes).map(Index) {
        table = table
            .attribute_definitions(text(&index.partition_key())?)
            .attribute_definitions(text(&index.sort_key())?)
            .global_secondary_indexes(secondary(index)?);
    }
    table.send().await.map_err(failed)?;

    let time_to_live = TimeToLiveSpecification::builder()
        .attribute_name(TIME_TO_LIVE)
        .enabled(true)
        .build()?;
    client
        .update_time_to_live()
        .table_name(name)
        .time_to_live_specification(time_to_live)
        .send()
        .await
        .map_err(failed)?;
    Ok(())
}

fn text(attribute: &str) -> Result<AttributeDefinition, BuildError> {
    AttributeDefinition::builder()
        .attribute_name(attribute)
        .attribute_type(ScalarAttributeType::S)
        .build()
}

fn key(attribute: &str, key_type: KeyType) -> Result<KeySchemaElement, BuildError> {
    KeySchemaElement::builder()
        .attribute_name(attribute)
        .key_type(key_type)
        .build()
}

fn secondary(index: Index) -> Result<GlobalSecondaryIndex, BuildError> {
    let everything = Projection::builder()
        .projection_type(ProjectionType::All)
        .build();
    GlobalSecondaryIndex::builder()
        .index_name(index.name())
        .key_schema(key(&index.partition_key(), KeyType::Hash)?)
        .key_schema(key(&index.sort_key(), KeyType::Range)?)
        .projection(everything)
        .build()
}
