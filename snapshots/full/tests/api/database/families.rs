//! Items below other items: created only while the parent is there, gone when it is.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::http::HeaderMap;
use axum::{Json, Router};
use local::Failure;
use serde_json::{Value, json};
use tokio::task::JoinSet;
use uuid::Uuid;

use my_api::database::Entity;
use my_api::database::Error;
use my_api::database::Guard;
use my_api::database::Item;
use my_api::database::Key;
use my_api::database::Query;
use my_api::database::Scope;
use my_api::database::Table;

use super::proposals::{Document, Documents, Proposal, Proposals, key, no_proposal, titled};
use super::{Database, TABLE};

const ALICE: Scope = Scope::Owner("alice");
const BOB: Scope = Scope::Owner("bob");

#[tokio::test]
async fn a_child_needs_a_parent_of_its_owner() {
    let database = Database::start().await;
    let proposals = Proposals(&database.table);
    let documents = Documents(&database.table);
    let proposal = proposals.create("alice", titled("A")).await.unwrap().id;

    let document = documents.create("alice", proposal, "a.pdf").await.unwrap();
    assert_eq!(
        documents.get(ALICE, proposal, document.id).await.unwrap(),
        document
    );

    assert!(no_proposal(
        documents.create("bob", proposal, "b.pdf").await
    ));
    assert!(no_proposal(
        documents.create("alice", Uuid::now_v7(), "c.pdf").await
    ));
    assert!(no_proposal(documents.get(BOB, proposal, document.id).await));
    proposals.delete(ALICE, proposal).await.unwrap();
    assert!(no_proposal(
        documents.create("alice", proposal, "d.pdf").await
    ));
    assert_eq!(items_in(&database).await, 0);
}

#[tokio::test]
async fn a_child_is_created_once() {
    let database = Database::start().await;
    let parent = Item::root("alice", titled("A"));
    database.table.create(&parent).await.unwrap();
    let filename = "a.pdf".to_owned();
    let child = Item::child(&parent.key, "alice", Document { filename });
    let create = || {
        let guard = Guard::exists();
        database
            .table
            .create_child::<Proposal, _>(&parent.key, guard, &child)
    };

    create().await.unwrap();
    let result = create().await;
    assert!(matches!(result, Err(Error::AlreadyExists)), "{result:?}");
}

#[tokio::test]
async fn all_that_is_below_an_item_goes_along_and_nothing_else() {
    let database = Database::start().await;
    let proposals = Proposals(&database.table);
    let proposal = proposals.create("alice", titled("A")).await.unwrap().id;
    let other = proposals.create("alice", titled("B")).await.unwrap().id;
    fill(&database, proposal, 60).await;
    fill(&database, other, 3).await;

    assert!(no_proposal(proposals.delete(BOB, proposal).await));
    assert_eq!(items_in(&database).await, 65);
    let deleted = proposals.delete(ALICE, proposal).await.unwrap();
    assert_eq!(deleted.data, titled("A"));
    assert_eq!(items_in(&database).await, 4);
    assert!(no_proposal(proposals.delete(ALICE, proposal).await));
}

#[tokio::test]
async fn what_a_crash_left_is_out_of_reach_and_goes_the_next_time() {
    let database = Database::start().await;
    let proposals = Proposals(&database.table);
    let documents = Documents(&database.table);
    let proposal = proposals.create("alice", titled("A")).await.unwrap().id;
    fill(&database, proposal, 30).await;
    let document = documents.create("alice", proposal, "a.pdf").await.unwrap();
    let denied = Failure::access_denied();
    database
        .aws
        .dynamodb()
        .fail_next("BatchWriteItem", 1, denied);

    let result = proposals.delete(ALICE, proposal).await;
    assert!(matches!(result, Err(Error::Internal(_))), "{result:?}");
    assert_eq!(items_in(&database).await, 31);
    for scope in [ALICE, Scope::Everyone] {
        assert!(no_proposal(
            documents.get(scope, proposal, document.id).await
        ));
    }

    assert!(no_proposal(proposals.delete(ALICE, proposal).await));
    assert_eq!(items_in(&database).await, 0);
}

#[tokio::test]
async fn children_that_are_created_meanwhile_go_along_or_fail() {
    let database = Database::start().await;
    let proposals = Proposals(&database.table);
    let proposal = proposals.create("alice", titled("A")).await.unwrap().id;

    let mut creations = JoinSet::new();
    for _ in 0..20 {
        let table = database.table.clone();
        creations.spawn(async move {
            let created = Documents(&table).create("alice", proposal, "a.pdf").await;
            created.is_ok() || no_proposal(created)
        });
    }
    tokio::task::yield_now().await;
    proposals.delete(ALICE, proposal).await.unwrap();

    assert!(creations.join_all().await.into_iter().all(|fine| fine));
    assert_eq!(items_in(&database).await, 0);
}

#[tokio::test]
async fn children_have_children() {
    let database = Database::start().await;
    let table = &database.table;
    let file = |name: &str| Document {
        filename: name.to_owned(),
    };
    let root = Item::root("alice", titled("A"));
    table.create(&root).await.unwrap();
    let mut documents = Vec::new();
    for _ in 0..2 {
        let document = Item::child(&root.key, "alice", file("a"));
        table.create(&document).await.unwrap();
        for _ in 0..3 {
            let page = Item::at(
                document.key.child("PAGE", Uuid::now_v7()),
                Uuid::now_v7(),
                "alice",
                file("page"),
            );
            table.create(&page).await.unwrap();
        }
        documents.push(document);
    }

    let below = |key: &Key, entity| Query::under(key.children(entity));
    let listed = below(&root.key, Document::NAME);
    assert_eq!(table.count(&listed).await.unwrap(), 2);
    let [first, second] = &documents[..] else {
        panic!("there are two");
    };
    assert_eq!(table.count(&below(&first.key, "PAGE")).await.unwrap(), 3);

    let pages = [first.key.children("PAGE")];
    let deleted = table.delete_family::<Document>(&first.key, Guard::exists(), pages);
    deleted.await.unwrap();
    assert_eq!(table.count(&below(&first.key, "PAGE")).await.unwrap(), 0);
    assert_eq!(table.count(&below(&second.key, "PAGE")).await.unwrap(), 3);
    Proposals(table).delete(ALICE, root.id).await.unwrap();
    assert_eq!(items_in(&database).await, 0);
}

#[tokio::test]
async fn deletes_that_dynamodb_leaves_undone_are_repeated() {
    let batches = Arc::new(AtomicUsize::new(0));
    let table = busy(batches.clone(), 2).await;
    Proposals(&table)
        .delete(ALICE, Uuid::now_v7())
        .await
        .unwrap();
    assert_eq!(batches.load(Ordering::Relaxed), 3);

    let table = busy(batches, usize::MAX).await;
    let result = Proposals(&table).delete(ALICE, Uuid::now_v7()).await;
    assert!(matches!(result, Err(Error::Unavailable(_))), "{result:?}");
}

async fn fill(database: &Database, proposal: Uuid, count: usize) {
    for _ in 0..count {
        let filename = "a.pdf".to_owned();
        let item = Item::child(&key(proposal), "alice", Document { filename });
        database.table.create(&item).await.unwrap();
    }
}

async fn items_in(database: &Database) -> i32 {
    let scan = database.client.scan().table_name(TABLE).send();
    scan.await.unwrap().count
}

/// A table whose first batches are left undone, which a local DynamoDB never does.
async fn busy(batches: Arc<AtomicUsize>, undone: usize) -> Table {
    batches.store(0, Ordering::Relaxed);
    let answer = async move |headers: HeaderMap, body: String| {
        let operation = headers["x-amz-target"].to_str().unwrap();
        let key = json!({"PK": {"S": "PROPOSAL#1"}, "SK": {"S": "DOCUMENT#1"}});
        Json(match operation.split('.').next_back() {
            Some("DeleteItem") => json!({"Attributes": {
                "PK": {"S": "PROPOSAL#1"},
                "SK": {"S": "METADATA"},
                "id": {"S": Uuid::now_v7()},
                "owner": {"S": "alice"},
                "created_at": {"S": "2026-11-22T08:16:25.123Z"},
                "updated_at": {"S": "2026-11-22T08:16:25.123Z"},
                "version": {"N": "1"},
                "title": {"S": "A"},
                "budget": {"N": "1"},
            }}),
            Some("Query") => json!({"Items": [key], "Count": 1}),
            _ if batches.fetch_add(1, Ordering::Relaxed) < undone => {
                let request: Value = serde_json::from_str(&body).unwrap();
                json!({"UnprocessedItems": request["RequestItems"]})
            }
            _ => json!({"UnprocessedItems": {}}),
        })
    };
    let router = Router::new().route("/", axum::routing::post(answer));
    super::stub(router).await
}
