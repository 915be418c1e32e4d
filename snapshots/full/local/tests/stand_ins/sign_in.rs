use jsonwebtoken::Algorithm;
use jsonwebtoken::DecodingKey;
use jsonwebtoken::Validation;
use jsonwebtoken::decode;
use jsonwebtoken::decode_header;
use jsonwebtoken::jwk::JwkSet;
use serde_json::Value;

use local::JwksOutage;
use local::LocalAws;
use local::Options;
use local::SignIn;
use local::Signature;

use crate::http;

#[tokio::test]
async fn a_token_verifies_against_the_published_keys() {
    let aws = LocalAws::start(Options::default()).await.unwrap();
    let token = aws.sign_in().token("alice").groups(["admin"]).sign();
    let claims = verify(aws.sign_in(), &token).await.unwrap();
    assert_eq!(claims["sub"], "alice");
    assert_eq!(claims["cognito:groups"][0], "admin");
    assert_eq!(aws.sign_in().jwks_fetches(), 1);
}

#[tokio::test]
async fn an_expired_or_foreign_token_does_not() {
    let aws = LocalAws::start(Options::default()).await.unwrap();
    let expired = aws.sign_in().token("alice").expires_in(-3600).sign();
    assert!(verify(aws.sign_in(), &expired).await.is_err());
    let forged = aws.sign_in().token("alice").signature(Signature::Foreign);
    assert!(verify(aws.sign_in(), &forged.sign()).await.is_err());
}

#[tokio::test]
async fn after_a_rotation_old_tokens_verify_until_their_key_is_withdrawn() {
    let aws = LocalAws::start(Options::default()).await.unwrap();
    let old_kid = aws.sign_in().kid();
    let old = aws.sign_in().token("alice").sign();
    aws.sign_in().rotate();
    let new = aws.sign_in().token("alice").sign();
    assert!(verify(aws.sign_in(), &new).await.is_ok());
    assert!(verify(aws.sign_in(), &old).await.is_ok());
    aws.sign_in().withdraw(&old_kid);
    assert!(verify(aws.sign_in(), &old).await.is_err());
}

#[tokio::test]
async fn an_outage_lasts_until_it_is_lifted() {
    let aws = LocalAws::start(Options::default()).await.unwrap();
    let outage = JwksOutage::Status(axum::http::StatusCode::INTERNAL_SERVER_ERROR);
    aws.sign_in().set_outage(Some(outage));
    assert_eq!(http::get(aws.sign_in().jwks_url()).await.status(), 500);
    aws.sign_in().set_outage(None);
    assert_eq!(http::get(aws.sign_in().jwks_url()).await.status(), 200);
}

#[tokio::test]
async fn a_token_can_be_fetched_like_from_a_sign_in_page() {
    let aws = LocalAws::start(Options::default()).await.unwrap();
    let page = "/local/token?user=bob&groups=admin,editors&token_use=access";
    let response = http::get(aws.endpoint_url().to_owned() + page).await;
    let token = String::from_utf8(response.into_body().to_vec()).unwrap();
    let claims = verify(aws.sign_in(), token.trim()).await.unwrap();
    assert_eq!(claims["username"], "bob");
    assert_eq!(
        claims["cognito:groups"],
        serde_json::json!(["admin", "editors"])
    );
    assert_eq!(claims["client_id"], aws.sign_in().client_id());
}

#[tokio::test]
async fn tokens_stay_good_over_a_restart_on_the_same_folder_and_port() {
    let folder = tempfile::tempdir().unwrap();
    let options = Options {
        data: Some(folder.path().to_owned()),
        ..Options::default()
    };
    let first = LocalAws::start(options.clone()).await.unwrap();
    let second = LocalAws::start(options).await.unwrap();
    assert_eq!(first.sign_in().kid(), second.sign_in().kid());
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let key = std::fs::metadata(folder.path().join("signing-key.der")).unwrap();
        assert_eq!(key.permissions().mode() & 0o777, 0o600);
    }
}

async fn verify(sign_in: &SignIn, token: &str) -> jsonwebtoken::errors::Result<Value> {
    let response = http::get(sign_in.jwks_url()).await;
    let keys: JwkSet = serde_json::from_slice(response.body()).unwrap();
    let kid = decode_header(token)?.kid.unwrap();
    let Some(key) = keys.find(&kid) else {
        return Err(jsonwebtoken::errors::ErrorKind::InvalidKeyFormat.into());
    };
    let mut validation = Validation::new(Algorithm::RS256);
    validation.set_issuer(&[sign_in.issuer()]);
    validation.validate_aud = false;
    Ok(decode(token, &DecodingKey::from_jwk(key)?, &validation)?.claims)
}
