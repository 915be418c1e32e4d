use std::sync::Arc;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering;

use aws_sdk_lambda::Client;
use aws_sdk_lambda::error::ProvideErrorMetadata as _;
use aws_sdk_lambda::operation::invoke::InvokeOutput;
use aws_sdk_lambda::primitives::Blob;
use aws_sdk_lambda::types::InvocationType;
use serde_json::Value;
use serde_json::json;

use local::Failure;
use local::InvocationKind;
use local::LocalAws;
use local::Options;

#[tokio::test]
async fn an_event_is_accepted_at_once_and_run_later() {
    let aws = LocalAws::start(Options::default()).await.unwrap();
    aws.lambda().deploy("worker", async |_| Ok::<_, String>(()));
    let output = invoke(&aws, InvocationType::Event).await.unwrap();
    assert_eq!(output.status_code(), 202);
    aws.lambda().idle().await;

    let invocations = aws.lambda().invocations();
    assert_eq!(invocations.len(), 1);
    assert_eq!(invocations[0].kind, InvocationKind::Event);
    assert_eq!(invocations[0].payload, json!({"n": 1}));
    assert!(aws.lambda().given_up().is_empty());
}

#[tokio::test]
async fn an_event_that_fails_is_tried_three_times_and_given_up() {
    let aws = LocalAws::start(Options::default()).await.unwrap();
    let attempts = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&attempts);
    aws.lambda().deploy("worker", move |_| {
        let attempt = counter.fetch_add(1, Ordering::SeqCst);
        async move {
            assert_ne!(attempt, 1, "a panic is a failed attempt like any other");
            Err::<(), _>("no")
        }
    });
    invoke(&aws, InvocationType::Event).await.unwrap();
    aws.lambda().idle().await;
    assert_eq!(attempts.load(Ordering::SeqCst), 3);
    assert_eq!(aws.lambda().given_up().len(), 1);
}

#[tokio::test]
async fn a_caller_that_waits_gets_the_answer_or_the_error() {
    let aws = LocalAws::start(Options::default()).await.unwrap();
    aws.lambda()
        .deploy("worker", async |payload: Value| match &payload["n"] {
            Value::Number(number) => Ok(json!({ "seen": number })),
            _ => Err("not a number"),
        });
    let output = invoke(&aws, InvocationType::RequestResponse).await.unwrap();
    assert_eq!(output.status_code(), 200);
    assert_eq!(output.payload().unwrap().as_ref(), br#"{"seen":1}"#);

    let client = Client::new(&aws.sdk_config());
    let failed = client
        .invoke()
        .function_name("worker")
        .send()
        .await
        .unwrap();
    assert_eq!(failed.function_error(), Some("Unhandled"));
}

#[tokio::test]
async fn an_unknown_function_and_a_refused_call_are_errors() {
    let aws = LocalAws::start(Options::default()).await.unwrap();
    let unknown = invoke(&aws, InvocationType::Event).await.unwrap_err();
    assert_eq!(unknown.code(), Some("ResourceNotFoundException"));

    aws.lambda().deploy("worker", async |_| Ok::<_, String>(()));
    aws.lambda().fail_next(1, Failure::access_denied());
    let refused = invoke(&aws, InvocationType::Event).await.unwrap_err();
    assert_eq!(refused.code(), Some("AccessDeniedException"));
    assert!(aws.lambda().invocations().is_empty());

    aws.lambda().fail_next(1, Failure::internal("try again"));
    invoke(&aws, InvocationType::Event).await.unwrap();
}

async fn invoke(
    aws: &LocalAws,
    kind: InvocationType,
) -> Result<InvokeOutput, aws_sdk_lambda::Error> {
    let client = Client::new(&aws.sdk_config());
    let invoke = client
        .invoke()
        .function_name("worker")
        .invocation_type(kind);
    Ok(invoke.payload(Blob::new(r#"{"n":1}"#)).send().await?)
}
