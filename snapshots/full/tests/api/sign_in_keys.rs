//! Where the keys come from that verify tokens, how long they are kept, and what happens when there are none.

use std::time::Duration;

use http::StatusCode;
use jiff::{SignedDuration, Timestamp};
use local::JwksOutage;
use local::Signature;
use serde_json::json;

use my_api::middleware::auth::VerifyError;

use crate::support::{Response, TestApp};

const ME: &str = "/api/auth/me";

const NO_SUCH_SERVICE: JwksOutage = JwksOutage::Status(StatusCode::INTERNAL_SERVER_ERROR);

#[tokio::test]
async fn keys_are_fetched_with_the_first_token_and_kept() {
    let app = TestApp::start().await;
    app.get(ME).await;
    assert_eq!(app.aws.sign_in().jwks_fetches(), 0);
    for user in ["alice", "bob", "alice"] {
        assert_eq!(app.get(ME).as_user(user).await.status, 200);
    }
    assert_eq!(app.aws.sign_in().jwks_fetches(), 1);
}

#[tokio::test]
async fn requests_that_come_together_share_one_fetch() {
    let app = TestApp::start().await;
    let slow = JwksOutage::Delay(Duration::from_millis(200));
    app.aws.sign_in().set_outage(Some(slow));
    let ask = || app.get(ME).as_user("alice").into_future();
    let (a, b, c, d) = tokio::join!(ask(), ask(), ask(), ask());
    for response in [a, b, c, d] {
        assert_eq!(response.status, 200);
    }
    assert_eq!(app.aws.sign_in().jwks_fetches(), 1);
}

#[tokio::test]
async fn requests_that_come_together_share_a_failure() {
    let app = TestApp::start().await;
    app.aws.sign_in().set_outage(Some(NO_SUCH_SERVICE));
    let ask = || app.get(ME).as_user("alice").into_future();
    let (a, b, c, d) = tokio::join!(ask(), ask(), ask(), ask());
    for response in [a, b, c, d] {
        assert_unavailable(&response);
    }
    assert_eq!(app.aws.sign_in().jwks_fetches(), 1);
}

#[tokio::test]
async fn an_outage_is_not_remembered() {
    let app = TestApp::start().await;
    app.aws.sign_in().set_outage(Some(NO_SUCH_SERVICE));
    for fetches in 1..=3 {
        assert_unavailable(&app.get(ME).as_user("alice").await);
        assert_eq!(app.aws.sign_in().jwks_fetches(), fetches);
    }
    app.aws.sign_in().set_outage(None);
    assert_eq!(app.get(ME).as_user("alice").await.status, 200);
}

#[tokio::test]
async fn nobody_listening_is_an_outage() {
    let nowhere = "http://127.0.0.1:1/jwks.json";
    let app = TestApp::start_with(|config| config.sign_in.jwks_url = nowhere.to_owned()).await;
    assert_unavailable(&app.get(ME).as_user("alice").await);
}

#[tokio::test]
async fn a_key_set_that_takes_too_long_is_an_outage() {
    let app = TestApp::start().await;
    let slow = JwksOutage::Delay(Duration::from_secs(30));
    app.aws.sign_in().set_outage(Some(slow));
    assert_unavailable(&app.get(ME).as_user("alice").await);
}

#[tokio::test]
async fn an_answer_that_is_no_key_set_is_an_outage() {
    let app = TestApp::start().await;
    let sign_in = app.aws.sign_in();
    for outage in [
        JwksOutage::Status(StatusCode::FOUND),
        JwksOutage::Status(StatusCode::NO_CONTENT),
        JwksOutage::Body(""),
        JwksOutage::Body("<html>"),
        JwksOutage::Body("[]"),
        JwksOutage::Body("{}"),
        JwksOutage::Body(r#"{"keys":{}}"#),
        JwksOutage::Body(r#"{"keys":[]}"#),
        JwksOutage::Body(r#"{"keys":[{"kty":"AKP","kid":"k"}]}"#),
    ] {
        sign_in.set_outage(Some(outage));
        assert_unavailable(&app.get(ME).as_user("alice").await);
    }
}

#[tokio::test]
async fn a_key_set_is_read_up_to_64_kilobytes() {
    let app = TestApp::start().await;
    let sign_in = app.aws.sign_in();
    let jwk = sign_in.foreign_jwk();
    let token = sign_in.token("alice").header("kid", jwk["kid"].clone());
    let token = token.signature(Signature::Foreign).sign();
    let keys = json!({ "keys": [jwk] }).to_string();
    for (length, status) in [(64 * 1024 + 1, 503), (64 * 1024, 200)] {
        let padded = keys.clone() + &" ".repeat(length - keys.len());
        sign_in.set_outage(Some(JwksOutage::Body(padded.leak())));
        let response = app.get(ME).bearer(&token).await;
        assert_eq!(response.status, status, "{length}");
    }
}

#[tokio::test]
async fn a_forged_token_cannot_be_told_from_a_good_one_in_an_outage() {
    let app = TestApp::start().await;
    app.aws.sign_in().set_outage(Some(NO_SUCH_SERVICE));
    let unsigned = app.aws.sign_in().token("alice");
    let unsigned = unsigned.signature(Signature::Empty);
    assert_unavailable(&app.get(ME).bearer(&unsigned.sign()).await);

    // But what needs no key needs no outage.
    let none = app
        .aws
        .sign_in()
        .token("alice")
        .header("alg", "none")
        .sign();
    assert_eq!(app.get(ME).bearer(&none).await.status, 401);
}

#[tokio::test]
async fn a_new_key_is_picked_up_at_once_and_the_old_one_stays() {
    let app = TestApp::start().await;
    let old = app.aws.sign_in().token("alice").sign();
    assert_eq!(app.get(ME).bearer(&old).await.status, 200);
    app.aws.sign_in().rotate();
    assert_eq!(app.get(ME).as_user("alice").await.status, 200);
    assert_eq!(app.get(ME).bearer(&old).await.status, 200);
    assert_eq!(app.aws.sign_in().jwks_fetches(), 2);
}

#[tokio::test]
async fn a_key_that_was_withdrawn_is_dropped_with_the_next_fetch() {
    let app = TestApp::start().await;
    let old_kid = app.aws.sign_in().kid();
    let old = app.aws.sign_in().token("alice").sign();
    assert_eq!(app.get(ME).bearer(&old).await.status, 200);
    app.aws.sign_in().rotate();
    app.aws.sign_in().withdraw(&old_kid);
    assert_eq!(app.get(ME).as_user("alice").await.status, 200);
    assert_eq!(app.get(ME).bearer(&old).await.status, 401);
}

#[tokio::test]
async fn keys_are_fetched_again_after_six_hours() {
    let app = TestApp::start().await;
    let token = long_lived_token(&app);
    let start = Timestamp::now();
    let verifier = app.state.verifier();
    verifier.verify(&token, start).await.unwrap();
    let kid = app.aws.sign_in().kid();
    app.aws.sign_in().rotate();
    app.aws.sign_in().withdraw(&kid);

    let before = start + SignedDuration::from_hours(6) - SignedDuration::from_secs(1);
    verifier.verify(&token, before).await.unwrap();
    let after = start + SignedDuration::from_hours(6);
    let refused = verifier.verify(&token, after).await.unwrap_err();
    assert!(matches!(refused, VerifyError::Invalid(_)), "{refused}");
    assert_eq!(app.aws.sign_in().jwks_fetches(), 2);
}

#[tokio::test]
async fn old_keys_do_for_a_day_when_there_are_no_new_ones() {
    let app = TestApp::start().await;
    let token = long_lived_token(&app);
    let start = Timestamp::now();
    let verifier = app.state.verifier();
    verifier.verify(&token, start).await.unwrap();
    app.aws.sign_in().set_outage(Some(NO_SUCH_SERVICE));

    for (time, fetches) in [
        (SignedDuration::from_hours(7), 2),
        (SignedDuration::from_secs(7 * 3600 + 9), 2),
        (SignedDuration::from_secs(7 * 3600 + 10), 3),
        (SignedDuration::from_secs(24 * 3600 - 1), 4),
    ] {
        verifier.verify(&token, start + time).await.unwrap();
        assert_eq!(app.aws.sign_in().jwks_fetches(), fetches, "{time:?}");
    }
    let day = start + SignedDuration::from_hours(24);
    let error = verifier.verify(&token, day).await.unwrap_err();
    assert!(matches!(error, VerifyError::Unavailable(_)), "{error}");

    app.aws.sign_in().set_outage(None);
    verifier.verify(&token, day).await.unwrap();
}

#[tokio::test]
async fn unknown_keys_are_asked_for_every_ten_seconds_at_most() {
    let app = TestApp::start().await;
    let token = long_lived_token(&app);
    let start = Timestamp::now();
    let verifier = app.state.verifier();
    verifier.verify(&token, start).await.unwrap();

    for (seconds, fetches) in [(1, 2), (1, 2), (5, 2), (10, 2), (11, 3), (12, 3), (21, 4)] {
        let now = start + SignedDuration::from_secs(seconds);
        let kid = format!("unknown-{seconds}");
        let unknown = app.aws.sign_in().token("alice").header("kid", kid).sign();
        let refused = verifier.verify(&unknown, now).await.unwrap_err();
        assert!(matches!(refused, VerifyError::Invalid(_)), "{refused}");
        assert_eq!(app.aws.sign_in().jwks_fetches(), fetches, "{seconds} s");
        verifier.verify(&token, now).await.unwrap();
    }
}

#[tokio::test]
async fn a_new_key_in_an_outage_is_not_called_invalid() {
    let app = TestApp::start().await;
    let old = app.aws.sign_in().token("alice").sign();
    assert_eq!(app.get(ME).bearer(&old).await.status, 200);
    app.aws.sign_in().rotate();
    app.aws.sign_in().set_outage(Some(NO_SUCH_SERVICE));
    assert_unavailable(&app.get(ME).as_user("alice").await);
    assert_unavailable(&app.get(ME).as_user("alice").await);
    assert_eq!(app.aws.sign_in().jwks_fetches(), 2);
    assert_eq!(app.get(ME).bearer(&old).await.status, 200);
}

#[tokio::test]
async fn only_rs256_signing_keys_count() {
    for (field, value, status) in [
        ("use", json!("enc"), 401),
        ("use", json!("sig"), 200),
        ("use", json!(null), 200),
        ("alg", json!("RS512"), 401),
        ("alg", json!("RSA-OAEP"), 401),
        ("alg", json!(null), 200),
        ("kty", json!("EC"), 401),
        ("kty", json!("oct"), 401),
        ("n", json!("AQAB"), 401),
        ("n", json!("not base64!"), 401),
        ("n", json!(5), 401),
        ("x5c", json!(["MIIB"]), 200),
    ] {
        let app = TestApp::start().await;
        let sign_in = app.aws.sign_in();
        let mut jwk = sign_in.foreign_jwk();
        let kid = jwk["kid"].clone();
        jwk[field] = value.clone();
        sign_in.publish(jwk);
        let token = sign_in.token("alice").header("kid", kid);
        let token = token.signature(Signature::Foreign).sign();
        let response = app.get(ME).bearer(&token).await;
        assert_eq!(response.status, status, "{field}: {value}");
    }
}

#[tokio::test]
async fn the_same_key_does_not_make_it_the_same_pool() {
    let [ours, theirs] = [TestApp::start().await, TestApp::start().await];
    assert_eq!(ours.aws.sign_in().kid(), theirs.aws.sign_in().kid());
    let token = theirs.aws.sign_in().token("alice").sign();
    assert_eq!(theirs.get(ME).bearer(&token).await.status, 200);
    assert_eq!(ours.get(ME).bearer(&token).await.status, 401);
}

/// A token that outlives every test of the cache.
fn long_lived_token(app: &TestApp) -> String {
    let year = 365 * 24 * 3600;
    app.aws.sign_in().token("alice").expires_in(year).sign()
}

#[track_caller]
fn assert_unavailable(response: &Response) {
    assert_eq!(response.status, 503);
    assert_eq!(
        response.json(),
        json!({"detail": "Authentication temporarily unavailable"})
    );
    assert!(response.header("retry-after").is_some());
    assert_eq!(response.header("www-authenticate"), None);
}
