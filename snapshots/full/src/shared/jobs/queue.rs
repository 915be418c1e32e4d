//! The way from the API to the worker: an asynchronous invocation, which Lambda queues and retries.

use aws_config::SdkConfig;
use aws_sdk_lambda::Client;
use aws_sdk_lambda::primitives::Blob;
use aws_sdk_lambda::types::InvocationType;
use serde::Serialize;

use crate::error::{Error, Result};
use crate::shared::aws;

/// The longest message in bytes. Lambda takes more, but a message should name what to work on, not contain it.
const MAX_BYTES: usize = 256 * 1024;

const UNAVAILABLE: &str = "Background work is temporarily unavailable";

/// The worker's queue. Cheap to clone.
#[derive(Debug, Clone)]
pub struct JobQueue {
    client: Client,
    function_name: String,
}

impl JobQueue {
    /// The queue of the Lambda function with this name or ARN.
    #[must_use]
    pub fn new(aws: &SdkConfig, function_name: impl Into<String>) -> Self {
        Self {
            client: Client::new(aws),
            function_name: function_name.into(),
        }
    }

    /// Puts a message into the queue. The worker gets it soon, at least once.
    ///
    /// # Errors
    ///
    /// [`Error::Unavailable`] if Lambda does not take it now, [`Error::Internal`] if it never will. After a timeout the
    /// message may be in the queue nonetheless.
    pub async fn send<M: Serialize>(&self, message: &M) -> Result<()> {
        let payload = serde_json::to_vec(message).map_err(Error::internal)?;
        if payload.len() > MAX_BYTES {
            let size = payload.len();
            return Err(Error::internal(format!(
                "a message of {size} bytes is too long to queue"
            )));
        }
        let outcome = self
            .client
            .invoke()
            .function_name(&self.function_name)
            .invocation_type(InvocationType::Event)
            .payload(Blob::new(payload))
            .send()
            .await
            .map_err(|error| aws::failure(UNAVAILABLE, error))?;
        match outcome.status_code() {
            202 => Ok(()),
            status => Err(Error::internal(format!(
                "the worker's queue answered {status}"
            ))),
        }
    }
}
