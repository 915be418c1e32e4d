//! What `template.yaml` and the code have to agree on: nothing else would notice before the deployment.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::time::Duration;

use my_api::config::Config;
use my_api::database::schema::INDEXES;
use my_api::database::schema::Index;
use my_api::database::schema::PARTITION_KEY;
use my_api::database::schema::SORT_KEY;
use my_api::database::schema::TIME_TO_LIVE;
use my_api::middleware::timeout::TIME_LIMIT;

const TEMPLATE: &str = include_str!("../../template.yaml");

/// Lambda sets the first; the others have a default, or are for local use.
const SET_ELSEWHERE: [&str; 4] = [
    "AWS_REGION",
    "COGNITO_ISSUER",
    "COGNITO_JWKS_URL",
    "COGNITO_TOKEN_USE",
];

#[test]
fn every_variable_is_set() {
    let asked = RefCell::new(BTreeSet::new());
    let nothing = Config::from(|name| {
        asked.borrow_mut().insert(name.to_owned());
        None
    });
    assert!(nothing.is_err());
    for name in asked.into_inner() {
        let is_set = has(&format!("{name}: !"));
        assert_ne!(is_set, SET_ELSEWHERE.contains(&name.as_str()), "{name}");
    }
}

#[test]
fn the_table_has_the_keys_of_the_schema() {
    let mut attributes = vec![PARTITION_KEY.to_owned(), SORT_KEY.to_owned()];
    for index in (1..=INDEXES).map(Index) {
        let name = index.name();
        assert!(has(&format!("- IndexName: {name}\n")), "{name}");
        assert!(has(&format!("/index/{name}\n")), "no right to query {name}");
        attributes.extend([index.partition_key(), index.sort_key()]);
    }
    assert_eq!(count("- IndexName: "), usize::from(INDEXES));
    for attribute in &attributes {
        // Once as a definition, once as a key.
        let mentions = count(&format!("- AttributeName: {attribute}\n"));
        assert_eq!(mentions, 2, "{attribute}");
    }
    assert!(has(&format!("\n        AttributeName: {TIME_TO_LIVE}\n")));
}

#[test]
fn a_request_ends_before_its_function_does() {
    let function = Duration::from_secs(29);
    assert!(has(&format!("\n      Timeout: {}\n", function.as_secs())));
    assert!(TIME_LIMIT < function);
}

fn has(text: &str) -> bool {
    count(text) > 0
}

fn count(text: &str) -> usize {
    TEMPLATE.matches(text).count()
}
