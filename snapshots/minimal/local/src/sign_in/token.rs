//! Tokens as Cognito makes them, and every way to make them wrong.

use std::sync::{Arc, LazyLock};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value, json};

use super::key::Key;

/// A key the user pool has never heard of.
pub(super) static FOREIGN: LazyLock<Key> = LazyLock::new(Key::generate);

/// Who signs a token. Only [`Signature::Pool`] is honest.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Signature {
    /// The user pool's current key, RS256.
    #[default]
    Pool,
    /// Another RSA key, RS256, under whatever `kid` the header says.
    Foreign,
    /// HMAC-SHA256 with the pool's public key as the secret; say so in the header: `"alg": "HS256"`.
    PublicKeyAsSecret,
    /// The third part of the token is empty; say so in the header: `"alg": "none"`.
    Empty,
}

/// A token about to be signed: a good one, until something about it is changed.
///
/// Setting a header field or a claim again replaces it.
#[must_use]
pub struct TokenSpec {
    key: Arc<Key>,
    header: Map<String, Value>,
    claims: Map<String, Value>,
    signature: Signature,
}

impl TokenSpec {
    pub(super) fn new(key: Arc<Key>, issuer: &str, client_id: &str, user_id: &str) -> Self {
        let mut header = Map::new();
        header.insert("alg".to_owned(), json!("RS256"));
        header.insert("kid".to_owned(), json!(key.kid));
        let spec = Self {
            key,
            header,
            claims: Map::new(),
            signature: Signature::default(),
        };
        spec.claim("sub", user_id)
            .claim("iss", issuer)
            .claim("aud", client_id)
            .claim("token_use", "id")
            .claim("cognito:username", user_id)
            .claim("email", format!("{user_id}@example.com"))
            .claim("auth_time", now())
            .claim("iat", now())
            .expires_in(3600)
    }

    /// Makes it an access token: `client_id` instead of `aud`, a scope, and no email.
    pub fn access(mut self) -> Self {
        let client_id = self.claims.remove("aud");
        let username = self.claims.remove("cognito:username");
        self.without_claim("email")
            .claim("token_use", "access")
            .claim("scope", "aws.cognito.signin.user.admin")
            .claim("client_id", client_id.unwrap_or_default())
            .claim("username", username.unwrap_or_default())
    }

    /// Puts the user into groups.
    pub fn groups<G: Into<String>>(self, groups: impl IntoIterator<Item = G>) -> Self {
        let groups: Vec<String> = groups.into_iter().map(Into::into).collect();
        self.claim("cognito:groups", groups)
    }

    /// Moves `exp` to this many seconds from now; a negative number has passed already.
    pub fn expires_in(self, seconds: i64) -> Self {
        self.claim("exp", now() + seconds)
    }

    pub fn claim(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.claims.insert(name.to_owned(), value.into());
        self
    }

    pub fn without_claim(mut self, name: &str) -> Self {
        self.claims.remove(name);
        self
    }

    pub fn header(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.header.insert(name.to_owned(), value.into());
        self
    }

    pub fn without_header(mut self, name: &str) -> Self {
        self.header.remove(name);
        self
    }

    pub fn signature(mut self, signature: Signature) -> Self {
        self.signature = signature;
        self
    }

    /// The token in its compact form: three base64url parts with dots between them.
    pub fn sign(self) -> String {
        let header = Value::Object(self.header).to_string();
        let claims = Value::Object(self.claims).to_string();
        sign(
            &self.key,
            header.as_bytes(),
            claims.as_bytes(),
            self.signature,
        )
    }
}

/// Signs bytes that need not be JSON at all.
pub(super) fn sign(pool: &Key, header: &[u8], claims: &[u8], signature: Signature) -> String {
    let header = URL_SAFE_NO_PAD.encode(header);
    let claims = URL_SAFE_NO_PAD.encode(claims);
    let message = format!("{header}.{claims}");
    let signature = match signature {
        Signature::Pool => pool.sign(message.as_bytes()),
        Signature::Foreign => FOREIGN.sign(message.as_bytes()),
        Signature::PublicKeyAsSecret => pool.sign_with_public_half(message.as_bytes()),
        Signature::Empty => Vec::new(),
    };
    format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature))
}

/// Seconds since 1970.
fn now() -> i64 {
    let since_1970 = SystemTime::now().duration_since(UNIX_EPOCH);
    since_1970
        .as_ref()
        .map_or(0, Duration::as_secs)
        .cast_signed()
}
