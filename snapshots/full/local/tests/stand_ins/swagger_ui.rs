use aws_lc_rs::digest::SHA384;
use aws_lc_rs::digest::digest;
use axum::Router;
use axum::body::Body;
use axum::http::Request;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http_body_util::BodyExt as _;
use tower::ServiceExt as _;

/// The page that asks for the files, and names the hashes of a released version.
const PAGE: &str = include_str!("../../../src/openapi/docs.html");

#[tokio::test]
async fn the_files_are_those_the_page_wants() {
    for name in ["swagger-ui.css", "swagger-ui-bundle.js"] {
        let router: Router = local::swagger_ui("/assets");
        let request = Request::get(format!("/assets/{name}")).body(Body::empty());
        let response = router.oneshot(request.unwrap()).await.unwrap();
        assert_eq!(response.status(), 200);
        let file = response.into_body().collect().await.unwrap().to_bytes();
        let hash = STANDARD.encode(digest(&SHA384, &file));
        assert!(
            PAGE.contains(&format!("sha384-{hash}")),
            "{name}: sha384-{hash}"
        );
    }
}

#[tokio::test]
async fn other_files_are_not_found() {
    let router: Router = local::swagger_ui("/assets");
    let request = Request::get("/assets/nothing.js").body(Body::empty());
    let response = router.oneshot(request.unwrap()).await.unwrap();
    assert_eq!(response.status(), 404);
}
