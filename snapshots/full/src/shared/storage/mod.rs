//! Files in S3. Clients send and fetch them directly, with presigned URLs; the API only hands those out.

mod file_name;
mod key;

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use aws_config::SdkConfig;
use aws_sdk_s3::Client;
use aws_sdk_s3::presigning::{PresignedRequest, PresigningConfig};
use aws_sdk_s3::types::{Delete, ObjectIdentifier};
use serde::Serialize;
use utoipa::ToSchema;

use crate::error::{Error, Result};
use crate::shared::aws;

pub use self::file_name::FileName;
pub use self::key::{ObjectKey, ObjectPrefix};

/// How long a URL works. The credentials that sign it may expire sooner, and the URL with them.
pub const URL_LIFETIME: Duration = Duration::from_secs(60 * 60);

/// The name of a file is user-defined metadata of its object: `x-amz-meta-file-name`.
const FILE_NAME: &str = "file-name";

const UNAVAILABLE: &str = "File storage is temporarily unavailable";

/// The bucket of this service. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Storage {
    client: Client,
    bucket: String,
    url_lifetime: Duration,
}

/// A file that a client wants to send. All of it is signed, so that nothing else can be sent with the URL.
#[derive(Debug, Clone, Copy)]
pub struct Upload<'a> {
    /// What the file is called. It is no part of the key: S3 keeps it beside the object.
    pub file_name: &'a FileName,
    /// A media type without parameters: `application/pdf`.
    pub content_type: &'a str,
    /// Exact size in bytes.
    pub size: u64,
}

/// How a file is handed to a client.
#[derive(Debug, Clone, Copy)]
pub struct Download<'a> {
    /// The name to save it under.
    pub file_name: &'a FileName,
    /// The media type to answer with, whatever the object says of itself.
    pub content_type: &'a str,
}

/// What S3 knows of an object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ObjectInfo {
    /// Size in bytes.
    pub size: u64,
    /// The media type it was sent with.
    pub content_type: Option<String>,
    /// The name it was sent with.
    pub file_name: Option<FileName>,
}

/// Permission to send one file: a request to make with exactly these headers, and the file as its body.
#[derive(Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct UploadUrl {
    /// Where to send it. Whoever has the URL may use it.
    #[schema(format = "uri")]
    pub upload_url: String,
    /// The method to use.
    #[schema(example = "PUT")]
    pub method: String,
    /// Headers to send along, as they are.
    pub headers: BTreeMap<String, String>,
    /// Seconds until the URL expires.
    #[schema(example = 3600)]
    pub expires_in: u64,
}

/// Permission to fetch one file.
#[derive(Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct DownloadUrl {
    /// Where to fetch it. Whoever has the URL may use it.
    #[schema(format = "uri")]
    pub download_url: String,
    /// Seconds until the URL expires.
    #[schema(example = 3600)]
    pub expires_in: u64,
}

impl Storage {
    #[must_use]
    pub fn new(aws: &SdkConfig, bucket: impl Into<String>) -> Self {
        let config = aws_sdk_s3::config::Builder::from(aws)
            // AWS has a host name for every bucket, a server on this machine has not.
            .force_path_style(aws.endpoint_url().is_some())
            .build();
        Self {
            client: Client::from_conf(config),
            bucket: bucket.into(),
            url_lifetime: URL_LIFETIME,
        }
    }

    /// The same bucket with URLs that work for another time than [`URL_LIFETIME`]: at least a second, at most 7 days.
    #[must_use]
    pub fn with_url_lifetime(mut self, url_lifetime: Duration) -> Self {
        self.url_lifetime = url_lifetime;
        self
    }

    /// A URL that stores one new file under this key. It cannot replace an object that is there, and it takes exactly
    /// the announced type and size.
    ///
    /// # Errors
    ///
    /// [`Error::BadRequest`] if the content type is not a media type. Checking the size against a limit is up to the
    /// caller, who knows it.
    pub async fn upload_url(&self, key: &ObjectKey, upload: Upload<'_>) -> Result<UploadUrl> {
        if !is_media_type(upload.content_type) {
            return Err(Error::BadRequest("Invalid content type"));
        }
        let request = self
            .client
            .put_object()
            .bucket(&self.bucket)
            .key(key.as_str())
            .content_type(upload.content_type)
            .content_length(i64::try_from(upload.size).map_err(Error::internal)?)
            .metadata(FILE_NAME, upload.file_name.encoded())
            .if_none_match("*")
            .presigned(self.presigning()?)
            .await
            .map_err(|error| aws::failure(UNAVAILABLE, error))?;
        Ok(UploadUrl {
            upload_url: request.uri().to_owned(),
            method: request.method().to_owned(),
            headers: headers_to_send(&request),
            expires_in: self.url_lifetime.as_secs(),
        })
    }

    /// A URL that saves the file under its name. Made without looking whether the object exists.
    ///
    /// # Errors
    ///
    /// [`Error::Unavailable`] if there are no credentials to sign with at the moment.
    pub async fn download_url(&self, key: &ObjectKey, file: Download<'_>) -> Result<DownloadUrl> {
        let request = self
            .client
            .get_object()
            .bucket(&self.bucket)
            .key(key.as_str())
            .response_content_disposition(file.file_name.attachment())
            .response_content_type(file.content_type)
            .presigned(self.presigning()?)
            .await
            .map_err(|error| aws::failure(UNAVAILABLE, error))?;
        Ok(DownloadUrl {
            download_url: request.uri().to_owned(),
            expires_in: self.url_lifetime.as_secs(),
        })
    }

    /// What is stored under this key, or `None`. S3 tells the absent from the forbidden only with `s3:ListBucket`.
    ///
    /// # Errors
    ///
    /// [`Error::Unavailable`] if S3 does not answer.
    pub async fn head(&self, key: &ObjectKey) -> Result<Option<ObjectInfo>> {
        let request = self
            .client
            .head_object()
            .bucket(&self.bucket)
            .key(key.as_str());
        match request.send().await {
            Ok(object) => Ok(Some(ObjectInfo {
                size: object
                    .content_length()
                    .unwrap_or_default()
                    .try_into()
                    .unwrap_or_default(),
                file_name: object
                    .metadata()
                    .and_then(|metadata| metadata.get(FILE_NAME))
                    .map(|name| FileName::decoded(name)),
                content_type: object.content_type,
            })),
            Err(error)
                if error
                    .as_service_error()
                    .is_some_and(|error| error.is_not_found()) =>
            {
                Ok(None)
            }
            Err(error) => Err(aws::failure(UNAVAILABLE, error)),
        }
    }

    /// Deletes one object. One that is not there is deleted already.
    ///
    /// # Errors
    ///
    /// [`Error::Unavailable`] if S3 does not answer.
    pub async fn delete(&self, key: &ObjectKey) -> Result<()> {
        let request = self
            .client
            .delete_object()
            .bucket(&self.bucket)
            .key(key.as_str());
        request
            .send()
            .await
            .map_err(|error| aws::failure(UNAVAILABLE, error))?;
        Ok(())
    }

    /// Deletes every object of an item and its children, and tells how many there were.
    ///
    /// # Errors
    ///
    /// [`Error::Unavailable`] if S3 does not answer, [`Error::Internal`] if it refuses to delete some. Either leaves the
    /// rest in place; the same call again goes on.
    pub async fn delete_all(&self, prefix: &ObjectPrefix) -> Result<usize> {
        let mut deleted = 0;
        let mut pages = self
            .client
            .list_objects_v2()
            .bucket(&self.bucket)
            .prefix(prefix.as_str())
            .into_paginator()
            .send();
        // A page has at most 1,000 objects, and so may one deletion.
        while let Some(page) = pages.next().await {
            let page = page.map_err(|error| aws::failure(UNAVAILABLE, error))?;
            let keys = page.contents().iter().filter_map(|object| object.key());
            let objects = keys
                .map(|key| ObjectIdentifier::builder().key(key).build())
                .collect::<Result<Vec<_>, _>>()
                .map_err(Error::internal)?;
            if !objects.is_empty() {
                deleted += objects.len();
                self.delete_page(objects).await?;
            }
        }
        Ok(deleted)
    }

    async fn delete_page(&self, objects: Vec<ObjectIdentifier>) -> Result<()> {
        let objects = Delete::builder().set_objects(Some(objects)).quiet(true);
        let outcome = self
            .client
            .delete_objects()
            .bucket(&self.bucket)
            .delete(objects.build().map_err(Error::internal)?)
            .send()
            .await
            .map_err(|error| aws::failure(UNAVAILABLE, error))?;
        match outcome.errors() {
            [] => Ok(()),
            [first, ..] => Err(Error::internal(format!(
                "{} objects were not deleted: {}",
                outcome.errors().len(),
                first.code().unwrap_or("no reason given")
            ))),
        }
    }

    fn presigning(&self) -> Result<PresigningConfig> {
        PresigningConfig::expires_in(self.url_lifetime).map_err(Error::internal)
    }
}

/// The signed headers that a client has to set. It knows the host and the length without us, and a browser lets nobody
/// set them.
fn headers_to_send(request: &PresignedRequest) -> BTreeMap<String, String> {
    request
        .headers()
        .filter(|(name, _)| !matches!(*name, "host" | "content-length"))
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect()
}

/// Two tokens and a slash (RFC 9110), no parameters.
fn is_media_type(text: &str) -> bool {
    let is_token = |part: &str| {
        !part.is_empty()
            && part
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte))
    };
    text.len() <= 127
        && text
            .split_once('/')
            .is_some_and(|(kind, subtype)| is_token(kind) && is_token(subtype))
}

/// Shows all but the URL: whoever reads it in a log could use it.
impl fmt::Debug for UploadUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UploadUrl")
            .field("method", &self.method)
            .field("headers", &self.headers)
            .field("expires_in", &self.expires_in)
            .finish_non_exhaustive()
    }
}

/// Shows all but the URL: whoever reads it in a log could use it.
impl fmt::Debug for DownloadUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DownloadUrl")
            .field("expires_in", &self.expires_in)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_media_types_are_taken() {
        for good in [
            "application/pdf",
            "image/svg+xml",
            "application/vnd.ms-excel",
        ] {
            assert!(is_media_type(good), "{good}");
        }
        let long = format!("a/{}", "b".repeat(126));
        for bad in [
            "",
            "/",
            "pdf",
            "a/",
            "/b",
            "a/b/c",
            "a/b; c=d",
            "a/b\r\nx: y",
            "é/b",
            " a/b",
            &long,
        ] {
            assert!(!is_media_type(bad), "{bad:?}");
        }
    }
}
