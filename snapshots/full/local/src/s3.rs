//! S3: s3s with files in a folder. It checks signatures, their age, and every header that was signed.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::header::{CONTENT_TYPE, ETAG, IF_NONE_MATCH};
use axum::http::{HeaderName, HeaderValue, Method, Uri};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use s3s::auth::SimpleAuth;
use s3s::service::{S3Service, S3ServiceBuilder};
use s3s_fs::FileSystem;
use tempfile::TempDir;
use tower_http::cors::{AllowOrigin, CorsLayer};

use crate::failure::{Failure, Failures};
use crate::{ACCESS_KEY_ID, SECRET_ACCESS_KEY, name_path};

/// The one bucket. It exists from the start.
pub const BUCKET: &str = "local-files";

/// What an object is called, as the bucket in `template.yaml` lets a browser send it.
const FILE_NAME: HeaderName = HeaderName::from_static("x-amz-meta-file-name");

/// The S3 stand-in. Tests can make its next answers failures.
#[derive(Clone)]
pub struct S3 {
    failures: Failures,
    service: S3Service,
    /// What s3s-fs keeps the bucket in: a file for each object, its path being the key.
    bucket: PathBuf,
    /// Deletes the files when the last clone goes, if nobody wants to keep them.
    _scratch: Option<Arc<TempDir>>,
}

impl S3 {
    pub(crate) fn start(data: Option<&Path>) -> io::Result<Self> {
        let (folder, scratch) = match data {
            Some(data) => (data.join("s3"), None),
            None => scratch_folder()?,
        };
        let bucket = folder.join(BUCKET);
        std::fs::create_dir_all(&bucket).map_err(|error| name_path(&bucket, &error))?;
        let files = FileSystem::new(&folder);
        let files = files.map_err(|error| io::Error::other(format!("s3s-fs: {error:?}")))?;
        let mut service = S3ServiceBuilder::new(files);
        service.set_auth(SimpleAuth::from_single(ACCESS_KEY_ID, SECRET_ACCESS_KEY));
        Ok(Self {
            failures: Failures::default(),
            service: service.build(),
            bucket,
            _scratch: scratch,
        })
    }

    /// Puts an object there without a request, for tests that need a great many.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn store(&self, key: &str, body: &[u8]) -> io::Result<()> {
        let path = self.bucket.join(key);
        let folder = path.parent().unwrap_or(&self.bucket);
        std::fs::create_dir_all(folder)?;
        std::fs::write(path, body)
    }

    /// Answers the next `times` requests with this HTTP method with a failure.
    pub fn fail_next(&self, method: &Method, times: usize, failure: Failure) {
        self.failures.push(method.as_str(), times, failure);
    }

    /// Every path no other service has claimed: buckets are addressed by path here.
    pub(crate) fn routes(&self) -> Router {
        // What the bucket in `template.yaml` allows, for pages served from this machine.
        let cors = CorsLayer::new()
            .allow_origin(AllowOrigin::predicate(|origin, _| is_loopback(origin)))
            .allow_methods([Method::GET, Method::PUT])
            .allow_headers([CONTENT_TYPE, IF_NONE_MATCH, FILE_NAME])
            .expose_headers([ETAG]);
        Router::new()
            .route("/", get(answer))
            .fallback(answer)
            .layer(cors)
            .with_state(self.clone())
    }
}

fn scratch_folder() -> io::Result<(PathBuf, Option<Arc<TempDir>>)> {
    let scratch = tempfile::tempdir()?;
    Ok((scratch.path().to_owned(), Some(Arc::new(scratch))))
}

fn is_loopback(origin: &HeaderValue) -> bool {
    let origin: Option<Uri> = origin.to_str().ok().and_then(|text| text.parse().ok());
    let host = origin.as_ref().and_then(Uri::host);
    matches!(host, Some("localhost" | "127.0.0.1" | "[::1]"))
}

async fn answer(State(s3): State<S3>, request: Request) -> Response {
    if let Some(failure) = s3.failures.take(request.method().as_str()) {
        return as_xml(&failure);
    }
    let request = request.map(s3s::Body::http_body_unsync);
    match s3.service.call(request).await {
        Ok(response) => response.map(Body::new),
        Err(error) => as_xml(&Failure::internal(format!("{error:?}"))),
    }
}

fn as_xml(failure: &Failure) -> Response {
    let Failure {
        status,
        code,
        message,
    } = failure;
    let body = format!("<Error><Code>{code}</Code><Message>{message}</Message></Error>");
    (*status, [(CONTENT_TYPE, "application/xml")], body).into_response()
}
