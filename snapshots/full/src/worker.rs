//! What the worker does with a message: the counterpart of the router.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::features::proposal_writer::proposal::jobs::analyze::AnalyzeProposal;
use crate::shared::jobs::Retry;
use crate::shared::jobs::Ticket;
use crate::shared::jobs::run;
use crate::state::AppState;

/// Everything the worker can be asked for. `action` tells which.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "action", rename_all = "snake_case")]
pub enum Message {
    /// Does nothing. Sent by hand after a deployment, it shows in the log that the worker starts.
    Ping,
    AnalyzeProposal(Ticket<AnalyzeProposal>),
    /// An action of another version of this program.
    #[serde(other)]
    Unknown,
}

/// Does what a message asks for. `time_left` is how long the worker may take.
///
/// # Errors
///
/// [`Retry`] if Lambda should deliver the message again. A message that nobody understands is not worth that: it is
/// logged and dropped.
pub async fn work(state: &AppState, message: Value, time_left: Duration) -> Result<(), Retry> {
    let action = message["action"].as_str().unwrap_or_default().to_owned();
    match serde_json::from_value(message).unwrap_or(Message::Unknown) {
        Message::Ping => {
            let environment = state.config().environment;
            let seconds_left = time_left.as_secs();
            tracing::info!(?environment, seconds_left, "ping");
            Ok(())
        }
        Message::AnalyzeProposal(ticket) => run(state, ticket, time_left).await,
        Message::Unknown => {
            tracing::error!(action, "dropped a message that asks for nothing known");
            Ok(())
        }
    }
}
