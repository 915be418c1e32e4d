//! The OpenAPI document. Handlers describe what they do; what the layers around them do is added here.

mod docs;

use std::sync::{Arc, LazyLock};

use axum::Router;
use axum::routing::get;
use bytes::Bytes;
use http::StatusCode;
use http::header::CONTENT_TYPE;
use utoipa::openapi::path::{Operation, PathItem, Paths};
use utoipa::openapi::security::SecurityRequirement;
use utoipa::openapi::{Components, Content, Info, OpenApi, OpenApiBuilder, Ref, RefOr};

use crate::error::Error;

/// FastAPI's name for it, which generated clients know.
const SECURITY_SCHEME: &str = "HTTPBearer";

/// `GET /openapi.json` and `GET /docs`.
///
/// `collected` is what the handlers say of themselves. It is completed when somebody asks for it first, not during a
/// cold start.
pub fn routes<S>(collected: OpenApi, assets: &str) -> Router<S>
where
    S: Clone + Send + Sync + 'static,
{
    let document = Arc::new(LazyLock::new(move || document(collected)));
    let json = async move || match &**document {
        Ok(json) => Ok(([(CONTENT_TYPE, "application/json")], json.clone())),
        Err(error) => Err(Error::internal(error.to_string())),
    };

    Router::new()
        .route("/openapi.json", get(json))
        .merge(docs::routes(assets))
}

/// Documents that these operations answer 401 without a token.
pub fn require_token(paths: &mut Paths) {
    let bearer = SecurityRequirement::new::<_, _, String>(SECURITY_SCHEME, []);
    set_security(paths, &[bearer]);
}

/// Documents that these operations take a token but do without.
pub fn accept_token(paths: &mut Paths) {
    let nobody = SecurityRequirement::default();
    let bearer = SecurityRequirement::new::<_, _, String>(SECURITY_SCHEME, []);
    set_security(paths, &[nobody, bearer]);
}

fn set_security(paths: &mut Paths, requirements: &[SecurityRequirement]) {
    for item in paths.paths.values_mut() {
        for (_, operation) in operations(item) {
            operation.security = Some(requirements.to_vec());
        }
    }
}

fn document(collected: OpenApi) -> serde_json::Result<Bytes> {
    let components: Components = serde_json::from_str(include_str!("components.json"))?;
    let mut document = OpenApiBuilder::new()
        .info(Info::new(env!("CARGO_PKG_NAME"), env!("CARGO_PKG_VERSION")))
        .components(Some(components))
        .build();
    document.merge(collected);

    for (path, item) in &mut document.paths.paths {
        for (method, operation) in operations(item) {
            operation.operation_id = operation_id(operation, path, method);
            describe_responses(operation);
            add_answers_of_layers(operation);
        }
    }
    serde_json::to_vec(&document).map(Bytes::from)
}

/// Unique, and as FastAPI makes them: `list_proposals` of `GET /api/proposals` is `list_proposals_api_proposals_get`.
fn operation_id(operation: &Operation, path: &str, method: &str) -> Option<String> {
    let name = operation.operation_id.as_deref()?;
    let path = path.replace(|c: char| !c.is_alphanumeric(), "_");
    Some(format!("{name}{path}_{method}"))
}

/// Says what handlers need not say: what a status means, and that every error has the same body.
fn describe_responses(operation: &mut Operation) {
    for (status, response) in &mut operation.responses.responses {
        let RefOr::T(response) = response else {
            continue;
        };
        let status: StatusCode = status.parse().unwrap_or_default();
        if response.description.is_empty() {
            response.description = status.canonical_reason().unwrap_or_default().to_owned();
        }
        let is_error = status.is_client_error() || status.is_server_error();
        if is_error && response.content.is_empty() {
            let content = Content::new(Some(Ref::from_schema_name("Error"))).into();
            response.content.insert("application/json".into(), content);
        }
    }
}

/// What a request may get before its handler runs, or instead of what its handler says.
fn add_answers_of_layers(operation: &mut Operation) {
    let takes_token = operation.security.is_some();
    let takes_body = operation.request_body.is_some();
    let takes_parameters = operation.parameters.is_some();

    let answers = [
        (takes_token, "401", "Unauthorized"),
        (takes_body, "413", "PayloadTooLarge"),
        (takes_body, "415", "UnsupportedMediaType"),
        (takes_body || takes_parameters, "422", "ValidationError"),
        (true, "500", "InternalServerError"),
        (takes_token, "503", "ServiceUnavailable"),
        (true, "504", "GatewayTimeout"),
    ];
    for (_, status, name) in answers.into_iter().filter(|(applies, _, _)| *applies) {
        let shared = RefOr::Ref(Ref::from_response_name(name));
        let responses = &mut operation.responses.responses;
        responses.entry(status.into()).or_insert(shared);
    }
}

fn operations(item: &mut PathItem) -> impl Iterator<Item = (&'static str, &mut Operation)> {
    let by_method = [
        ("get", &mut item.get),
        ("put", &mut item.put),
        ("post", &mut item.post),
        ("delete", &mut item.delete),
        ("patch", &mut item.patch),
    ];
    by_method
        .into_iter()
        .filter_map(|(method, operation)| Some((method, operation.as_mut()?)))
}
