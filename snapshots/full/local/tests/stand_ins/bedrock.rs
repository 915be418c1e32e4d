use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use aws_sdk_bedrockruntime::Client;
use aws_sdk_bedrockruntime::error::ProvideErrorMetadata as _;
use aws_sdk_bedrockruntime::operation::converse::ConverseOutput;
use aws_sdk_bedrockruntime::types::ContentBlock;
use aws_sdk_bedrockruntime::types::ConversationRole;
use aws_sdk_bedrockruntime::types::Message;
use aws_sdk_bedrockruntime::types::StopReason;

use local::Failure;
use local::LocalAws;
use local::Options;
use local::Reply;
use tokio::sync::Notify;
use tokio::time::timeout;

/// An inference profile is named by an ARN, with a slash in it.
const PROFILE: &str = "arn:aws:bedrock:us-east-1:111122223333:inference-profile/us.some-model-v1:0";

#[tokio::test]
async fn without_a_script_it_repeats_the_prompt() {
    let aws = LocalAws::start(Options::default()).await.unwrap();
    let answer = converse(&aws, "Why is the sky blue?").await.unwrap();
    assert!(text(&answer).contains("Why is the sky blue?"));
    assert_eq!(aws.bedrock().requests()[0].model_id, PROFILE);
    assert_eq!(aws.bedrock().requests()[0].prompt(), "Why is the sky blue?");
}

#[tokio::test]
async fn without_a_script_a_prompt_with_a_json_example_gets_that() {
    let aws = LocalAws::start(Options::default()).await.unwrap();
    let prompt = "Judge {\"title\": 1}: JSON like {\"score\": 3, \"why\": {\"text\": \"…\"}} only.";
    let answer = converse(&aws, prompt).await.unwrap();
    let answer: serde_json::Value = serde_json::from_str(text(&answer)).unwrap();
    assert_eq!(answer["score"], 3);
    assert_eq!(answer["why"]["text"], "…");
}

#[tokio::test]
async fn a_script_is_played_in_order() {
    let aws = LocalAws::start(Options::default()).await.unwrap();
    let late = Reply::Text("late".to_owned());
    let told = Arc::new(Notify::new());
    aws.bedrock().fail_next(1, Failure::throttling());
    aws.bedrock()
        .reply(Reply::When(told.clone(), Box::new(late)));
    aws.bedrock().reply(Reply::Stopped {
        text: "cut o".to_owned(),
        reason: "max_tokens".to_owned(),
    });
    aws.bedrock().fail_next(1, Failure::validation("too long"));
    aws.bedrock().reply(Reply::Body("not JSON".to_owned()));

    let mut answer = pin!(converse(&aws, "throttled once"));
    let early = timeout(Duration::from_millis(50), &mut answer).await;
    assert!(early.is_err(), "{early:?}");
    told.notify_one();
    assert_eq!(text(&answer.await.unwrap()), "late");
    let cut_off = converse(&aws, "a long story").await.unwrap();
    assert_eq!(cut_off.stop_reason(), &StopReason::MaxTokens);
    let invalid = converse(&aws, "a longer story").await.unwrap_err();
    assert_eq!(invalid.code(), Some("ValidationException"));
    assert!(converse(&aws, "malformed").await.is_err());
    assert_eq!(aws.bedrock().requests().len(), 5);
}

async fn converse(
    aws: &LocalAws,
    prompt: &str,
) -> Result<ConverseOutput, aws_sdk_bedrockruntime::Error> {
    let message = Message::builder()
        .role(ConversationRole::User)
        .content(ContentBlock::Text(prompt.to_owned()));
    let client = Client::new(&aws.sdk_config());
    let converse = client
        .converse()
        .model_id(PROFILE)
        .messages(message.build().unwrap());
    Ok(converse.send().await?)
}

fn text(answer: &ConverseOutput) -> &str {
    let message = answer.output().unwrap().as_message().unwrap();
    message.content()[0].as_text().unwrap()
}
