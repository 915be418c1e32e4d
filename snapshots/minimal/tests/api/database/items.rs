//! Single items: what is stored, and which writes happen.

use std::collections::HashMap;
use std::time::Duration;

use aws_sdk_dynamodb::types::AttributeValue;
use serde::{Deserialize, Serialize};
use serde_json::json;
use tokio::task::JoinSet;

use my_api::database::Condition;
use my_api::database::Consistency;
use my_api::database::Entity;
use my_api::database::Error;
use my_api::database::Guard;
use my_api::database::Item;
use my_api::database::Key;
use my_api::database::Result;
use my_api::database::Scope;
use my_api::database::Timestamp;
use my_api::database::Update;
use my_api::shared::decimal::Decimal;

use super::proposals::{Proposal, Proposals, Status, key, no_proposal, titled};
use super::{Database, TABLE};

const ALICE: Scope = Scope::Owner("alice");
const BOB: Scope = Scope::Owner("bob");

#[tokio::test]
async fn an_item_comes_back_as_it_was_written() {
    let database = Database::start().await;
    let proposals = Proposals(&database.table);
    let data = Proposal {
        title: String::new(),
        description: Some("ünïcödé \u{0} 🦀".to_owned()),
        budget: number("12345678901234567890123456789012.345678"),
        reserve: Some(number("1E-130")),
        instalments: vec![number("0.1"), number("-3")],
        status: Status::Processing,
        tags: vec![String::new(), "b".to_owned()],
        views: i64::MAX,
    };

    let written = proposals.create("alice", data.clone()).await.unwrap();
    let read = proposals.get(ALICE, written.id).await.unwrap();

    assert_eq!(read, written);
    assert_eq!(read.data, data);
    assert_eq!(read.version, 1);
    assert_eq!(read.created_at, read.updated_at);
}

#[tokio::test]
async fn keys_and_common_attributes_are_stored_beside_the_data() {
    let database = Database::start().await;
    let item = Proposals(&database.table)
        .create("alice", titled("A"))
        .await
        .unwrap();

    let stored = stored(&database, &item).await;
    let text = |name: &str| stored[name].as_s().unwrap().clone();
    let (id, created_at) = (item.id, item.created_at);
    assert_eq!(text("PK"), format!("PROPOSAL#{id}"));
    assert_eq!(text("SK"), "METADATA");
    assert_eq!(text("GSI1PK"), "USER#alice");
    assert_eq!(text("GSI1SK"), format!("PROPOSAL#{created_at}#{id}"));
    assert_eq!(text("GSI2PK"), "USER#alice");
    assert_eq!(text("GSI2SK"), format!("PROPOSAL#draft#{id}"));
    assert_eq!(text("entity"), "PROPOSAL");
    assert_eq!(text("owner"), "alice");
    assert_eq!(text("created_at").len(), "2026-11-22T08:16:25.000Z".len());
    assert_eq!(stored["version"].as_n().unwrap(), "1");
    assert_eq!(stored["budget"].as_n().unwrap(), "1");
    assert!(!stored.contains_key("description"), "a null is not stored");
}

#[tokio::test]
async fn an_item_from_before_a_field_and_from_after_one_loads() {
    let database = Database::start().await;
    let item = Proposals(&database.table)
        .create("alice", titled("A"))
        .await
        .unwrap();
    let update = Update::new()
        .remove("tags")
        .remove("views")
        .remove("instalments")
        .set("from_a_later_release", json!({"deep": [1, null]}));

    let read: Item<Proposal> = database
        .table
        .update(&item.key, Guard::exists(), update)
        .await
        .unwrap();

    assert_eq!(read.data, item.data);
}

#[tokio::test]
async fn a_second_create_is_refused_and_changes_nothing() {
    let database = Database::start().await;
    let first = Item::root("alice", titled("first"));
    database.table.create(&first).await.unwrap();

    let second = Item {
        data: titled("second"),
        ..first.clone()
    };
    let result = database.table.create(&second).await;

    assert!(matches!(result, Err(Error::AlreadyExists)), "{result:?}");
    let read = Proposals(&database.table)
        .get(ALICE, first.id)
        .await
        .unwrap();
    assert_eq!(read, first);
}

#[tokio::test]
async fn an_item_is_replaced_only_under_the_condition() {
    let database = Database::start().await;
    let item = Item::root("alice", titled("first"));
    let write = async |title: &str| {
        let data = titled(title);
        let item = Item {
            data,
            ..item.clone()
        };
        let free = Condition::equals("title", "first");
        database.table.create_or_replace(&item, free).await
    };

    write("first").await.unwrap();
    write("second").await.unwrap();
    let result = write("third").await;

    assert!(matches!(result, Err(Error::ConditionFailed)), "{result:?}");
}

#[tokio::test]
async fn a_write_whose_answer_was_lost_is_not_refused_for_its_own_sake() {
    let database = Database::start().await;
    let item = Item::root("alice", titled("A"));
    for _ in 0..2 {
        database.table.create(&item).await.unwrap();
        let never = Condition::not_exists("title");
        database
            .table
            .create_or_replace(&item, never)
            .await
            .unwrap();
    }
}

#[tokio::test]
async fn an_update_changes_what_it_names_and_nothing_else() {
    let database = Database::start().await;
    let proposals = Proposals(&database.table);
    let mut data = titled("A");
    data.description = Some("long".to_owned());
    data.reserve = Some(number("5"));
    data.tags = vec!["a".to_owned()];
    let before = proposals.create("alice", data).await.unwrap();
    tokio::time::sleep(Duration::from_millis(2)).await;

    let update = Update::new()
        .set("title", "B")
        .set("description", None::<String>)
        .set("budget", number("0.10"))
        .set("reserve", None::<Decimal>)
        .remove("tags")
        .add("views", 2);
    let guard = Guard::exists().scope(ALICE).version(Some(1));
    let after: Item<Proposal> = database
        .table
        .update(&before.key, guard, update)
        .await
        .unwrap();

    assert_eq!(after.version, 2);
    assert!(after.updated_at > before.updated_at);
    assert_eq!(after.created_at, before.created_at);
    assert_eq!(after.owner, "alice");
    let expected = Proposal {
        budget: number("0.1"),
        views: 2,
        ..titled("B")
    };
    assert_eq!(after.data, expected);
    assert_eq!(proposals.get(ALICE, before.id).await.unwrap(), after);
    assert!(!stored(&database, &after).await.contains_key("description"));
}

#[tokio::test]
async fn an_update_or_delete_of_what_is_not_there_leaves_nothing() {
    let database = Database::start().await;
    let proposals = Proposals(&database.table);
    let item = Item::root("alice", titled("A"));

    for scope in [ALICE, Scope::Everyone] {
        for version in [None, Some(1)] {
            let set = proposals.set_status(scope, item.id, version, Status::Completed);
            assert!(no_proposal(set.await));
        }
        assert!(no_proposal(proposals.delete(scope, item.id).await));
        assert!(no_proposal(proposals.get(scope, item.id).await));
    }

    let output = database
        .client
        .scan()
        .table_name(TABLE)
        .send()
        .await
        .unwrap();
    assert_eq!(output.count, 0);
}

#[tokio::test]
async fn another_users_item_is_as_if_it_were_not_there() {
    let database = Database::start().await;
    let proposals = Proposals(&database.table);
    let item = proposals.create("alice", titled("A")).await.unwrap();

    assert!(no_proposal(proposals.get(BOB, item.id).await));
    assert!(no_proposal(proposals.delete(BOB, item.id).await));
    for version in [None, Some(1), Some(7)] {
        let set = proposals.set_status(BOB, item.id, version, Status::Completed);
        assert!(no_proposal(set.await));
    }

    assert_eq!(proposals.get(ALICE, item.id).await.unwrap(), item);
    proposals.get(Scope::Everyone, item.id).await.unwrap();
}

#[tokio::test]
async fn a_write_to_a_stale_version_is_told_apart() {
    let database = Database::start().await;
    let proposals = Proposals(&database.table);
    let item = proposals.create("alice", titled("A")).await.unwrap();
    let set = |version| proposals.set_status(ALICE, item.id, version, Status::Completed);

    assert_eq!(set(Some(1)).await.unwrap().version, 2);
    for stale in [0, 1, 3, u64::MAX] {
        let result = set(Some(stale)).await;
        assert!(matches!(result, Err(Error::VersionMismatch)), "{result:?}");
    }
    let guard = Guard::exists().version(Some(1));
    let result = database.table.delete::<Proposal>(&item.key, guard).await;
    assert!(matches!(result, Err(Error::VersionMismatch)), "{result:?}");
    assert_eq!(set(Some(2)).await.unwrap().version, 3);

    let guard = Guard::exists().version(Some(3));
    let deleted = database.table.delete::<Proposal>(&item.key, guard).await;
    assert_eq!(deleted.unwrap().data.status, Status::Completed);
    assert!(no_proposal(set(Some(3)).await));
}

#[tokio::test]
async fn of_40_writers_to_one_version_one_wins() {
    let database = Database::start().await;
    let item = Proposals(&database.table)
        .create("alice", titled("A"))
        .await
        .unwrap();

    let mut writers = JoinSet::new();
    for _ in 0..40 {
        let table = database.table.clone();
        writers.spawn(async move {
            Proposals(&table)
                .set_status(ALICE, item.id, Some(1), Status::Completed)
                .await
        });
    }
    let results = writers.join_all().await;

    let won = results.iter().filter(|result| result.is_ok()).count();
    let lost = |result: &&Result<_>| matches!(result, Err(Error::VersionMismatch));
    assert_eq!((won, results.iter().filter(lost).count()), (1, 39));
}

#[tokio::test]
async fn of_40_claims_one_wins_until_it_is_too_old() {
    let database = Database::start().await;
    let item = Proposals(&database.table)
        .create("alice", titled("A"))
        .await
        .unwrap();

    let mut claims = JoinSet::new();
    for _ in 0..40 {
        let table = database.table.clone();
        claims.spawn(async move {
            let hour = Duration::from_secs(3600);
            Proposals(&table).claim(item.id, hour).await
        });
    }
    let results = claims.join_all().await;
    let won = results.iter().filter(|result| result.is_ok()).count();
    let lost = |result: &&Result<_>| matches!(result, Err(Error::ConditionFailed));
    assert_eq!((won, results.iter().filter(lost).count()), (1, 39));

    let proposals = Proposals(&database.table);
    proposals.claim(item.id, Duration::ZERO).await.unwrap();
    let result = proposals.claim(item.id, Duration::from_secs(60)).await;
    assert!(matches!(result, Err(Error::ConditionFailed)), "{result:?}");
    let failed = Update::new().set("analysis_status", "failed");
    let _: Item<Proposal> = database
        .table
        .update(&item.key, Guard::exists(), failed)
        .await
        .unwrap();
    proposals
        .claim(item.id, Duration::from_secs(60))
        .await
        .unwrap();

    proposals.delete(ALICE, item.id).await.unwrap();
    assert!(no_proposal(proposals.claim(item.id, Duration::ZERO).await));
}

#[tokio::test]
async fn conditions_hold_for_what_they_say() {
    let database = Database::start().await;
    let mut data = titled("b");
    data.budget = number("10.5");
    let item = Item::root("alice", data);
    database.table.create(&item).await.unwrap();
    let inside = Update::new().set("extra", json!({"size": 3}));
    let table = &database.table;
    let with_more = table.update::<Proposal>(&item.key, Guard::exists(), inside);
    with_more.await.unwrap();
    let yes = || Condition::exists("title");
    let no = || Condition::not_exists("title");

    for (condition, holds) in [
        (Condition::exists("description"), false),
        (Condition::not_exists("description"), true),
        (Condition::equals("title", "b"), true),
        (Condition::equals("title", "B"), false),
        (Condition::not_equals("title", "b"), false),
        (Condition::not_equals("description", "b"), true),
        (Condition::less_than("title", "b"), false),
        (Condition::at_most("title", "b"), true),
        (Condition::greater_than("title", "a"), true),
        (Condition::at_least("title", "c"), false),
        (Condition::less_than("budget", 9), false),
        (Condition::equals("budget", number("10.50")), true),
        (Condition::less_than("description", "z"), false),
        (Condition::member_equals("extra", "size", 3), true),
        (Condition::member_equals("extra", "size", 4), false),
        (Condition::member_equals("extra", "colour", 3), false),
        (Condition::member_equals("title", "size", 3), false),
        (
            Condition::one_of("status", [Status::Completed, Status::Draft]),
            true,
        ),
        (Condition::one_of("status", [Status::Completed]), false),
        (yes().and(no()), false),
        (yes().or(no()), true),
        (no().and(no()).or(yes()), true),
        (no().and(no().or(yes())), false),
        (Condition::at_most("created_at", Timestamp::now()), true),
    ] {
        let guard = Guard::exists().when(condition.clone());
        let result = database
            .table
            .update::<Proposal>(&item.key, guard, Update::new())
            .await;
        match result {
            Ok(_) => assert!(holds, "{condition:?}"),
            Err(Error::ConditionFailed) => assert!(!holds, "{condition:?}"),
            Err(error) => panic!("{condition:?}: {error:?}"),
        }
    }
}

#[tokio::test]
async fn no_attribute_name_is_reserved() {
    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Reserved(HashMap<String, String>);

    impl Entity for Reserved {
        const NAME: &'static str = "RESERVED";
        const NOT_FOUND: &'static str = "Reserved not found";
    }

    let database = Database::start().await;
    let names = [
        "name", "status", "order", "size", "values", "count", "date", "user", "type", "a.b", "a b",
        "#x", ":y", "a[0]", "ünï", "0", "SET",
    ];
    let data = |value: &str| {
        let entries = names.map(|name| (name.to_owned(), value.to_owned()));
        HashMap::from(entries)
    };
    let item = Item::root("alice", Reserved(data("x")));
    database.table.create(&item).await.unwrap();

    let mut guard = Guard::exists();
    let mut update = Update::new();
    for name in names {
        guard = guard.when(Condition::equals(name, "x"));
        update = update.set(name, "y");
    }
    let after: Item<Reserved> = database
        .table
        .update(&item.key, guard, update)
        .await
        .unwrap();

    for (name, value) in data("y") {
        assert_eq!(after.data.0[&name], value, "{name}");
    }
}

#[tokio::test]
async fn an_item_over_400_kb_is_refused_and_says_so() {
    let database = Database::start().await;
    let proposals = Proposals(&database.table);
    let large = "x".repeat(400 * 1024);

    let result = proposals.create("alice", titled(&large)).await;
    assert!(matches!(result, Err(Error::TooLarge)), "{result:?}");

    let item = proposals.create("alice", titled("A")).await.unwrap();
    let update = Update::new().set("title", &large);
    let result: Result<Item<Proposal>> = database
        .table
        .update(&item.key, Guard::exists(), update.clone())
        .await;
    assert!(matches!(result, Err(Error::TooLarge)), "{result:?}");

    let mut transaction = database.table.transaction();
    let write = transaction.update::<Proposal>(&item.key, Guard::exists(), update);
    write.unwrap();
    let rejected = transaction.commit().await.unwrap_err();
    assert!(matches!(rejected.error, Error::TooLarge), "{rejected:?}");
}

#[tokio::test]
async fn values_that_dynamodb_does_not_know_are_refused_and_say_so() {
    let database = Database::start().await;
    let item = Proposals(&database.table)
        .create("alice", titled("A"))
        .await
        .unwrap();
    let deep = (0..40).fold(json!(1), |inner, _| json!([inner]));

    for update in [
        Update::new().set("number", 1e300),
        Update::new().set("number", 1e-300),
        Update::new().set("number", u128::MAX),
        Update::new().set("deep", deep),
    ] {
        let result: Result<Item<Proposal>> = database
            .table
            .update(&item.key, Guard::exists(), update)
            .await;
        assert!(matches!(result, Err(Error::Unstorable)), "{result:?}");
    }
}

#[test]
fn timestamps_have_one_width_and_sort_as_text() {
    for (text, expected) in [
        ("2026-11-22T08:16:25Z", "2026-11-22T08:16:25.000Z"),
        ("2026-11-22T08:16:25.5Z", "2026-11-22T08:16:25.500Z"),
        ("2026-11-22T08:16:25.123999Z", "2026-11-22T08:16:25.123Z"),
        ("2026-11-22T10:16:25.1+02:00", "2026-11-22T08:16:25.100Z"),
    ] {
        let timestamp: Timestamp = text.parse().unwrap();
        assert_eq!(timestamp.to_string(), expected);
        assert_eq!(json!(timestamp), expected);
        let read: Timestamp = serde_json::from_value(json!(text)).unwrap();
        assert_eq!(read, timestamp);
    }
    let now = Timestamp::now();
    let minute = Duration::from_secs(60);
    assert!(now.before(minute).to_string() < now.to_string());
    assert_eq!(now.after(minute).as_seconds(), now.as_seconds() + 60);
}

fn number(text: &str) -> Decimal {
    text.parse().unwrap()
}

async fn stored(database: &Database, item: &Item<Proposal>) -> HashMap<String, AttributeValue> {
    assert_eq!(item.key, key(item.id));
    let output = database
        .client
        .get_item()
        .table_name(TABLE)
        .key("PK", AttributeValue::S(format!("PROPOSAL#{}", item.id)))
        .key("SK", AttributeValue::S("METADATA".to_owned()))
        .send()
        .await;
    output.unwrap().item.unwrap()
}

#[tokio::test]
async fn a_key_of_ones_own_choice_works_too() {
    let database = Database::start().await;
    let key = Key::new("SETTINGS#alice", "CURRENT");
    let item = Item::at(key.clone(), uuid::Uuid::now_v7(), "alice", titled("A"));
    database.table.create(&item).await.unwrap();
    let read: Item<Proposal> = database
        .table
        .get(&key, Consistency::Eventual)
        .await
        .unwrap();
    assert_eq!(read, item);
}
