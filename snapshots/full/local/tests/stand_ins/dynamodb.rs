use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::error::ProvideErrorMetadata as _;
use aws_sdk_dynamodb::types::AttributeDefinition;
use aws_sdk_dynamodb::types::AttributeValue;
use aws_sdk_dynamodb::types::BillingMode;
use aws_sdk_dynamodb::types::KeySchemaElement;
use aws_sdk_dynamodb::types::KeyType;
use aws_sdk_dynamodb::types::ScalarAttributeType;

use local::Failure;
use local::LocalAws;
use local::Options;

#[tokio::test]
async fn an_item_survives_a_restart_on_the_same_folder() {
    let folder = tempfile::tempdir().unwrap();
    let options = Options {
        data: Some(folder.path().to_owned()),
        ..Options::default()
    };
    let first = LocalAws::start(options.clone()).await.unwrap();
    let client = Client::new(&first.sdk_config());
    create_table(&client).await;
    put(&client, "kept").await.unwrap();
    drop(first);

    let second = LocalAws::start(options).await.unwrap();
    let client = Client::new(&second.sdk_config());
    let key = AttributeValue::S("kept".to_owned());
    let found = client.get_item().table_name("things").key("PK", key);
    assert!(found.send().await.unwrap().item.is_some());
}

#[tokio::test]
async fn two_in_memory_databases_share_nothing() {
    let first = LocalAws::start(Options::default()).await.unwrap();
    let second = LocalAws::start(Options::default()).await.unwrap();
    create_table(&Client::new(&first.sdk_config())).await;
    let tables = Client::new(&second.sdk_config()).list_tables().send().await;
    assert!(tables.unwrap().table_names().is_empty());
}

#[tokio::test]
async fn the_sdk_retries_a_throttled_request_and_reports_a_refused_one() {
    let aws = LocalAws::start(Options::default()).await.unwrap();
    let client = Client::new(&aws.sdk_config());
    create_table(&client).await;

    aws.dynamodb()
        .fail_next("PutItem", 1, Failure::throttling());
    put(&client, "patience").await.unwrap();

    aws.dynamodb()
        .fail_next("PutItem", 1, Failure::access_denied());
    let refused = put(&client, "nobody").await.unwrap_err();
    assert_eq!(refused.code(), Some("AccessDeniedException"));
}

async fn create_table(client: &Client) {
    let key = KeySchemaElement::builder()
        .attribute_name("PK")
        .key_type(KeyType::Hash);
    let attribute = AttributeDefinition::builder()
        .attribute_name("PK")
        .attribute_type(ScalarAttributeType::S);
    client
        .create_table()
        .table_name("things")
        .billing_mode(BillingMode::PayPerRequest)
        .key_schema(key.build().unwrap())
        .attribute_definitions(attribute.build().unwrap())
        .send()
        .await
        .unwrap();
}

async fn put(client: &Client, id: &str) -> Result<(), aws_sdk_dynamodb::Error> {
    let item = client.put_item().table_name("things");
    item.item("PK", AttributeValue::S(id.to_owned()))
        .send()
        .await?;
    Ok(())
}
