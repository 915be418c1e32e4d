//! Verifies a token, as `aws-jwt-verify` does and RFC 8725 asks for.

use std::collections::BTreeSet;
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::Timestamp;
use jsonwebtoken::{Algorithm, DecodingKey, crypto};
use serde::de::{DeserializeOwned, IgnoredAny};
use serde::{Deserialize, Deserializer};
use serde_json::Value;

use super::jwks::{FetchError, Jwks, KeyError};
use crate::config::{SignIn, TokenUse};
use crate::features::auth::CurrentUser;

/// API Gateway takes 10,240 bytes for the request line and all headers together.
const MAX_TOKEN_BYTES: usize = 8 * 1024;

/// Cognito's key ids are 44 characters long.
const MAX_KID_BYTES: usize = 128;

/// Tells the tokens of one user pool from all others.
#[derive(Debug)]
pub struct Verifier {
    sign_in: SignIn,
    keys: Jwks,
}

impl Verifier {
    /// A verifier of the tokens that `sign_in` describes. It fetches the user pool's keys with the first of them.
    pub fn new(sign_in: SignIn) -> Self {
        // `jsonwebtoken` panics when it finds two providers in one program to choose from, so one is named. An
        // error means that the program has already named one.
        let _ = crypto::aws_lc::DEFAULT_PROVIDER.install_default();
        Self {
            keys: Jwks::new(sign_in.jwks_url.clone()),
            sign_in,
        }
    }

    /// The user that `token` (the text after `Bearer `) speaks for at the time `now`.
    ///
    /// # Errors
    /// [`VerifyError`] when the token must not be accepted, or cannot be judged.
    pub async fn verify(&self, token: &str, now: Timestamp) -> Result<CurrentUser, VerifyError> {
        let token = Token::parse(token)?;
        let key = self.keys.get(&token.kid, now).await?;
        token.verify_signature(&key)?;
        self.accept(token.claims()?, now)
    }

    /// These checks are made here and not by `jsonwebtoken`, which takes a list of issuers for an issuer, rounds a
    /// fractional expiry time, and knows nothing of Cognito's `token_use` and `client_id`.
    fn accept(&self, claims: Claims, now: Timestamp) -> Result<CurrentUser, VerifyError> {
        let (token_use, client_id) = match self.sign_in.token_use {
            TokenUse::Id => ("id", claims.aud),
            TokenUse::Access => ("access", claims.client_id),
        };
        if claims.iss != self.sign_in.issuer {
            return Err(VerifyError::Invalid("another issuer"));
        }
        if claims.token_use != token_use {
            return Err(VerifyError::Invalid("another token_use"));
        }
        if !self.sign_in.client_ids.iter().any(|id| client_id == *id) {
            return Err(VerifyError::Invalid("another client"));
        }
        if claims.sub.is_empty() {
            return Err(VerifyError::Invalid("an empty sub"));
        }
        let now = now.as_second();
        if claims.nbf.is_some_and(|nbf| now < nbf) {
            return Err(VerifyError::Invalid("not valid yet"));
        }
        if claims.exp <= now {
            return Err(VerifyError::Expired);
        }
        Ok(CurrentUser {
            user_id: claims.sub,
            email: claims.email,
            groups: claims.groups,
        })
    }
}

/// Why a token is not accepted.
#[derive(Debug, thiserror::Error)]
pub enum VerifyError {
    /// It would have been accepted earlier.
    #[error("expired")]
    Expired,
    /// It is not one of the pool's tokens for this API. The reason quotes nothing of the token.
    #[error("{0}")]
    Invalid(&'static str),
    /// It cannot be judged, because the pool's keys are out of reach.
    #[error("the user pool's keys cannot be fetched")]
    Unavailable(#[source] Arc<FetchError>),
}

impl From<KeyError> for VerifyError {
    fn from(error: KeyError) -> Self {
        match error {
            KeyError::Unknown => Self::Invalid("an unknown kid"),
            KeyError::Unavailable(source) => Self::Unavailable(source),
        }
    }
}

/// A token in three parts whose header, the only part read before the signature is verified, is acceptable.
struct Token<'a> {
    kid: String,
    /// What is signed: header and payload, as they came.
    message: &'a str,
    payload: &'a str,
    signature: &'a str,
}

impl<'a> Token<'a> {
    fn parse(token: &'a str) -> Result<Self, VerifyError> {
        if token.len() > MAX_TOKEN_BYTES {
            return Err(VerifyError::Invalid("too long"));
        }
        let not_three = VerifyError::Invalid("not three parts");
        let Some((message, signature)) = token.rsplit_once('.') else {
            return Err(not_three);
        };
        let Some((header, payload)) = message.split_once('.') else {
            return Err(not_three);
        };
        let header: Header = decode(header).ok_or(VerifyError::Invalid("a malformed header"))?;
        if header.alg != "RS256" {
            return Err(VerifyError::Invalid("another algorithm"));
        }
        if header.crit {
            return Err(VerifyError::Invalid("critical extensions"));
        }
        if header.kid.is_empty() || header.kid.len() > MAX_KID_BYTES {
            return Err(VerifyError::Invalid("a malformed kid"));
        }
        Ok(Self {
            kid: header.kid,
            message,
            payload,
            signature,
        })
    }

    fn verify_signature(&self, key: &DecodingKey) -> Result<(), VerifyError> {
        let message = self.message.as_bytes();
        match crypto::verify(self.signature, message, key, Algorithm::RS256) {
            Ok(true) => Ok(()),
            Ok(false) | Err(_) => Err(VerifyError::Invalid("a wrong signature")),
        }
    }

    fn claims(&self) -> Result<Claims, VerifyError> {
        decode(self.payload).ok_or(VerifyError::Invalid("malformed claims"))
    }
}

/// What counts in a token's header. Keys and addresses of keys (`jwk`, `jku`, `x5c`, `x5u`) do not: whoever forges
/// a token would bring their own.
#[derive(Deserialize)]
struct Header {
    alg: String,
    kid: String,
    /// Whether the token asks to be refused by those who do not understand its extensions (RFC 7515 §4.1.11).
    #[serde(default, deserialize_with = "is_present")]
    crit: bool,
}

fn is_present<'de, D: Deserializer<'de>>(value: D) -> Result<bool, D::Error> {
    IgnoredAny::deserialize(value)?;
    Ok(true)
}

/// What counts in a token's payload. A claim of another type, or one given twice, makes the token malformed.
#[derive(Deserialize)]
struct Claims {
    iss: String,
    sub: String,
    token_use: String,
    /// The client's id, in an ID token. An access token may be for several audiences, or for none.
    #[serde(default)]
    aud: Value,
    /// The client's id, in an access token.
    #[serde(default)]
    client_id: Value,
    /// In seconds since 1970, as `nbf`. Cognito writes both as whole numbers.
    exp: i64,
    nbf: Option<i64>,
    email: Option<String>,
    #[serde(default, rename = "cognito:groups")]
    groups: BTreeSet<String>,
}

/// The value in one part of a token: JSON in base64url without padding (RFC 7515 §3).
fn decode<T: DeserializeOwned>(part: &str) -> Option<T> {
    let json = URL_SAFE_NO_PAD.decode(part).ok()?;
    serde_json::from_slice(&json).ok()
}
