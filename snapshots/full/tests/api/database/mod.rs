//! The database layer, through repositories as features have them.

mod failures;
mod families;
mod items;
mod lists;
mod proposals;
mod transactions;

use std::future::IntoFuture;

use aws_config::SdkConfig;
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::{BehaviorVersion, Credentials, Region, SharedCredentialsProvider};
use axum::Router;
use local::{LocalAws, Options};
use tokio::net::TcpListener;

use my_api::database::Table;
use my_api::database::schema;

/// A table of its own for each test. It has one index more than the first, for lists by value.
struct Database {
    aws: LocalAws,
    client: Client,
    table: Table,
}

const TABLE: &str = "test-table";

impl Database {
    async fn start() -> Self {
        let aws = LocalAws::start(Options::default()).await.unwrap();
        let client = Client::new(&aws.sdk_config());
        schema::create_table(&client, TABLE, 2).await.unwrap();
        let table = Table::connect(&aws.sdk_config(), TABLE);
        Self { aws, client, table }
    }
}

/// A table on an endpoint of the test's own making, for what a local DynamoDB never does.
async fn stub(router: Router) -> Table {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(axum::serve(listener, router).into_future());
    let credentials = Credentials::new("local", "local", None, None, "local");
    let config = SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::from_static("us-east-1"))
        .credentials_provider(SharedCredentialsProvider::new(credentials))
        .endpoint_url(endpoint)
        .build();
    Table::connect(&config, TABLE)
}
