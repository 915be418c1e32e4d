//! Lists: their order, their pages, and cursors that are not theirs.

use std::collections::BTreeSet;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::StatusCode;
use uuid::Uuid;

use my_api::database::Collection;
use my_api::database::Cursor;
use my_api::database::Entity;
use my_api::database::Error;
use my_api::database::Guard;
use my_api::database::Item;
use my_api::database::Page;
use my_api::database::Query;
use my_api::database::Result;
use my_api::database::Scope;
use my_api::database::Update;
use my_api::database::segment;
use my_api::error::Error as ApiError;

use super::Database;
use super::proposals::{
    BY_STATUS, Document, Documents, Proposal, Proposals, Status, by_status, key, titled,
};

#[tokio::test]
async fn a_list_has_what_the_owner_has_newest_first() {
    let database = Database::start().await;
    let proposals = Proposals(&database.table);
    let ids = create(&database, "alice", 5).await;
    create(&database, "bob", 1).await;
    create(&database, "alice2", 1).await;
    let documents = Documents(&database.table);
    documents.create("alice", ids[0], "a.pdf").await.unwrap();

    let page = proposals.list("alice", 100, None).await.unwrap();

    let newest_first: Vec<_> = ids.iter().rev().copied().collect();
    assert_eq!(of(&page), newest_first);
    assert!(page.next.is_none());
    assert!(
        proposals
            .list("nobody", 1, None)
            .await
            .unwrap()
            .items
            .is_empty()
    );

    let query = Query::of::<Proposal>(Collection::Owner("alice"), None).oldest_first();
    let page = database.table.query::<Proposal>(&query, 100, None).await;
    assert_eq!(of(&page.unwrap()), ids);
}

#[tokio::test]
async fn pages_of_any_size_have_each_item_once_and_the_last_one_is_not_empty() {
    let database = Database::start().await;
    let proposals = Proposals(&database.table);
    let documents = Documents(&database.table);
    let ids = create(&database, "alice", 7).await;
    for _ in 0..7 {
        documents.create("alice", ids[0], "a.pdf").await.unwrap();
    }

    for limit in 1..=8 {
        let pages = 7_u16.div_ceil(limit);
        let mut cursor = None;
        let mut listed = Vec::new();
        for number in 1..=pages {
            let page = proposals
                .list("alice", limit, cursor.as_ref())
                .await
                .unwrap();
            assert!(!page.items.is_empty());
            listed.extend(of(&page));
            assert_eq!(page.next.is_some(), number < pages, "limit {limit}");
            cursor = page.next;
        }
        assert!(listed.iter().rev().eq(&ids), "limit {limit}");

        let mut cursor = None;
        let mut listed = BTreeSet::new();
        for _ in 1..=pages {
            let page = documents
                .list(ids[0], limit, cursor.as_ref())
                .await
                .unwrap();
            listed.extend(page.items.iter().map(|item| item.id));
            cursor = page.next;
        }
        assert!(cursor.is_none());
        assert_eq!(listed.len(), 7, "limit {limit}");
    }
}

#[tokio::test]
async fn lists_are_complete_beyond_the_1_mb_that_dynamodb_reads_at_once() {
    let database = Database::start().await;
    let proposal = create(&database, "alice", 1).await[0];
    let parent = key(proposal);
    let filename = "x".repeat(100_000);
    for _ in 0..30 {
        let document = Document {
            filename: filename.clone(),
        };
        let item = Item::child(&parent, "alice", document);
        database.table.create(&item).await.unwrap();
    }

    let query = Query::under(parent.children(Document::NAME));
    assert_eq!(database.table.count(&query).await.unwrap(), 30);

    let documents = Documents(&database.table);
    let page = documents.list(proposal, 30, None).await.unwrap();
    assert_eq!((page.items.len(), page.next), (30, None));

    let mut listed = Vec::new();
    let mut cursor = None;
    for size in [13, 13, 4] {
        let page = documents.list(proposal, 13, cursor.as_ref()).await.unwrap();
        assert_eq!(page.items.len(), size);
        listed.extend(page.items.into_iter().map(|item| item.id));
        cursor = page.next;
    }
    assert!(cursor.is_none());
    assert!(listed.is_sorted_by(|newer, older| newer > older));
}

#[tokio::test]
async fn a_page_ends_before_it_is_larger_than_a_response_may_be() {
    let database = Database::start().await;
    let proposal = create(&database, "alice", 1).await[0];
    for _ in 0..13 {
        let filename = "x".repeat(380_000);
        let item = Item::child(&key(proposal), "alice", Document { filename });
        database.table.create(&item).await.unwrap();
    }

    let documents = Documents(&database.table);
    let mut listed = BTreeSet::new();
    let mut cursor = None;
    let mut pages = 0;
    while pages == 0 || cursor.is_some() {
        let page = documents
            .list(proposal, 100, cursor.as_ref())
            .await
            .unwrap();
        assert!((1..=12).contains(&page.items.len()));
        listed.extend(page.items.iter().map(|item| item.id));
        cursor = page.next;
        pages += 1;
    }
    assert_eq!(listed.len(), 13);
    assert_eq!(pages, 2);
}

#[tokio::test]
async fn an_item_moves_with_its_value() {
    let database = Database::start().await;
    let proposals = Proposals(&database.table);
    let ids = create(&database, "alice", 3).await;
    create(&database, "bob", 1).await;
    let list = async |status| of(&proposals.list_by_status("alice", status).await.unwrap());
    assert_eq!(list(Status::Draft).await, [ids[2], ids[1], ids[0]]);

    let set = proposals.set_status(Scope::Everyone, ids[1], None, Status::Completed);
    set.await.unwrap();

    assert_eq!(list(Status::Draft).await, [ids[2], ids[0]]);
    assert_eq!(list(Status::Completed).await, [ids[1]]);
    assert!(list(Status::Processing).await.is_empty());
}

#[tokio::test]
async fn an_item_without_a_value_is_not_in_the_index() {
    let database = Database::start().await;
    let item = Item::root("alice", titled("A"));
    database.table.create(&item).await.unwrap();
    let query = by_status("alice", Status::Draft);
    assert_eq!(database.table.count(&query).await.unwrap(), 1);

    for (value, listed) in [(None, 0), (Some(Status::Draft), 1)] {
        let update = Update::new().by_value(BY_STATUS, item.id, value);
        let guard = Guard::exists();
        let _: Item<Proposal> = database
            .table
            .update(&item.key, guard, update)
            .await
            .unwrap();
        assert_eq!(database.table.count(&query).await.unwrap(), listed);
    }
}

#[test]
fn a_value_cannot_pass_for_the_start_of_another() {
    assert_eq!(segment("a#b%c"), "a%23b%25c");
    let list = |value: &str| format!("{:?}", by_status("a", value));
    assert_ne!(list("a#b"), list("a%23b"));
}

#[tokio::test]
async fn a_list_can_be_cut_to_a_time() {
    let database = Database::start().await;
    let mut ids = Vec::new();
    for month in 1..=6 {
        let mut item = Item::root("alice", titled("A"));
        item.created_at = format!("2026-0{month}-15T00:00:00Z").parse().unwrap();
        database.table.create(&item).await.unwrap();
        ids.push(item.id);
    }
    let between = async |from: &str, to: &str| {
        let query = Query::of::<Proposal>(Collection::Owner("alice"), None).between(from, to);
        let page = database
            .table
            .query::<Proposal>(&query, 100, None)
            .await
            .unwrap();
        let count = database.table.count(&query).await.unwrap();
        assert_eq!(page.items.len(), usize::try_from(count).unwrap());
        of(&page)
    };

    assert_eq!(between("2026-02", "2026-04").await, [ids[2], ids[1]]);
    assert_eq!(between("2026-06", "2027").await, [ids[5]]);
    assert!(between("2025", "2026").await.is_empty());
    assert!(between("2027", "2026").await.is_empty());

    let query =
        Query::of::<Proposal>(Collection::Owner("alice"), None).between("2026-02", "2026-06");
    let first = database
        .table
        .query::<Proposal>(&query, 2, None)
        .await
        .unwrap();
    let second = database
        .table
        .query::<Proposal>(&query, 2, first.next.as_ref());
    let second = second.await.unwrap();
    assert_eq!(
        [of(&first), of(&second)].concat(),
        [ids[4], ids[3], ids[2], ids[1]]
    );
    assert!(second.next.is_none());
}

#[tokio::test]
async fn a_consistent_list_of_the_table_sees_the_last_write() {
    let database = Database::start().await;
    let proposal = create(&database, "alice", 1).await[0];
    let documents = Documents(&database.table);
    documents.create("alice", proposal, "a.pdf").await.unwrap();

    let query = Query::under(key(proposal).children(Document::NAME)).consistent();
    assert_eq!(database.table.count(&query).await.unwrap(), 1);
    let query = Query::under(key(proposal).partition()).consistent();
    assert_eq!(database.table.count(&query).await.unwrap(), 2);
}

#[tokio::test]
async fn a_cursor_of_another_list_is_refused() {
    let database = Database::start().await;
    let proposals = Proposals(&database.table);
    let documents = Documents(&database.table);
    let alices = create(&database, "alice", 3).await;
    let bobs = create(&database, "bob", 3).await;
    for _ in 0..3 {
        documents.create("alice", alices[0], "a.pdf").await.unwrap();
        documents.create("bob", bobs[0], "a.pdf").await.unwrap();
    }

    let of_bob = proposals.list("bob", 1, None).await.unwrap().next;
    assert!(refused(proposals.list("alice", 10, of_bob.as_ref()).await));
    let of_bobs_documents = documents.list(bobs[0], 1, None).await.unwrap().next;
    assert!(refused(
        proposals.list("bob", 10, of_bobs_documents.as_ref()).await
    ));
    assert!(refused(
        documents
            .list(alices[0], 10, of_bobs_documents.as_ref())
            .await
    ));
    assert!(refused(documents.list(bobs[0], 10, of_bob.as_ref()).await));

    let list = Query::of::<Proposal>(Collection::Owner("bob"), None);
    for other in [
        list.clone().oldest_first(),
        list.clone().between("2026", "2100"),
        Query::of::<Document>(Collection::Owner("bob"), None),
        by_status("bob", Status::Draft),
    ] {
        let page = database
            .table
            .query::<Proposal>(&other, 10, of_bob.as_ref());
        assert!(refused(page.await), "{other:?}");
    }
    database
        .table
        .query::<Proposal>(&list, 10, of_bob.as_ref())
        .await
        .unwrap();
}

#[tokio::test]
async fn a_damaged_cursor_is_refused() {
    let database = Database::start().await;
    let proposals = Proposals(&database.table);
    create(&database, "alice", 3).await;
    let page = proposals.list("alice", 1, None).await.unwrap();
    let cursor = String::from(page.next.unwrap());

    let mut damaged: Vec<String> = Vec::new();
    for position in 0..cursor.len() {
        for bit in 0..7 {
            let mut bytes = cursor.clone().into_bytes();
            bytes[position] ^= 1 << bit;
            damaged.push(String::from_utf8(bytes).unwrap());
        }
        damaged.push(cursor[..position].to_owned());
    }
    let json = URL_SAFE_NO_PAD.decode(&cursor).unwrap();
    for position in 0..json.len() {
        for bit in 0..8 {
            let mut json = json.clone();
            json[position] ^= 1 << bit;
            damaged.push(URL_SAFE_NO_PAD.encode(json));
        }
    }
    damaged.push(format!("{cursor}="));
    damaged.push(format!("{cursor}A"));
    damaged.push(cursor.repeat(2));
    damaged.push("A".repeat(1_000_000));
    damaged.push("🦀 not base64".to_owned());
    for json in [
        "null",
        "0",
        "[]",
        "{}",
        r#"{"checksum":0,"position":{"sort":""}}"#,
    ] {
        damaged.push(URL_SAFE_NO_PAD.encode(json));
    }

    for text in damaged {
        let cursor = Cursor::from(text);
        let page = proposals.list("alice", 10, Some(&cursor)).await;
        assert!(refused(page), "{cursor:?}");
    }
}

#[tokio::test]
async fn a_cursor_that_dynamodb_refuses_is_a_422() {
    let database = Database::start().await;
    create(&database, "alice", 2).await;
    let proposals = Proposals(&database.table);
    let next = proposals.list("alice", 1, None).await.unwrap().next;
    let message = "The provided starting key is outside query boundaries";
    let failure = local::Failure::validation(message);
    database.aws.dynamodb().fail_next("Query", 1, failure);

    let error = proposals.list("alice", 1, next.as_ref()).await.unwrap_err();

    assert!(matches!(error, Error::InvalidCursor));
    let error = ApiError::from(error);
    assert_eq!(error.status(), StatusCode::UNPROCESSABLE_ENTITY);
    let ApiError::Validation(errors) = error else {
        panic!("{error:?}");
    };
    let errors = serde_json::json!(errors);
    assert_eq!(errors[0]["loc"], serde_json::json!(["query", "cursor"]));
}

async fn create(database: &Database, owner: &str, count: usize) -> Vec<Uuid> {
    let mut ids = Vec::new();
    for _ in 0..count {
        let item = Proposals(&database.table).create(owner, titled("A")).await;
        ids.push(item.unwrap().id);
    }
    ids
}

fn of(page: &Page<Proposal>) -> Vec<Uuid> {
    page.items.iter().map(|item| item.id).collect()
}

fn refused<T>(result: Result<T>) -> bool {
    matches!(result, Err(Error::InvalidCursor))
}
