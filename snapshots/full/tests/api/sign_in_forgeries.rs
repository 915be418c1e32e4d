//! Every way to make a token that must not be accepted. Each row of the table names its attack.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use local::SignIn;
use local::Signature;
use serde_json::{Value, json};

use crate::support::TestApp;

#[tokio::test]
async fn no_forgery_is_accepted() {
    let app = TestApp::start().await;
    let sign_in = app.aws.sign_in();
    let good = sign_in.token("alice").sign();
    assert_eq!(app.get("/api/auth/me").bearer(&good).await.status, 200);

    for (attack, token) in forgeries(sign_in) {
        let response = app.get("/api/auth/me").bearer(&token).await;
        assert_eq!(response.status, 401, "{attack}: {response:?}");
        assert_eq!(
            response.json(),
            json!({"detail": "Invalid token"}),
            "{attack}"
        );
        assert_eq!(
            response.header("www-authenticate"),
            Some(r#"Bearer error="invalid_token""#),
            "{attack}"
        );
    }

    // One for the good token, and one for the first of all the key ids that do not exist.
    assert_eq!(sign_in.jwks_fetches(), 2);
    assert_eq!(app.get("/api/auth/me").bearer(&good).await.status, 200);
}

fn forgeries(sign_in: &SignIn) -> Vec<(String, String)> {
    let mut table = Vec::new();
    algorithms(sign_in, &mut table);
    keys(sign_in, &mut table);
    headers(sign_in, &mut table);
    claims(sign_in, &mut table);
    times(sign_in, &mut table);
    json_tricks(sign_in, &mut table);
    encodings(sign_in, &mut table);
    table
}

type Table = Vec<(String, String)>;

fn algorithms(sign_in: &SignIn, table: &mut Table) {
    for alg in ["none", "None", "NONE", "nOnE", ""] {
        let token = sign_in.token("alice").header("alg", alg);
        let unsigned = token.signature(Signature::Empty).sign();
        table.push((format!("alg `{alg}`, no signature"), unsigned));
        let signed = sign_in.token("alice").header("alg", alg).sign();
        table.push((format!("alg `{alg}`, a good signature"), signed));
    }
    for alg in ["HS256", "HS384", "HS512", "RS256"] {
        let token = sign_in.token("alice").header("alg", alg);
        let token = token.signature(Signature::PublicKeyAsSecret).sign();
        table.push((format!("alg {alg}, HMAC with the public key"), token));
    }
    for alg in [
        "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "EdDSA", "rs256", "RS256 ",
        "RSA",
    ] {
        let token = sign_in.token("alice").header("alg", alg).sign();
        table.push((format!("alg `{alg}` over an RS256 signature"), token));
    }
    for alg in [Value::Null, json!(256), json!(["RS256"]), json!({})] {
        let attack = format!("alg {alg}");
        let token = sign_in.token("alice").header("alg", alg).sign();
        table.push((attack, token));
    }
    let token = sign_in.token("alice").without_header("alg").sign();
    table.push(("no alg".to_owned(), token));
}

fn keys(sign_in: &SignIn, table: &mut Table) {
    let token = sign_in.token("alice").signature(Signature::Foreign).sign();
    table.push(("another key under our kid".to_owned(), token));

    let jwk = sign_in.foreign_jwk();
    for kid in [sign_in.kid(), jwk["kid"].to_string()] {
        let token = sign_in.token("alice").signature(Signature::Foreign);
        let token = token.header("kid", kid.as_str()).header("jwk", jwk.clone());
        table.push((format!("its own jwk as {kid}"), token.sign()));
    }
    for (name, value) in [
        ("jku", json!(sign_in.jwks_url())),
        ("jku", json!("https://evil.example/jwks.json")),
        ("x5u", json!("https://evil.example/certificate.pem")),
        ("x5c", json!(["MIIB"])),
        ("x5t", json!("AAAA")),
    ] {
        let token = sign_in.token("alice").signature(Signature::Foreign);
        let token = token.header(name, value).sign();
        table.push((format!("its own key by {name}"), token));
    }

    let long = "k".repeat(10_000);
    for kid in [
        json!("unknown"),
        json!(""),
        json!("../../../../dev/null"),
        json!("/etc/passwd"),
        json!("file:///dev/zero"),
        json!("x' UNION SELECT 'key' --"),
        json!("*"),
        json!("$(id)"),
        json!("\u{0}"),
        json!(format!("{} ", sign_in.kid())),
        json!(long[..129]),
        json!(long),
        json!(1),
        json!(true),
        json!(null),
        json!([sign_in.kid()]),
        json!({"kid": sign_in.kid()}),
    ] {
        let attack = format!("kid {kid:.40}");
        let token = sign_in.token("alice").header("kid", kid).sign();
        table.push((attack, token));
    }
    let token = sign_in.token("alice").without_header("kid").sign();
    table.push(("no kid".to_owned(), token));
}

fn headers(sign_in: &SignIn, table: &mut Table) {
    for crit in [
        json!(["b64"]),
        json!(["exp"]),
        json!([]),
        json!("b64"),
        json!(null),
    ] {
        let attack = format!("crit {crit}");
        let token = sign_in.token("alice").header("crit", crit);
        table.push((attack, token.header("b64", false).sign()));
    }
}

fn claims(sign_in: &SignIn, table: &mut Table) {
    let issuer = sign_in.issuer();
    let client_id = sign_in.client_id();
    for (name, values) in [
        (
            "iss",
            vec![
                json!("https://evil.example"),
                json!(format!("{issuer}/")),
                json!(issuer.to_uppercase()),
                json!(""),
                json!([issuer]),
                json!(["https://evil.example", issuer]),
                json!(5),
            ],
        ),
        (
            "aud",
            vec![
                json!("another-client"),
                json!(client_id.to_uppercase()),
                json!(format!("{client_id}x")),
                json!(client_id[1..]),
                json!(""),
                json!([client_id]),
                json!({ client_id: true }),
                json!(1),
            ],
        ),
        (
            "token_use",
            vec![
                json!("access"),
                json!("refresh"),
                json!("ID"),
                json!(""),
                json!(["id"]),
                json!(1),
            ],
        ),
        (
            "sub",
            vec![json!(""), json!(1), json!(["alice"]), json!({"": "alice"})],
        ),
    ] {
        let token = sign_in.token("alice").without_claim(name).sign();
        table.push((format!("no {name}"), token));
        for value in values.into_iter().chain([json!(null), json!(true)]) {
            let attack = format!("{name} {value}");
            let token = sign_in.token("alice").claim(name, value).sign();
            table.push((attack, token));
        }
    }

    for groups in [
        json!("admin"),
        json!("[\"admin\"]"),
        json!({"admin": true}),
        json!([["admin"]]),
        json!(["admin", 1]),
        json!([null]),
        json!(1),
        json!(null),
    ] {
        let attack = format!("groups {groups}");
        let token = sign_in.token("alice").claim("cognito:groups", groups);
        table.push((attack, token.sign()));
    }

    let token = sign_in
        .token("alice")
        .claim("email", json!(["a@b.example"]));
    table.push(("email that is a list".to_owned(), token.sign()));
}

fn times(sign_in: &SignIn, table: &mut Table) {
    let token = sign_in.token("alice").without_claim("exp").sign();
    table.push(("no exp".to_owned(), token));
    for exp in [
        json!("9999999999"),
        json!(9_999_999_999.5),
        json!(1e30),
        json!(u64::MAX),
        json!([9_999_999_999_u64]),
        json!(null),
        json!(true),
    ] {
        let attack = format!("exp {exp}");
        let token = sign_in.token("alice").claim("exp", exp).sign();
        table.push((attack, token));
    }
    for nbf in [
        json!(9_999_999_999_u64),
        json!(i64::MAX),
        json!(u64::MAX),
        json!("0"),
        json!(0.5),
        json!([0]),
    ] {
        let attack = format!("nbf {nbf}");
        let token = sign_in.token("alice").claim("nbf", nbf).sign();
        table.push((attack, token));
    }
}

/// Signed by the pool's own key, so that only the JSON is wrong.
fn json_tricks(sign_in: &SignIn, table: &mut Table) {
    let good = sign_in.token("alice").sign();
    let [header, claims, _] = decoded(&good);
    let sign = |header: &[u8], claims: &[u8]| sign_in.sign(header, claims, Signature::Pool);

    for (name, value) in [
        ("sub", json!("root")),
        ("iss", json!(sign_in.issuer())),
        ("exp", json!(9_999_999_999_u64)),
        ("aud", json!(sign_in.client_id())),
        ("token_use", json!("id")),
    ] {
        let twice = claims.replacen('{', &format!("{{\"{name}\":{value},"), 1);
        let token = sign(header.as_bytes(), twice.as_bytes());
        table.push((format!("{name} given twice"), token));
    }
    let groups_twice = claims.replacen(
        '{',
        r#"{"cognito:groups":[],"cognito:groups":["admin"],"#,
        1,
    );
    let token = sign(header.as_bytes(), groups_twice.as_bytes());
    table.push(("groups given twice".to_owned(), token));
    for (name, value) in [("alg", "none"), ("kid", "unknown")] {
        let twice = header.replacen('{', &format!("{{\"{name}\":\"{value}\","), 1);
        let token = sign(twice.as_bytes(), claims.as_bytes());
        table.push((format!("{name} given twice"), token));
    }

    let deep = format!("{}{}", "[".repeat(1_500), "]".repeat(1_500));
    let not_utf8 = [
        &claims.as_bytes()[..9],
        b"\xff\xfe",
        &claims.as_bytes()[9..],
    ]
    .concat();
    let with_more = |text: &str, more: &str| format!("{text}{more}").into_bytes();
    for (attack, bytes) in [
        ("nothing", Vec::new()),
        ("null", b"null".to_vec()),
        ("a list", b"[]".to_vec()),
        ("a string", b"\"alice\"".to_vec()),
        ("a number", b"1e400".to_vec()),
        ("an empty object", b"{}".to_vec()),
        ("no JSON", b"{\"sub\":".to_vec()),
        ("another format", b"sub=alice".to_vec()),
        ("deeply nested", deep.clone().into_bytes()),
        (
            "deeply nested in a field",
            format!("{{\"crit\":{deep},\"iss\":{deep}}}").into_bytes(),
        ),
        ("not UTF-8", not_utf8),
        (
            "a lone surrogate",
            br#"{"kid":"\ud800","sub":"\ud800"}"#.to_vec(),
        ),
        ("a byte order mark", with_more("\u{feff}", &claims)),
    ] {
        let token = sign(header.as_bytes(), &bytes);
        table.push((format!("claims: {attack}"), token));
        let token = sign(&bytes, claims.as_bytes());
        table.push((format!("header: {attack}"), token));
    }
    let token = sign(header.as_bytes(), &with_more(&claims, "{}"));
    table.push(("claims: two objects".to_owned(), token));
    let token = sign(&with_more(&header, "{}"), claims.as_bytes());
    table.push(("header: two objects".to_owned(), token));
    let nested = format!("{{\"claims\":{claims}}}");
    let token = sign(header.as_bytes(), nested.as_bytes());
    table.push(("claims inside another object".to_owned(), token));
}

fn encodings(sign_in: &SignIn, table: &mut Table) {
    let good = sign_in.token("alice").sign();
    let root = sign_in.token("root").sign();
    let [header, claims, signature] = split(&good);
    let [_, other_claims, other_signature] = split(&root);
    let flipped = |part: &str| {
        let flipped = if part.starts_with('A') { "B" } else { "A" };
        format!("{flipped}{}", &part[1..])
    };
    let with_space = header.replacen('J', "J ", 1);
    let unused_bits = with_unused_bits(signature);

    for (attack, token) in [
        (
            "claims of another token",
            format!("{header}.{other_claims}.{signature}"),
        ),
        (
            "signature of another token",
            format!("{header}.{claims}.{other_signature}"),
        ),
        (
            "a changed header",
            format!("{}.{claims}.{signature}", flipped(header)),
        ),
        (
            "changed claims",
            format!("{header}.{}.{signature}", flipped(claims)),
        ),
        (
            "a changed signature",
            format!("{header}.{claims}.{}", flipped(signature)),
        ),
        (
            "a signature spelt differently",
            format!("{header}.{claims}.{unused_bits}"),
        ),
        ("a short signature", good[..good.len() - 4].to_owned()),
        ("a long signature", format!("{good}AAAA")),
        ("half a token", good[..good.len() / 2].to_owned()),
        ("one part", header.to_owned()),
        ("two parts", format!("{header}.{claims}")),
        ("four parts", format!("{good}.{signature}")),
        (
            "five parts, as in JWE",
            format!("{good}.{claims}.{signature}"),
        ),
        ("a leading dot", format!(".{good}")),
        ("a trailing dot", format!("{good}.")),
        ("a doubled dot", good.replacen('.', "..", 1)),
        ("no signature", format!("{header}.{claims}.")),
        ("no claims", format!("{header}..{signature}")),
        ("no header", format!(".{claims}.{signature}")),
        ("only dots", "..".to_owned()),
        ("one dot", ".".to_owned()),
        ("a padded header", format!("{header}=.{claims}.{signature}")),
        ("padded claims", format!("{header}.{claims}==.{signature}")),
        ("a padded signature", format!("{good}==")),
        ("a space before", format!(" {good}")),
        ("a space after", format!("{good} ")),
        ("a tab after", format!("{good}\t")),
        (
            "a space inside",
            format!("{with_space}.{claims}.{signature}"),
        ),
        ("quotes", format!("\"{good}\"")),
        ("not base64", "!!!.???.***".to_owned()),
        (
            "base64 of the other alphabet",
            format!("+/+/.{claims}.{signature}"),
        ),
        ("a percent sign", good.replacen('.', "%2E", 1)),
        ("not ASCII", format!("{good}é")),
        ("another script", "ключ.ключ.ключ".to_owned()),
        ("a word", "undefined".to_owned()),
        ("the scheme twice", format!("Bearer {good}")),
        (
            "JSON serialisation",
            json!({"payload": claims, "protected": header}).to_string(),
        ),
        ("10 kB", "a".repeat(10_000)),
        ("10 kB of dots", ".".repeat(10_000)),
        (
            "10 kB in three parts",
            format!("{header}.{}.{signature}", "a".repeat(10_000)),
        ),
    ] {
        table.push((attack.to_owned(), token));
    }
    let padding = "x".repeat(10_000);
    let long = sign_in.token("alice").claim("name", padding).sign();
    table.push(("10 kB, well signed".to_owned(), long));
}

/// The same bytes in base64, except that the last character also sets bits that stand for nothing.
fn with_unused_bits(part: &str) -> String {
    const ALPHABET: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let (rest, last) = part.split_at(part.len() - 1);
    let value = ALPHABET.find(last).unwrap();
    let changed = &ALPHABET[value + 1..][..1];
    format!("{rest}{changed}")
}

fn split(token: &str) -> [&str; 3] {
    let parts: Vec<&str> = token.split('.').collect();
    parts.try_into().unwrap()
}

fn decoded(token: &str) -> [String; 3] {
    split(token).map(|part| {
        let bytes = URL_SAFE_NO_PAD.decode(part).unwrap();
        String::from_utf8_lossy(&bytes).into_owned()
    })
}
