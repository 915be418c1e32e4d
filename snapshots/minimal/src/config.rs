//! Everything the API reads from its environment, checked once, at start.

use std::env;
use std::str::FromStr;

use http::{HeaderValue, Uri};

/// Where Swagger UI is loaded from. The hashes in `openapi/docs.html` belong to exactly this version.
const DOCS_ASSETS: &str = "https://cdn.jsdelivr.net/npm/swagger-ui-dist@5.32.6";

/// The settings of one deployment. None of them is a secret.
#[derive(Clone, Debug)]
pub struct Config {
    /// `AWS_REGION`, which Lambda sets.
    pub region: String,
    /// `ENVIRONMENT`: `development` unless set.
    pub environment: Environment,
    /// `DYNAMODB_TABLE_NAME`
    pub table_name: String,
    /// `COGNITO_…`
    pub sign_in: SignIn,
    /// `CORS_ALLOWED_ORIGINS`, separated by commas, each as a browser sends it: `https://app.example.com`.
    pub cors_allowed_origins: Vec<HeaderValue>,
    /// `DOCS_ENABLED`: `false` hides `/docs` and `/openapi.json`.
    pub docs_enabled: bool,
    /// Base URL of Swagger UI's files.
    pub docs_assets: String,
}

/// Whose tokens are accepted.
#[derive(Clone, Debug)]
pub struct SignIn {
    /// The `iss` of a token: the user pool `COGNITO_USER_POOL_ID`, unless `COGNITO_ISSUER` overrides it.
    pub issuer: String,
    /// Where the pool publishes its keys, unless `COGNITO_JWKS_URL` overrides it.
    pub jwks_url: String,
    /// `COGNITO_CLIENT_ID`: one or several, separated by commas.
    pub client_ids: Vec<String>,
    /// `COGNITO_TOKEN_USE`
    pub token_use: TokenUse,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Environment {
    Development,
    Staging,
    Production,
}

impl FromStr for Environment {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "development" => Ok(Self::Development),
            "staging" => Ok(Self::Staging),
            "production" => Ok(Self::Production),
            _ => Err("must be development, staging or production"),
        }
    }
}

/// Which of Cognito's two tokens clients send. Only ID tokens carry an email address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenUse {
    Id,
    Access,
}

impl FromStr for TokenUse {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "id" => Ok(Self::Id),
            "access" => Ok(Self::Access),
            _ => Err("must be id or access"),
        }
    }
}

/// Every variable that is missing or wrong, not only the first.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("the configuration is not usable: {}", problems.join("; "))]
pub struct ConfigError {
    pub problems: Vec<String>,
}

impl Config {
    pub fn from_env() -> Result<Self, ConfigError> {
        Self::from(|name| env::var(name).ok())
    }

    /// Reads each variable through `lookup`. An empty one counts as not set, as templates tend to leave them.
    pub fn from(lookup: impl Fn(&str) -> Option<String>) -> Result<Self, ConfigError> {
        let mut variables = Variables {
            lookup,
            problems: Vec::new(),
        };
        let environment = variables.parsed("ENVIRONMENT", Environment::Development);
        let config = Self {
            region: variables.required("AWS_REGION"),
            environment,
            table_name: variables.required("DYNAMODB_TABLE_NAME"),
            sign_in: sign_in(&mut variables, environment),
            cors_allowed_origins: cors_allowed_origins(&mut variables, environment),
            docs_enabled: variables.parsed("DOCS_ENABLED", true),
            docs_assets: DOCS_ASSETS.to_owned(),
        };

        match variables.problems {
            problems if problems.is_empty() => Ok(config),
            problems => Err(ConfigError { problems }),
        }
    }
}

fn sign_in<F>(variables: &mut Variables<F>, environment: Environment) -> SignIn
where
    F: Fn(&str) -> Option<String>,
{
    for name in ["COGNITO_ISSUER", "COGNITO_JWKS_URL"] {
        match variables.optional(name) {
            Some(_) if environment == Environment::Production => {
                variables.problem(name, "must not be set in production");
            }
            Some(url) if !is_url(&url) => variables.problem(name, "must be a URL"),
            _ => {}
        }
    }

    let user_pool_id = variables.required("COGNITO_USER_POOL_ID");
    let region = user_pool_region(&user_pool_id);
    if !user_pool_id.is_empty() && region.is_none() {
        variables.problem(
            "COGNITO_USER_POOL_ID",
            "must look like eu-central-1_AbCdEf123",
        );
    }
    let issuer = variables.optional("COGNITO_ISSUER").unwrap_or_else(|| {
        let region = region.unwrap_or_default();
        format!("https://cognito-idp.{region}.amazonaws.com/{user_pool_id}")
    });
    let jwks_url = variables
        .optional("COGNITO_JWKS_URL")
        .unwrap_or_else(|| format!("{issuer}/.well-known/jwks.json"));

    let client_ids = variables.required("COGNITO_CLIENT_ID");
    if !client_ids.is_empty() && list(&client_ids).is_empty() {
        variables.problem("COGNITO_CLIENT_ID", "names no client");
    }

    SignIn {
        issuer,
        jwks_url,
        client_ids: list(&client_ids),
        token_use: variables.parsed("COGNITO_TOKEN_USE", TokenUse::Id),
    }
}

fn is_url(text: &str) -> bool {
    let Ok(uri) = text.parse::<Uri>() else {
        return false;
    };
    matches!(uri.scheme_str(), Some("http" | "https")) && uri.host().is_some()
}

/// The id of a user pool begins with its region, which need not be ours.
fn user_pool_region(id: &str) -> Option<&str> {
    let (region, name) = id.split_once('_')?;
    let is_region = region.split('-').count() >= 3
        && region
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
    let is_name = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric());
    (is_region && is_name).then_some(region)
}

fn cors_allowed_origins<F>(
    variables: &mut Variables<F>,
    environment: Environment,
) -> Vec<HeaderValue>
where
    F: Fn(&str) -> Option<String>,
{
    const NAME: &str = "CORS_ALLOWED_ORIGINS";

    let origins = match (variables.optional(NAME), environment) {
        (Some(origins), _) => origins,
        (None, Environment::Production) => variables.required(NAME),
        (None, _) => "http://localhost:3000,http://localhost:5173".to_owned(),
    };
    let named = list(&origins);
    if named.is_empty() && !origins.is_empty() {
        variables.problem(NAME, "names no origin");
    }
    let mut allowed = Vec::new();
    for origin in named {
        match parse_origin(&origin, environment) {
            Ok(origin) => allowed.push(origin),
            Err(problem) => variables.problem(NAME, &format!("`{origin}` {problem}")),
        }
    }
    allowed
}

/// Origins are compared as text, so one that no browser would send is a mistake to be told about now.
fn parse_origin(origin: &str, environment: Environment) -> Result<HeaderValue, &'static str> {
    if origin.contains('*') {
        return Err("is a wildcard: name each origin");
    }
    let uri: Uri = origin.parse().map_err(|_| "is not an origin")?;
    let (Some(scheme), Some(host)) = (uri.scheme_str(), uri.host()) else {
        return Err("is not an origin such as https://app.example.com");
    };
    // Browsers leave the port out where it goes without saying.
    let port = uri
        .port_u16()
        .filter(|port| !matches!((scheme, port), ("https", 443) | ("http", 80)))
        .map(|port| format!(":{port}"));
    let as_sent = format!("{scheme}://{host}{}", port.unwrap_or_default()).to_ascii_lowercase();
    if origin != as_sent {
        return Err("is not an origin such as https://app.example.com, without a path");
    }
    let is_local = matches!(host, "localhost" | "127.0.0.1" | "[::1]");
    match scheme {
        "https" => {}
        "http" if is_local || environment == Environment::Development => {}
        _ => return Err("must use https"),
    }
    HeaderValue::try_from(as_sent).map_err(|_| "is not an origin")
}

fn list(text: &str) -> Vec<String> {
    text.split(',')
        .map(str::trim)
        .filter(|item| !item.is_empty())
        .map(str::to_owned)
        .collect()
}

/// Reads variables and remembers what is wrong with them, so that all of it can be told at once.
struct Variables<F> {
    lookup: F,
    problems: Vec<String>,
}

impl<F> Variables<F>
where
    F: Fn(&str) -> Option<String>,
{
    fn optional(&self, name: &str) -> Option<String> {
        let value = (self.lookup)(name)?.trim().to_owned();
        (!value.is_empty()).then_some(value)
    }

    fn required(&mut self, name: &str) -> String {
        self.optional(name).unwrap_or_else(|| {
            self.problem(name, "is not set");
            String::new()
        })
    }

    fn parsed<T>(&mut self, name: &str, default: T) -> T
    where
        T: FromStr<Err: std::fmt::Display>,
    {
        match self.optional(name).map(|value| value.parse()) {
            None => default,
            Some(Ok(value)) => value,
            Some(Err(problem)) => {
                self.problem(name, &problem.to_string());
                default
            }
        }
    }

    fn problem(&mut self, name: &str, problem: &str) {
        self.problems.push(format!("{name} {problem}"));
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    /// Reads a complete configuration, with these variables set differently.
    fn read(changes: &[(&str, &str)]) -> Result<Config, ConfigError> {
        let mut variables = BTreeMap::new();
        variables.insert("AWS_REGION", "eu-central-1");
        variables.insert("DYNAMODB_TABLE_NAME", "table");
        variables.insert("COGNITO_USER_POOL_ID", "eu-west-1_AbCdEf123");
        variables.insert("COGNITO_CLIENT_ID", "client");
        variables.extend(changes.iter().copied());
        Config::from(|name| variables.get(name).map(|&value| value.to_owned()))
    }

    fn problems(changes: &[(&str, &str)]) -> Vec<String> {
        read(changes).unwrap_err().problems
    }

    fn origins(changes: &[(&str, &str)]) -> Vec<HeaderValue> {
        read(changes).unwrap().cors_allowed_origins
    }

    #[test]
    fn every_missing_variable_is_named_at_once() {
        let error = Config::from(|_| None).unwrap_err();
        let text = error.to_string();
        for name in [
            "AWS_REGION",
            "COGNITO_CLIENT_ID",
            "COGNITO_USER_POOL_ID",
            "DYNAMODB_TABLE_NAME",
        ] {
            assert!(text.contains(&format!("{name} is not set")), "{text}");
        }
    }

    #[test]
    fn an_empty_variable_is_missing() {
        let changes = [("DYNAMODB_TABLE_NAME", " ")];
        assert_eq!(problems(&changes), ["DYNAMODB_TABLE_NAME is not set"]);
    }

    #[test]
    fn invalid_variables_are_named_beside_missing_ones() {
        let changes = [
            ("ENVIRONMENT", "prod"),
            ("AWS_REGION", ""),
            ("COGNITO_TOKEN_USE", "refresh"),
            ("DOCS_ENABLED", "no"),
        ];
        let problems = problems(&changes);
        assert_eq!(problems.len(), 4, "{problems:?}");
    }

    #[test]
    fn the_issuer_comes_from_the_user_pool() {
        let sign_in = read(&[]).unwrap().sign_in;
        let issuer = "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_AbCdEf123";
        assert_eq!(sign_in.issuer, issuer);
        assert_eq!(sign_in.jwks_url, format!("{issuer}/.well-known/jwks.json"));
        assert_eq!(sign_in.token_use, TokenUse::Id);
    }

    #[test]
    fn a_user_pool_id_has_a_region_and_a_name() {
        for id in ["us-gov-west-1_aB3", "ap-southeast-2_x"] {
            assert!(read(&[("COGNITO_USER_POOL_ID", id)]).is_ok(), "{id}");
        }
        for id in [
            "AbCdEf123",
            "eu-west-1_",
            "eu_west_1_AbC",
            "eu-west-1_Ab/../C",
            "evil.example/eu-west-1_AbC",
        ] {
            assert!(read(&[("COGNITO_USER_POOL_ID", id)]).is_err(), "{id}");
        }
    }

    #[test]
    fn overrides_of_sign_in_are_for_local_use() {
        let overrides = [
            ("COGNITO_ISSUER", "http://127.0.0.1:1/pool"),
            ("COGNITO_JWKS_URL", "http://127.0.0.1:1/keys"),
        ];
        let sign_in = read(&overrides).unwrap().sign_in;
        assert_eq!(sign_in.issuer, "http://127.0.0.1:1/pool");
        assert_eq!(sign_in.jwks_url, "http://127.0.0.1:1/keys");

        let production = [
            ("ENVIRONMENT", "production"),
            ("CORS_ALLOWED_ORIGINS", "https://app.example.com"),
        ];
        let problems = problems(&[production, overrides].concat());
        assert_eq!(problems.len(), 2, "{problems:?}");
    }

    #[test]
    fn overrides_of_sign_in_are_urls() {
        for value in ["pool", "/pool", "ftp://127.0.0.1/pool", "http://a b"] {
            let problems = problems(&[("COGNITO_ISSUER", value), ("COGNITO_JWKS_URL", value)]);
            assert_eq!(
                problems,
                [
                    "COGNITO_ISSUER must be a URL",
                    "COGNITO_JWKS_URL must be a URL"
                ]
            );
        }
    }

    #[test]
    fn several_clients_may_share_the_api() {
        let config = read(&[("COGNITO_CLIENT_ID", "web, mobile")]).unwrap();
        assert_eq!(config.sign_in.client_ids, ["web", "mobile"]);
        let none = problems(&[("COGNITO_CLIENT_ID", ",")]);
        assert_eq!(none, ["COGNITO_CLIENT_ID names no client"]);
    }

    #[test]
    fn development_allows_the_usual_local_origins() {
        let expected = ["http://localhost:3000", "http://localhost:5173"];
        assert_eq!(origins(&[]), expected);
    }

    #[test]
    fn production_must_name_its_origins() {
        let production = ("ENVIRONMENT", "production");
        assert_eq!(problems(&[production]), ["CORS_ALLOWED_ORIGINS is not set"]);

        let named = "https://a.example.com, https://b.example.com:8443";
        assert_eq!(
            origins(&[production, ("CORS_ALLOWED_ORIGINS", named)]),
            ["https://a.example.com", "https://b.example.com:8443"]
        );
    }

    #[test]
    fn an_origin_that_no_browser_sends_is_refused() {
        for origin in [
            "*",
            "https://*.example.com",
            "https://app.example.com/",
            "https://app.example.com/path",
            "https://app.example.com:443",
            "https://App.example.com",
            "https://user@app.example.com",
            "app.example.com",
            "http://app.example.com",
            "null",
            ",",
        ] {
            let changes = [
                ("ENVIRONMENT", "production"),
                ("CORS_ALLOWED_ORIGINS", origin),
            ];
            assert_eq!(problems(&changes).len(), 1, "{origin}");
        }
    }
}
