//! A Cognito user pool without users: it signs whatever token it is asked for, and publishes the keys that verify
//! the honest ones.

mod key;
mod token;

use std::io;
use std::path::Path;
use std::sync::{Arc, LazyLock, Mutex, MutexGuard};
use std::time::Duration;

use axum::extract::{self, Query};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use serde_json::{Value, json};

use self::key::Key;
pub use self::token::{Signature, TokenSpec};

/// The user pool's id, in Cognito's form.
pub const USER_POOL_ID: &str = "us-east-1_Local";

/// The one client of the user pool.
pub const CLIENT_ID: &str = "local-client";

/// The user pool stand-in.
#[derive(Clone)]
pub struct SignIn {
    issuer: String,
    state: Arc<Mutex<State>>,
}

struct State {
    key: Arc<Key>,
    /// The key set, which during a rotation lists more than the current key.
    published: Vec<Value>,
    outage: Option<JwksOutage>,
    fetches: usize,
}

/// How the key set fails.
#[derive(Clone, Copy, Debug)]
pub enum JwksOutage {
    /// It answers with this status and no keys.
    Status(StatusCode),
    /// It answers 200 with this body.
    Body(&'static str),
    /// It keeps its clients waiting this long before it answers.
    Delay(Duration),
}

/// One key for all the tests of a process: making one takes longer than most tests.
static KEY: LazyLock<Arc<Key>> = LazyLock::new(|| Arc::new(Key::generate()));

impl SignIn {
    pub(crate) fn start(endpoint_url: &str, data: Option<&Path>) -> io::Result<Self> {
        let key = match data {
            Some(folder) => Arc::new(Key::load_or_generate(&folder.join("signing-key.der"))?),
            None => Arc::clone(&KEY),
        };
        let published = vec![key.jwk()];
        Ok(Self {
            issuer: format!("{endpoint_url}/{USER_POOL_ID}"),
            state: Arc::new(Mutex::new(State {
                key,
                published,
                outage: None,
                fetches: 0,
            })),
        })
    }

    /// What `iss` must say: `http://127.0.0.1:<port>/<user pool>`.
    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    /// Where the key set is.
    pub fn jwks_url(&self) -> String {
        format!("{}/.well-known/jwks.json", self.issuer)
    }

    pub fn user_pool_id(&self) -> &'static str {
        USER_POOL_ID
    }

    pub fn client_id(&self) -> &'static str {
        CLIENT_ID
    }

    /// An ID token for this user, good for an hour unless changed before it is signed.
    pub fn token(&self, user_id: &str) -> TokenSpec {
        let key = Arc::clone(&self.state().key);
        TokenSpec::new(key, &self.issuer, CLIENT_ID, user_id)
    }

    /// A token out of any bytes, such as claims that are not JSON or that name a field twice.
    pub fn sign(&self, header: &[u8], claims: &[u8], signature: Signature) -> String {
        token::sign(&self.state().key, header, claims, signature)
    }

    /// The `kid` of the key that signs now.
    pub fn kid(&self) -> String {
        self.state().key.kid.clone()
    }

    /// Signs with a new key from now on. The old one stays in the key set until it is withdrawn.
    pub fn rotate(&self) {
        let key = Arc::new(Key::generate());
        let mut state = self.state();
        state.published.push(key.jwk());
        state.key = key;
    }

    /// The public half of the key behind [`Signature::Foreign`], as a key set would list it.
    pub fn foreign_jwk(&self) -> Value {
        token::FOREIGN.jwk()
    }

    /// Adds anything to the key set.
    pub fn publish(&self, jwk: Value) {
        self.state().published.push(jwk);
    }

    /// Takes a key out of the key set.
    pub fn withdraw(&self, kid: &str) {
        self.state().published.retain(|jwk| jwk["kid"] != kid);
    }

    /// Breaks the key set, or mends it with `None`.
    pub fn set_outage(&self, outage: Option<JwksOutage>) {
        self.state().outage = outage;
    }

    /// How often the key set was asked for so far.
    pub fn jwks_fetches(&self) -> usize {
        self.state().fetches
    }

    /// `GET /<user pool>/.well-known/jwks.json` as in Cognito, and `GET /local/token`, which is the sign-in page.
    pub(crate) fn routes(&self) -> Router {
        let jwks_path = format!("/{USER_POOL_ID}/.well-known/jwks.json");
        Router::new()
            .route(&jwks_path, get(jwks))
            .route("/local/token", get(token))
            .with_state(self.clone())
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state
            .lock()
            .expect("no test panics with this lock held")
    }
}

async fn jwks(extract::State(sign_in): extract::State<SignIn>) -> Response {
    let (outage, keys) = {
        let mut state = sign_in.state();
        state.fetches += 1;
        (state.outage, json!({ "keys": state.published }))
    };
    match outage {
        Some(JwksOutage::Status(status)) => return status.into_response(),
        Some(JwksOutage::Body(body)) => return body.into_response(),
        Some(JwksOutage::Delay(duration)) => tokio::time::sleep(duration).await,
        None => {}
    }
    Json(keys).into_response()
}

/// `?user=alice&groups=admin,editors&token_use=access`, all optional.
#[derive(serde::Deserialize)]
struct TokenQuery {
    #[serde(default = "alice")]
    user: String,
    #[serde(default)]
    groups: String,
    #[serde(default)]
    token_use: String,
}

fn alice() -> String {
    "alice".to_owned()
}

async fn token(
    extract::State(sign_in): extract::State<SignIn>,
    Query(query): Query<TokenQuery>,
) -> String {
    let groups: Vec<&str> = query
        .groups
        .split(',')
        .filter(|group| !group.is_empty())
        .collect();
    let mut spec = sign_in.token(&query.user).expires_in(24 * 3600);
    if !groups.is_empty() {
        spec = spec.groups(groups);
    }
    if query.token_use == "access" {
        spec = spec.access();
    }
    spec.sign() + "\n"
}
