//! Who is asking: verifies the bearer token of a request before its handler, or any validation, sees it.

mod jwks;
mod token;

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use http::HeaderMap;
use http::header::AUTHORIZATION;
use jiff::Timestamp;

pub use self::jwks::FetchError;
pub use self::token::{Verifier, VerifyError};
use crate::error::{Error, Result};
use crate::features::auth::CurrentUser;
use crate::state::AppState;

/// Why nobody is signed in; the text is what the client is told. It tells no more than this, so that nobody can
/// work their way towards a forgery.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unauthenticated {
    /// There is no bearer token.
    #[error("Not authenticated")]
    Missing,
    /// There is one that is not accepted.
    #[error("Invalid token")]
    Invalid,
    /// There is one that was accepted before it expired.
    #[error("Token expired")]
    Expired,
}

impl Unauthenticated {
    /// The `WWW-Authenticate` header that goes with it (RFC 6750 §3).
    pub fn challenge(self) -> &'static str {
        match self {
            Self::Missing => "Bearer",
            Self::Invalid => r#"Bearer error="invalid_token""#,
            Self::Expired => {
                r#"Bearer error="invalid_token", error_description="The token expired""#
            }
        }
    }
}

/// A layer for routes that need a signed-in user.
pub async fn require_user(
    State(state): State<AppState>,
    mut request: Request,
    next: Next,
) -> Result<Response> {
    let user = current_user(&state, request.headers()).await?;
    let user = user.ok_or(Unauthenticated::Missing)?;
    request.extensions_mut().insert(user);
    Ok(next.run(request).await)
}

/// A layer for public routes: they do without a token, but a wrong one is refused here too, or its sender would
/// take themselves for signed in.
pub async fn accept_user(
    State(state): State<AppState>,
    mut request: Request,
    next: Next,
) -> Result<Response> {
    if let Some(user) = current_user(&state, request.headers()).await? {
        request.extensions_mut().insert(user);
    }
    Ok(next.run(request).await)
}

/// The user whose token the request carries, or `None` when it carries none.
async fn current_user(state: &AppState, headers: &HeaderMap) -> Result<Option<CurrentUser>> {
    let Some(token) = bearer_token(headers)? else {
        return Ok(None);
    };
    match state.verifier().verify(token, Timestamp::now()).await {
        Ok(user) => Ok(Some(user)),
        Err(VerifyError::Expired) => Err(Unauthenticated::Expired.into()),
        Err(VerifyError::Invalid(reason)) => {
            tracing::debug!(reason, "token refused");
            Err(Unauthenticated::Invalid.into())
        }
        Err(VerifyError::Unavailable(source)) => Err(Error::unavailable(
            "Authentication temporarily unavailable",
            source,
        )),
    }
}

/// The text after `Bearer ` (RFC 6750 §2.1), or `None` when there is no such header or it is of another scheme.
fn bearer_token(headers: &HeaderMap) -> Result<Option<&str>, Unauthenticated> {
    let mut values = headers.get_all(AUTHORIZATION).iter();
    let Some(value) = values.next() else {
        return Ok(None);
    };
    if values.next().is_some() {
        tracing::debug!("two Authorization headers");
        return Err(Unauthenticated::Invalid);
    }
    let value = value.to_str().map_err(|_| Unauthenticated::Invalid)?;
    let (scheme, token) = value.split_once(' ').unwrap_or((value, ""));
    let is_token = scheme.eq_ignore_ascii_case("Bearer") && !token.is_empty();
    Ok(is_token.then_some(token))
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn headers(values: &[&'static str]) -> HeaderMap {
        let with_name = |value: &&'static str| (AUTHORIZATION, HeaderValue::from_static(value));
        values.iter().map(with_name).collect()
    }

    #[test]
    fn the_scheme_is_read_in_any_case() {
        for value in ["Bearer abc", "bearer abc", "BEARER abc"] {
            assert_eq!(bearer_token(&headers(&[value])), Ok(Some("abc")), "{value}");
        }
    }

    #[test]
    fn other_schemes_and_empty_values_are_no_token() {
        for value in ["", "Bearer", "Bearer ", "Basic YTpi", "abc", "Bearerabc"] {
            assert_eq!(bearer_token(&headers(&[value])), Ok(None), "{value:?}");
        }
        assert_eq!(bearer_token(&headers(&[])), Ok(None));
    }

    #[test]
    fn two_headers_are_refused() {
        let twice = headers(&["Bearer abc", "Bearer abc"]);
        assert_eq!(bearer_token(&twice), Err(Unauthenticated::Invalid));
    }
}
