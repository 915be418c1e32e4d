use std::time::Duration;
use std::time::SystemTime;

use aws_sdk_s3::Client;
use aws_sdk_s3::error::ProvideErrorMetadata as _;
use aws_sdk_s3::presigning::PresignedRequest;
use aws_sdk_s3::presigning::PresigningConfig;
use axum::body::Body;
use axum::body::Bytes;
use axum::http::Method;
use axum::http::Request;
use axum::http::Response;

use local::BUCKET;
use local::Failure;
use local::LocalAws;
use local::Options;

use crate::http;

#[tokio::test]
async fn the_sdk_puts_reads_lists_and_deletes_objects() {
    let (_aws, client) = start().await;
    let put = client.put_object().bucket(BUCKET).key("a/b c.txt");
    put.content_type("text/plain")
        .body(Bytes::from("hello").into())
        .send()
        .await
        .unwrap();

    let object = client
        .get_object()
        .bucket(BUCKET)
        .key("a/b c.txt")
        .send()
        .await
        .unwrap();
    assert_eq!(object.content_type(), Some("text/plain"));
    assert_eq!(object.body.collect().await.unwrap().into_bytes(), "hello");

    let head = client
        .head_object()
        .bucket(BUCKET)
        .key("a/b c.txt")
        .send()
        .await;
    assert_eq!(head.unwrap().content_length(), Some(5));
    let listed = client
        .list_objects_v2()
        .bucket(BUCKET)
        .prefix("a/")
        .send()
        .await;
    assert_eq!(listed.unwrap().contents()[0].key(), Some("a/b c.txt"));

    client
        .delete_object()
        .bucket(BUCKET)
        .key("a/b c.txt")
        .send()
        .await
        .unwrap();
    let gone = client
        .head_object()
        .bucket(BUCKET)
        .key("a/b c.txt")
        .send()
        .await;
    assert!(gone.unwrap_err().into_service_error().is_not_found());
}

#[tokio::test]
async fn a_presigned_upload_is_taken_as_it_was_signed() {
    let (_aws, client) = start().await;
    let upload = presigned_put(&client, "report.pdf", SystemTime::now()).await;
    assert!(upload.uri().starts_with("http://127.0.0.1:"));
    assert_eq!(put(&upload, "application/pdf", "12345").await.status(), 200);

    let download = client.get_object().bucket(BUCKET).key("report.pdf");
    let download = download
        .response_content_disposition("attachment")
        .presigned(presigning(SystemTime::now()));
    let response = http::get(download.await.unwrap().uri()).await;
    assert_eq!(response.status(), 200);
    assert_eq!(response.headers()["content-disposition"], "attachment");
    assert_eq!(response.headers()["content-type"], "application/pdf");
    assert_eq!(response.body(), "12345");
}

#[tokio::test]
async fn a_presigned_upload_of_another_type_or_size_is_refused() {
    let (_aws, client) = start().await;
    let upload = presigned_put(&client, "report.pdf", SystemTime::now()).await;
    assert_eq!(put(&upload, "text/html", "12345").await.status(), 403);
    assert_eq!(
        put(&upload, "application/pdf", "123456").await.status(),
        403
    );
    assert_eq!(put(&upload, "application/pdf", "1234").await.status(), 403);
}

#[tokio::test]
async fn a_tampered_or_old_url_is_refused() {
    let (_aws, client) = start().await;
    let upload = presigned_put(&client, "report.pdf", SystemTime::now()).await;
    let elsewhere = upload.uri().replace("report.pdf", "other.pdf");
    assert_eq!(
        put_to(&elsewhere, "application/pdf", "12345")
            .await
            .status(),
        403
    );
    let unsigned = upload.uri().split('?').next().unwrap();
    assert_eq!(http::get(unsigned).await.status(), 403);

    let two_hours_ago = SystemTime::now() - Duration::from_secs(7200);
    let old = presigned_put(&client, "report.pdf", two_hours_ago).await;
    assert_eq!(put(&old, "application/pdf", "12345").await.status(), 403);
}

#[tokio::test]
async fn if_none_match_protects_an_object_from_being_replaced() {
    let (_aws, client) = start().await;
    let create = client
        .put_object()
        .bucket(BUCKET)
        .key("once")
        .if_none_match("*");
    let create = create
        .presigned(presigning(SystemTime::now()))
        .await
        .unwrap();
    let request = || {
        Request::put(create.uri())
            .header("if-none-match", "*")
            .body(Body::from("1"))
    };
    assert_eq!(http::send(request().unwrap()).await.status(), 200);
    assert_eq!(http::send(request().unwrap()).await.status(), 412);
}

#[tokio::test]
async fn pages_of_this_machine_may_upload_and_no_others() {
    let (aws, _client) = start().await;
    let preflight = |origin: &'static str| {
        let request = Request::options(format!("{}/{BUCKET}/x", aws.endpoint_url()))
            .header("origin", origin)
            .header("access-control-request-method", "PUT")
            .header("access-control-request-headers", "content-type");
        http::send(request.body(Body::empty()).unwrap())
    };
    let allowed = preflight("http://localhost:5173").await;
    assert_eq!(
        allowed.headers()["access-control-allow-origin"],
        "http://localhost:5173"
    );
    assert_eq!(allowed.headers()["access-control-allow-methods"], "GET,PUT");
    let refused = preflight("https://example.com").await;
    assert!(
        !refused
            .headers()
            .contains_key("access-control-allow-origin")
    );
}

#[tokio::test]
async fn a_failure_on_demand_reaches_the_sdk() {
    let (aws, client) = start().await;
    aws.s3()
        .fail_next(&Method::DELETE, 1, Failure::access_denied());
    let refused = client
        .delete_object()
        .bucket(BUCKET)
        .key("x")
        .send()
        .await
        .unwrap_err();
    assert_eq!(refused.code(), Some("AccessDeniedException"));
}

async fn start() -> (LocalAws, Client) {
    let aws = LocalAws::start(Options::default()).await.unwrap();
    let client = Client::new(&aws.sdk_config());
    (aws, client)
}

/// Signed for five bytes of PDF.
async fn presigned_put(client: &Client, key: &str, at: SystemTime) -> PresignedRequest {
    let put = client.put_object().bucket(BUCKET).key(key);
    let put = put.content_type("application/pdf").content_length(5);
    put.presigned(presigning(at)).await.unwrap()
}

fn presigning(at: SystemTime) -> PresigningConfig {
    let config = PresigningConfig::builder()
        .start_time(at)
        .expires_in(Duration::from_secs(3600));
    config.build().unwrap()
}

async fn put(upload: &PresignedRequest, content_type: &str, body: &'static str) -> Response<Bytes> {
    put_to(upload.uri(), content_type, body).await
}

async fn put_to(url: &str, content_type: &str, body: &'static str) -> Response<Bytes> {
    let request = Request::put(url).header("content-type", content_type);
    http::send(request.body(Body::from(body)).unwrap()).await
}
