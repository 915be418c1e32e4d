//! A request that takes too long is answered by us, before API Gateway gives up on it.

use std::time::Duration;

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;

use crate::error::{Error, Result};

/// API Gateway waits 30 s, and the function in template.yaml may run 29 s.
pub const TIME_LIMIT: Duration = Duration::from_secs(28);

/// Drops the request after the given time, wherever it stands, and answers 504.
pub async fn timeout(
    State(limit): State<Duration>,
    request: Request,
    next: Next,
) -> Result<Response> {
    tokio::time::timeout(limit, next.run(request))
        .await
        .map_err(|_| Error::TimedOut)
}

#[cfg(test)]
mod tests {
    use std::future;

    use axum::Router;
    use axum::body::Body;
    use axum::middleware::from_fn_with_state;
    use axum::routing::get;
    use tower::ServiceExt as _;

    use super::*;

    #[tokio::test]
    async fn a_handler_that_never_ends_is_a_504() {
        let app = Router::new()
            .route("/", get(future::pending::<()>))
            .layer(from_fn_with_state(Duration::from_millis(1), timeout));
        let request = Request::new(Body::empty());
        let response = app.oneshot(request).await.unwrap();
        assert_eq!(response.status(), 504);
        assert_eq!(response.headers()["content-type"], "application/json");
    }
}
