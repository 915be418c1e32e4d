//! RSA keys of 2048 bits, in the forms JSON web tokens need.

use std::io;
use std::path::Path;

use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der, PublicKeyX509Der};
use aws_lc_rs::hmac;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeyPair, KeySize};
use aws_lc_rs::signature::{KeyPair as _, RSA_PKCS1_SHA256};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::{Value, json};

use crate::name_path;

pub(crate) struct Key {
    pub(crate) kid: String,
    pair: KeyPair,
}

impl Key {
    pub(crate) fn generate() -> Self {
        Self::new(KeyPair::generate(KeySize::Rsa2048).expect("the machine has randomness"))
    }

    /// Reads the key of an earlier run, so that the tokens it signed stay good, or writes a new one.
    pub(crate) fn load_or_generate(path: &Path) -> io::Result<Self> {
        match std::fs::read(path) {
            Ok(der) => {
                let pair = KeyPair::from_pkcs8(&der);
                pair.map(Self::new).map_err(|error| name_path(path, &error))
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                let key = Self::generate();
                let der: Pkcs8V1Der = key.pair.as_der().expect("an RSA key has one");
                write_private(path, der.as_ref()).map_err(|error| name_path(path, &error))?;
                Ok(key)
            }
            Err(error) => Err(name_path(path, &error)),
        }
    }

    fn new(pair: KeyPair) -> Self {
        let thumbprint = digest(&SHA256, pair.public_key().as_ref());
        let kid = URL_SAFE_NO_PAD.encode(thumbprint);
        Self { kid, pair }
    }

    /// The public half as the key set lists it.
    pub(crate) fn jwk(&self) -> Value {
        let public = self.pair.public_key();
        let number = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
        json!({
            "alg": "RS256",
            "e": number(public.exponent().big_endian_without_leading_zero()),
            "kid": self.kid,
            "kty": "RSA",
            "n": number(public.modulus().big_endian_without_leading_zero()),
            "use": "sig",
        })
    }

    /// The RS256 signature.
    pub(crate) fn sign(&self, message: &[u8]) -> Vec<u8> {
        let mut signature = vec![0; self.pair.public_modulus_len()];
        self.pair
            .sign(
                &RSA_PKCS1_SHA256,
                &SystemRandom::new(),
                message,
                &mut signature,
            )
            .expect("the buffer is as long as the modulus");
        signature
    }

    /// The HS256 signature whose secret is the *public* key in PEM: what a verifier accepts that lets the token
    /// choose the algorithm.
    pub(crate) fn sign_with_public_half(&self, message: &[u8]) -> Vec<u8> {
        let der: PublicKeyX509Der = self.pair.public_key().as_der().expect("an RSA key has one");
        let base64 = STANDARD.encode(der.as_ref());
        let mut pem = String::from("-----BEGIN PUBLIC KEY-----\n");
        for start in (0..base64.len()).step_by(64) {
            let end = base64.len().min(start + 64);
            pem.push_str(&base64[start..end]);
            pem.push('\n');
        }
        pem.push_str("-----END PUBLIC KEY-----\n");
        let secret = hmac::Key::new(hmac::HMAC_SHA256, pem.as_bytes());
        hmac::sign(&secret, message).as_ref().to_vec()
    }
}

fn write_private(path: &Path, contents: &[u8]) -> io::Result<()> {
    use std::io::Write as _;

    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)?.write_all(contents)
}
