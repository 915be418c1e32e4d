//! Files go straight to S3 and back, with nothing but what a presigned URL allows.

use std::time::Duration;

use http::{Method, StatusCode};
use http_body_util::Full;
use local::Failure;
use uuid::Uuid;

use my_api::error::Error;
use my_api::shared::storage::Download;
use my_api::shared::storage::FileName;
use my_api::shared::storage::ObjectInfo;
use my_api::shared::storage::ObjectKey;
use my_api::shared::storage::ObjectPrefix;
use my_api::shared::storage::Storage;
use my_api::shared::storage::Upload;
use my_api::shared::storage::UploadUrl;

use crate::support::{Log, TestApp, fetch, send};

const PDF: &str = "application/pdf";

#[tokio::test]
async fn a_file_that_was_uploaded_can_be_downloaded_under_its_name() {
    let app = TestApp::start().await;
    let storage = app.state.storage();
    let name = FileName::sanitise("Angebot für \"Müller\".pdf");
    let key = new_key();

    let named = Upload {
        file_name: &name,
        content_type: PDF,
        size: 5,
    };
    let upload = storage.upload_url(&key, named).await.unwrap();
    assert_eq!(put(&upload, "hello").await, StatusCode::OK);
    let stored = ObjectInfo {
        size: 5,
        content_type: Some(PDF.to_owned()),
        file_name: Some(name.clone()),
    };
    assert_eq!(storage.head(&key).await.unwrap(), Some(stored));

    let file = Download {
        file_name: &name,
        content_type: "application/octet-stream",
    };
    let download = storage.download_url(&key, file).await.unwrap();
    let (status, headers, body) = fetch(&download.download_url).await;
    assert_eq!((status, body.as_ref()), (StatusCode::OK, b"hello".as_ref()));
    assert_eq!(headers["content-type"], "application/octet-stream");
    let disposition = headers["content-disposition"].to_str().unwrap();
    assert_eq!(disposition, name.attachment());
    assert!(disposition.starts_with("attachment;"));
}

#[tokio::test]
async fn an_upload_url_takes_only_the_announced_name_type_and_size() {
    let app = TestApp::start().await;
    let storage = app.state.storage();
    let key = new_key();
    let upload = announce(storage, &key).await;

    let mut html = upload.clone();
    html.headers
        .insert("content-type".to_owned(), "text/html".to_owned());
    assert_eq!(put(&html, "hello").await, StatusCode::FORBIDDEN);
    let mut renamed = upload.clone();
    renamed
        .headers
        .insert("x-amz-meta-file-name".to_owned(), "b.pdf".to_owned());
    assert_eq!(put(&renamed, "hello").await, StatusCode::FORBIDDEN);
    assert_eq!(put(&upload, "longer").await, StatusCode::FORBIDDEN);
    assert_eq!(put(&upload, "less").await, StatusCode::FORBIDDEN);

    assert_eq!(storage.head(&key).await.unwrap(), None);
}

#[tokio::test]
async fn an_upload_url_does_not_replace_what_is_there() {
    let app = TestApp::start().await;
    let storage = app.state.storage();
    let upload = announce(storage, &new_key()).await;

    assert_eq!(put(&upload, "first").await, StatusCode::OK);
    assert_eq!(put(&upload, "other").await, StatusCode::PRECONDITION_FAILED);

    let mut forced = upload.clone();
    forced.headers.remove("if-none-match");
    assert_eq!(put(&forced, "other").await, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn a_browser_may_send_the_headers_that_an_upload_url_asks_for() {
    let app = TestApp::start().await;
    let upload = announce(app.state.storage(), &new_key()).await;
    let names: Vec<&str> = upload.headers.keys().map(String::as_str).collect();
    let template = include_str!("../../template.yaml");
    let deployed = format!("AllowedHeaders: [{}]\n", names.join(", "));
    assert!(template.contains(&deployed), "{deployed}");

    let preflight = http::Request::options(&upload.upload_url)
        .header("origin", "http://localhost:3000")
        .header("access-control-request-method", "PUT")
        .header("access-control-request-headers", names.join(","));
    let (_, headers, _) = send(preflight.body(Full::default()).unwrap()).await;
    let allowed = headers["access-control-allow-headers"].to_str().unwrap();
    for name in names {
        assert!(allowed.split(',').any(|other| other == name), "{name}");
    }
}

#[tokio::test]
async fn a_url_expires() {
    let app = TestApp::start().await;
    let storage = app.state.storage();
    let upload = announce(storage, &new_key()).await;
    assert_eq!(upload.expires_in, 3600);
    assert!(upload.upload_url.contains("X-Amz-Expires=3600"));

    let storage = storage.clone().with_url_lifetime(Duration::from_secs(1));
    let upload = announce(&storage, &new_key()).await;
    tokio::time::sleep(Duration::from_millis(2100)).await;
    assert_eq!(put(&upload, "hello").await, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn a_url_is_signed_for_one_key_and_one_method() {
    let app = TestApp::start().await;
    let storage = app.state.storage();
    let (mine, other) = (new_key(), new_key());
    store(storage, &other).await;

    let upload = announce(storage, &mine).await;
    let moved = upload.upload_url.replace(mine.as_str(), other.as_str());
    assert_ne!(moved, upload.upload_url);
    assert_eq!(fetch(&moved).await.0, StatusCode::FORBIDDEN);
    assert_eq!(fetch(&upload.upload_url).await.0, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn what_is_not_a_media_type_is_not_signed() {
    let app = TestApp::start().await;
    let upload = Upload {
        file_name: &FileName::sanitise("a.html"),
        content_type: "text/html\r\nx-amz-acl: public-read",
        size: 1,
    };
    let refused = app.state.storage().upload_url(&new_key(), upload).await;
    assert!(matches!(refused, Err(Error::BadRequest(_))));
}

#[tokio::test]
async fn urls_do_not_show_in_debug_output_or_the_log() {
    let app = TestApp::start().await;
    let log = Log::keep();
    let storage = app.state.storage();
    let (name, key) = (FileName::sanitise("a.pdf"), new_key());
    let file = Download {
        file_name: &name,
        content_type: PDF,
    };
    let upload = announce(storage, &key).await;
    let download = storage.download_url(&key, file).await.unwrap();

    let shown = format!("{upload:?} {download:?}");
    assert!(!shown.contains("http"), "{shown}");
    assert!(!shown.contains("Signature"), "{shown}");
    let logged = log.by_default();
    assert!(!logged.contains("Signature"), "{logged}");
}

#[tokio::test]
async fn deleting_an_item_deletes_its_files_and_those_of_its_children_only() {
    let app = TestApp::start().await;
    let storage = app.state.storage();
    let (item, other) = (item(), item());
    let own = item.upload("content", Uuid::now_v7());
    let child = item.child("DOCUMENT", Uuid::now_v7());
    let child = child.upload("content", Uuid::now_v7());
    let foreign = other.upload("content", Uuid::now_v7());
    for key in [&own, &child, &foreign] {
        store(storage, key).await;
    }

    assert_eq!(storage.delete_all(&item).await.unwrap(), 2);
    assert_eq!(storage.head(&own).await.unwrap(), None);
    assert_eq!(storage.head(&child).await.unwrap(), None);
    assert!(storage.head(&foreign).await.unwrap().is_some());
    assert_eq!(storage.delete_all(&item).await.unwrap(), 0);

    storage.delete(&foreign).await.unwrap();
    assert_eq!(storage.head(&foreign).await.unwrap(), None);
    storage.delete(&foreign).await.unwrap();
}

#[tokio::test]
async fn an_item_with_more_files_than_one_page_loses_them_all() {
    let app = TestApp::start().await;
    let storage = app.state.storage();
    let item = item();
    for _ in 0..1001 {
        let key = item.upload("content", Uuid::now_v7());
        app.aws.s3().store(key.as_str(), b"hello").unwrap();
    }
    assert_eq!(storage.delete_all(&item).await.unwrap(), 1001);
    assert_eq!(storage.delete_all(&item).await.unwrap(), 0);
}

#[tokio::test]
async fn an_outage_is_unavailable_and_a_refusal_is_internal() {
    let app = TestApp::start().await;
    let storage = app.state.storage();

    let s3 = app.aws.s3();
    s3.fail_next(&Method::DELETE, 3, Failure::internal("down"));
    let outage = storage.delete(&new_key()).await;
    assert!(
        matches!(outage, Err(Error::Unavailable { .. })),
        "{outage:?}"
    );

    s3.fail_next(&Method::DELETE, 1, Failure::access_denied());
    let refusal = storage.delete(&new_key()).await;
    assert!(matches!(refusal, Err(Error::Internal(_))), "{refusal:?}");
}

fn item() -> ObjectPrefix {
    ObjectPrefix::item("PROPOSAL", Uuid::now_v7())
}

fn new_key() -> ObjectKey {
    item().upload("content", Uuid::now_v7())
}

/// A URL for five bytes of a PDF.
async fn announce(storage: &Storage, key: &ObjectKey) -> UploadUrl {
    let file = Upload {
        file_name: &FileName::sanitise("a.pdf"),
        content_type: PDF,
        size: 5,
    };
    storage.upload_url(key, file).await.unwrap()
}

async fn store(storage: &Storage, key: &ObjectKey) {
    let upload = announce(storage, key).await;
    assert_eq!(put(&upload, "hello").await, StatusCode::OK);
}

/// Does what a browser does with an upload URL.
async fn put(upload: &UploadUrl, body: &'static str) -> StatusCode {
    let mut request = http::Request::builder()
        .method(upload.method.as_str())
        .uri(&upload.upload_url);
    for (name, value) in &upload.headers {
        request = request.header(name, value);
    }
    send(request.body(body.into()).unwrap()).await.0
}
