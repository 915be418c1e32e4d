//! Input that breaks the rules, and what the client is told.

mod routes;

use axum::body::Body;
use http::Request;
use http_body_util::BodyExt;
use serde::Deserialize;
use serde_json::{Value, json};
use tower::ServiceExt;

use self::routes::routes;

/// One request, and the `detail` of the 422 that it gets; none if the input is good.
#[derive(Deserialize)]
struct Golden {
    request: String,
    body: Option<String>,
    detail: Option<Value>,
}

/// The answers were recorded from FastAPI 0.165.0 with Pydantic 2.14.3 and the same types in Python.
#[tokio::test]
async fn input_is_judged_and_answered_as_by_fastapi() {
    let goldens = include_str!("validation/fastapi.json");
    let goldens: Vec<Golden> = serde_json::from_str(goldens).unwrap();
    for Golden {
        request,
        body,
        detail,
    } in goldens
    {
        let (status, answer) = send(&request, body.as_deref()).await;
        let context = format!("{request} {body:?} {answer}");
        match detail {
            Some(detail) => {
                let expected = json!({"detail": detail, "message": "Validation failed"});
                let answer: Value = serde_json::from_str(&answer).unwrap();
                assert_eq!((status, answer), (422, expected), "{context}");
            }
            None => assert_eq!(status, 200, "{context}"),
        }
    }
}

/// FastAPI takes `"5"`, `1.0` and `true` for an integer. A JSON body can say what it means.
#[tokio::test]
async fn json_types_are_strict() {
    for (body, r#type) in [
        (r#"{"rating":"5"}"#, "int_type"),
        (r#"{"rating":5.0}"#, "int_type"),
        (r#"{"rating":5e0}"#, "int_type"),
        (r#"{"rating":-0}"#, "value_error"),
        (r#"{"rating":true}"#, "int_type"),
        (r#"{"share":"0.75"}"#, "float_type"),
        (r#"{"share":true}"#, "float_type"),
        (r#"{"active":"true"}"#, "bool_type"),
        (r#"{"active":1}"#, "bool_type"),
        (r#"{"day":1700000000}"#, "date_type"),
        (r#"{"at":1700000000}"#, "datetime_type"),
        (r#"{"price":" 5 "}"#, "decimal_parsing"),
        (r#"{"price":"5_0"}"#, "decimal_parsing"),
    ] {
        assert_eq!(types("POST /kinds", body).await, [r#type], "{body}");
    }
}

/// FastAPI takes a date for midnight, a text of digits for a timestamp, an address with a name around it for an
/// address, and mends URLs. What is stored here is what was sent, and it must mean the same to whoever reads it.
#[tokio::test]
async fn texts_are_of_the_documented_format() {
    for (body, r#type) in [
        (
            r#"{"day":"2024-01-01T00:00:00"}"#,
            "date_from_datetime_inexact",
        ),
        (r#"{"day":"20240101"}"#, "date_from_datetime_inexact"),
        (r#"{"at":"1700000000"}"#, "datetime_from_date_parsing"),
        (
            r#"{"at":"2024-01-01T00:00Z"}"#,
            "datetime_from_date_parsing",
        ),
        (
            r#"{"at":"2024-01-01T00:00:00+01:00[Europe/Berlin]"}"#,
            "datetime_from_date_parsing",
        ),
        (r#"{"email":"Bob <a@example.org>"}"#, "value_error"),
        (r#"{"email":" a@example.org "}"#, "value_error"),
        (r#"{"link":"http:/example.org"}"#, "url_parsing"),
        (r#"{"link":"http:\\\\example.org"}"#, "url_parsing"),
        (r#"{"link":" https://example.org"}"#, "url_parsing"),
        (r#"{"link":"https://example.org/a b"}"#, "url_parsing"),
    ] {
        assert_eq!(types("POST /kinds", body).await, [r#type], "{body}");
    }
}

#[tokio::test]
async fn numbers_are_compared_exactly_and_within_what_can_be_stored() {
    for (request, body, r#type) in [
        (
            "POST /kinds",
            r#"{"rating":9223372036854775810}"#,
            "multiple_of",
        ),
        (
            "POST /kinds",
            r#"{"rating":-9223372036854775810}"#,
            "multiple_of",
        ),
        ("POST /kinds", r#"{"share":1e400}"#, "finite_number"),
        ("POST /kinds", r#"{"price":1e126}"#, "decimal_whole_digits"),
        ("POST /kinds", r#"{"price":1e-131}"#, "decimal_max_places"),
        (
            "POST /kinds",
            r#"{"price":9.999999999999999999999999999999999999999}"#,
            "decimal_max_digits",
        ),
        (
            "POST /kinds",
            r#"{"price":0.49999999999999999999999999999999999999}"#,
            "greater_than_equal",
        ),
        (
            "POST /proposals",
            r#"{"title":"x","budget":10000000.000000000000000000000000000001}"#,
            "less_than_equal",
        ),
        (
            "POST /proposals",
            r#"{"title":"x","budget":"1e999999999999999999"}"#,
            "decimal_whole_digits",
        ),
        (
            "POST /orders",
            r#"{"items":[{"name":"x","quantity":1}],"notes":{"a":1e400}}"#,
            "json_invalid",
        ),
        (
            "POST /orders",
            r#"{"items":[{"name":"x","quantity":1}],"notes":[{"a":{"":1}}]}"#,
            "value_error",
        ),
    ] {
        assert_eq!(types(request, body).await, [r#type], "{body}");
    }

    let exact = r#"{"title":"x","description":null,"budget":1234567.8901234567890123456789012345678,"status":null}"#;
    let (status, read) = send("POST /proposals", Some(exact)).await;
    assert_eq!((status, read.as_str()), (200, exact));
}

#[tokio::test]
async fn queries_are_read_from_text() {
    let (_, read) = send(
        "GET /search?must=a+b%21&limit=+07&ratio=1e-3&active=Yes&tags=1&tags=2",
        None,
    )
    .await;
    let read: Value = serde_json::from_str(&read).unwrap();
    let expected = json!({
        "must": "a b!",
        "limit": 7,
        "ratio": 0.001,
        "status": null,
        "active": true,
        "tags": ["1", "2"],
    });
    assert_eq!(read, expected);
}

#[tokio::test]
async fn a_patch_tells_absent_from_null() {
    for body in [
        "{}",
        r#"{"description":null}"#,
        r#"{"title":"x","description":"y"}"#,
    ] {
        let (status, read) = send("POST /changes", Some(body)).await;
        assert_eq!((status, read.as_str()), (200, body));
    }
    let nulls = types(
        "POST /changes",
        r#"{"title":null,"description":null,"status":null}"#,
    )
    .await;
    assert_eq!(nulls, ["string_type", "enum"]);
}

#[tokio::test]
async fn what_is_no_json_is_reported_with_its_place() {
    for (body, place) in [
        (r#"{"title": "#, 10),
        (r#"{"title": "x",}"#, 14),
        (r#"{"a":1 "b":2}"#, 7),
        (r#"{"ü": x}"#, 6),
        ("{\n  \"a\": 1,\n  \"ü\": oops\n}", 19),
        (r#"{"a":1}x"#, 7),
        (r#"{"a":NaN}"#, 5),
        (r#"{"a":Infinity}"#, 5),
        ("\u{feff}{}", 0),
        (r#"["\ud800"]"#, 2),
        (r#"["\ud83d\ude00", "\ude00"]"#, 18),
        (r#"{"\udc00":1}"#, 2),
    ] {
        let (status, answer) = send("POST /proposals", Some(body)).await;
        let answer: Value = serde_json::from_str(&answer).unwrap();
        let error = &answer["detail"][0];
        assert_eq!(status, 422, "{body}");
        assert_eq!(error["type"], "json_invalid", "{body}");
        assert_eq!(error["loc"], json!(["body", place]), "{body} {answer}");
        assert!(error["ctx"]["error"].is_string(), "{answer}");
    }
}

#[tokio::test]
async fn a_field_may_be_given_once() {
    let body = r#"{"title":"a","title":"b","budget":1}"#;
    assert_eq!(types("POST /proposals", body).await, ["value_error"]);
}

#[tokio::test]
async fn types_that_hold_themselves_are_checked_down_to_the_limit_of_nesting() {
    let nested = |depth| format!("{}{}", r#"{"branches":["#.repeat(depth), "]}".repeat(depth));

    assert_eq!(send("POST /trees", Some(&nested(63))).await.0, 200);
    assert_eq!(types("POST /trees", &nested(64)).await, ["json_invalid"]);
    assert_eq!(
        types("POST /trees", &"[".repeat(100_000)).await,
        ["json_invalid"]
    );
    let brackets = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    assert_eq!(types("POST /trees", &brackets).await, ["json_invalid"]);
}

#[tokio::test]
async fn large_input_is_not_sent_back_and_errors_have_an_end() {
    let title = "x".repeat(1023);
    let (_, answer) = send(
        "POST /proposals",
        Some(&json!({"title": title, "budget": 1}).to_string()),
    )
    .await;
    let answer: Value = serde_json::from_str(&answer).unwrap();
    assert_eq!(answer["detail"][0]["type"], "string_too_long");
    assert_eq!(answer["detail"][0].get("input"), None);

    let symbols: String = ('\u{2190}'..='\u{2bff}').collect();
    let (_, answer) = send("POST /kinds", Some(&json!({"email": symbols}).to_string())).await;
    assert!(answer.contains("Length must not exceed 2048 characters"));
    assert!(answer.len() < 500, "{answer}");

    let key = "x".repeat(10_000);
    let (_, answer) = send("POST /proposals", Some(&json!({ key: 1 }).to_string())).await;
    assert!(answer.contains("extra_forbidden"));
    assert!(answer.len() < 1000, "{answer}");

    let branches = format!(r#"{{"branches":[{}1]}}"#, "1,".repeat(100_000));
    assert_eq!(types("POST /trees", &branches).await.len(), 100);

    let unknown: String = (0..1000).map(|key| format!(r#","{key}":1"#)).collect();
    let unknown = format!(r#"{{"title":"x","budget":1{unknown}}}"#);
    assert_eq!(types("POST /proposals", &unknown).await.len(), 100);
}

#[tokio::test]
async fn only_json_is_read() {
    for (content_type, status) in [
        ("application/json", 200),
        ("Application/JSON; charset=utf-8", 200),
        ("application/merge-patch+json", 200),
        ("text/plain", 415),
        ("application/jsonp", 415),
        ("text/json", 415),
        ("application/x-www-form-urlencoded", 415),
        ("", 415),
    ] {
        let request = Request::post("/changes").header("content-type", content_type);
        let response = routes().oneshot(request.body(Body::from("{}")).unwrap());
        assert_eq!(response.await.unwrap().status(), status, "{content_type}");
    }
    let request = Request::post("/changes").body(Body::from("{}")).unwrap();
    assert_eq!(routes().oneshot(request).await.unwrap().status(), 415);
}

#[tokio::test]
async fn a_body_beyond_the_limit_is_refused() {
    let megabytes = format!(r#"{{"title":"{}"}}"#, "x".repeat(3_000_000));
    let (status, _) = send("POST /changes", Some(&megabytes)).await;
    assert_eq!(status, 413);
}

/// Every body that is one byte away from a good one, and every beginning of it: the client's fault, never ours.
#[tokio::test]
async fn no_bytes_whatever_are_an_error_of_the_server() {
    let good = r#"{"items":[{"name":"\ud83d\ude00","quantity":1}],"counts":{"a":-2.5e1},"notes":[null,true]}"#;
    let mut bodies: Vec<Vec<u8>> = Vec::new();
    for at in 0..good.len() {
        bodies.push(good.as_bytes()[..at].to_vec());
        for byte in b"\0\"\\[]{}:,0-.eun \n\x7f\x80\xc3\xff" {
            let mut body = good.as_bytes().to_vec();
            body[at] = *byte;
            bodies.push(body);
        }
    }
    let app = routes();
    for body in bodies {
        let shown = String::from_utf8_lossy(&body).into_owned();
        let request = Request::post("/orders").header("content-type", "application/json");
        let request = request.body(Body::from(body)).unwrap();
        let status = app.clone().oneshot(request).await.unwrap().status();
        assert!(matches!(status.as_u16(), 200 | 422), "{status} {shown}");
    }
}

/// API Gateway passes paths on as they came.
#[tokio::test]
async fn an_id_that_is_no_text_is_an_error_of_the_client() {
    let request = "GET /proposals/%ff";
    assert_eq!(types(request, "").await, ["value_error"]);
}

/// The types of the errors in the answer, which must be a 422.
async fn types(request: &str, body: &str) -> Vec<String> {
    let (status, answer) = send(request, Some(body)).await;
    assert_eq!(status, 422, "{body} {answer}");
    let answer: Value = serde_json::from_str(&answer).unwrap();
    let errors = answer["detail"].as_array().unwrap();
    errors
        .iter()
        .map(|error| error["type"].as_str().unwrap().to_owned())
        .collect()
}

async fn send(request: &str, body: Option<&str>) -> (u16, String) {
    let (method, path) = request.split_once(' ').unwrap();
    let request = Request::builder()
        .method(method)
        .uri(path)
        .header("content-type", "application/json")
        .body(Body::from(body.unwrap_or_default().to_owned()))
        .unwrap();
    let response = routes().oneshot(request).await.unwrap();
    let status = response.status().as_u16();
    let bytes = response.into_body().collect().await.unwrap().to_bytes();
    (status, String::from_utf8(bytes.to_vec()).unwrap())
}
