//! Who is let in, who is not, and what they are told.

use axum::Router;
use axum::body::Body;
use axum::middleware::from_fn_with_state;
use axum::routing::get;
use http::Request;
use http::header::AUTHORIZATION;
use serde_json::json;
use tower::ServiceExt;

use my_api::config::TokenUse;
use my_api::features::auth::CurrentUser;
use my_api::middleware::auth;

use crate::support::{Log, Response, TestApp};

const ME: &str = "/api/auth/me";

#[tokio::test]
async fn an_id_token_tells_who_the_user_is() {
    let app = TestApp::start().await;
    let token = app.aws.sign_in().token("alice").groups(["b", "admin"]);
    let response = app.get(ME).bearer(&token.sign()).await;
    assert_eq!(response.status, 200);
    assert_eq!(
        response.json(),
        json!({
            "status": "success",
            "data": {
                "user_id": "alice",
                "email": "alice@example.com",
                "groups": ["admin", "b"],
            },
        })
    );
    assert_eq!(response.header("cache-control"), Some("no-store"));
}

#[tokio::test]
async fn an_admin_differs_from_a_user_by_a_group() {
    let app = TestApp::start().await;
    let user = app.get(ME).as_user("alice").await.data();
    assert_eq!(user["groups"], json!([]));
    let admin = app.get(ME).as_admin("root").await.data();
    assert_eq!(admin["groups"], json!(["admin"]));
}

#[tokio::test]
async fn an_access_token_names_no_email() {
    let app = TestApp::start_with(|config| config.sign_in.token_use = TokenUse::Access).await;
    let token = app.aws.sign_in().token("alice").access().sign();
    let user = app.get(ME).bearer(&token).await.data();
    assert_eq!(
        user,
        json!({"user_id": "alice", "email": null, "groups": []})
    );
}

#[tokio::test]
async fn an_access_token_may_be_for_any_audience() {
    let app = TestApp::start_with(|config| config.sign_in.token_use = TokenUse::Access).await;
    let token = app.aws.sign_in().token("alice").access();
    let token = token.claim("aud", json!(["https://api.example.com"]));
    assert_eq!(app.get(ME).bearer(&token.sign()).await.status, 200);
}

#[tokio::test]
async fn each_kind_of_token_is_refused_where_the_other_is_wanted() {
    let app = TestApp::start().await;
    let access = app.aws.sign_in().token("alice").access();
    assert_refused(&app.get(ME).bearer(&access.sign()).await, "Invalid token");

    let app = TestApp::start_with(|config| config.sign_in.token_use = TokenUse::Access).await;
    let id = app.aws.sign_in().token("alice");
    assert_refused(&app.get(ME).bearer(&id.sign()).await, "Invalid token");
    let access_without_client = app.aws.sign_in().token("alice").access();
    let access_without_client = access_without_client.without_claim("client_id");
    let response = app.get(ME).bearer(&access_without_client.sign()).await;
    assert_refused(&response, "Invalid token");
}

#[tokio::test]
async fn every_configured_client_is_let_in() {
    let app = TestApp::start_with(|config| config.sign_in.client_ids.push("app".to_owned())).await;
    let sign_in = app.aws.sign_in();
    for client_id in [sign_in.client_id(), "app"] {
        let token = sign_in.token("alice").claim("aud", client_id).sign();
        let response = app.get(ME).bearer(&token).await;
        assert_eq!(response.status, 200, "{client_id}");
    }
    let both = format!("{},app", sign_in.client_id());
    let token = sign_in.token("alice").claim("aud", both).sign();
    assert_refused(&app.get(ME).bearer(&token).await, "Invalid token");
}

#[tokio::test]
async fn without_a_bearer_token_nobody_is_signed_in() {
    let app = TestApp::start().await;
    let response = app.get(ME).await;
    assert_unauthenticated(&response, "Not authenticated", "Bearer");
    let token = app.aws.sign_in().token("alice").sign();
    for value in ["", "Bearer", "Bearer ", "Basic YWxpY2U6c2VjcmV0", &token] {
        let response = app.get(ME).header("authorization", value).await;
        assert_unauthenticated(&response, "Not authenticated", "Bearer");
    }
}

#[tokio::test]
async fn the_scheme_may_be_written_in_any_case() {
    let app = TestApp::start().await;
    let token = app.aws.sign_in().token("alice").sign();
    for scheme in ["Bearer", "bearer", "BEARER"] {
        let value = format!("{scheme} {token}");
        let response = app.get(ME).header("authorization", &value).await;
        assert_eq!(response.status, 200, "{scheme}");
    }
}

#[tokio::test]
async fn two_authorization_headers_are_refused() {
    let app = TestApp::start().await;
    let response = app.get(ME).as_user("alice").as_user("alice").await;
    assert_refused(&response, "Invalid token");
    let response = app.get(ME).as_user("alice").as_user("root").await;
    assert_refused(&response, "Invalid token");

    // API Gateway joins headers of one name.
    let token = app.aws.sign_in().token("alice").sign();
    let joined = format!("{token},Bearer {token}");
    assert_refused(&app.get(ME).bearer(&joined).await, "Invalid token");
}

#[tokio::test]
async fn an_expired_token_is_refused_as_such() {
    let app = TestApp::start().await;
    for seconds in [0, -1, -3600] {
        let token = app.aws.sign_in().token("alice").expires_in(seconds).sign();
        let response = app.get(ME).bearer(&token).await;
        assert_unauthenticated(
            &response,
            "Token expired",
            r#"Bearer error="invalid_token", error_description="The token expired""#,
        );
    }
    for exp in [0, -1, i64::MIN] {
        let token = app.aws.sign_in().token("alice").claim("exp", exp).sign();
        assert_eq!(
            app.get(ME).bearer(&token).await.json(),
            json!({"detail": "Token expired"})
        );
    }
}

#[tokio::test]
async fn an_expired_token_that_is_also_wrong_is_only_wrong() {
    let app = TestApp::start().await;
    let token = app.aws.sign_in().token("alice").expires_in(-60);
    let token = token.claim("iss", "https://evil.example").sign();
    assert_refused(&app.get(ME).bearer(&token).await, "Invalid token");
}

#[tokio::test]
async fn the_extremes_of_time_are_only_numbers() {
    let app = TestApp::start().await;
    let token = app.aws.sign_in().token("alice");
    let token = token.claim("exp", i64::MAX).claim("nbf", i64::MIN).sign();
    assert_eq!(app.get(ME).bearer(&token).await.status, 200);
}

#[tokio::test]
async fn public_routes_do_without_a_token_but_not_with_a_wrong_one() {
    async fn greet(user: Option<CurrentUser>) -> String {
        user.map_or("hello".to_owned(), |user| format!("hello {}", user.user_id))
    }

    let app = TestApp::start().await;
    let layer = from_fn_with_state(app.state.clone(), auth::accept_user);
    let router: Router = Router::new().route("/", get(greet)).route_layer(layer);
    let ask = async |authorization: Option<String>| {
        let mut request = Request::new(Body::empty());
        if let Some(value) = authorization {
            let headers = request.headers_mut();
            headers.insert(AUTHORIZATION, value.parse().unwrap());
        }
        let Ok(response) = router.clone().oneshot(request).await;
        Response::read(response).await
    };

    assert_eq!(ask(None).await.text, "hello");
    let good = app.aws.sign_in().token("alice").sign();
    assert_eq!(
        ask(Some(format!("Bearer {good}"))).await.text,
        "hello alice"
    );
    assert_eq!(ask(Some("Basic YTpi".to_owned())).await.text, "hello");
    let response = ask(Some(format!("Bearer {good}x"))).await;
    assert_refused(&response, "Invalid token");
}

#[tokio::test]
async fn nothing_of_a_token_is_logged() {
    let log = Log::keep();
    let app = TestApp::start().await;
    let good = app.aws.sign_in().token("alice").sign();
    let foreign = app.aws.sign_in().token("alice").claim("iss", "evil").sign();
    let expired = app.aws.sign_in().token("alice").expires_in(-9).sign();
    for token in [&good, &foreign, &expired] {
        app.get(ME).bearer(token).await;
    }

    let text = log.text();
    assert!(text.contains("another issuer"), "{text}");
    for part in [good, foreign, expired].iter().flat_map(|t| t.split('.')) {
        assert!(!text.contains(part), "{part}");
    }
    for secret in ["alice@example.com", "evil"] {
        assert!(!text.contains(secret), "{secret}");
    }
}

#[track_caller]
fn assert_refused(response: &Response, detail: &str) {
    assert_unauthenticated(response, detail, r#"Bearer error="invalid_token""#);
}

#[track_caller]
fn assert_unauthenticated(response: &Response, detail: &str, challenge: &str) {
    assert_eq!(response.status, 401);
    assert_eq!(response.json(), json!({ "detail": detail }));
    assert_eq!(response.header("www-authenticate"), Some(challenge));
}
