//! What holds for the background jobs of every entity.

use std::sync::Arc;
use std::time::Duration;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::AttributeValue;
use http::{Method, StatusCode};
use local::{Failure, Reply};
use serde_json::{Value, json};
use tokio::sync::Notify;

use my_api::shared::jobs::WORKER_TIMEOUT;
use my_api::worker::work;

use super::{Caller, Items, Request, TestApp};

/// What must not leave the service.
const SECRET: &str = "a secret of the inside";

/// Between two looks whether the model was asked.
const PAUSE: Duration = Duration::from_millis(5);

impl<'a> Items<'a> {
    pub fn start(&self, id: &str, job: &str) -> Request<'a> {
        let path = format!("{}/{job}", self.path_of(id));
        let request = self.app.request(Method::POST, &path);
        request.sent_by(self.writer)
    }

    pub fn status(&self, id: &str, job: &str) -> Request<'a> {
        let path = format!("{}/{job}-status", self.path_of(id));
        self.app.get(&path).sent_by(self.reader)
    }

    /// How the job went, once the worker has nothing left to do.
    async fn outcome(&self, id: &str, job: &str) -> Value {
        self.app.aws.lambda().idle().await;
        let status = self.status(id, job).await;
        assert_eq!(status.status, 200, "{status:?}");
        status.data()
    }

    /// A job that was never started is pending; started, it runs once, and what the model answers is its result.
    pub async fn check_job(&self, id: &str, job: &str, answer: &Value) {
        let pending = self.outcome(id, job).await;
        let expected = json!({
            "status": "pending",
            "error": null,
            "result": null,
            "attempts": 0,
            "requested_at": null,
            "started_at": null,
            "finished_at": null,
        });
        assert_eq!(pending, expected);

        let text = answer.to_string();
        self.app.aws.bedrock().reply(Reply::Text(text));
        let started = self.start(id, job).await;
        assert_eq!(started.status, 202, "{started:?}");
        assert_eq!(started.data()["status"], "processing");
        let location = format!("{}/{job}-status", self.path_of(id));
        assert_eq!(started.header("location"), Some(&*location));

        let completed = self.outcome(id, job).await;
        assert_eq!(completed["status"], "completed", "{completed}");
        assert_eq!(completed["result"], *answer);
        assert_eq!(completed["error"], Value::Null);
        assert_eq!(completed["attempts"], 1);
        for time in ["requested_at", "started_at", "finished_at"] {
            assert!(completed[time].is_string(), "{time}: {completed}");
        }
        assert_eq!(self.app.aws.bedrock().requests().len(), 1);
    }

    /// Of two starts at once one wins, and until the job has ended nobody starts it again.
    pub async fn check_one_run_at_a_time(&self, id: &str, job: &str, answer: &Value) {
        let bedrock = self.app.aws.bedrock();
        let told = Arc::new(Notify::new());
        bedrock.reply(late(answer, &told));
        let (first, second) = tokio::join!(self.start(id, job), self.start(id, job));
        let mut statuses = [first.status.as_u16(), second.status.as_u16()];
        statuses.sort_unstable();
        assert_eq!(statuses, [202, 409], "{first:?} {second:?}");
        let refused = self.start(id, job).await;
        assert_eq!(refused.status, 409, "{refused:?}");
        assert_eq!(refused.json(), json!({"detail": "Already running"}));

        told.notify_one();
        let completed = self.outcome(id, job).await;
        assert_eq!(completed["status"], "completed", "{completed}");
        assert_eq!(bedrock.requests().len(), 1);
    }

    /// A model that fails, or that answers something else, fails the job for now.
    pub async fn check_failures(&self, id: &str, job: &str, answer: &Value) {
        let bedrock = self.app.aws.bedrock();
        let failure = Failure::new(StatusCode::BAD_REQUEST, "ValidationException", SECRET);
        for reply in [Reply::Failure(failure), Reply::Text(SECRET.to_owned())] {
            bedrock.reply(reply);
            assert_eq!(self.start(id, job).await.status, 202);
            let failed = self.outcome(id, job).await;
            assert_eq!(failed["status"], "failed", "{failed}");
            assert_eq!(failed["error"], "Something went wrong");
            assert_eq!(failed["result"], Value::Null);
            assert!(!failed.to_string().contains(SECRET), "{failed}");
        }

        bedrock.reply(Reply::Text(answer.to_string()));
        assert_eq!(self.start(id, job).await.status, 202);
        let completed = self.outcome(id, job).await;
        assert_eq!(completed["status"], "completed", "{completed}");
        assert_eq!(completed["error"], Value::Null);
        assert_eq!(completed["result"], *answer);
    }

    /// A start for which Lambda takes no message is none.
    pub async fn check_start_without_worker(&self, id: &str, job: &str) {
        let lambda = self.app.aws.lambda();
        lambda.fail_next(1, Failure::access_denied());
        let refused = self.start(id, job).await;
        assert_eq!(refused.status, 500, "{refused:?}");
        let pending = self.outcome(id, job).await;
        assert_eq!(pending["status"], "pending", "{pending}");
        assert_eq!(self.start(id, job).await.status, 202);
        lambda.idle().await;
    }

    /// Lambda delivers a message at least once.
    pub async fn check_redelivery(&self, id: &str, job: &str) {
        assert_eq!(self.start(id, job).await.status, 202);
        let completed = self.outcome(id, job).await;
        assert_eq!(completed["status"], "completed", "{completed}");

        let [invocation] = self.app.aws.lambda().invocations().try_into().unwrap();
        let again = work(&self.app.state, invocation.payload, WORKER_TIMEOUT);
        again.await.unwrap();
        assert_eq!(self.outcome(id, job).await, completed);
        assert_eq!(self.app.aws.bedrock().requests().len(), 1);
    }

    /// An item that is deleted while a job works on it leaves nothing, and the job brings nothing back.
    pub async fn check_deleted_meanwhile(&self, id: &str, job: &str, answer: &Value) {
        let told = Arc::new(Notify::new());
        self.app.aws.bedrock().reply(late(answer, &told));
        assert_eq!(self.start(id, job).await.status, 202);
        while self.app.aws.bedrock().requests().is_empty() {
            tokio::time::sleep(PAUSE).await;
        }
        assert_eq!(traces(self.app, id).await, 2);
        let deleted = self.delete(id).await;
        assert_eq!(deleted.status, 204, "{deleted:?}");

        told.notify_one();
        self.app.aws.lambda().idle().await;
        assert_eq!(traces(self.app, id).await, 0);
        assert_eq!(self.start(id, job).await.status, 404);
        assert_eq!(self.status(id, job).await.status, 404);
    }

    /// Each caller gets these answers to a start of the job on an item that the usual writer has made, and to the
    /// question how it went.
    pub async fn check_access_to_job(
        &self,
        least: &Value,
        job: &str,
        expected: impl IntoIterator<Item = (Caller, [u16; 2])>,
    ) {
        for (caller, expected) in expected {
            let id = self.add(least.clone()).await;
            let theirs = self.by(caller);
            let started = theirs.start(&id, job).await.status.as_u16();
            let status = theirs.status(&id, job).await.status.as_u16();
            assert_eq!([started, status], expected, "{caller:?}");
            self.app.aws.lambda().idle().await;
        }
    }
}

/// The model takes its time, until it is told.
fn late(answer: &Value, told: &Arc<Notify>) -> Reply {
    let reply = Reply::Text(answer.to_string());
    Reply::When(told.clone(), Box::new(reply))
}

/// How many items of the whole table have this id in their keys.
async fn traces(app: &TestApp, id: &str) -> usize {
    let scan = Client::new(&app.aws.sdk_config()).scan();
    let page = scan.table_name(&app.state.config().table_name).send().await;
    let page = page.unwrap();
    let has_id = |value: &AttributeValue| value.as_s().unwrap().contains(id);
    let items = page.items().iter();
    items
        .filter(|item| has_id(&item["PK"]) || has_id(&item["SK"]))
        .count()
}
