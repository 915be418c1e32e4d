//! What holds for the files of every entity.

use std::collections::BTreeMap;

use bytes::Bytes;
use http::{Method, StatusCode};
use local::Failure;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Caller, Items, Request, fetch, send};

/// So many bytes have the largest objects that the tests make.
const LARGEST_OBJECT: usize = 30_000_000;

/// A field that is a file, and what it takes.
#[derive(Debug, Deserialize)]
struct FileField {
    name: String,
    /// What follows the path of the item.
    path: String,
    max_size: usize,
    content_type: String,
    /// One that it does not take, and the type of the error.
    other_type: (String, String),
    /// It can be deleted.
    optional: bool,
}

/// What the API says of an upload.
#[derive(Clone, Debug, Deserialize)]
struct Upload {
    upload_id: String,
    upload_url: String,
    method: String,
    headers: BTreeMap<String, String>,
}

impl Items<'_> {
    /// A file is there for everyone when it has been announced, sent and confirmed, and then it is what was sent. Another
    /// one replaces it, if whoever sends it knows the version.
    pub async fn check_files(&self, least: &Value, files: &Value) {
        for field in &read(files) {
            let id = self.add(least.clone()).await;
            assert_eq!(self.download(&id, field).await.status, 404);

            let first = self.announce(&id, field, "plan.txt", 5).await;
            let early = self.confirm(&id, field, &first).await;
            assert_eq!(early.status, 409, "{early:?}");
            assert_eq!(first.send("first").await, 200);
            let unconfirmed = self.get(&id).await;
            unconfirmed.assert_shows(&json!({ &field.name: null, "version": 1 }));

            let confirmed = self.confirm(&id, field, &first).await;
            assert_eq!(confirmed.header("etag"), Some("\"2\""), "{confirmed:?}");
            assert!(!confirmed.text.contains(first.key()), "{confirmed:?}");
            let shown = &confirmed.data()[&field.name];
            assert_eq!(shown["file_name"], "plan.txt");
            assert_eq!(shown["content_type"], *field.content_type);
            assert_eq!(shown["size"], 5);
            assert_eq!(self.get(&id).await.text, confirmed.text);
            let again = self.confirm(&id, field, &first).await;
            assert_eq!(again.text, confirmed.text);

            let old = self.url_of(&id, field).await;
            let (status, headers, body) = fetch(&old).await;
            assert_eq!((status, &*body), (StatusCode::OK, &b"first"[..]));
            assert_eq!(headers["content-type"], *field.content_type);
            let disposition = "attachment; filename=\"plan.txt\"; filename*=UTF-8''plan.txt";
            assert_eq!(headers["content-disposition"], disposition);

            let second = self.announce(&id, field, "other.txt", 6).await;
            assert_eq!(second.send("second").await, 200);
            let stale = json!({ "upload_id": second.upload_id, "version": 1 });
            let by_body = self.post(&id, &field.path, &stale).await;
            let by_header = self.confirm(&id, field, &second);
            let by_header = by_header.header("if-match", "\"1\"").await;
            assert_eq!(
                (by_body.status.as_u16(), by_header.status.as_u16()),
                (409, 412)
            );
            assert_eq!(fetch(&old).await.0, 200);

            let replaced = self.confirm(&id, field, &second).await;
            assert_eq!(replaced.status, 200, "{replaced:?}");
            assert_eq!(fetch(&self.url_of(&id, field).await).await.2, "second");
            assert_eq!(fetch(&old).await.0, 404);
            let gone = self.confirm(&id, field, &first).await;
            assert_eq!(gone.status, 409, "{gone:?}");
        }
    }

    /// A file is refused before a URL for it is signed, by the URL, or at last when it is confirmed.
    pub async fn check_rules_of_files(&self, least: &Value, files: &Value) {
        for field in &read(files) {
            let id = self.add(least.clone()).await;
            let good = field.announcement("plan.txt", field.max_size);
            let taken = self.post(&id, &field.upload_path(), &good).await;
            assert_eq!(taken.status, 200, "{taken:?}");
            let (other_type, reason) = &field.other_type;
            for (name, value, reason) in [
                ("size", json!(field.max_size + 1), "less_than_equal"),
                ("size", json!(0), "greater_than_equal"),
                ("content_type", json!(other_type), reason),
                ("file_name", json!(""), "string_too_short"),
                ("key", json!("x"), "extra_forbidden"),
            ] {
                let mut body = good.clone();
                body[name] = value.clone();
                let refused = self.post(&id, &field.upload_path(), &body).await;
                refused.assert_refuses(name, reason, &value);
            }

            let upload = self.announce(&id, field, "plan.txt", 5).await;
            assert_eq!(upload.send("longer").await, 403);
            for header in ["content-type", "x-amz-meta-file-name"] {
                let mut other = upload.clone();
                other
                    .headers
                    .insert(header.to_owned(), "text/html".to_owned());
                assert_eq!(other.send("first").await, 403, "{header}");
            }
            let elsewhere = self.add(least.clone()).await;
            for (part, other) in [(&*id, &*elsewhere), ("Expires=3600", "Expires=3601")] {
                let mut tampered = upload.clone();
                tampered.upload_url = upload.upload_url.replace(part, other);
                assert_ne!(tampered.upload_url, upload.upload_url);
                assert_eq!(tampered.send("first").await, 403, "{part}");
            }
            let nothing = self.confirm(&id, field, &upload).await;
            assert_eq!(nothing.status, 409, "{nothing:?}");

            assert_eq!(upload.send("first").await, 200);
            assert_eq!(upload.send("again").await, 412);
            let foreign = self.confirm(&elsewhere, field, &upload).await;
            assert_eq!(foreign.status, 409, "{foreign:?}");

            // What is in the bucket without the URL's doing: too much of the right type, and something without a type.
            for (size, has_type) in [(field.max_size + 1, true), (5, false)] {
                let is_taken = !has_type && reason != "enum";
                if is_taken || size > LARGEST_OBJECT {
                    continue;
                }
                let upload = self.announce(&id, field, "plan.txt", 5).await;
                if has_type {
                    assert_eq!(upload.send("first").await, 200);
                }
                let s3 = self.app.aws.s3();
                s3.store(upload.key(), &vec![0; size]).unwrap();
                let refused = self.confirm(&id, field, &upload).await;
                refused.assert_refuses("upload_id", "value_error", &json!(size));
                let gone = self.confirm(&id, field, &upload).await;
                assert_eq!(gone.status, 409, "{gone:?}");
            }
            let untouched = self.get(&id).await;
            untouched.assert_shows(&json!({ &field.name: null, "version": 1 }));
        }
    }

    /// Whatever a file is called by its sender, its name is safe for those who fetch it.
    pub async fn check_names_of_files(&self, least: &Value, files: &Value) {
        let id = self.add(least.clone()).await;
        for field in &read(files) {
            for (sent, shown) in [
                ("Angebot für \"Müller\".pdf", "Angebot für _Müller_.pdf"),
                ("見積書.pdf", "見積書.pdf"),
                ("../../etc/passwd", "passwd"),
                (r"C:\fakepath\photo.png", "photo.png"),
                ("a\r\nset-cookie: b=c.txt", "aset-cookie_ b=c.txt"),
                ("photo\u{202e}gpj.exe", "photogpj.exe"),
                ("100%2F.txt", "100%2F.txt"),
                ("..", "file"),
            ] {
                let upload = self.announce(&id, field, sent, 5).await;
                assert_eq!(upload.send("first").await, 200, "{sent}");
                let confirmed = self.confirm(&id, field, &upload).await;
                assert_eq!(confirmed.data()[&field.name]["file_name"], shown);
                let (status, headers, _) = fetch(&self.url_of(&id, field).await).await;
                assert_eq!(status, 200, "{sent}");
                let disposition = headers["content-disposition"].to_str().unwrap();
                assert!(disposition.starts_with("attachment; "), "{disposition}");
            }
        }
    }

    /// Each caller gets these answers to an announcement, a confirmation, a download, and the deletion of a file that the
    /// usual writer has sent.
    pub async fn check_access_to_files(
        &self,
        least: &Value,
        files: &Value,
        expected: impl IntoIterator<Item = (Caller, [u16; 4])>,
    ) {
        let files = read(files);
        for (caller, expected) in expected {
            let theirs = self.by(caller);
            for field in &files {
                let id = self.add(least.clone()).await;
                self.upload(&id, field).await;
                let upload = self.announce(&id, field, "other.txt", 5).await;
                assert_eq!(upload.send("other").await, 200);

                let announcement = field.announcement("plan.txt", 5);
                let announced = theirs.post(&id, &field.upload_path(), &announcement);
                let actual = [
                    announced.await.status,
                    theirs.confirm(&id, field, &upload).await.status,
                    theirs.download(&id, field).await.status,
                    theirs.remove(&id, field).await.status,
                ];
                let mut expected = expected;
                if !field.optional {
                    expected[3] = 405;
                }
                assert_eq!(actual.map(|status| status.as_u16()), expected, "{caller:?}");
            }
        }
    }

    /// An item takes its files along, also those that were never confirmed, and those of no other. If the bucket is out of
    /// order, the same request again ends it. Whoever may not delete the item deletes none of its files.
    pub async fn check_files_go_with_their_item(&self, least: &Value, files: &Value) {
        for field in &read(files) {
            let (id, other) = (self.add(least.clone()).await, self.add(least.clone()).await);
            let url = self.upload(&id, field).await;
            let kept = self.upload(&other, field).await;
            let abandoned = self.announce(&id, field, "plan.txt", 5).await;
            assert_eq!(abandoned.send("first").await, 200);

            for caller in [Caller::Nobody, Caller::User("bob")] {
                let another = self.add(least.clone()).await;
                let url = self.upload(&another, field).await;
                let deleted = self.by(caller).delete(&another).await;
                let expected = if deleted.status == 204 { 404 } else { 200 };
                assert_eq!(fetch(&url).await.0, expected, "{caller:?}: {deleted:?}");
            }

            let s3 = self.app.aws.s3();
            s3.fail_next(&Method::GET, 3, Failure::internal("down"));
            let outage = self.delete(&id).await;
            assert_eq!(outage.status, 503, "{outage:?}");
            assert_eq!(self.get(&id).await.status, 404);
            assert_eq!(self.delete(&id).await.status, 404);
            assert_eq!(fetch(&url).await.0, 404);
            assert_eq!(abandoned.send("first").await, 200);
            assert_eq!(fetch(&kept).await.0, 200);

            let deleted = self.delete(&other).await;
            assert_eq!(deleted.status, 204, "{deleted:?}");
            assert_eq!(fetch(&kept).await.0, 404);
        }
    }

    /// Gives the item each of its files, and returns URLs that lead to them.
    pub async fn upload_all(&self, id: &str, files: &Value) -> Vec<String> {
        let mut urls = Vec::new();
        for field in &read(files) {
            urls.push(self.upload(id, field).await);
        }
        urls
    }

    async fn upload(&self, id: &str, field: &FileField) -> String {
        let upload = self.announce(id, field, "plan.txt", 5).await;
        assert_eq!(upload.send("first").await, 200);
        let confirmed = self.confirm(id, field, &upload).await;
        assert_eq!(confirmed.status, 200, "{confirmed:?}");
        self.url_of(id, field).await
    }

    async fn announce(&self, id: &str, field: &FileField, name: &str, size: usize) -> Upload {
        let announcement = field.announcement(name, size);
        let response = self.post(id, &field.upload_path(), &announcement).await;
        assert_eq!(response.status, 200, "{response:?}");
        serde_json::from_value(response.data()).unwrap()
    }

    fn confirm(&self, id: &str, field: &FileField, upload: &Upload) -> Request<'_> {
        let body = json!({ "upload_id": upload.upload_id });
        self.post(id, &field.path, &body)
    }

    async fn url_of(&self, id: &str, field: &FileField) -> String {
        let response = self.download(id, field).await;
        response.data()["download_url"].as_str().unwrap().to_owned()
    }

    fn download(&self, id: &str, field: &FileField) -> Request<'_> {
        let path = format!("{}/{}/download-url", self.path_of(id), field.path);
        self.app.get(&path).sent_by(self.reader)
    }

    fn remove(&self, id: &str, field: &FileField) -> Request<'_> {
        let path = format!("{}/{}", self.path_of(id), field.path);
        self.app.delete(&path).sent_by(self.writer)
    }

    fn post(&self, id: &str, path: &str, body: &Value) -> Request<'_> {
        let path = format!("{}/{path}", self.path_of(id));
        let request = self.app.post(&path, body.clone());
        request.sent_by(self.writer)
    }
}

impl FileField {
    fn announcement(&self, name: &str, size: usize) -> Value {
        json!({ "file_name": name, "content_type": self.content_type, "size": size })
    }

    fn upload_path(&self) -> String {
        format!("{}/upload-url", self.path)
    }
}

impl Upload {
    /// Does what a browser does.
    async fn send(&self, body: &'static str) -> StatusCode {
        let mut request = http::Request::builder()
            .method(self.method.as_str())
            .uri(&self.upload_url);
        for (name, value) in &self.headers {
            request = request.header(name, value);
        }
        let body = Bytes::from(body);
        send(request.body(body.into()).unwrap()).await.0
    }

    /// The key of the object, which only its URL shows.
    fn key(&self) -> &str {
        let path = self.upload_url.split('?').next().unwrap();
        let (_, key) = path.split_once(&format!("/{}/", local::BUCKET)).unwrap();
        key
    }
}

fn read(files: &Value) -> Vec<FileField> {
    Deserialize::deserialize(files).unwrap()
}
