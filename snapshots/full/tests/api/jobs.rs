//! Background jobs: started once at a time, run by the worker, and never the worse for what Lambda does to messages.

use std::sync::Arc;
use std::time::{Duration, Instant};

use aws_sdk_dynamodb::types::AttributeValue;
use local::{Failure, InvocationKind, WORKER};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use uuid::Uuid;

use my_api::database::Consistency;
use my_api::database::Entity;
use my_api::database::Guard;
use my_api::database::Item;
use my_api::database::Key;
use my_api::database::Timestamp;
use my_api::database::Update;
use my_api::error::Error;
use my_api::error::Result;
use my_api::shared::jobs;
use my_api::shared::jobs::Job;
use my_api::shared::jobs::JobState;
use my_api::shared::jobs::JobStatus;
use my_api::shared::jobs::MAX_ATTEMPTS;
use my_api::shared::jobs::Retry;
use my_api::shared::jobs::Ticket;
use my_api::shared::jobs::WORKER_TIMEOUT;
use my_api::state::AppState;
use my_api::worker::work;

use crate::support::{Log, TestApp};

const ALICE: &str = "alice";

/// What a note says once the work on it may go on.
const GO: &str = "go";

/// Between two looks at something that is to change.
const PAUSE: Duration = Duration::from_millis(5);

#[derive(Serialize, Deserialize)]
struct Note {
    text: String,
}

impl Entity for Note {
    const NAME: &'static str = "NOTE";
    const NOT_FOUND: &'static str = "Note not found";
}

/// Repeats a note, or does what else it is told.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Echo {
    note_id: Uuid,
    how: How,
}

#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
enum How {
    Well,
    OnceTold,
    Never,
    AtTheThirdAttempt,
    WithoutLuck,
    WithAnInternalError,
    WithAnErrorForTheUser,
    WithAPanic,
    TooLoudly,
    DeletingTheNote,
}

#[derive(Serialize, Deserialize)]
#[serde(tag = "action", rename_all = "snake_case")]
enum Message {
    Echo(Ticket<Echo>),
}

impl Job for Echo {
    const NAME: &'static str = "echo";
    type Target = Note;
    type Output = String;
    type Message = Message;

    fn target(&self) -> Key {
        Key::root(Note::NAME, self.note_id)
    }

    fn message(ticket: Ticket<Self>) -> Message {
        Message::Echo(ticket)
    }

    async fn run(&self, state: &AppState, note: &Item<Note>) -> Result<String> {
        let text = note.data.text.clone();
        match self.how {
            How::Well => Ok(text),
            How::OnceTold => {
                while read(state, self).await?.text != GO {
                    tokio::time::sleep(PAUSE).await;
                }
                Ok(text)
            }
            How::Never => std::future::pending().await,
            How::AtTheThirdAttempt => match state_of(state, self).await?.attempts {
                3 => Ok(text),
                _ => Err(Error::unavailable("Not now", "secret")),
            },
            How::WithoutLuck => Err(Error::unavailable("Not now", "secret")),
            How::WithAnInternalError => Err(Error::internal("secret")),
            How::WithAnErrorForTheUser => Err(Error::Conflict("The note is empty".to_owned())),
            How::WithAPanic => panic!("secret"),
            How::TooLoudly => Ok(text.repeat(500 * 1024)),
            How::DeletingTheNote => {
                delete(state, note).await;
                Ok(text)
            }
        }
    }
}

#[test]
fn the_template_gives_the_worker_its_time_and_its_attempts() {
    let template = include_str!("../../template.yaml");
    let timeout = format!("\n      Timeout: {}\n", WORKER_TIMEOUT.as_secs());
    let retries = format!("\n        MaximumRetryAttempts: {}\n", MAX_ATTEMPTS - 1);
    for line in [timeout, retries] {
        assert!(template.contains(&line), "{line}");
    }
}

#[tokio::test]
async fn a_job_goes_from_pending_to_completed() {
    let (app, echo) = start(How::Well).await;
    assert_eq!(status(&app, &echo).await, JobStatus::Pending);

    let started = jobs::start(&app.state, ALICE, echo.clone()).await.unwrap();
    assert_eq!(started.status, JobStatus::Processing);
    assert!(started.requested_at.is_some());

    app.aws.lambda().idle().await;
    let done = state_of(&app.state, &echo).await.unwrap();
    assert_eq!(done.status, JobStatus::Completed);
    assert_eq!(done.result.as_deref(), Some("hello"));
    assert_eq!((done.error, done.attempts), (None, 1));
    assert_eq!(done.requested_at, started.requested_at);
    assert!(done.requested_at <= done.started_at && done.started_at <= done.finished_at);
}

#[tokio::test]
async fn the_message_names_the_job_and_is_sent_as_an_event() {
    let (app, echo) = start(How::Well).await;
    jobs::start(&app.state, ALICE, echo.clone()).await.unwrap();

    let [invocation] = app.aws.lambda().invocations().try_into().unwrap();
    assert_eq!(invocation.function, WORKER);
    assert_eq!(invocation.kind, InvocationKind::Event);
    let mut payload = invocation.payload;
    let run: Uuid = payload["run"].take().as_str().unwrap().parse().unwrap();
    let expected = json!({"action": "echo", "note_id": echo.note_id, "how": "Well", "run": null});
    assert_eq!(payload, expected);
    assert_eq!(run.get_version_num(), 7);
}

#[tokio::test]
async fn of_forty_starts_at_once_one_wins() {
    let (app, echo) = start(How::OnceTold).await;
    let app = Arc::new(app);
    let mut starts = tokio::task::JoinSet::new();
    for _ in 0..40 {
        let (app, echo) = (app.clone(), echo.clone());
        starts.spawn(async move { jobs::start(&app.state, ALICE, echo).await });
    }
    let outcomes = starts.join_all().await;
    let conflicts = outcomes
        .iter()
        .filter(|it| matches!(it, Err(Error::Conflict(_))));
    assert_eq!(conflicts.count(), 39, "{outcomes:?}");
    assert_eq!(outcomes.iter().filter(|it| it.is_ok()).count(), 1);

    tell(&app, &echo).await;
    app.aws.lambda().idle().await;
    assert_eq!(app.aws.lambda().invocations().len(), 1);
    assert_eq!(state_of(&app.state, &echo).await.unwrap().attempts, 1);
}

#[tokio::test]
async fn a_job_that_ended_can_be_started_again() {
    for how in [How::Well, How::WithAnInternalError] {
        let (app, echo) = start(how).await;
        for _ in 0..3 {
            jobs::start(&app.state, ALICE, echo.clone()).await.unwrap();
            app.aws.lambda().idle().await;
        }
        assert_eq!(app.aws.lambda().invocations().len(), 3);
    }
}

#[tokio::test]
async fn a_message_that_comes_again_after_the_end_changes_nothing() {
    for how in [How::Well, How::WithAnInternalError] {
        let (app, echo) = start(how).await;
        let ticket = claim(&app, &echo, Timestamp::now()).await.unwrap();
        run(&app, &ticket).await.unwrap();
        let ended = state_of(&app.state, &echo).await.unwrap();

        run(&app, &ticket).await.unwrap();
        assert_eq!(state_of(&app.state, &echo).await.unwrap(), ended);
    }
}

#[tokio::test]
async fn a_message_that_comes_twice_at_once_is_worked_on_once() {
    let (app, echo) = start(How::OnceTold).await;
    let ticket = claim(&app, &echo, Timestamp::now()).await.unwrap();
    // The one that is turned away ends first, and lets the other end.
    let attempt = async || {
        let ended = run(&app, &ticket).await;
        tell(&app, &echo).await;
        ended
    };
    let (first, second) = tokio::join!(attempt(), attempt());
    assert_ne!(first.is_ok(), second.is_ok());

    let state = state_of(&app.state, &echo).await.unwrap();
    assert_eq!((state.status, state.attempts), (JobStatus::Completed, 1));
}

#[tokio::test]
async fn a_claim_is_taken_over_once_the_worker_cannot_be_alive() {
    let (app, echo) = start(How::Well).await;
    let now = Timestamp::now();
    let old = claim(&app, &echo, now).await.unwrap();

    let just_in_time = claim(&app, &echo, now.after(WORKER_TIMEOUT)).await;
    assert!(matches!(just_in_time, Err(Error::Conflict(_))));
    let late = now.after(WORKER_TIMEOUT + Duration::from_millis(1));
    let new = claim(&app, &echo, late).await.unwrap();

    run(&app, &old).await.unwrap();
    let untouched = state_of(&app.state, &echo).await.unwrap();
    assert_eq!(
        (untouched.status, untouched.attempts),
        (JobStatus::Processing, 0)
    );
    run(&app, &new).await.unwrap();
    assert_eq!(status(&app, &echo).await, JobStatus::Completed);
}

#[tokio::test]
async fn a_claim_lasts_from_the_start_of_an_attempt_however_long_its_message_waited() {
    let (app, echo) = start(How::Never).await;
    let minute = Duration::from_secs(60);
    let long_ago = Timestamp::now().before(WORKER_TIMEOUT - minute);
    let ticket = claim(&app, &echo, long_ago).await.unwrap();
    run_and_kill(&app, &ticket).await;

    let later = Timestamp::now().after(2 * minute);
    let again = claim(&app, &echo, later).await;
    assert!(matches!(again, Err(Error::Conflict(_))), "{again:?}");
}

#[tokio::test]
async fn an_attempt_that_was_overtaken_does_not_record_its_end() {
    let (app, echo) = start(How::OnceTold).await;
    let old = claim(&app, &echo, Timestamp::now()).await.unwrap();
    let overtake = async {
        begun(&app, &echo).await;
        let late = Timestamp::now().after(WORKER_TIMEOUT * 2);
        let new = claim(&app, &echo, late).await.unwrap();
        tell(&app, &echo).await;
        new
    };
    let (done, new) = tokio::join!(run(&app, &old), overtake);
    done.unwrap();
    assert_eq!(status(&app, &echo).await, JobStatus::Processing);

    run(&app, &new).await.unwrap();
    assert_eq!(status(&app, &echo).await, JobStatus::Completed);
}

#[tokio::test]
async fn a_start_that_does_not_reach_the_worker_gives_its_claim_back() {
    let (app, echo) = start(How::Well).await;
    app.aws.lambda().fail_next(1, Failure::access_denied());
    let refused = jobs::start(&app.state, ALICE, echo.clone()).await;
    assert!(matches!(refused, Err(Error::Internal(_))), "{refused:?}");
    assert_eq!(status(&app, &echo).await, JobStatus::Pending);

    jobs::start(&app.state, ALICE, echo.clone()).await.unwrap();
    app.aws.lambda().idle().await;
    let done = state_of(&app.state, &echo).await.unwrap();
    assert_eq!(done.status, JobStatus::Completed);

    app.aws.lambda().fail_next(10, Failure::throttling());
    let refused = jobs::start(&app.state, ALICE, echo.clone()).await;
    assert!(
        matches!(refused, Err(Error::Unavailable { .. })),
        "{refused:?}"
    );
    assert_eq!(state_of(&app.state, &echo).await.unwrap(), done);
}

#[tokio::test]
async fn a_job_on_a_deleted_item_does_nothing_and_leaves_nothing() {
    let (app, echo) = start(How::Well).await;
    let ticket = claim(&app, &echo, Timestamp::now()).await.unwrap();
    let note = app
        .state
        .table()
        .get(&echo.target(), Consistency::Strong)
        .await;
    delete(&app.state, &note.unwrap()).await;
    run(&app, &ticket).await.unwrap();
    assert_eq!(count(&app).await, 0);

    // A start that read the item just before it was deleted.
    let ticket = claim(&app, &echo, Timestamp::now()).await.unwrap();
    assert_eq!(count(&app).await, 1);
    run(&app, &ticket).await.unwrap();
    assert_eq!(count(&app).await, 0);
}

#[tokio::test]
async fn an_item_deleted_under_a_running_job_is_not_revived() {
    let (app, echo) = start(How::DeletingTheNote).await;
    let ticket = claim(&app, &echo, Timestamp::now()).await.unwrap();
    run(&app, &ticket).await.unwrap();
    assert_eq!(count(&app).await, 0);
}

#[tokio::test]
async fn a_failure_tells_the_user_nothing_of_the_inside() {
    for (how, text) in [
        (How::WithAnInternalError, "Something went wrong"),
        (How::WithAPanic, "Something went wrong"),
        (How::WithAnErrorForTheUser, "The note is empty"),
        (How::TooLoudly, "The result is too large"),
    ] {
        let (app, echo) = start(how).await;
        let log = Log::keep();
        jobs::start(&app.state, ALICE, echo.clone()).await.unwrap();
        app.aws.lambda().idle().await;
        assert_eq!(log.by_default().matches(" ERROR ").count(), 1, "{how:?}");

        let state = state_of(&app.state, &echo).await.unwrap();
        assert_eq!(state.status, JobStatus::Failed, "{how:?}");
        assert_eq!(state.error.as_deref(), Some(text), "{how:?}");
        assert_eq!((state.result, state.attempts), (None, 1), "{how:?}");
        assert!(app.aws.lambda().given_up().is_empty(), "{how:?}");
    }
}

#[tokio::test]
async fn a_failure_that_may_pass_is_tried_again() {
    let (app, echo) = start(How::AtTheThirdAttempt).await;
    jobs::start(&app.state, ALICE, echo.clone()).await.unwrap();
    app.aws.lambda().idle().await;

    let state = state_of(&app.state, &echo).await.unwrap();
    assert_eq!((state.status, state.attempts), (JobStatus::Completed, 3));
    assert!(app.aws.lambda().given_up().is_empty());
}

#[tokio::test]
async fn a_job_that_waits_for_its_next_attempt_is_still_claimed() {
    let (app, echo) = start(How::WithoutLuck).await;
    let ticket = claim(&app, &echo, Timestamp::now()).await.unwrap();
    run(&app, &ticket).await.unwrap_err();
    assert_eq!(status(&app, &echo).await, JobStatus::Processing);
    let again = jobs::start(&app.state, ALICE, echo).await;
    assert!(matches!(again, Err(Error::Conflict(_))));
}

#[tokio::test]
async fn a_failure_that_does_not_pass_is_recorded_and_handed_on() {
    let (app, echo) = start(How::WithoutLuck).await;
    jobs::start(&app.state, ALICE, echo.clone()).await.unwrap();
    app.aws.lambda().idle().await;

    let state = state_of(&app.state, &echo).await.unwrap();
    assert_eq!(
        (state.status, state.attempts),
        (JobStatus::Failed, MAX_ATTEMPTS)
    );
    assert_eq!(state.error.as_deref(), Some("Not now"));
    assert_eq!(app.aws.lambda().given_up().len(), 1);
}

#[tokio::test]
async fn a_job_that_takes_too_long_fails_before_the_worker_is_killed() {
    let (app, echo) = start(How::Never).await;
    let ticket = claim(&app, &echo, Timestamp::now()).await.unwrap();
    let time_left = Duration::from_millis(10_050);
    let started = Instant::now();
    jobs::run(&app.state, ticket, time_left).await.unwrap();
    assert!(started.elapsed() < time_left / 2);

    let state = state_of(&app.state, &echo).await.unwrap();
    assert_eq!(state.status, JobStatus::Failed);
    assert_eq!(state.error.as_deref(), Some("This took too long"));
}

#[tokio::test]
async fn an_attempt_whose_worker_died_is_repeated_after_its_deadline() {
    let (app, mut echo) = start(How::Never).await;
    let mut ticket = claim(&app, &echo, Timestamp::now()).await.unwrap();
    run_and_kill(&app, &ticket).await;

    echo.how = How::Well;
    ticket.job = echo.clone();
    run(&app, &ticket).await.unwrap_err();
    assert_eq!(status(&app, &echo).await, JobStatus::Processing);

    let passed = Timestamp::now().before(Duration::from_millis(1));
    set_in_record(&app, &echo, "running_until", &passed.to_string()).await;
    run(&app, &ticket).await.unwrap();
    let state = state_of(&app.state, &echo).await.unwrap();
    assert_eq!((state.status, state.attempts), (JobStatus::Completed, 2));
}

#[tokio::test]
async fn a_message_that_is_too_long_is_not_sent() {
    let app = TestApp::start().await;
    let queue = app.state.jobs();
    queue.send(&"x".repeat(256 * 1024 - 2)).await.unwrap();
    let refused = queue.send(&"x".repeat(256 * 1024 - 1)).await;
    assert!(matches!(refused, Err(Error::Internal(_))));
    assert_eq!(app.aws.lambda().invocations().len(), 1);
}

#[tokio::test]
async fn the_worker_answers_a_ping_and_drops_what_it_does_not_understand() {
    let app = TestApp::start().await;
    for message in [
        json!({"action": "ping"}),
        json!({"action": "of_the_future", "run": 1}),
        json!({"action": 1}),
        json!({}),
        json!([]),
        Value::Null,
    ] {
        work(&app.state, message, WORKER_TIMEOUT).await.unwrap();
    }
}

/// An API with a worker that knows the job, and a note to try it on.
async fn start(how: How) -> (TestApp, Echo) {
    let app = TestApp::start().await;
    let text = "hello".to_owned();
    let note = Item::root(ALICE, Note { text });
    app.state.table().create(&note).await.unwrap();

    let state = app.state.clone();
    app.aws.lambda().deploy(WORKER, move |message| {
        let state = state.clone();
        async move {
            let Message::Echo(ticket) = serde_json::from_value(message).unwrap();
            jobs::run(&state, ticket, WORKER_TIMEOUT).await
        }
    });
    let note_id = note.id;
    (app, Echo { note_id, how })
}

/// Starts the job as far as the queue, so that the test can be the worker.
async fn claim(app: &TestApp, echo: &Echo, now: Timestamp) -> Result<Ticket<Echo>> {
    let claim = jobs::claim(app.state.table(), ALICE, echo, now).await?;
    Ok(Ticket {
        run: claim.run,
        job: echo.clone(),
    })
}

async fn run(app: &TestApp, ticket: &Ticket<Echo>) -> Result<(), Retry> {
    jobs::run(&app.state, ticket.clone(), WORKER_TIMEOUT).await
}

/// The worker dies in the middle of the work.
async fn run_and_kill(app: &TestApp, ticket: &Ticket<Echo>) {
    tokio::select! {
        ended = run(app, ticket) => panic!("{ended:?}"),
        () = begun(app, &ticket.job) => {}
    }
}

/// Waits until the worker is at work.
async fn begun(app: &TestApp, echo: &Echo) {
    while state_of(&app.state, echo).await.unwrap().attempts == 0 {
        tokio::time::sleep(PAUSE).await;
    }
}

/// Lets work go on that is done once it is told.
async fn tell(app: &TestApp, echo: &Echo) {
    let key = echo.target();
    let changes = Update::new().set("text", GO);
    let table = app.state.table();
    let told = table.update::<Note>(&key, Guard::exists(), changes);
    told.await.unwrap();
}

async fn read(state: &AppState, echo: &Echo) -> Result<Note> {
    let key = echo.target();
    let note = state.table().get::<Note>(&key, Consistency::Strong).await?;
    Ok(note.data)
}

async fn state_of(state: &AppState, echo: &Echo) -> Result<JobState<String>> {
    jobs::state::<Echo>(state.table(), &echo.target()).await
}

async fn status(app: &TestApp, echo: &Echo) -> JobStatus {
    state_of(&app.state, echo).await.unwrap().status
}

async fn delete(state: &AppState, note: &Item<Note>) {
    let below = [note.key.partition()];
    let table = state.table();
    let deleted = table.delete_family::<Note>(&note.key, Guard::exists(), below);
    deleted.await.unwrap();
}

/// How many items the whole table has.
async fn count(app: &TestApp) -> i32 {
    let client = aws_sdk_dynamodb::Client::new(&app.aws.sdk_config());
    let table = &app.state.config().table_name;
    client
        .scan()
        .table_name(table)
        .send()
        .await
        .unwrap()
        .count()
}

async fn set_in_record(app: &TestApp, echo: &Echo, attribute: &str, value: &str) {
    let client = aws_sdk_dynamodb::Client::new(&app.aws.sdk_config());
    let partition = format!("NOTE#{}", echo.note_id);
    client
        .update_item()
        .table_name(&app.state.config().table_name)
        .key("PK", AttributeValue::S(partition))
        .key("SK", AttributeValue::S("job#echo".to_owned()))
        .condition_expression("attribute_exists(PK)")
        .update_expression("SET #attribute = :value")
        .expression_attribute_names("#attribute", attribute)
        .expression_attribute_values(":value", AttributeValue::S(value.to_owned()))
        .send()
        .await
        .unwrap();
}
