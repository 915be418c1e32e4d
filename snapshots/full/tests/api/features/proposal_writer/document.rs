//! Documents: `/api/proposals/{proposal_id}/documents`

use serde_json::{Value, json};

use my_api::database::Consistency;
use my_api::database::Error;
use my_api::database::Guard;
use my_api::database::Key;
use my_api::database::Update;
use my_api::features::proposal_writer::document::model::Document as Model;

use crate::support::{Caller, Items, TestApp, fetch};

use crate::features::proposal_writer::proposal as parents;

pub const PATH: &str = "documents";

/// The first part of their keys. Whatever has been stored is found by it.
const NAME: &str = "DOCUMENT";
const PARENT: &str = "PROPOSAL";

/// The documents of a new proposal.
pub async fn items(app: &TestApp) -> Items<'_> {
    let parents = parents::items(app);
    let parent = parents.add(parents::least()).await;
    items_of(app, &parent)
}

/// The documents of this proposal.
fn items_of<'a>(app: &'a TestApp, parent: &str) -> Items<'a> {
    Items {
        app,
        path: format!("{}/{parent}/{PATH}", parents::PATH),
        writer: Caller::User("alice"),
        reader: Caller::User("alice"),
        remover: Caller::Admin("root"),
    }
}

/// What a new document must have.
pub fn least() -> Value {
    json!({
        "filename": "Some filename",
    })
}

/// What the other fields hold when nothing is said about them.
fn defaults() -> Value {
    json!({
        "content": null,
    })
}

/// All that a client can say of a new document.
fn full() -> Value {
    json!({
        "filename": "Some filename",
    })
}

/// A change.
fn changes() -> Value {
    json!({
        "filename": "Other filename",
    })
}

/// What each field takes (`ok`), and what it refuses, under the type of the error.
fn rules() -> Value {
    json!({
        "filename": {
            "ok": ["é", "é".repeat(255)],
            "string_too_short": [""],
            "string_too_long": ["é".repeat(256)],
            "string_pattern_mismatch": [" "],
            "string_type": [1, null],
        },
        "content": {
            "extra_forbidden": [null, 1],
        },
    })
}

/// The files of a document, and what each takes.
fn files() -> Value {
    json!([
        {
            "name": "content",
            "path": "content",
            "max_size": 10_000_000_u64,
            "content_type": "application/pdf",
            "other_type": ["text/html", "enum"],
            "optional": false,
        },
    ])
}

fn key(parent: &str, id: &str) -> Key {
    let parent = Key::root(PARENT, parent.parse().unwrap());
    parent.child(NAME, id.parse().unwrap())
}

#[tokio::test]
async fn an_item_is_created_shown_listed_changed_and_deleted() {
    let app = &TestApp::start().await;
    let items = items(app).await;
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
    let items = items(app).await;
    let id = items.add(least()).await;
    items.get(&id).await.assert_shows(&defaults());
}

#[tokio::test]
async fn an_item_from_before_its_fields_were_added_still_loads() {
    let app = &TestApp::start().await;
    let parents = parents::items(app);
    let parent = parents.add(parents::least()).await;
    let items = items_of(app, &parent);
    let id = items.add(full()).await;
    let mut without = Update::new();
    for (field, _) in defaults().as_object().unwrap() {
        without = without.remove(field);
    }
    let (table, key) = (app.state.table(), key(&parent, &id));
    let stored = table.update::<Model>(&key, Guard::exists(), without);
    stored.await.unwrap();

    items.get(&id).await.assert_shows(&defaults());
    assert!(items.list(&json!({})).await.ids().contains(&id));
}

#[tokio::test]
async fn the_rules_hold_for_a_new_item() {
    let app = &TestApp::start().await;
    let items = items(app).await;
    let (least, rules) = (least(), rules());
    items.check_rules_of_create(&least, &rules).await;
}

#[tokio::test]
async fn the_rules_hold_for_a_change() {
    let app = &TestApp::start().await;
    let items = items(app).await;
    let (least, rules) = (least(), rules());
    items.check_rules_of_update(&least, &rules).await;
}

#[tokio::test]
async fn everyone_may_do_what_they_may_and_no_more() {
    let app = &TestApp::start().await;
    let items = items(app).await;
    let (least, changes) = (least(), changes());
    let expected = [
        // list, create, get, change nothing, change, delete
        (Caller::Nobody, [401, 401, 401, 401, 401, 401]),
        (Caller::User("bob"), [404, 404, 404, 404, 404, 403]),
        (Caller::User("alice"), [200, 201, 200, 200, 200, 403]),
        (Caller::Admin("root"), [200, 201, 200, 200, 200, 204]),
    ];
    items.check_access(&least, &changes, expected).await;
}

#[tokio::test]
async fn a_list_has_pages_and_begins_with_the_newest() {
    let app = &TestApp::start().await;
    let items = items(app).await;
    items.check_pages(&least()).await;
}

#[tokio::test]
async fn a_cursor_is_good_for_its_own_list_only() {
    let app = &TestApp::start().await;
    let others = items(app).await;
    let items = items(app).await;
    items.add(least()).await;
    items.add(least()).await;

    let page = items.list(&json!({"limit": 1})).await.json();
    let refused = others.list(&json!({"cursor": page["next_cursor"]})).await;
    assert_eq!(refused.status, 422, "{refused:?}");
}

#[tokio::test]
async fn a_version_that_is_not_the_current_one_is_refused() {
    let app = &TestApp::start().await;
    let items = items(app).await;
    let (least, changes) = (least(), changes());
    items.check_versions(&least, &changes).await;
}

#[tokio::test]
async fn a_file_is_announced_sent_confirmed_fetched_and_replaced() {
    let app = &TestApp::start().await;
    let items = items(app).await;
    items.check_files(&least(), &files()).await;
}

#[tokio::test]
async fn the_rules_hold_for_files() {
    let app = &TestApp::start().await;
    let items = items(app).await;
    let least = least();
    items.check_rules_of_files(&least, &files()).await;
}

#[tokio::test]
async fn a_file_has_a_safe_name() {
    let app = &TestApp::start().await;
    let items = items(app).await;
    let least = least();
    items.check_names_of_files(&least, &files()).await;
}

#[tokio::test]
async fn everyone_may_do_with_files_what_they_may_and_no_more() {
    let app = &TestApp::start().await;
    let items = items(app).await;
    let (least, files) = (least(), files());
    let expected = [
        // announce, confirm, download, delete
        (Caller::Nobody, [401, 401, 401, 401]),
        (Caller::User("bob"), [404, 404, 404, 404]),
        (Caller::User("alice"), [200, 200, 200, 204]),
        (Caller::Admin("root"), [200, 200, 200, 204]),
    ];
    items.check_access_to_files(&least, &files, expected).await;
}

#[tokio::test]
async fn files_go_with_their_item() {
    let app = &TestApp::start().await;
    let items = items(app).await;
    let least = least();
    items.check_files_go_with_their_item(&least, &files()).await;
}

#[tokio::test]
async fn files_go_with_the_parent_of_their_item() {
    let app = &TestApp::start().await;
    let parents = parents::items(app);
    let parent = parents.add(parents::least()).await;
    let items = items_of(app, &parent);
    let id = items.add(least()).await;
    let urls = items.upload_all(&id, &files()).await;

    let deleted = parents.delete(&parent).await;
    assert_eq!(deleted.status, 204, "{deleted:?}");
    for url in urls {
        assert_eq!(fetch(&url).await.0, 404);
    }
}

#[tokio::test]
async fn an_item_is_found_below_its_own_parent_only() {
    let app = &TestApp::start().await;
    let parents = parents::items(app);
    let other = parents.add(parents::least()).await;
    let items = items(app).await;
    let (least, changes) = (least(), changes());
    let id = items.add(least.clone()).await;

    let elsewhere = items_of(app, &other);
    let nowhere = items_of(app, "01976f1e-0000-7000-8000-000000000000");
    for items in [&elsewhere, &nowhere] {
        assert_eq!(items.get(&id).await.status, 404);
        assert_eq!(items.update(&id, &changes).await.status, 404);
        assert_eq!(items.delete(&id).await.status, 404);
    }
    assert!(elsewhere.list(&json!({})).await.ids().is_empty());
    assert_eq!(nowhere.list(&json!({})).await.status, 404);
    assert_eq!(nowhere.create(&least).await.status, 404);
    assert_eq!(items.get(&id).await.header("etag"), Some("\"1\""));
}

#[tokio::test]
async fn items_go_with_their_parent() {
    let app = &TestApp::start().await;
    let parents = parents::items(app);
    let parent = parents.add(parents::least()).await;
    let items = items_of(app, &parent);
    let id = items.add(least()).await;
    let (table, key) = (app.state.table(), key(&parent, &id));
    let stored = table.get::<Model>(&key, Consistency::Strong).await;
    assert_eq!(stored.unwrap().id.to_string(), id);

    let deleted = parents.delete(&parent).await;
    assert_eq!(deleted.status, 204, "{deleted:?}");
    let stored = table.get::<Model>(&key, Consistency::Strong).await;
    assert!(matches!(stored, Err(Error::NotFound(_))), "{stored:?}");
    assert_eq!(items.get(&id).await.status, 404);
}
