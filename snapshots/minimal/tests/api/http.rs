//! What holds for every request, whichever feature it is for.

use http::Method;
use http_body_util::BodyExt as _;
use serde_json::json;
use tower::ServiceExt as _;

use my_api::app::app;

use crate::support::TestApp;

#[tokio::test]
async fn the_api_is_healthy_without_token_or_database() {
    let app = TestApp::start().await;
    let response = app.get("/health").await;
    assert_eq!(response.status, 200);
    assert_eq!(response.json(), json!({"status": "healthy"}));
}

#[tokio::test]
async fn an_unknown_path_is_a_404() {
    let app = TestApp::start().await;
    for path in ["/", "/nowhere", "/api/nowhere"] {
        let response = app.get(path).await;
        assert_eq!(response.status, 404, "{path}");
        assert_eq!(response.json(), json!({"detail": "Not Found"}));
    }
}

#[tokio::test]
async fn a_wrong_method_is_a_405_that_names_the_right_ones() {
    let app = TestApp::start().await;
    for path in ["/health", "/docs", "/openapi.json"] {
        for method in [Method::POST, Method::OPTIONS] {
            let response = app.request(method, path).await;
            assert_eq!(response.status, 405, "{path}");
            assert_eq!(response.json(), json!({"detail": "Method Not Allowed"}));
            assert_eq!(response.header("allow"), Some("GET,HEAD"));
        }
    }
}

#[tokio::test]
async fn a_wrong_method_is_refused_whatever_comes_with_it() {
    let app = TestApp::start().await;
    for request in [
        app.post("/health", json!({"any": "body"})),
        app.patch("/health", json!({"any": "body"})),
        app.delete("/health"),
    ] {
        assert_eq!(request.await.status, 405);
    }
}

#[tokio::test]
async fn what_can_be_got_has_a_head() {
    let app = TestApp::start().await;
    let response = app.request(Method::HEAD, "/health").await;
    assert_eq!(response.status, 200);
    assert_eq!(response.text, "");
}

#[tokio::test]
async fn every_answer_has_a_request_id_of_its_own() {
    let app = TestApp::start().await;
    let first = app.get("/health").await;
    let second = app.get("/nowhere").await;
    assert!(first.header("x-request-id").is_some());
    assert!(second.header("x-request-id").is_some());
    assert_ne!(first.header("x-request-id"), second.header("x-request-id"));
}

#[tokio::test]
async fn a_well_formed_request_id_is_kept() {
    let app = TestApp::start().await;
    let kept = app.get("/health").header("x-request-id", "trace-1").await;
    let replaced = app.get("/health").header("x-request-id", "a b").await;
    assert_eq!(kept.header("x-request-id"), Some("trace-1"));
    assert_ne!(replaced.header("x-request-id"), Some("a b"));
}

#[tokio::test]
async fn nothing_is_sniffed_or_stored() {
    let app = TestApp::start().await;
    for path in ["/health", "/api/nowhere"] {
        let response = app.get(path).await;
        assert_eq!(response.header("x-content-type-options"), Some("nosniff"));
        assert_eq!(response.header("cache-control"), Some("no-store"));
    }
}

#[tokio::test]
async fn an_event_of_api_gateway_is_a_request() {
    let event = include_str!("../../events/health.json");
    let request = lambda_http::request::from_str(event).unwrap();
    let state = TestApp::start().await.state;

    let response = app(state).oneshot(request).await.unwrap();

    assert_eq!(response.status(), 200);
    assert_eq!(response.headers()["x-request-id"], "sample-request-1");
    let body = response.into_body().collect().await.unwrap().to_bytes();
    assert_eq!(body, r#"{"status":"healthy"}"#);
}
