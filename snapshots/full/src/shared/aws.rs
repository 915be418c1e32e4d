//! Which failures of an AWS service pass by themselves.

use aws_sdk_dynamodb::config::http::HttpResponse;
use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};

use crate::error::{BoxError, Error};

/// The error of a request that needed the service: 503 with this detail when trying again may help, else 500. The SDK
/// has tried again already.
pub fn failure<E>(detail: &'static str, error: SdkError<E, HttpResponse>) -> Error
where
    E: ProvideErrorMetadata,
    SdkError<E, HttpResponse>: Into<BoxError>,
{
    if is_transient(&error) {
        Error::unavailable(detail, error)
    } else {
        Error::internal(error)
    }
}

/// Whether the same request may succeed later: no answer, throttled, or a fault of the service.
pub fn is_transient<E: ProvideErrorMetadata>(error: &SdkError<E, HttpResponse>) -> bool {
    match error {
        SdkError::TimeoutError(_) | SdkError::DispatchFailure(_) | SdkError::ResponseError(_) => {
            true
        }
        SdkError::ServiceError(service) => {
            matches!(service.raw().status().as_u16(), 408 | 429 | 500..)
                || service
                    .err()
                    .code()
                    .is_some_and(|code| code.contains("Throttl"))
        }
        _ => false,
    }
}
