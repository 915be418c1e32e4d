//! Optimistic locking, as HTTP has it: a change that names the version it was made for.

use std::convert::Infallible;

use axum::extract::FromRequestParts;
use http::request::Parts;
use http::{HeaderMap, header};
use utoipa::IntoParams;
use utoipa::openapi::path::{Parameter, ParameterBuilder, ParameterIn};
use utoipa::openapi::{ObjectBuilder, Required, Type};

use crate::database;
use crate::error::{Error, Result};

/// `If-Match`: the [`ETag`](super::response::ETag) of the item that the caller has seen. Without one, or with `*`, the
/// change is for any version.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct IfMatch(Option<Vec<u64>>);

impl IfMatch {
    /// The version that the item must have, where the body of the request may name one too.
    ///
    /// # Errors
    ///
    /// [`Error::PreconditionFailed`] if the header names no version of ours, [`Error::Conflict`] if the body
    /// names another one, [`Error::BadRequest`] if the header leaves a choice.
    pub fn version(&self, body: Option<u64>) -> Result<Option<u64>> {
        let Some(versions) = &self.0 else {
            return Ok(body);
        };
        match versions.as_slice() {
            [] => Err(Error::PreconditionFailed),
            [version] if body.is_some_and(|body| body != *version) => Err(stale()),
            [version] => Ok(Some(*version)),
            _ => Err(Error::BadRequest("If-Match must name one version")),
        }
    }

    /// What to answer to a refused write: to a stale version 412 if the header named it, and 409 if the body did.
    pub fn refusal(&self, error: database::Error) -> Error {
        match error {
            database::Error::VersionMismatch if self.0.is_none() => stale(),
            error => error.into(),
        }
    }
}

fn stale() -> Error {
    Error::Conflict(database::Error::VersionMismatch.to_string())
}

impl From<&HeaderMap> for IfMatch {
    fn from(headers: &HeaderMap) -> Self {
        let mut versions = None;
        for value in headers.get_all(header::IF_MATCH) {
            for tag in value.to_str().unwrap_or_default().split(',') {
                if tag.trim() == "*" {
                    return Self(None);
                }
                versions.get_or_insert_with(Vec::new).extend(version(tag));
            }
        }
        Self(versions)
    }
}

/// The version in a strong tag: `"3"`.
fn version(tag: &str) -> Option<u64> {
    let digits = tag.trim().strip_prefix('"')?.strip_suffix('"')?;
    let version: u64 = digits.parse().ok()?;
    (version.to_string() == digits).then_some(version)
}

impl<S: Sync> FromRequestParts<S> for IfMatch {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Infallible> {
        Ok(Self::from(&parts.headers))
    }
}

impl IntoParams for IfMatch {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        let text = ObjectBuilder::new().schema_type(Type::String).build();
        let header = ParameterBuilder::new()
            .name("If-Match")
            .parameter_in(ParameterIn::Header)
            .required(Required::False)
            .description(Some(
                "The ETag of the item that is to change; 412 if it has changed",
            ))
            .schema(Some(text));
        vec![header.build()]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn if_match(values: &[&'static str]) -> IfMatch {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(header::IF_MATCH, value.parse().unwrap());
        }
        IfMatch::from(&headers)
    }

    fn status(result: Result<Option<u64>>) -> Result<Option<u64>, u16> {
        result.map_err(|error| error.status().as_u16())
    }

    #[test]
    fn the_header_or_the_body_names_the_version() {
        for (header, body, expected) in [
            (&[][..], None, Ok(None)),
            (&[], Some(2), Ok(Some(2))),
            (&["*"], None, Ok(None)),
            (&["\"3\"", "*"], None, Ok(None)),
            (&["\"3\""], None, Ok(Some(3))),
            (&[" \"3\" "], Some(3), Ok(Some(3))),
            (&["\"3\""], Some(2), Err(409)),
            (&["\"3\", \"4\""], None, Err(400)),
            (&["\"3\"", "\"4\""], None, Err(400)),
            (&["\"other\", \"4\""], None, Ok(Some(4))),
            (&["W/\"3\""], None, Err(412)),
            (&["3"], None, Err(412)),
            (&["\"03\""], None, Err(412)),
            (&["\"+3\""], None, Err(412)),
            (&["\""], None, Err(412)),
            (&[""], None, Err(412)),
        ] {
            assert_eq!(
                status(if_match(header).version(body)),
                expected,
                "{header:?}"
            );
        }
    }

    #[test]
    fn a_stale_version_is_refused_as_it_was_named() {
        let refused = |header| {
            if_match(header)
                .refusal(database::Error::VersionMismatch)
                .status()
        };
        assert_eq!(refused(&["\"3\""]), 412);
        assert_eq!(refused(&[]), 409);
        let missing = database::Error::NotFound("Thing not found");
        assert_eq!(if_match(&[]).refusal(missing).status(), 404);
    }
}
