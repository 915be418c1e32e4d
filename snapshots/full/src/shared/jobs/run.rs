//! The worker's side of a job: one attempt at it, and what becomes of that.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;

use tracing::Instrument as _;

use crate::database::{self, Consistency, Guard, Item, Table, Timestamp};
use crate::error::{Error, causes};
use crate::state::AppState;

use super::record::{Record, TOO_LONG};
use super::{Job, JobStatus, Ticket, find, record_key};

/// How often the worker tries before a run has failed: Lambda's `MaximumRetryAttempts` in `template.yaml`, and one.
pub const MAX_ATTEMPTS: u32 = 3;

/// What an attempt leaves of its time for writing down that it has failed.
const MARGIN: Duration = Duration::from_secs(10);

const WENT_WRONG: &str = "Something went wrong";
const TOO_LARGE: &str = "The result is too large";

/// Asks Lambda to deliver the message again, or after the last attempt to pass it on to the on-failure destination.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Retry(&'static str);

/// Makes one attempt at a job, and records its outcome. `time_left` is what Lambda grants before it kills the worker.
///
/// # Errors
///
/// [`Retry`] if another attempt may succeed, or if this was the last and somebody should look into it. Failures that
/// will not pass are recorded, logged, and `Ok`.
pub async fn run<J: Job>(
    state: &AppState,
    ticket: Ticket<J>,
    time_left: Duration,
) -> Result<(), Retry> {
    let span = tracing::info_span!("job", name = J::NAME, run = %ticket.run);
    // On the heap: the compiler gives up on futures within futures that are too deep, as in the worker's `main` this is.
    let attempt = Box::pin(attempt(state, &ticket, time_left));
    attempt.instrument(span).await
}

async fn attempt<J: Job>(
    state: &AppState,
    ticket: &Ticket<J>,
    time_left: Duration,
) -> Result<(), Retry> {
    let table = state.table();
    let Some(target) = target(table, ticket).await? else {
        tracing::info!("dropped: its item is gone");
        return Ok(());
    };
    let Some(record) = begin(table, ticket, time_left).await? else {
        return Ok(());
    };
    let attempt = record.attempts;
    tracing::info!(attempt, "started");
    let outcome = work(
        state,
        &ticket.job,
        &target,
        time_left.saturating_sub(MARGIN),
    )
    .await;
    let ending = match outcome {
        Ok(result) => Ending::Completed(result),
        Err(Failure::Transient(error)) if attempt < MAX_ATTEMPTS => {
            tracing::warn!(cause = causes(&error), attempt, "postponed");
            Ending::Postponed
        }
        Err(failure) => {
            tracing::error!(cause = failure.cause(), attempt, "failed");
            Ending::Failed(failure)
        }
    };
    write_down(table, ticket, &ending).await?;
    match ending {
        Ending::Postponed => Err(Retry("the job is to be tried again")),
        Ending::Failed(Failure::Transient(_)) => Err(Retry("the job has failed for the last time")),
        Ending::Failed(_) | Ending::Completed(_) => Ok(()),
    }
}

enum Ending {
    Completed(String),
    Postponed,
    Failed(Failure),
}

/// Why an attempt came to nothing.
enum Failure {
    /// It may pass.
    Transient(Error),
    Permanent(Error),
    Panicked,
    /// It would take too long the next time too.
    TooSlow,
}

impl Failure {
    /// What the user reads.
    fn text(&self) -> String {
        match self {
            Self::Transient(error) => error.to_string(),
            Self::Permanent(error) if error.status().is_client_error() => error.to_string(),
            Self::Permanent(_) | Self::Panicked => WENT_WRONG.to_owned(),
            Self::TooSlow => TOO_LONG.to_owned(),
        }
    }

    /// What the log tells.
    fn cause(&self) -> String {
        match self {
            Self::Transient(error) | Self::Permanent(error) => causes(error),
            Self::Panicked => "panicked".to_owned(),
            Self::TooSlow => "out of time".to_owned(),
        }
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        match error {
            Error::Unavailable { .. } => Self::Transient(error),
            _ => Self::Permanent(error),
        }
    }
}

/// The item to work on. If it is gone, a record that a start left behind at that very moment goes too.
async fn target<J: Job>(
    table: &Table,
    ticket: &Ticket<J>,
) -> Result<Option<Item<J::Target>>, Retry> {
    let key = ticket.job.target();
    match table.get(&key, Consistency::Strong).await {
        Ok(item) => return Ok(Some(item)),
        Err(database::Error::NotFound(_)) => {}
        Err(error) => return Err(unreadable(error)),
    }
    let mine = Guard::exists().when(Record::is_of_run(ticket.run));
    match table.delete::<Record>(&record_key::<J>(&key), mine).await {
        Ok(_) | Err(database::Error::NotFound(_) | database::Error::ConditionFailed) => Ok(None),
        Err(error) => Err(unreadable(error)),
    }
}

/// Opens an attempt, if this run still needs one.
async fn begin<J: Job>(
    table: &Table,
    ticket: &Ticket<J>,
    time_left: Duration,
) -> Result<Option<Record>, Retry> {
    let now = Timestamp::now();
    let key = record_key::<J>(&ticket.job.target());
    let waiting = Record::is_waiting(ticket.run, now);
    let started = Record::started(now, now.after(time_left));
    match table.update::<Record>(&key, waiting, started).await {
        Ok(item) => return Ok(Some(item.data)),
        Err(database::Error::NotFound(_) | database::Error::ConditionFailed) => {}
        Err(error) => return Err(unreadable(error)),
    }
    let record = find(table, &key).await.map_err(|error| {
        tracing::warn!(cause = causes(&error), "postponed");
        UNREADABLE
    })?;
    match record {
        // Either the message came twice, and the other one may still fail; or the worker died, and this is the
        // retry, too early to know.
        Some(record) if record.run == ticket.run && record.status == JobStatus::Processing => {
            tracing::warn!("postponed: another attempt may be at work");
            Err(Retry("another attempt may be at work"))
        }
        Some(_) => {
            tracing::info!("dropped: the run has ended");
            Ok(None)
        }
        None => {
            tracing::info!("dropped: its record is gone");
            Ok(None)
        }
    }
}

/// Does the work within the limit. A panic is a failure of this job, not of the worker.
async fn work<J: Job>(
    state: &AppState,
    job: &J,
    target: &Item<J::Target>,
    limit: Duration,
) -> Result<String, Failure> {
    let mut work = pin!(job.run(state, target));
    let work = std::future::poll_fn(|context| {
        let poll = AssertUnwindSafe(|| work.as_mut().poll(context));
        match catch_unwind(poll) {
            Ok(poll) => poll.map_err(Failure::from),
            Err(_) => Poll::Ready(Err(Failure::Panicked)),
        }
    });
    let output = tokio::time::timeout(limit, work)
        .await
        .unwrap_or(Err(Failure::TooSlow))?;
    serde_json::to_string(&output).map_err(|error| Failure::Permanent(Error::internal(error)))
}

async fn write_down<J: Job>(
    table: &Table,
    ticket: &Ticket<J>,
    ending: &Ending,
) -> Result<(), Retry> {
    let now = Timestamp::now();
    let key = record_key::<J>(&ticket.job.target());
    let open = Record::is_open(ticket.run);
    let update = match ending {
        Ending::Completed(result) => Record::completed(now, result),
        Ending::Postponed => Record::postponed(now),
        Ending::Failed(failure) => Record::failed(now, &failure.text()),
    };
    let outcome = match table.update::<Record>(&key, open.clone(), update).await {
        Err(database::Error::TooLarge) => {
            tracing::error!("failed: the result is too large for the database");
            let failed = Record::failed(now, TOO_LARGE);
            table.update::<Record>(&key, open, failed).await
        }
        outcome => outcome,
    };
    match outcome {
        Ok(_) => {
            tracing::info!("recorded");
            Ok(())
        }
        Err(database::Error::NotFound(_) | database::Error::ConditionFailed) => {
            tracing::info!("not recorded: the item is gone, or the job was started anew");
            Ok(())
        }
        Err(error) => Err(unreadable(error)),
    }
}

const UNREADABLE: Retry = Retry("the table is not available");

fn unreadable(error: database::Error) -> Retry {
    tracing::warn!(cause = causes(&error), "postponed");
    UNREADABLE
}
