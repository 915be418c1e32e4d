//! What can go wrong with the table, and what the client hears of it.

use aws_sdk_dynamodb::config::http::HttpResponse;
use aws_sdk_dynamodb::error::{BuildError, ProvideErrorMetadata, SdkError};

use crate::error::{BoxError, Error as ApiError};
use crate::shared::aws;
use crate::shared::validation::FieldError;

pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why a call to the table did nothing.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// There is no such item, or it is not in the caller's scope. Holds the detail that the client reads.
    #[error("{0}")]
    NotFound(&'static str),

    /// An item with this key exists.
    #[error("Already exists")]
    AlreadyExists,

    /// The item has been changed since the caller read it.
    #[error("Changed by someone else")]
    VersionMismatch,

    /// The item exists, but a condition of the write does not hold.
    #[error("Not possible in the present state")]
    ConditionFailed,

    /// The cursor was made for another list, or not by us.
    #[error("the cursor does not belong to this list")]
    InvalidCursor,

    /// The item would be larger than the 400 KB that DynamoDB stores.
    #[error("an item is larger than 400 KB")]
    TooLarge,

    /// A value is outside of what DynamoDB stores: a number beyond 38 digits or 10^125, more than 32 levels, a name
    /// of no or more than 64 KB, or more than 1 KB in a field that has an index.
    #[error("a value is too large or too deep to be stored")]
    Unstorable,

    /// DynamoDB throttles, conflicts or does not answer, the retries included.
    #[error("the table is not available")]
    Unavailable(#[source] BoxError),

    #[error("a request to the table failed")]
    Internal(#[source] BoxError),
}

impl Error {
    pub(super) fn internal(cause: impl Into<BoxError>) -> Self {
        Self::Internal(cause.into())
    }
}

impl From<serde_json::Error> for Error {
    fn from(error: serde_json::Error) -> Self {
        Self::internal(error)
    }
}

impl From<BuildError> for Error {
    fn from(error: BuildError) -> Self {
        Self::internal(error)
    }
}

impl From<Error> for ApiError {
    fn from(error: Error) -> Self {
        match error {
            Error::NotFound(detail) => Self::NotFound(detail),
            Error::AlreadyExists | Error::ConditionFailed => Self::Conflict(error.to_string()),
            Error::VersionMismatch => Self::PreconditionFailed,
            Error::InvalidCursor => {
                let cursor = FieldError::value_error(["query", "cursor"], error);
                Self::Validation(vec![cursor])
            }
            Error::TooLarge => Self::PayloadTooLarge,
            Error::Unstorable => {
                let value = FieldError::value_error(["body"], error);
                Self::Validation(vec![value])
            }
            Error::Unavailable(cause) => Self::unavailable("Service Unavailable", cause),
            Error::Internal(cause) => Self::Internal(cause),
        }
    }
}

/// What a failed request comes to, where the operation has no better answer.
pub(super) fn failed<E>(error: SdkError<E, HttpResponse>) -> Error
where
    E: std::error::Error + ProvideErrorMetadata + Send + Sync + 'static,
{
    if aws::is_transient(&error) {
        return Error::Unavailable(error.into());
    }
    let refusal = error.as_service_error();
    let kind = kind(
        refusal.and_then(ProvideErrorMetadata::code),
        refusal.and_then(ProvideErrorMetadata::message),
    );
    kind(error.into())
}

/// Whether DynamoDB refused the request itself.
pub(super) fn is_validation<E: ProvideErrorMetadata>(error: &SdkError<E, HttpResponse>) -> bool {
    let service = error.as_service_error();
    service.and_then(ProvideErrorMetadata::code) == Some("ValidationException")
}

/// Which error it is, by the code and message that DynamoDB gives for a request or for one write of a transaction.
/// Only its message tells which rule a value breaks.
pub(super) fn kind(code: Option<&str>, message: Option<&str>) -> fn(BoxError) -> Error {
    let says = |part| message.is_some_and(|message| message.contains(part));
    match code.unwrap_or_default() {
        "LimitExceededException"
        | "ProvisionedThroughputExceeded"
        | "ProvisionedThroughputExceededException"
        | "ReplicatedWriteConflictException"
        | "RequestLimitExceeded"
        | "ThrottlingError"
        | "ThrottlingException"
        | "TransactionConflict"
        | "TransactionConflictException"
        | "TransactionInProgressException" => Error::Unavailable,
        "ValidationError" | "ValidationException" if TOO_LARGE.into_iter().any(says) => {
            |_| Error::TooLarge
        }
        "ValidationError" | "ValidationException" if UNSTORABLE.into_iter().any(says) => {
            |_| Error::Unstorable
        }
        _ => Error::Internal,
    }
}

const TOO_LARGE: [&str; 3] = [
    // Of an update: 2 MB for its values. What is larger than that is too large for an item, too.
    "ExpressionAttributeValues exceeds max size",
    "Expression size has exceeded",
    "Item size",
];

const UNSTORABLE: [&str; 8] = [
    "38 significant digits",
    // DynamoDB Local's words for the same.
    "precision up to 38 digits",
    "Attribute name is too large",
    "Empty attribute name",
    "Nesting Levels have exceeded",
    "Number overflow",
    "Number underflow",
    // Of a key: 1 KB for what an index sorts by, 2 KB for a partition.
    "size limit of",
];
