//! The user pool's public keys: fetched when a token needs them, and kept.
//!
//! There is no background refresh, because Lambda freezes the process between requests. Time comes in as a value,
//! so that no test has to wait for it.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bytes::Bytes;
use http::uri::{InvalidUri, Scheme};
use http::{StatusCode, Uri};
use http_body_util::{BodyExt, Empty, Limited};
use hyper_rustls::HttpsConnectorBuilder;
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::{Connect, HttpConnector};
use hyper_util::rt::TokioExecutor;
use jiff::{SignedDuration, Timestamp};
use jsonwebtoken::DecodingKey;
use serde::Deserialize;
use tokio::sync::{Mutex, RwLock};

use crate::error::{BoxError, causes};

/// Keys this old are fetched again before they are used, so that a revoked one stops working.
const REFRESH_AFTER: SignedDuration = SignedDuration::from_hours(6);

/// Keys this old are not used any more, even when no newer ones can be had.
const DROP_AFTER: SignedDuration = SignedDuration::from_hours(24);

/// How long after a fetch that did not help the next one waits: tokens with made-up key ids must not become
/// requests to Cognito.
const FETCH_INTERVAL: SignedDuration = SignedDuration::from_secs(10);

/// For a whole fetch, from the DNS lookup to the last byte.
const FETCH_TIMEOUT: Duration = Duration::from_secs(3);

/// Cognito's key sets are about 1 KB.
const MAX_KEY_SET_BYTES: usize = 64 * 1024;

/// NIST SP 800-131A disallows shorter RSA keys.
const MIN_MODULUS_BITS: usize = 2048;

/// The keys published at one URL.
#[derive(Debug)]
pub(super) struct Jwks {
    url: String,
    known: RwLock<Known>,
    fetching: Mutex<()>,
}

impl Jwks {
    pub(super) fn new(url: String) -> Self {
        Self {
            url,
            known: RwLock::default(),
            fetching: Mutex::default(),
        }
    }

    /// The key with this id, from the cache where that will do.
    pub(super) async fn get(
        &self,
        kid: &str,
        now: Timestamp,
    ) -> Result<Arc<DecodingKey>, KeyError> {
        let fetches_before = {
            let known = self.known.read().await;
            if !known.needs_fetch(kid, now) {
                return known.get(kid, now);
            }
            known.fetches
        };

        let _one_at_a_time = self.fetching.lock().await;
        // Whoever waited here for another request's fetch takes its outcome, good or bad: a queue of requests
        // that each run into the timeout would only get longer.
        if self.known.read().await.fetches == fetches_before {
            let fetched = fetch(&self.url).await;
            self.known.write().await.learn(fetched, kid, now);
        }
        self.known.read().await.get(kid, now)
    }
}

/// Why there is no key.
#[derive(Debug)]
pub(super) enum KeyError {
    /// The pool has no such key.
    Unknown,
    /// Nobody knows, because the keys could not be fetched.
    Unavailable(Arc<FetchError>),
}

/// What the fetches so far have told.
#[derive(Debug, Default)]
struct Known {
    keys: Keys,
    /// When `keys` were fetched.
    fetched_at: Option<Timestamp>,
    /// When a fetch last failed, or did not bring the key it was made for.
    missed_at: Option<Timestamp>,
    /// Why the last fetch failed, if it did.
    failure: Option<Arc<FetchError>>,
    /// How many fetches there were.
    fetches: u64,
}

impl Known {
    fn needs_fetch(&self, kid: &str, now: Timestamp) -> bool {
        if !is_within(DROP_AFTER, self.fetched_at, now) {
            return true;
        }
        let is_good = self.keys.contains_key(kid) && is_within(REFRESH_AFTER, self.fetched_at, now);
        !is_good && !is_within(FETCH_INTERVAL, self.missed_at, now)
    }

    /// Takes in the outcome of a fetch that was made for the key `kid`. A failed one takes no key away.
    fn learn(&mut self, fetched: Result<Keys, FetchError>, kid: &str, now: Timestamp) {
        self.fetches += 1;
        match fetched {
            Ok(keys) => {
                self.missed_at = (!keys.contains_key(kid)).then_some(now);
                self.keys = keys;
                self.fetched_at = Some(now);
                self.failure = None;
            }
            Err(error) => {
                // A request that fails for it logs it; the ones that get along with the old keys do not.
                if self.fetched_at.is_some() {
                    tracing::warn!(cause = causes(&error), "sign-in keys not refreshed");
                }
                self.missed_at = Some(now);
                self.failure = Some(Arc::new(error));
            }
        }
    }

    fn get(&self, kid: &str, now: Timestamp) -> Result<Arc<DecodingKey>, KeyError> {
        let key = self
            .keys
            .get(kid)
            .filter(|_| is_within(DROP_AFTER, self.fetched_at, now));
        match (key, &self.failure) {
            (Some(key), _) => Ok(Arc::clone(key)),
            (None, Some(failure)) => Err(KeyError::Unavailable(Arc::clone(failure))),
            (None, None) => Err(KeyError::Unknown),
        }
    }
}

/// Whether `then` and `now` are less than `span` apart. Which of them is later does not matter: requests that run
/// side by side disagree a little about `now`, and a clock that was set back must not make old keys young again.
fn is_within(span: SignedDuration, then: Option<Timestamp>, now: Timestamp) -> bool {
    then.is_some_and(|then| now.duration_since(then).abs() < span)
}

/// Keys by their ids.
type Keys = HashMap<String, Arc<DecodingKey>>;

/// Why the keys could not be fetched.
#[derive(Debug, thiserror::Error)]
pub enum FetchError {
    #[error("the address is not a URL")]
    Url(#[source] InvalidUri),
    #[error("no usable root certificates on this machine")]
    Certificates(#[source] std::io::Error),
    #[error("no complete answer within {} s", FETCH_TIMEOUT.as_secs())]
    Timeout,
    #[error("no connection")]
    Connection(#[source] hyper_util::client::legacy::Error),
    #[error("the answer was {0}")]
    Status(StatusCode),
    #[error("the answer broke off, or was larger than {MAX_KEY_SET_BYTES} bytes")]
    Body(#[source] BoxError),
    #[error("the answer is no key set")]
    Malformed(#[source] serde_json::Error),
    #[error("none of the keys is an RSA key for RS256 signatures")]
    NoUsableKey,
}

async fn fetch(url: &str) -> Result<Keys, FetchError> {
    match tokio::time::timeout(FETCH_TIMEOUT, download(url)).await {
        Ok(body) => parse(&body?),
        Err(_) => Err(FetchError::Timeout),
    }
}

/// The body at `url`. Redirects are not followed: the keys come from the configured place or not at all.
async fn download(url: &str) -> Result<Bytes, FetchError> {
    let url: Uri = url.parse().map_err(FetchError::Url)?;
    // Only the override for a user pool on this machine can say `http`.
    if url.scheme() == Some(&Scheme::HTTP) {
        return get(url, HttpConnector::new()).await;
    }
    // The provider is named because rustls panics when it finds two in one program to choose from.
    let https = HttpsConnectorBuilder::new()
        .with_provider_and_native_roots(rustls::crypto::aws_lc_rs::default_provider())
        .map_err(FetchError::Certificates)?
        .https_only()
        .enable_http1()
        .build();
    get(url, https).await
}

async fn get<C>(url: Uri, connector: C) -> Result<Bytes, FetchError>
where
    C: Connect + Clone + Send + Sync + 'static,
{
    // The client is made for one request. The next is hours away, and Lambda would have frozen its connection.
    let client = Client::builder(TokioExecutor::new()).build::<_, Empty<Bytes>>(connector);
    let response = client.get(url).await.map_err(FetchError::Connection)?;
    if response.status() != StatusCode::OK {
        return Err(FetchError::Status(response.status()));
    }
    let body = Limited::new(response.into_body(), MAX_KEY_SET_BYTES);
    let body = body.collect().await.map_err(FetchError::Body)?;
    Ok(body.to_bytes())
}

/// The keys of a JWK set (RFC 7517) that can verify RS256 signatures. Others are no error: a set may hold keys for
/// other purposes, and kinds of key that are not invented yet.
fn parse(json: &[u8]) -> Result<Keys, FetchError> {
    #[derive(Deserialize)]
    struct KeySet {
        keys: Vec<serde_json::Value>,
    }

    let set: KeySet = serde_json::from_slice(json).map_err(FetchError::Malformed)?;
    let keys: Keys = set.keys.into_iter().filter_map(rs256_key).collect();
    if keys.is_empty() {
        return Err(FetchError::NoUsableKey);
    }
    Ok(keys)
}

fn rs256_key(jwk: serde_json::Value) -> Option<(String, Arc<DecodingKey>)> {
    #[derive(Deserialize)]
    struct Jwk {
        kty: String,
        kid: String,
        r#use: Option<String>,
        alg: Option<String>,
        n: String,
        e: String,
    }

    let jwk: Jwk = serde_json::from_value(jwk).ok()?;
    let is_for_rs256 = jwk.kty == "RSA"
        && jwk.r#use.is_none_or(|r#use| r#use == "sig")
        && jwk.alg.is_none_or(|alg| alg == "RS256");
    let modulus = URL_SAFE_NO_PAD.decode(jwk.n).ok()?;
    let exponent = URL_SAFE_NO_PAD.decode(jwk.e).ok()?;
    if !is_for_rs256 || bits(&modulus) < MIN_MODULUS_BITS {
        return None;
    }
    let key = DecodingKey::from_rsa_raw_components(&modulus, &exponent);
    Some((jwk.kid, Arc::new(key)))
}

/// The length of a big-endian number, in bits.
fn bits(number: &[u8]) -> usize {
    let mut significant = number.iter().skip_while(|byte| **byte == 0);
    match significant.next() {
        Some(first) => 8 * (1 + significant.count()) - first.leading_zeros() as usize,
        None => 0,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn jwk(kid: &str, modulus_bytes: usize) -> Value {
        let modulus = URL_SAFE_NO_PAD.encode(vec![0xff; modulus_bytes]);
        json!({"kty": "RSA", "kid": kid, "use": "sig", "alg": "RS256", "n": modulus, "e": "AQAB"})
    }

    fn parse_set(keys: Value) -> Result<Keys, FetchError> {
        parse(json!({ "keys": keys }).to_string().as_bytes())
    }

    fn kids(keys: &Keys) -> Vec<&str> {
        keys.keys().map(String::as_str).collect()
    }

    #[test]
    fn keys_for_other_purposes_are_passed_over() {
        let mut encryption = jwk("encryption", 256);
        encryption["use"] = json!("enc");
        let mut pss = jwk("pss", 256);
        pss["alg"] = json!("PS256");
        let mut nameless = jwk("", 256);
        nameless.as_object_mut().unwrap().remove("kid");
        let keys = parse_set(json!([
            {"kty": "AKP", "kid": "post-quantum", "alg": "ML-DSA-44", "pub": "AAAA"},
            {"kty": "EC", "kid": "curve", "crv": "P-256", "x": "AAAA", "y": "AAAA"},
            {"kty": "oct", "kid": "secret", "k": "AAAA"},
            encryption,
            pss,
            nameless,
            null,
            5,
            jwk("good", 256),
        ]));
        assert_eq!(kids(&keys.unwrap()), ["good"]);
    }

    #[test]
    fn short_keys_are_passed_over() {
        let mut padded = jwk("padded", 256);
        padded["n"] = json!(URL_SAFE_NO_PAD.encode([[0; 128], [0xff; 128]].concat()));
        for short in [jwk("1024", 128), jwk("2040", 255), padded] {
            let error = parse_set(json!([short])).unwrap_err();
            assert!(matches!(error, FetchError::NoUsableKey), "{short}");
        }
        assert_eq!(
            kids(&parse_set(json!([jwk("4096", 512)])).unwrap()),
            ["4096"]
        );
    }

    #[test]
    fn a_modulus_is_as_long_as_its_highest_bit_says() {
        assert_eq!(bits(&[]), 0);
        assert_eq!(bits(&[0, 0]), 0);
        assert_eq!(bits(&[1]), 1);
        assert_eq!(bits(&[0, 0x7f, 0xff]), 15);
        assert_eq!(bits(&[0x80, 0]), 16);
    }

    #[test]
    fn neither_a_slow_request_nor_a_clock_set_back_keeps_old_keys_young() {
        let now = Timestamp::UNIX_EPOCH;
        let second = SignedDuration::from_secs(1);
        assert!(is_within(REFRESH_AFTER, Some(now), now - second));
        assert!(!is_within(REFRESH_AFTER, Some(now), now - REFRESH_AFTER));
        assert!(!is_within(REFRESH_AFTER, Some(now), now + REFRESH_AFTER));
        assert!(!is_within(REFRESH_AFTER, None, now));
    }
}
