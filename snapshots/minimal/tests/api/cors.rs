//! Which pages a browser lets use the API.

use http::Method;

use crate::support::{Request, Response, TestApp};

const ALLOWED: &str = "http://localhost:3000";

fn preflight<'a>(app: &'a TestApp, origin: &str, path: &str) -> Request<'a> {
    app.request(Method::OPTIONS, path)
        .header("origin", origin)
        .header("access-control-request-method", "PATCH")
        .header("access-control-request-headers", "authorization")
}

fn grants(response: &Response) -> Vec<&str> {
    let names = response.headers.keys().map(|name| name.as_str());
    names
        .filter(|name| name.starts_with("access-control-"))
        .collect()
}

#[tokio::test]
async fn a_preflight_is_answered_without_a_token() {
    let app = TestApp::start().await;
    let response = preflight(&app, ALLOWED, "/api/auth/me").await;

    assert_eq!(response.status, 200);
    assert_eq!(
        response.header("access-control-allow-origin"),
        Some(ALLOWED)
    );
    assert_eq!(
        response.header("access-control-allow-credentials"),
        Some("true")
    );
    assert_eq!(response.header("access-control-max-age"), Some("600"));
    let methods = response.header("access-control-allow-methods").unwrap();
    assert!(methods.contains("PATCH"), "{methods}");
    let headers = response.header("access-control-allow-headers").unwrap();
    assert!(headers.contains("authorization"), "{headers}");
    assert!(headers.contains("if-match"), "{headers}");
}

#[tokio::test]
async fn errors_can_be_read_too() {
    let app = TestApp::start().await;
    let answers = [
        app.get("/api/auth/me").header("origin", ALLOWED).await,
        app.get("/nowhere").header("origin", ALLOWED).await,
        app.delete("/health").header("origin", ALLOWED).await,
    ];
    assert_eq!(
        answers.each_ref().map(|answer| answer.status.as_u16()),
        [401, 404, 405]
    );
    for answer in answers {
        assert_eq!(answer.header("access-control-allow-origin"), Some(ALLOWED));
        let exposed = answer.header("access-control-expose-headers").unwrap();
        assert!(exposed.contains("x-request-id"), "{exposed}");
    }
}

#[tokio::test]
async fn other_origins_are_granted_nothing() {
    let app = TestApp::start().await;
    for origin in [
        "https://localhost:3000",
        "http://localhost:3000.evil.example",
        "http://localhost",
        "null",
    ] {
        let answer = app.get("/health").header("origin", origin).await;
        assert_eq!(grants(&answer), [""; 0], "{origin}");
        let answer = preflight(&app, origin, "/health").await;
        assert_eq!(grants(&answer), [""; 0], "{origin}");
    }
}

#[tokio::test]
async fn caches_are_told_that_the_origin_matters() {
    let app = TestApp::start().await;
    let answers = [
        app.get("/health").await,
        app.get("/health")
            .header("origin", "https://evil.example")
            .await,
        app.get("/nowhere").header("origin", ALLOWED).await,
        preflight(&app, ALLOWED, "/health").await,
    ];
    for answer in answers {
        assert_eq!(answer.header("vary"), Some("Origin"));
    }
}
