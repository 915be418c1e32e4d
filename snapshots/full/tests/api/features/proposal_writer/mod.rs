//! Proposal writer: its entities, and what it offers beyond them.

pub mod document;
pub mod proposal;

use serde_json::json;

use crate::support::TestApp;

const SUMMARY: &str = "/api/proposal-writer/summary";

#[tokio::test]
async fn the_summary_is_for_the_caller() {
    let app = TestApp::start().await;
    let response = app.get(SUMMARY).as_user("alice").await;
    assert_eq!(response.status, 200);
    let expected = json!({
        "feature": "Proposal writer",
        "user_id": "alice",
    });
    assert_eq!(response.data(), expected);
}

#[tokio::test]
async fn nobody_reads_the_summary_without_a_token() {
    let app = TestApp::start().await;
    let response = app.get(SUMMARY).await;
    assert_eq!(response.status, 401);
}
