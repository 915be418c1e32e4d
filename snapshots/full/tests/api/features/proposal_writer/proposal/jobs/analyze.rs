//! Analyze: `/api/proposals/{proposal_id}/analyze`

use serde_json::{Value, json};

use super::super::{items, least};
use crate::support::{Caller, TestApp};

const JOB: &str = "analyze";

/// What the model answers: the result of the job.
fn answer() -> Value {
    json!({
        "summary": "All is well.",
        "points": ["First this.", "Then that."],
    })
}

#[tokio::test]
async fn it_goes_from_pending_to_completed() {
    let app = &TestApp::start().await;
    let items = items(app);
    let id = items.add(least()).await;
    items.check_job(&id, JOB, &answer()).await;
}

#[tokio::test]
async fn it_runs_once_at_a_time() {
    let app = &TestApp::start().await;
    let items = items(app);
    let id = items.add(least()).await;
    items.check_one_run_at_a_time(&id, JOB, &answer()).await;
}

#[tokio::test]
async fn a_failure_tells_nothing_of_the_inside_and_can_be_followed_by_another_run() {
    let app = &TestApp::start().await;
    let items = items(app);
    let id = items.add(least()).await;
    items.check_failures(&id, JOB, &answer()).await;
}

#[tokio::test]
async fn a_start_that_does_not_reach_the_worker_leaves_it_as_it_was() {
    let app = &TestApp::start().await;
    let items = items(app);
    let id = items.add(least()).await;
    items.check_start_without_worker(&id, JOB).await;
}

#[tokio::test]
async fn a_message_that_comes_again_changes_nothing() {
    let app = &TestApp::start().await;
    let items = items(app);
    let id = items.add(least()).await;
    items.check_redelivery(&id, JOB).await;
}

#[tokio::test]
async fn an_item_that_is_deleted_meanwhile_stays_deleted() {
    let app = &TestApp::start().await;
    let items = items(app);
    let id = items.add(least()).await;
    items.check_deleted_meanwhile(&id, JOB, &answer()).await;
}

#[tokio::test]
async fn everyone_may_do_what_they_may_and_no_more() {
    let app = &TestApp::start().await;
    let items = items(app);
    let expected = [
        // start, status
        (Caller::Nobody, [401, 401]),
        (Caller::User("bob"), [404, 404]),
        (Caller::User("alice"), [202, 200]),
        (Caller::Admin("root"), [202, 200]),
    ];
    let least = least();
    items.check_access_to_job(&least, JOB, expected).await;
}
