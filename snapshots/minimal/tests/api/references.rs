//! Ids in a body that name other items.

use serde::{Deserialize, Serialize};
use serde_json::json;
use uuid::Uuid;

use my_api::database::Entity;
use my_api::database::Item;
use my_api::database::Scope;
use my_api::error::Error;
use my_api::shared::references::References;

use crate::support::TestApp;

#[derive(Serialize, Deserialize)]
struct Customer {}

impl Entity for Customer {
    const NAME: &'static str = "CUSTOMER";
    const NOT_FOUND: &'static str = "Customer not found";
}

#[tokio::test]
async fn what_is_missing_or_of_somebody_else_is_reported_at_once() {
    let app = TestApp::start().await;
    let table = app.state.table();
    let [mine, theirs] = ["alice", "bob"].map(|owner| Item::root(owner, Customer {}));
    table.create(&mine).await.unwrap();
    table.create(&theirs).await.unwrap();
    let nobody = Uuid::now_v7();

    let mut references = References::new(table);
    let alice = Scope::Owner("alice");
    let payer = references.check::<Customer>("payer", Some(theirs.id), alice);
    payer.await.unwrap();
    let agent = references.check::<Customer>("agent", None, alice);
    agent.await.unwrap();
    let ids = [mine.id, nobody];
    let guests = references.check_each::<Customer>("guests", &ids, alice);
    guests.await.unwrap();

    let Err(Error::Validation(errors)) = references.finish() else {
        panic!("two references are wrong");
    };
    let error = |loc, id| {
        json!({
            "type": "value_error",
            "loc": loc,
            "msg": "Value error, customer not found",
            "input": id,
            "ctx": {"error": {}},
        })
    };
    assert_eq!(
        json!(errors),
        json!([
            error(json!(["body", "payer"]), theirs.id),
            error(json!(["body", "guests", 1]), nobody),
        ])
    );
}

#[tokio::test]
async fn what_is_there_and_in_the_scope_is_no_error() {
    let app = TestApp::start().await;
    let table = app.state.table();
    let theirs = Item::root("bob", Customer {});
    table.create(&theirs).await.unwrap();

    let mut references = References::new(table);
    let payer = references.check::<Customer>("payer", Some(theirs.id), Scope::Everyone);
    payer.await.unwrap();
    references.finish().unwrap();
}
