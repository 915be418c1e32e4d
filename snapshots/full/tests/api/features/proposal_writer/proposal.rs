//! Proposals: `/api/proposals`

mod jobs;

use serde_json::{Value, json};

use my_api::database::Guard;
use my_api::database::Key;
use my_api::database::Update;
use my_api::features::proposal_writer::proposal::model::Proposal as Model;

use crate::support::{Caller, Items, TestApp};

pub const PATH: &str = "/api/proposals";

/// The first part of their keys. Whatever has been stored is found by it.
const NAME: &str = "PROPOSAL";

/// All proposals.
pub fn items(app: &TestApp) -> Items<'_> {
    Items {
        app,
        path: PATH.to_owned(),
        writer: Caller::User("alice"),
        reader: Caller::User("alice"),
        remover: Caller::Admin("root"),
    }
}

/// What a new proposal must have.
pub fn least() -> Value {
    json!({
        "title": "Some title",
        "budget": 1.5,
    })
}

/// What the other fields hold when nothing is said about them.
fn defaults() -> Value {
    json!({
        "description": null,
        "status": "draft",
        "due": null,
    })
}

/// All that a client can say of a new proposal.
fn full() -> Value {
    json!({
        "title": "Some title",
        "description": "Some description",
        "budget": 1.5,
        "status": "processing",
        "due": "2024-02-29",
    })
}

/// A change.
fn changes() -> Value {
    json!({
        "title": "Other title",
        "description": "Other description",
        "budget": 0.5,
        "status": "draft",
        "due": "2030-12-31",
    })
}

/// What each field takes (`ok`), and what it refuses, under the type of the error.
fn rules() -> Value {
    json!({
        "title": {
            "ok": ["é", "é".repeat(200)],
            "string_too_short": [""],
            "string_too_long": ["é".repeat(201)],
            "string_pattern_mismatch": [" "],
            "string_type": [1, null],
        },
        "description": {
            "ok": ["", "é".repeat(2000), null],
            "string_too_long": ["é".repeat(2001)],
            "string_type": [1],
        },
        "budget": {
            "ok": ["0.00000000000000000000000000000000000001", 10000000],
            "greater_than": [0],
            "less_than_equal": ["10000000.000000000000000000000000000001"],
            "decimal_type": [true, null],
        },
        "status": {
            "ok": ["draft", "processing", "completed", "failed"],
            "enum": ["DRAFT", 1, null],
        },
        "due": {
            "ok": ["2024-02-29", "2030-12-31", null],
            "date_from_datetime_parsing": ["2023-02-29"],
            "date_type": [1],
        },
    })
}

/// For each field that items can be listed by, two of its values.
fn filters() -> Value {
    json!({
        "status": ["processing", "draft"],
    })
}

fn key(id: &str) -> Key {
    Key::root(NAME, id.parse().unwrap())
}

#[tokio::test]
async fn an_item_is_created_shown_listed_changed_and_deleted() {
    let app = &TestApp::start().await;
    let items = items(app);
    let (full, changes) = (full(), changes());

    let created = items.create(&full).await;
    assert_eq!(created.status, 201, "{created:?}");
    assert_eq!(created.header("etag"), Some("\"1\""));
    created.assert_shows(&full);
    let id = created.id();
    assert_eq!(created.header("location"), Some(&*items.path_of(&id)));

    let shown = items.get(&id).await;
    assert_eq!(shown.status, 200, "{shown:?}");
    assert_eq!(shown.header("etag"), Some("\"1\""));
    assert_eq!(shown.text, created.text);
    assert!(items.list(&json!({})).await.ids().contains(&id));

    let changed = items.update(&id, &changes).await;
    assert_eq!(changed.status, 200, "{changed:?}");
    assert_eq!(changed.header("etag"), Some("\"2\""));
    changed.assert_shows(&changes);
    assert_eq!(items.get(&id).await.text, changed.text);

    let deleted = items.delete(&id).await;
    assert_eq!(deleted.status, 204, "{deleted:?}");
    assert!(!items.list(&json!({})).await.ids().contains(&id));
    assert_eq!(items.get(&id).await.status, 404);
    assert_eq!(items.update(&id, &changes).await.status, 404);
    assert_eq!(items.delete(&id).await.status, 404);
}

#[tokio::test]
async fn what_is_left_out_has_its_default() {
    let app = &TestApp::start().await;
    let items = items(app);
    let id = items.add(least()).await;
    items.get(&id).await.assert_shows(&defaults());
}

#[tokio::test]
async fn an_item_from_before_its_fields_were_added_still_loads() {
    let app = &TestApp::start().await;
    let items = items(app);
    let id = items.add(full()).await;
    let mut without = Update::new();
    for (field, _) in defaults().as_object().unwrap() {
        without = without.remove(field);
    }
    let (table, key) = (app.state.table(), key(&id));
    let stored = table.update::<Model>(&key, Guard::exists(), without);
    stored.await.unwrap();

    items.get(&id).await.assert_shows(&defaults());
    assert!(items.list(&json!({})).await.ids().contains(&id));
}

#[tokio::test]
async fn the_rules_hold_for_a_new_item() {
    let app = &TestApp::start().await;
    let items = items(app);
    let (least, rules) = (least(), rules());
    items.check_rules_of_create(&least, &rules).await;
}

#[tokio::test]
async fn the_rules_hold_for_a_change() {
    let app = &TestApp::start().await;
    let items = items(app);
    let (least, rules) = (least(), rules());
    items.check_rules_of_update(&least, &rules).await;
}

#[tokio::test]
async fn everyone_may_do_what_they_may_and_no_more() {
    let app = &TestApp::start().await;
    let items = items(app);
    let (least, changes) = (least(), changes());
    let expected = [
        // list, create, get, change nothing, change, delete
        (Caller::Nobody, [401, 401, 401, 401, 401, 401]),
        (Caller::User("bob"), [200, 201, 404, 404, 404, 403]),
        (Caller::User("alice"), [200, 201, 200, 200, 200, 403]),
        (Caller::Admin("root"), [200, 201, 200, 200, 200, 204]),
    ];
    items.check_access(&least, &changes, expected).await;
}

#[tokio::test]
async fn a_list_has_pages_and_begins_with_the_newest() {
    let app = &TestApp::start().await;
    let items = items(app);
    items.check_pages(&least()).await;
}

#[tokio::test]
async fn a_cursor_is_good_for_its_own_list_only() {
    let app = &TestApp::start().await;
    let items = items(app);
    let others = items.by(Caller::User("bob"));
    items.add(least()).await;
    items.add(least()).await;

    let page = items.list(&json!({"limit": 1})).await.json();
    let refused = others.list(&json!({"cursor": page["next_cursor"]})).await;
    assert_eq!(refused.status, 422, "{refused:?}");
}

#[tokio::test]
async fn a_version_that_is_not_the_current_one_is_refused() {
    let app = &TestApp::start().await;
    let items = items(app);
    let (least, changes) = (least(), changes());
    items.check_versions(&least, &changes).await;
}

#[tokio::test]
async fn items_are_listed_by_one_value() {
    let app = &TestApp::start().await;
    let items = items(app);
    let (least, filters) = (least(), filters());
    items.check_filters(&least, &filters).await;
}
