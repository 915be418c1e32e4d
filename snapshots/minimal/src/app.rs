//! The router: what is mounted where, and what every request passes through.

use std::mem;

use axum::extract::DefaultBodyLimit;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::{Json, Router};
use http::HeaderValue;
use http::header::{AUTHORIZATION, CACHE_CONTROL, COOKIE, X_CONTENT_TYPE_OPTIONS};
use serde::Serialize;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::sensitive_headers::SetSensitiveRequestHeadersLayer;
use tower_http::set_header::SetResponseHeaderLayer;
use utoipa::ToSchema;
use utoipa_axum::router::{OpenApiRouter, UtoipaMethodRouter};
use utoipa_axum::routes;

use crate::error::Error;
use crate::features;
use crate::middleware::auth::{accept_user, require_user};
use crate::middleware::cors::cors;
use crate::middleware::log::log;
use crate::middleware::panic;
use crate::middleware::request_id::request_id;
use crate::middleware::timeout::{TIME_LIMIT, timeout};
use crate::openapi;
use crate::state::AppState;

/// Larger bodies are a 413. API Gateway itself would take 10 MB.
const BODY_LIMIT_BYTES: usize = 1024 * 1024;

/// The whole API. Lambda, `cargo dev` and the tests all run this router.
pub fn app(state: AppState) -> Router {
    mount(features::routes(), state)
}

fn mount(routes: Routes, state: AppState) -> Router {
    let Routes { public, signed_in } = routes;
    // These two layers also wrap the fallbacks of their routers, which the ones set below replace: an unknown path is a
    // 404, and a wrong method a 405, whoever asks.
    let public = public.layer(from_fn_with_state(state.clone(), accept_user));
    let signed_in = signed_in.layer(from_fn_with_state(state.clone(), require_user));
    let (mut router, collected) = OpenApiRouter::new()
        .routes(routes!(health))
        .merge(public)
        .merge(signed_in)
        .split_for_parts();

    let config = state.config();
    if config.docs_enabled {
        router = router.merge(openapi::routes(collected, &config.docs_assets));
    }

    router
        .fallback(async || Error::NotFound("Not Found"))
        .method_not_allowed_fallback(async || Error::MethodNotAllowed)
        // From the outside to the inside. The id, the log and CORS come first, so that every answer has them.
        .layer((
            SetSensitiveRequestHeadersLayer::new([AUTHORIZATION, COOKIE]),
            from_fn(request_id),
            from_fn(log),
            from_fn_with_state(state.clone(), cors),
            default_header(X_CONTENT_TYPE_OPTIONS, "nosniff"),
            default_header(CACHE_CONTROL, "no-store"),
            CatchPanicLayer::custom(panic::respond),
            from_fn_with_state(TIME_LIMIT, timeout),
            DefaultBodyLimit::max(BODY_LIMIT_BYTES),
        ))
        .with_state(state)
}

fn default_header(
    name: http::HeaderName,
    value: &'static str,
) -> SetResponseHeaderLayer<HeaderValue> {
    SetResponseHeaderLayer::if_not_present(name, HeaderValue::from_static(value))
}

#[derive(Serialize, ToSchema)]
struct Health {
    #[schema(inline)]
    status: HealthStatus,
}

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum HealthStatus {
    Healthy,
}

/// Whether the API is up. Asks neither for a token nor the database.
#[utoipa::path(get, path = "/health", responses((status = 200, body = Health)))]
async fn health() -> Json<Health> {
    Json(Health {
        status: HealthStatus::Healthy,
    })
}

/// The routes of the features, each with its place in the OpenAPI document.
///
/// A route is either for those who are signed in or, said out loud, for everyone.
#[derive(Default)]
pub struct Routes {
    public: OpenApiRouter<AppState>,
    signed_in: OpenApiRouter<AppState>,
}

impl Routes {
    /// Routes that need no token. A token that comes along must still be a good one.
    pub fn public(&mut self, mut routes: UtoipaMethodRouter<AppState>) {
        openapi::accept_token(&mut routes.1);
        self.public = mem::take(&mut self.public).routes(routes);
    }

    /// Routes that answer 401 without a good token.
    pub fn signed_in(&mut self, mut routes: UtoipaMethodRouter<AppState>) {
        openapi::require_token(&mut routes.1);
        self.signed_in = mem::take(&mut self.signed_in).routes(routes);
    }
}

#[cfg(test)]
mod tests {
    use std::io::{self, Write};
    use std::sync::{Mutex, Once};

    use aws_config::SdkConfig;
    use axum::body::{Body, Bytes};
    use axum::response::Response;
    use http::{HeaderMap, Request};
    use http_body_util::BodyExt as _;
    use lambda_http::tracing::subscriber;
    use serde_json::{Value, json};
    use tower::ServiceExt as _;

    use super::*;
    use crate::config::Config;

    #[utoipa::path(get, path = "/api/panic")]
    async fn panics() {
        panic!("the cause");
    }

    #[utoipa::path(get, path = "/api/failure")]
    async fn fails() -> Error {
        Error::internal("the cause")
    }

    #[utoipa::path(get, path = "/api/outage")]
    async fn is_out() -> Error {
        Error::unavailable("Later", "the cause")
    }

    #[utoipa::path(get, path = "/api/shared")]
    async fn reads() {}

    #[utoipa::path(post, path = "/api/shared")]
    async fn writes() {}

    #[utoipa::path(post, path = "/api/body", request_body = String)]
    async fn takes_body(_body: Bytes) {}

    #[utoipa::path(get, path = "/api/headers")]
    async fn shows_headers(headers: HeaderMap) -> String {
        format!("{headers:?}")
    }

    fn state() -> AppState {
        let config = Config::from(|name| match name {
            "COGNITO_USER_POOL_ID" => Some("eu-central-1_AbCdEf123".to_owned()),
            "ENVIRONMENT" | "DOCS_ENABLED" | "COGNITO_TOKEN_USE" => None,
            "COGNITO_ISSUER" | "COGNITO_JWKS_URL" | "CORS_ALLOWED_ORIGINS" => None,
            _ => Some("any".to_owned()),
        });
        AppState::new(config.unwrap(), SdkConfig::builder().build())
    }

    fn router() -> Router {
        let mut routes = Routes::default();
        routes.public(routes!(panics));
        routes.public(routes!(fails));
        routes.public(routes!(is_out));
        routes.public(routes!(reads));
        routes.signed_in(routes!(writes));
        routes.public(routes!(takes_body));
        routes.public(routes!(shows_headers));
        mount(routes, state())
    }

    async fn answer(request: http::request::Builder, body: impl Into<Body>) -> Response {
        let request = request.body(body.into()).unwrap();
        router().oneshot(request).await.unwrap()
    }

    async fn json_of(response: Response) -> Value {
        let body = response.into_body().collect().await.unwrap();
        serde_json::from_slice(&body.to_bytes()).unwrap()
    }

    /// What this process logs: one JSON object per line.
    static LOG: Mutex<Vec<u8>> = Mutex::new(Vec::new());

    struct LogWriter;

    impl Write for LogWriter {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            LOG.lock().unwrap().write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    /// Once for all tests: a subscriber per thread would not do, as tracing remembers for the whole process that the
    /// other threads want nothing.
    fn collect_log() {
        static COLLECTING: Once = Once::new();
        COLLECTING.call_once(|| {
            subscriber::fmt().json().with_writer(|| LogWriter).init();
            let print = std::panic::take_hook();
            panic::log_panics();
            let log = std::panic::take_hook();
            std::panic::set_hook(Box::new(move |panic| {
                log(panic);
                print(panic);
            }));
        });
    }

    /// Sends the request under this id, and returns what was logged under it.
    async fn log_of(request: http::request::Builder, id: &str) -> Vec<Value> {
        collect_log();
        answer(request.header("x-request-id", id), "secret body").await;
        let log = String::from_utf8(LOG.lock().unwrap().clone()).unwrap();
        let lines = log.lines().map(|line| serde_json::from_str(line).unwrap());
        lines
            .filter(|line: &Value| line["span"]["request_id"] == id)
            .collect()
    }

    #[tokio::test]
    async fn a_panic_is_a_500_that_says_nothing_of_its_cause() {
        let request = Request::get("/api/panic").header("origin", "http://localhost:3000");
        let response = answer(request, Body::empty()).await;

        assert_eq!(response.status(), 500);
        for name in [
            "x-request-id",
            "access-control-allow-origin",
            "x-content-type-options",
        ] {
            assert!(response.headers().contains_key(name), "{name}");
        }
        let body = json_of(response).await;
        assert_eq!(body, json!({"detail": "Internal Server Error"}));
    }

    #[tokio::test]
    async fn a_panic_is_logged_once_with_its_place() {
        let lines = log_of(Request::get("/api/panic"), "panic").await;

        let [cause, end] = &lines[..] else {
            panic!("{lines:?}");
        };
        assert_eq!(cause["level"], "ERROR");
        assert_eq!(cause["fields"]["cause"], "the cause");
        let location = cause["fields"]["location"].as_str().unwrap();
        assert!(location.starts_with("src/app.rs:"), "{location}");
        assert_eq!(end["fields"]["status"], 500);
    }

    #[tokio::test]
    async fn a_cause_is_logged_once() {
        for (path, level, status) in [("/api/failure", "ERROR", 500), ("/api/outage", "WARN", 503)]
        {
            let lines = log_of(Request::get(path), &format!("cause-{status}")).await;

            let [cause, end] = &lines[..] else {
                panic!("{lines:?}");
            };
            assert_eq!(cause["level"], level);
            let text = cause["fields"]["cause"].as_str().unwrap();
            assert!(text.ends_with("the cause"), "{text}");
            assert_eq!(end["fields"]["status"], status);
        }
    }

    #[tokio::test]
    async fn a_request_is_one_line_in_the_log_without_its_secrets() {
        let request = Request::post("/api/body?secret=query").header("cookie", "secret");
        let lines = log_of(request, "request").await;

        let [line] = &lines[..] else {
            panic!("{lines:?}");
        };
        assert_eq!(line["level"], "INFO");
        assert_eq!(line["fields"]["status"], 200);
        assert!(line["fields"]["latency_ms"].is_f64(), "{line}");
        assert_eq!(line["span"]["method"], "POST");
        assert_eq!(line["span"]["path"], "/api/body");
        assert!(!line.to_string().contains("secret"), "{line}");
    }

    #[tokio::test]
    async fn headers_with_secrets_do_not_show_in_debug_output() {
        let request = Request::get("/api/headers").header("authorization", "Basic secret");
        let response = answer(request.header("cookie", "secret"), Body::empty()).await;
        assert_eq!(response.status(), 200);
        let body = response.into_body().collect().await.unwrap().to_bytes();
        let shown = String::from_utf8_lossy(&body);
        assert!(
            shown.contains("cookie") && !shown.contains("secret"),
            "{shown}"
        );
    }

    #[tokio::test]
    async fn one_path_can_be_read_by_everyone_and_written_by_users() {
        let read = answer(Request::get("/api/shared"), Body::empty()).await;
        let write = answer(Request::post("/api/shared"), Body::empty()).await;
        let delete = answer(Request::delete("/api/shared"), Body::empty()).await;

        assert_eq!(read.status(), 200);
        assert_eq!(write.status(), 401);
        assert_eq!(delete.status(), 405);
        assert_eq!(delete.headers()["allow"], "GET,HEAD,POST");
    }

    #[tokio::test]
    async fn public_routes_refuse_a_bad_token() {
        let request = Request::get("/api/shared").header("authorization", "Bearer bad");
        let response = answer(request, Body::empty()).await;
        assert_eq!(response.status(), 401);
    }

    #[tokio::test]
    async fn a_body_may_have_one_megabyte() {
        let fits = answer(Request::post("/api/body"), vec![b' '; BODY_LIMIT_BYTES]).await;
        let too_large = answer(Request::post("/api/body"), vec![b' '; BODY_LIMIT_BYTES + 1]).await;
        assert_eq!(fits.status(), 200);
        assert_eq!(too_large.status(), 413);
    }

    #[tokio::test]
    async fn the_document_tells_what_the_layers_answer() {
        let response = answer(Request::get("/openapi.json"), Body::empty()).await;
        let document = json_of(response).await;

        let statuses = |path: &str, method: &str| -> Vec<String> {
            let responses = document["paths"][path][method]["responses"].as_object();
            responses.unwrap().keys().cloned().collect()
        };
        assert_eq!(statuses("/health", "get"), ["200", "500", "504"]);
        assert_eq!(
            statuses("/api/shared", "post"),
            ["401", "500", "503", "504"]
        );
        assert_eq!(
            statuses("/api/body", "post"),
            ["401", "413", "415", "422", "500", "503", "504"]
        );
        let security = |method: &str| &document["paths"]["/api/shared"][method]["security"];
        assert_eq!(security("post"), &json!([{"HTTPBearer": []}]));
        assert_eq!(security("get"), &json!([{}, {"HTTPBearer": []}]));
    }
}
