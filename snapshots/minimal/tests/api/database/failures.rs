//! What the client hears when DynamoDB does not do what it was asked.

use std::time::{Duration, Instant};

use axum::Router;
use axum::response::IntoResponse;
use http::StatusCode;
use http::header::RETRY_AFTER;
use local::Failure;
use tokio::task::JoinSet;
use uuid::Uuid;

use my_api::database::Error;
use my_api::database::Result;
use my_api::database::Scope;
use my_api::error::Error as ApiError;

use super::Database;
use super::proposals::{Proposals, titled};

#[tokio::test]
async fn a_throttled_request_is_tried_again() {
    let database = Database::start().await;
    let throttling = Failure::throttling();
    database.aws.dynamodb().fail_next("PutItem", 2, throttling);

    Proposals(&database.table)
        .create("alice", titled("A"))
        .await
        .unwrap();
}

#[tokio::test]
async fn throttling_that_goes_on_is_503_and_says_when_to_come_back() {
    let database = Database::start().await;
    let proposals = Proposals(&database.table);
    for operation in ["GetItem", "PutItem", "UpdateItem", "DeleteItem", "Query"] {
        let throttling = Failure::throttling();
        database.aws.dynamodb().fail_next(operation, 3, throttling);
    }

    let id = Uuid::now_v7();
    tokio::join!(
        async { unavailable(proposals.get(Scope::Everyone, id).await) },
        async { unavailable(proposals.create("alice", titled("A")).await) },
        async { unavailable(proposals.claim(id, Duration::ZERO).await) },
        async { unavailable(proposals.delete(Scope::Everyone, id).await) },
        async { unavailable(proposals.list("alice", 1, None).await) },
    );
}

#[tokio::test]
async fn whatever_passes_by_itself_is_503() {
    let mut tests = JoinSet::new();
    for (status, code) in [
        (400, "ProvisionedThroughputExceededException"),
        (400, "RequestLimitExceeded"),
        (400, "ThrottlingException"),
        (400, "TransactionConflictException"),
        (500, "InternalServerError"),
        (503, "ServiceUnavailable"),
    ] {
        tests.spawn(async move {
            let database = Database::start().await;
            let status = StatusCode::from_u16(status).unwrap();
            let failure = Failure::new(status, code, "not now");
            database.aws.dynamodb().fail_next("GetItem", 3, failure);
            let proposals = Proposals(&database.table);
            unavailable(proposals.get(Scope::Everyone, Uuid::now_v7()).await);
        });
    }
    tests.join_all().await;
}

#[tokio::test]
async fn no_answer_is_503_within_seconds() {
    let router = Router::new();
    let table = super::stub(router.fallback(std::future::pending::<()>)).await;
    let started = Instant::now();
    unavailable(Proposals(&table).list("alice", 1, None).await);
    assert!(started.elapsed() < Duration::from_secs(8));
}

#[tokio::test]
async fn what_trying_again_does_not_help_is_500_and_says_nothing_of_the_inside() {
    let database = Database::start().await;
    for failure in [
        Failure::access_denied(),
        Failure::validation("The table does not have the specified index: GSI1"),
    ] {
        database.aws.dynamodb().fail_next("Query", 1, failure);
        let result = Proposals(&database.table).list("alice", 1, None).await;
        let error = result.unwrap_err();
        assert!(matches!(error, Error::Internal(_)), "{error:?}");
        let error = ApiError::from(error);
        assert_eq!(error.status(), StatusCode::INTERNAL_SERVER_ERROR);
        assert_eq!(error.to_string(), "Internal Server Error");
    }
}

/// dynoxide lets an index have keys of any size, and attributes names of any length.
#[tokio::test]
async fn a_value_that_dynamodb_does_not_take_is_the_mistake_of_the_client() {
    let database = Database::start().await;
    let proposals = Proposals(&database.table);
    for reason in [
        "Size of hashkey has exceeded the maximum size limit of2048 bytes",
        "Aggregated size of all range keys has exceeded the size limit of 1024 bytes",
        "Empty attribute name",
        "Attribute name is too large, must be less than 65536 bytes",
        "DynamoDB only supports precision up to 38 digits",
    ] {
        let message = format!("One or more parameter values were invalid: {reason}");
        let failure = Failure::validation(&message);
        database.aws.dynamodb().fail_next("PutItem", 1, failure);
        let result = proposals.create("alice", titled("A")).await;
        let error = result.unwrap_err();
        assert!(matches!(error, Error::Unstorable), "{error:?}");
    }
}

/// What DynamoDB says of a write depends on how much too large it is.
#[tokio::test]
async fn a_write_that_no_item_could_hold_is_too_large() {
    let database = Database::start().await;
    let proposals = Proposals(&database.table);
    for message in [
        "Item size to update has exceeded the maximum allowed size",
        "Invalid UpdateExpression: Expression size has exceeded the maximum allowed size;",
        "ExpressionAttributeValues exceeds max size",
    ] {
        let failure = Failure::validation(message);
        database.aws.dynamodb().fail_next("PutItem", 1, failure);
        let result = proposals.create("alice", titled("A")).await;
        let error = result.unwrap_err();
        assert!(matches!(error, Error::TooLarge), "{error:?}");
    }
}

#[test]
fn each_error_has_its_status() {
    for (error, status) in [
        (Error::NotFound("Proposal not found"), 404),
        (Error::AlreadyExists, 409),
        (Error::ConditionFailed, 409),
        (Error::VersionMismatch, 412),
        (Error::TooLarge, 413),
        (Error::InvalidCursor, 422),
        (Error::Unstorable, 422),
        (Error::Unavailable("x".into()), 503),
        (Error::Internal("x".into()), 500),
    ] {
        let error = ApiError::from(error);
        assert_eq!(error.status(), status, "{error:?}");
    }
}

fn unavailable<T: std::fmt::Debug>(result: Result<T>) {
    let error = result.unwrap_err();
    assert!(matches!(error, Error::Unavailable(_)), "{error:?}");
    let response = ApiError::from(error).into_response();
    assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert!(response.headers().contains_key(RETRY_AFTER));
}
