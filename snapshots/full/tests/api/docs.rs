//! The OpenAPI document, and the page that shows it.

use aws_lc_rs::digest::{SHA384, digest};
use axum::Router;
use axum::body::Body;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::{Method, Request};
use http_body_util::BodyExt as _;
use serde_json::{Value, json};
use tower::ServiceExt as _;

use crate::support::TestApp;

/// What can be used without signing in. Whoever opens a route to everyone says so here too.
const PUBLIC: &str = "
GET /health
";

/// `GET /api/things` and what the document says about it.
fn operations(document: &Value) -> Vec<(String, Value)> {
    let mut operations = Vec::new();
    for (path, methods) in document["paths"].as_object().unwrap() {
        for (method, operation) in methods.as_object().unwrap() {
            let name = format!("{} {path}", method.to_uppercase());
            operations.push((name, operation.clone()));
        }
    }
    operations
}

fn is_public(name: &str) -> bool {
    PUBLIC.lines().any(|line| line == name)
}

#[tokio::test]
async fn every_operation_asks_for_a_token_unless_it_is_listed_as_public() {
    let app = TestApp::start().await;
    let document = app.get("/openapi.json").await.json();

    for (name, operation) in operations(&document) {
        let asks = operation["security"] == json!([{"HTTPBearer": []}]);
        assert_ne!(asks, is_public(&name), "{name}");

        let (method, path) = name.split_once(' ').unwrap();
        let id = "00000000-0000-7000-8000-000000000000";
        let segments = path.split('/');
        let path: Vec<_> = segments
            .map(|segment| {
                if segment.starts_with('{') {
                    id
                } else {
                    segment
                }
            })
            .collect();
        let method: Method = method.parse().unwrap();
        let answer = app.request(method, &path.join("/")).await;
        assert_eq!(answer.status == 401, asks, "{name}: {answer:?}");
    }
}

#[tokio::test]
async fn the_document_is_openapi_3_1_and_points_only_at_what_it_has() {
    let app = TestApp::start().await;
    let response = app.get("/openapi.json").await;
    assert_eq!(response.header("content-type"), Some("application/json"));
    let document = response.json();

    assert_eq!(document["openapi"], "3.1.0");
    assert_eq!(document["info"]["title"], env!("CARGO_PKG_NAME"));
    assert_eq!(document["info"]["version"], env!("CARGO_PKG_VERSION"));
    assert_eq!(
        document["components"]["securitySchemes"]["HTTPBearer"],
        json!({"type": "http", "scheme": "bearer", "bearerFormat": "JWT"})
    );
    for reference in references(&document) {
        let target = reference.strip_prefix('#').unwrap();
        assert!(document.pointer(target).is_some(), "{reference}");
    }
}

fn references(value: &Value) -> Vec<&str> {
    match value {
        Value::Object(fields) => {
            let own = fields.get("$ref").and_then(Value::as_str);
            own.into_iter()
                .chain(fields.values().flat_map(references))
                .collect()
        }
        Value::Array(items) => items.iter().flat_map(references).collect(),
        _ => Vec::new(),
    }
}

#[tokio::test]
async fn operations_have_unique_names_and_every_answer_is_described() {
    let app = TestApp::start().await;
    let document = app.get("/openapi.json").await.json();

    let operations = operations(&document);
    let mut ids: Vec<_> = operations
        .iter()
        .map(|(_, operation)| operation["operationId"].as_str().unwrap())
        .collect();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), operations.len());
    assert!(ids.contains(&"health_health_get"), "{ids:?}");

    for (name, operation) in &operations {
        for (status, response) in operation["responses"].as_object().unwrap() {
            let described = response.get("description").or(response.get("$ref"));
            assert!(described.is_some(), "{name} {status}");
            if status.as_str() >= "400" {
                let body = response.get("content").or(response.get("$ref"));
                assert!(body.is_some(), "{name} {status}");
            }
        }
    }
}

#[tokio::test]
async fn the_page_loads_pinned_files_and_nothing_else() {
    let app = TestApp::start().await;
    let page = app.get("/docs").await;

    assert_eq!(page.status, 200);
    assert_eq!(
        page.header("content-type"),
        Some("text/html; charset=utf-8")
    );
    let assets = &app.state.config().docs_assets;
    for file in ["swagger-ui-bundle.js", "swagger-ui.css"] {
        assert!(
            page.text.contains(&format!("\"{assets}/{file}\"")),
            "{file}"
        );
    }
    assert_eq!(page.text.matches("integrity=\"sha384-").count(), 2);
    let policy = page.header("content-security-policy").unwrap();
    assert!(policy.starts_with("default-src 'none'; script-src 'self' https://cdn.jsdelivr.net/"));
    assert!(!policy.contains("unsafe"), "{policy}");

    let script = app.get("/docs/init.js").await;
    assert_eq!(
        script.header("content-type"),
        Some("text/javascript; charset=utf-8")
    );
    assert!(script.text.contains(r#"url: "openapi.json""#));
}

/// A browser refuses a file that is not the one named, and `cargo dev` serves other copies than production loads.
#[tokio::test]
async fn the_page_names_the_hashes_of_its_files() {
    let app = TestApp::start().await;
    let page = app.get("/docs").await.text;
    let files: Router = local::swagger_ui("/assets");

    for name in ["swagger-ui-bundle.js", "swagger-ui.css"] {
        let request = Request::get(format!("/assets/{name}"));
        let request = request.body(Body::empty()).unwrap();
        let file = files.clone().oneshot(request).await.unwrap();
        let file = file.into_body().collect().await.unwrap().to_bytes();
        let hash = STANDARD.encode(digest(&SHA384, &file));
        assert!(page.contains(&format!("sha384-{hash}")), "{name}: {hash}");
    }
}

#[tokio::test]
async fn the_documentation_can_be_switched_off() {
    let app = TestApp::start_with(|config| config.docs_enabled = false).await;
    for path in ["/docs", "/docs/init.js", "/openapi.json"] {
        assert_eq!(app.get(path).await.status, 404, "{path}");
    }
}
