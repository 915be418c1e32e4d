//! What is stored of a job, how it may change, and what of it a client sees.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::database::{Condition, Entity, Guard, Timestamp, Update};
use crate::error::{Error, Result};

use super::{JobState, JobStatus, WORKER_TIMEOUT};

/// What the user reads of a run whose time is over.
pub(super) const TOO_LONG: &str = "This took too long";

const STATUS: &str = "status";
const RUN: &str = "run";
const ATTEMPTS: &str = "attempts";
const REQUESTED_AT: &str = "requested_at";
const CLAIMED_UNTIL: &str = "claimed_until";
const RUNNING_UNTIL: &str = "running_until";
const STARTED_AT: &str = "started_at";
const FINISHED_AT: &str = "finished_at";
const ERROR: &str = "error";
const RESULT: &str = "result";

/// The latest run of one job on one item.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Record {
    /// Never pending: a job that was never started has no record.
    pub(super) status: JobStatus,
    pub(super) run: Uuid,
    pub(super) attempts: u32,
    requested_at: Timestamp,
    /// Until then nobody else may start the job, unless it ends before.
    claimed_until: Timestamp,
    /// Until then an attempt may be at work. Lambda stops it at that moment at the latest.
    running_until: Option<Timestamp>,
    started_at: Option<Timestamp>,
    finished_at: Option<Timestamp>,
    error: Option<String>,
    /// JSON. As a text, because DynamoDB's numbers and depths are not those of JSON.
    result: Option<String>,
}

impl Entity for Record {
    /// In lower case, which no entity's name is: an entity `Job` may stand beside it.
    const NAME: &'static str = "job";

    const NOT_FOUND: &'static str = "Job not found";
}

impl Record {
    /// A new run.
    pub(super) fn claimed(now: Timestamp) -> Self {
        Self {
            status: JobStatus::Processing,
            run: Uuid::now_v7(),
            attempts: 0,
            requested_at: now,
            claimed_until: now.after(WORKER_TIMEOUT),
            running_until: None,
            started_at: None,
            finished_at: None,
            error: None,
            result: None,
        }
    }

    /// The job may be claimed: it has ended, or its worker cannot be alive any more.
    pub(super) fn is_free(now: Timestamp) -> Condition {
        let ended = Condition::not_equals(STATUS, JobStatus::Processing);
        ended.or(Condition::less_than(CLAIMED_UNTIL, now))
    }

    pub(super) fn is_of_run(run: Uuid) -> Condition {
        Condition::equals(RUN, run)
    }

    /// The run has not ended, and no other has taken its place.
    pub(super) fn is_open(run: Uuid) -> Guard {
        let processing = Condition::equals(STATUS, JobStatus::Processing);
        Guard::exists().when(Self::is_of_run(run)).when(processing)
    }

    /// The run is open, and no attempt at it is at work.
    pub(super) fn is_waiting(run: Uuid, now: Timestamp) -> Guard {
        let idle = Condition::not_exists(RUNNING_UNTIL);
        Self::is_open(run).when(idle.or(Condition::less_than(RUNNING_UNTIL, now)))
    }

    /// An attempt starts, and will be stopped at the deadline.
    pub(super) fn started(now: Timestamp, deadline: Timestamp) -> Update {
        Update::new()
            .add(ATTEMPTS, 1)
            .set(STARTED_AT, now)
            .set(RUNNING_UNTIL, deadline)
            .set(CLAIMED_UNTIL, now.after(WORKER_TIMEOUT))
    }

    /// The attempt came to nothing; another one will follow.
    pub(super) fn postponed(now: Timestamp) -> Update {
        Update::new()
            .remove(RUNNING_UNTIL)
            .set(CLAIMED_UNTIL, now.after(WORKER_TIMEOUT))
    }

    pub(super) fn completed(now: Timestamp, result: &str) -> Update {
        Self::ended(now, JobStatus::Completed).set(RESULT, result)
    }

    pub(super) fn failed(now: Timestamp, error: &str) -> Update {
        Self::ended(now, JobStatus::Failed).set(ERROR, error)
    }

    fn ended(now: Timestamp, status: JobStatus) -> Update {
        Update::new()
            .set(STATUS, status)
            .set(FINISHED_AT, now)
            .remove(RUNNING_UNTIL)
    }

    /// Puts this record in the place of another.
    pub(super) fn restored(&self) -> Update {
        let Self {
            status,
            run,
            attempts,
            requested_at,
            claimed_until,
            running_until,
            started_at,
            finished_at,
            error,
            result,
        } = self;
        Update::new()
            .set(STATUS, status)
            .set(RUN, run)
            .set(ATTEMPTS, attempts)
            .set(REQUESTED_AT, requested_at)
            .set(CLAIMED_UNTIL, claimed_until)
            .set(RUNNING_UNTIL, running_until)
            .set(STARTED_AT, started_at)
            .set(FINISHED_AT, finished_at)
            .set(ERROR, error)
            .set(RESULT, result)
    }
}

impl<T: DeserializeOwned> JobState<T> {
    pub(super) fn never() -> Self {
        Self {
            status: JobStatus::Pending,
            error: None,
            result: None,
            attempts: 0,
            requested_at: None,
            started_at: None,
            finished_at: None,
        }
    }

    /// A run whose time is over has failed, although nobody was left to write that down.
    pub(super) fn of(record: &Record, now: Timestamp) -> Result<Self> {
        let is_lost = record.status == JobStatus::Processing && record.claimed_until < now;
        let (status, error) = if is_lost {
            (JobStatus::Failed, Some(TOO_LONG.to_owned()))
        } else {
            (record.status, record.error.clone())
        };
        let result = record.result.as_deref().map(serde_json::from_str);
        Ok(Self {
            status,
            error,
            result: result.transpose().map_err(Error::internal)?,
            attempts: record.attempts,
            requested_at: Some(record.requested_at),
            started_at: record.started_at,
            finished_at: record.finished_at,
        })
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_run_is_lost_when_its_claim_is_over() {
        let now = Timestamp::now();
        let record = Record::claimed(now);

        let state = JobState::<u8>::of(&record, now.after(WORKER_TIMEOUT)).unwrap();
        assert_eq!(state.status, JobStatus::Processing);

        let later = now.after(WORKER_TIMEOUT + Duration::from_millis(1));
        let state = JobState::<u8>::of(&record, later).unwrap();
        assert_eq!(state.status, JobStatus::Failed);
        assert_eq!(state.error.as_deref(), Some(TOO_LONG));
    }
}
