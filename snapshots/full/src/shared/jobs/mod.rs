//! Work that outlasts a request: a route starts it, the worker Lambda does it, another route tells how it went.
//!
//! A [`Job`] works on one item. [`start`] claims it with one conditional write, so that it runs once at a time, and queues
//! a message; [`run`](run()), in the worker, does the work and records how it ended; [`state`] reads that. The record is
//! an item of its own below the item it belongs to, and is deleted with it.
//!
//! Lambda delivers a message at least once, and again when the worker fails. Every trigger therefore has an id, its run.
//! The worker writes only while the record is still of that run, and never creates one: a message that comes twice, too
//! late, or for an item that is gone changes nothing.

mod queue;
mod record;
mod run;
mod schema;

use std::time::Duration;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::database::{self, Consistency, Entity, Guard, Item, Key, Prefix, Table, Timestamp};
use crate::error::{Error, Result, causes};
use crate::state::AppState;

use self::record::Record;

pub use self::queue::JobQueue;
pub use self::run::{MAX_ATTEMPTS, Retry, run};

/// `Timeout` of the worker in `template.yaml`. What has not ended after that never will.
pub const WORKER_TIMEOUT: Duration = Duration::from_secs(900);

/// A kind of work on one item. The fields are what a run needs to know besides the item; they travel in the message.
pub trait Job: Serialize + DeserializeOwned + Send + Sync {
    /// Names the record: `analyze`.
    const NAME: &'static str;

    /// What it works on.
    type Target: Entity;

    /// What it comes to. Kept in the database: a large result belongs into a file.
    type Output: Serialize + DeserializeOwned;

    /// The messages of the worker.
    type Message: Serialize;

    /// The item it works on.
    fn target(&self) -> Key;

    /// The message that makes the worker [run](run()) it.
    fn message(ticket: Ticket<Self>) -> Self::Message;

    /// Does the work. It may be cut short at any await, and may be run again after that.
    ///
    /// # Errors
    ///
    /// [`Error::Unavailable`] is tried again, up to [`MAX_ATTEMPTS`] times in all; any other ends the run. Of errors in
    /// the range of 4xx the user reads the text, of others only that something went wrong.
    fn run(
        &self,
        state: &AppState,
        target: &Item<Self::Target>,
    ) -> impl Future<Output = Result<Self::Output>> + Send;
}

/// A job that was started, on its way to the worker.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Ticket<J> {
    /// Which start of the job this is.
    pub run: Uuid,
    #[serde(flatten)]
    pub job: J,
}

/// How far a job is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum JobStatus {
    /// Never started.
    Pending,
    /// Started and not ended.
    Processing,
    /// Ended with a result.
    Completed,
    /// Ended without a result. It may be started again.
    Failed,
}

/// What a client may know of the latest run of a job.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct JobState<T> {
    pub status: JobStatus,
    /// Why it failed.
    pub error: Option<String>,
    /// What it came to.
    pub result: Option<T>,
    /// How often the worker has tried.
    pub attempts: u32,
    pub requested_at: Option<Timestamp>,
    /// When the worker tried last.
    pub started_at: Option<Timestamp>,
    pub finished_at: Option<Timestamp>,
}

/// Starts a job for the owner of its item. The caller has read the item, and with that checked who may.
///
/// # Errors
///
/// [`Error::Conflict`] if it is running. [`Error::Unavailable`] if the worker cannot be reached: the job is then as it was
/// before.
pub async fn start<J: Job>(state: &AppState, owner: &str, job: J) -> Result<JobState<J::Output>> {
    let table = state.table();
    let claim = claim(table, owner, &job, Timestamp::now()).await?;
    let ticket = Ticket {
        run: claim.run,
        job,
    };
    if let Err(error) = state.jobs().send(&J::message(ticket)).await {
        if let Err(error) = claim.release(table).await {
            tracing::warn!(cause = causes(&error), "a claim was not released");
        }
        return Err(error);
    }
    JobState::of(&claim.record, Timestamp::now())
}

/// How far the latest run of a job on this item is.
///
/// # Errors
///
/// If the table does not answer.
pub async fn state<J: Job>(table: &Table, target: &Key) -> Result<JobState<J::Output>> {
    match find(table, &record_key::<J>(target)).await? {
        Some(record) => JobState::of(&record, Timestamp::now()),
        None => Ok(JobState::never()),
    }
}

/// Where the records of an item's jobs are. Whoever deletes an item that has a parent deletes these with it; those of an
/// item without a parent lie in its partition, and go with that.
pub fn records(target: &Key) -> Prefix {
    target.children(Record::NAME)
}

/// The right to run a job once, until the worker ends it or [`WORKER_TIMEOUT`] has passed.
#[derive(Clone, Debug)]
pub struct Claim {
    /// What the [`Ticket`] must carry.
    pub run: Uuid,
    key: Key,
    record: Record,
    previous: Option<Record>,
}

/// Claims a job at this moment, with one conditional write. [`start`] does this first.
///
/// # Errors
///
/// [`Error::Conflict`] if it is claimed and the time of that claim is not over.
pub async fn claim<J: Job>(table: &Table, owner: &str, job: &J, now: Timestamp) -> Result<Claim> {
    let key = record_key::<J>(&job.target());
    // Only for a release: whether the job is free is for the write to find out.
    let previous = find(table, &key).await?;
    let record = Record::claimed(now);
    let item = Item::at(key.clone(), Uuid::now_v7(), owner, record.clone());
    match table.create_or_replace(&item, Record::is_free(now)).await {
        Ok(()) => Ok(Claim {
            run: record.run,
            key,
            record,
            previous,
        }),
        Err(database::Error::ConditionFailed) => Err(Error::Conflict("Already running".to_owned())),
        Err(error) => Err(error.into()),
    }
}

impl Claim {
    /// Gives the claim back: the job is as it was before, the result of an earlier run included.
    ///
    /// # Errors
    ///
    /// If the table does not answer. The claim then ends by itself.
    pub async fn release(self, table: &Table) -> Result<()> {
        let mine = Guard::exists().when(Record::is_of_run(self.run));
        let outcome = match &self.previous {
            Some(previous) => {
                table
                    .update::<Record>(&self.key, mine, previous.restored())
                    .await
            }
            None => table.delete::<Record>(&self.key, mine).await,
        };
        match outcome {
            Ok(_) | Err(database::Error::NotFound(_) | database::Error::ConditionFailed) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }
}

/// The item's job records have their own names where its children have ids.
fn record_key<J: Job>(target: &Key) -> Key {
    target.named(Record::NAME, J::NAME)
}

async fn find(table: &Table, key: &Key) -> Result<Option<Record>> {
    match table.get(key, Consistency::Strong).await {
        Ok(item) => Ok(Some(item.data)),
        Err(database::Error::NotFound(_)) => Ok(None),
        Err(error) => Err(error.into()),
    }
}
