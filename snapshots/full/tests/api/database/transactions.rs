//! Transactions: all or nothing, and which write was at fault.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::response::IntoResponse;
use axum::{Json, Router};
use http::StatusCode;
use serde::{Deserialize, Serialize};
use serde_json::json;
use uuid::Uuid;

use my_api::database::Condition;
use my_api::database::Consistency;
use my_api::database::Entity;
use my_api::database::Error;
use my_api::database::Guard;
use my_api::database::Item;
use my_api::database::Key;
use my_api::database::Rejected;
use my_api::database::Result;
use my_api::database::Scope;
use my_api::database::Table;
use my_api::database::Transaction;
use my_api::database::Update;

use super::Database;
use super::proposals::{Proposal, Proposals, key, no_proposal, titled};

#[tokio::test]
async fn all_writes_happen_together() {
    let database = Database::start().await;
    let [kept, changed, deleted, created] = items(&database).await;

    let mut transaction = database.table.transaction();
    transaction
        .check::<Proposal>(&kept.key, Guard::exists())
        .unwrap();
    let update = Update::new().set("title", "changed");
    transaction
        .update::<Proposal>(&changed.key, Guard::exists().version(Some(1)), update)
        .unwrap();
    transaction
        .delete::<Proposal>(&deleted.key, Guard::exists())
        .unwrap();
    transaction.create(&created).unwrap();
    transaction.commit().await.unwrap();

    let get = async |item: &Item<Proposal>| {
        let read = database
            .table
            .get::<Proposal>(&item.key, Consistency::Strong);
        read.await
    };
    assert_eq!(get(&kept).await.unwrap(), kept);
    let changed = get(&changed).await.unwrap();
    assert_eq!(
        (changed.data.title.as_str(), changed.version),
        ("changed", 2)
    );
    assert!(no_proposal(get(&deleted).await));
    assert_eq!(get(&created).await.unwrap(), created);
}

#[tokio::test]
async fn none_happens_when_one_may_not_and_that_one_is_named() {
    let database = Database::start().await;
    let [first, second, third, new] = items(&database).await;
    let bob = || Guard::exists().scope(Scope::Owner("bob"));
    let stale = || Guard::exists().version(Some(7));
    let never = || Guard::exists().when(Condition::not_exists("title"));

    let reject = async |fill: &dyn Fn(&mut Transaction<'_>) -> Result<()>| {
        let mut transaction = database.table.transaction();
        transaction.create(&new).unwrap();
        fill(&mut transaction).unwrap();
        let rejected = transaction.commit().await.unwrap_err();
        (rejected.position, rejected.error)
    };

    let outcome = reject(&|writes| writes.check::<Proposal>(&first.key, bob())).await;
    assert!(matches!(
        outcome,
        (Some(1), Error::NotFound("Proposal not found"))
    ));
    let outcome = reject(&|writes| writes.check::<Proposal>(&key(Uuid::now_v7()), stale())).await;
    assert!(matches!(
        outcome,
        (Some(1), Error::NotFound("Proposal not found"))
    ));
    let outcome =
        reject(&|writes| writes.update::<Proposal>(&second.key, stale(), Update::new())).await;
    assert!(matches!(outcome, (Some(1), Error::VersionMismatch)));
    let outcome = reject(&|writes| writes.delete::<Proposal>(&third.key, never())).await;
    assert!(matches!(outcome, (Some(1), Error::ConditionFailed)));
    let outcome = reject(&|writes| writes.create(&first)).await;
    assert!(matches!(outcome, (Some(1), Error::AlreadyExists)));
    let outcome = reject(&|writes| {
        writes.delete::<Proposal>(&first.key, Guard::exists())?;
        writes.delete::<Proposal>(&second.key, stale())?;
        writes.delete::<Proposal>(&third.key, never())
    })
    .await;
    assert!(matches!(outcome, (Some(2), Error::VersionMismatch)));

    let list = Proposals(&database.table).list("alice", 10, None).await;
    assert_eq!(list.unwrap().items, [third, second, first]);
}

#[tokio::test]
async fn a_value_can_be_made_unique() {
    #[derive(Debug, Serialize, Deserialize)]
    struct Taken {}

    impl Entity for Taken {
        const NAME: &'static str = "UNIQUE";
        const NOT_FOUND: &'static str = "Title not found";
    }

    let database = Database::start().await;
    let create = async |title: &str| -> Result<(), Rejected> {
        let item = Item::root("alice", titled(title));
        let key = Key::new(format!("UNIQUE#PROPOSAL#TITLE#{title}"), "UNIQUE");
        let taken = Item::at(key, item.id, "alice", Taken {});
        let mut transaction = database.table.transaction();
        transaction.create(&taken).unwrap();
        transaction.create(&item).unwrap();
        transaction.commit().await
    };

    create("A").await.unwrap();
    let rejected = create("A").await.unwrap_err();
    assert_eq!(rejected.position, Some(0));
    assert!(matches!(rejected.error, Error::AlreadyExists));
    create("B").await.unwrap();
}

#[tokio::test]
async fn the_same_token_does_it_once() {
    let database = Database::start().await;
    let [item, ..] = items(&database).await;
    let token = Uuid::now_v7().to_string();

    for _ in 0..2 {
        let mut transaction = database.table.transaction();
        transaction.token(&token);
        let guard = Guard::exists().version(Some(1));
        transaction.delete::<Proposal>(&item.key, guard).unwrap();
        transaction.commit().await.unwrap();
    }
}

#[tokio::test]
async fn a_replacement_needs_its_condition() {
    let database = Database::start().await;
    let [item, ..] = items(&database).await;
    for (title, replaced) in [("A", true), ("B", false)] {
        let mut transaction = database.table.transaction();
        let condition = Condition::equals("title", title);
        transaction.create_or_replace(&item, condition).unwrap();
        match transaction.commit().await {
            Ok(()) => assert!(replaced),
            Err(rejected) => assert!(matches!(rejected.error, Error::ConditionFailed) && !replaced),
        }
    }
}

#[tokio::test]
async fn a_transaction_that_meets_another_waits_and_tries_again() {
    let requests = Arc::new(AtomicUsize::new(0));
    let table = contended(requests.clone(), 2).await;
    commit(&table).await.unwrap();
    assert_eq!(requests.load(Ordering::Relaxed), 3);

    let table = contended(requests, usize::MAX).await;
    let rejected = commit(&table).await.unwrap_err();
    assert_eq!(rejected.position, Some(0));
    assert!(
        matches!(rejected.error, Error::Unavailable(_)),
        "{rejected:?}"
    );
}

/// Three items that exist and one that does not.
async fn items(database: &Database) -> [Item<Proposal>; 4] {
    let items = [(); 4].map(|()| Item::root("alice", titled("A")));
    for item in &items[..3] {
        database.table.create(item).await.unwrap();
    }
    items
}

async fn commit(table: &Table) -> Result<(), Rejected> {
    let mut transaction = table.transaction();
    transaction
        .create(&Item::root("alice", titled("A")))
        .unwrap();
    transaction.commit().await
}

/// A table whose first transactions meet others.
async fn contended(requests: Arc<AtomicUsize>, met: usize) -> Table {
    requests.store(0, Ordering::Relaxed);
    let answer = async move || {
        if requests.fetch_add(1, Ordering::Relaxed) >= met {
            return Json(json!({})).into_response();
        }
        let body = Json(json!({
            "__type": "TransactionCanceledException",
            "CancellationReasons": [{"Code": "TransactionConflict"}],
        }));
        (StatusCode::BAD_REQUEST, body).into_response()
    };
    let router = Router::new().route("/", axum::routing::post(answer));
    super::stub(router).await
}
