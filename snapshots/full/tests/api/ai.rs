//! Questions to a model, its answers, and the many ways in which it gives none.

use std::sync::Arc;
use std::time::Duration;

use axum::response::IntoResponse as _;
use http::StatusCode;
use local::{Failure, Reply};
use serde::Deserialize;
use serde_json::json;
use tokio::sync::Notify;

use my_api::error::Error as ApiError;
use my_api::shared::ai::Ai;
use my_api::shared::ai::Error;
use my_api::shared::ai::Limits;
use my_api::shared::ai::Question;

use crate::support::{Log, TestApp};

#[derive(Debug, PartialEq, Deserialize)]
struct Score {
    points: u8,
}

#[tokio::test]
async fn a_question_is_sent_as_it_was_put() {
    let app = TestApp::start().await;
    app.aws.bedrock().reply(Reply::Text("Fine.".to_owned()));
    let question = Question::new("How is it?")
        .system("You are brief.")
        .max_tokens(200)
        .temperature(0.5);
    let answer = app.state.ai().ask(&question).await.unwrap();
    assert_eq!(answer.text, "Fine.");
    assert!(!answer.is_cut_off);

    let [request] = app.aws.bedrock().requests().try_into().unwrap();
    assert_eq!(request.model_id, local::MODEL_ID);
    assert_eq!(request.system(), "You are brief.");
    assert_eq!(request.prompt(), "How is it?");
    let limits = json!({"maxTokens": 200, "temperature": 0.5});
    assert_eq!(request.body["inferenceConfig"], limits);
}

#[tokio::test]
async fn a_typed_answer_may_stand_in_a_fence() {
    let app = TestApp::start().await;
    for answer in [r#"{"points": 7}"#, "Sure:\n```json\n{\"points\": 7}\n```"] {
        app.aws.bedrock().reply(Reply::Text(answer.to_owned()));
        let score: Score = app.state.ai().ask_json(&Question::new("?")).await.unwrap();
        assert_eq!(score, Score { points: 7 });
    }
}

#[tokio::test]
async fn an_answer_of_another_shape_is_a_permanent_error_and_costs_one_request() {
    let app = TestApp::start().await;
    let reply = Reply::Text(r#"{"points": "secret"}"#.to_owned());
    app.aws.bedrock().reply(reply);
    let error = score(&app).await.unwrap_err();
    assert!(matches!(error, Error::NotAsAsked { .. }), "{error}");
    assert!(!error.is_transient());
    assert!(!format!("{error} {error:?}").contains("secret"));
    assert_eq!(app.aws.bedrock().requests().len(), 1);
}

#[tokio::test]
async fn half_an_answer_is_shown_as_such_and_is_no_value() {
    let app = TestApp::start().await;
    let cut_off = Reply::Stopped {
        text: r#"{"points": 7}"#.to_owned(),
        reason: "max_tokens".to_owned(),
    };
    app.aws.bedrock().reply(cut_off.clone());
    let answer = app.state.ai().ask(&Question::new("?")).await.unwrap();
    assert!(answer.is_cut_off);

    app.aws.bedrock().reply(cut_off);
    let error = score(&app).await.unwrap_err();
    assert_eq!(error, Error::CutOff { max_tokens: 4096 });
}

#[tokio::test]
async fn a_refusal_of_the_model_is_no_answer() {
    let app = TestApp::start().await;
    for reason in [
        "content_filtered",
        "guardrail_intervened",
        "tool_use",
        "new_reason",
    ] {
        app.aws.bedrock().reply(Reply::Stopped {
            text: "I cannot help with that.".to_owned(),
            reason: reason.to_owned(),
        });
        let error = app.state.ai().ask(&Question::new("?")).await.unwrap_err();
        assert_eq!(error, Error::Declined(reason.to_owned()));
    }
    app.aws.bedrock().reply(Reply::Text(String::new()));
    let error = app.state.ai().ask(&Question::new("?")).await.unwrap_err();
    assert!(matches!(error, Error::Declined(_)));
}

#[tokio::test]
async fn throttling_is_waited_out() {
    let app = TestApp::start().await;
    app.aws.bedrock().fail_next(2, Failure::throttling());
    app.aws.bedrock().reply(Reply::Text("At last.".to_owned()));
    let answer = impatient(&app).ask(&Question::new("?")).await.unwrap();
    assert_eq!(answer.text, "At last.");
}

#[tokio::test]
async fn the_number_of_tries_is_bounded() {
    let app = TestApp::start().await;
    app.aws.bedrock().fail_next(10, Failure::throttling());
    let error = impatient(&app).ask(&Question::new("?")).await.unwrap_err();
    assert!(error.is_transient(), "{error}");
    assert_eq!(app.aws.bedrock().requests().len(), 3);
}

#[tokio::test]
async fn failures_are_transient_or_permanent_by_their_kind() {
    for (status, code, is_transient) in [
        (400, "ValidationException", false),
        (403, "AccessDeniedException", false),
        (404, "ResourceNotFoundException", false),
        (408, "ModelTimeoutException", true),
        (424, "ModelErrorException", true),
        (429, "ModelNotReadyException", true),
        (429, "ThrottlingException", true),
        (500, "InternalServerException", true),
        (503, "ServiceUnavailableException", true),
    ] {
        let app = TestApp::start().await;
        let status = StatusCode::from_u16(status).unwrap();
        let failure = Failure::new(status, code, "the reason");
        app.aws.bedrock().fail_next(3, failure);
        let error = impatient(&app).ask(&Question::new("?")).await.unwrap_err();
        assert_eq!(error.is_transient(), is_transient, "{error}");
        assert!(
            error.to_string().ends_with(&format!("{code}: the reason")),
            "{error}"
        );

        let shown = ApiError::from(error);
        assert_eq!(matches!(shown, ApiError::Unavailable { .. }), is_transient);
    }
}

#[tokio::test]
async fn a_model_that_is_too_slow_is_a_transient_failure() {
    let app = TestApp::start().await;
    for _ in 0..3 {
        let late = Reply::Text("too late".to_owned());
        let never = Arc::new(Notify::new());
        app.aws.bedrock().reply(Reply::When(never, Box::new(late)));
    }
    let limits = Limits {
        attempt_timeout: Duration::from_millis(50),
        ..limits()
    };
    let ai = Ai::with_limits(&app.aws.sdk_config(), "model", limits);
    let error = ai.ask(&Question::new("?")).await.unwrap_err();
    assert!(error.is_transient(), "{error}");
}

#[tokio::test]
async fn nonsense_from_the_service_is_an_error_that_does_not_quote_it() {
    for body in ["", "secret", "{}", r#"{"output": {"message": "secret"}}"#] {
        let app = TestApp::start().await;
        app.aws.bedrock().reply(Reply::Body(body.to_owned()));
        let error = impatient(&app).ask(&Question::new("?")).await.unwrap_err();
        assert!(
            !format!("{error} {error:?}").contains("secret"),
            "{error:?}"
        );
    }
}

#[tokio::test]
async fn prompts_and_answers_do_not_show_in_debug_output() {
    let app = TestApp::start().await;
    let question = Question::new("secret question").system("secret system");
    app.aws
        .bedrock()
        .reply(Reply::Text("secret answer".to_owned()));
    let answer = app.state.ai().ask(&question).await.unwrap();
    let shown = format!("{question:?} {answer:?}");
    assert!(!shown.contains("secret"), "{shown}");
}

#[tokio::test]
async fn the_log_counts_tokens_and_quotes_nothing() {
    let app = TestApp::start().await;
    let log = Log::keep();
    let question = Question::new("secret question").system("secret system");
    let answers = [r#"{"points": "secret"}"#, "secret", ""];
    for answer in answers {
        app.aws.bedrock().reply(Reply::Text(answer.to_owned()));
        let error = app
            .state
            .ai()
            .ask_json::<Score>(&question)
            .await
            .unwrap_err();
        // What a route does with an error logs it.
        let _ = ApiError::from(error).into_response();
    }
    let text = log.by_default();
    assert_eq!(
        text.matches("input_tokens=1 output_tokens=1").count(),
        answers.len(),
        "{text}"
    );
    assert!(!text.contains("secret"), "{text}");
}

async fn score(app: &TestApp) -> Result<Score, Error> {
    app.state.ai().ask_json(&Question::new("?")).await
}

/// The model, without the pauses that the real one needs.
fn impatient(app: &TestApp) -> Ai {
    Ai::with_limits(&app.aws.sdk_config(), local::MODEL_ID, limits())
}

fn limits() -> Limits {
    Limits {
        max_attempts: 3,
        first_pause: Duration::from_millis(1),
        ..Limits::default()
    }
}
