//! Questions to a model on Bedrock, answered with text or with typed values.
//!
//! Prompts and answers are never logged and never shown by `Debug`: they hold what users wrote.

mod json;

use std::fmt;
use std::time::Duration;

use aws_config::SdkConfig;
use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_sdk_bedrockruntime::Client;
use aws_sdk_bedrockruntime::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_bedrockruntime::operation::converse::{ConverseError, ConverseOutput};
use aws_sdk_bedrockruntime::types::{
    ContentBlock, ConversationRole, InferenceConfiguration, Message, StopReason, SystemContentBlock,
};
use serde::de::DeserializeOwned;
use serde_json::error::Category;

use crate::shared::aws;

/// One model on Bedrock. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Ai {
    client: Client,
    model_id: String,
}

/// How long and how often Bedrock is asked. The default suits the worker; a route has to answer within 29 seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// For one try. A model may take minutes to write a long answer.
    pub attempt_timeout: Duration,
    /// For all tries together, with the pauses between them.
    pub operation_timeout: Duration,
    /// How often to ask while Bedrock throttles or fails, the first time included.
    pub max_attempts: u32,
    /// The pause before the second try; it doubles with each one.
    pub first_pause: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            attempt_timeout: Duration::from_secs(3 * 60),
            operation_timeout: Duration::from_secs(8 * 60),
            max_attempts: 5,
            first_pause: Duration::from_secs(1),
        }
    }
}

/// One question, without a history.
#[derive(Clone, PartialEq)]
pub struct Question {
    /// Who the model is and what it must do. Nothing that a user wrote belongs here.
    pub system: Option<String>,
    /// What it shall work on.
    pub user: String,
    /// The longest answer in tokens. A longer one is cut off.
    pub max_tokens: u16,
    /// 0 for the likeliest answer, 1 for the most varied.
    pub temperature: f32,
}

impl Question {
    /// A question with room for 4,096 tokens, answered as evenly as the model can.
    #[must_use]
    pub fn new(user: impl Into<String>) -> Self {
        Self {
            system: None,
            user: user.into(),
            max_tokens: 4096,
            temperature: 0.0,
        }
    }

    #[must_use]
    pub fn system(mut self, system: impl Into<String>) -> Self {
        self.system = Some(system.into());
        self
    }

    #[must_use]
    pub fn max_tokens(mut self, max_tokens: u16) -> Self {
        self.max_tokens = max_tokens;
        self
    }

    #[must_use]
    pub fn temperature(mut self, temperature: f32) -> Self {
        self.temperature = temperature;
        self
    }
}

/// What the model wrote.
#[derive(Clone, PartialEq, Eq)]
pub struct Answer {
    pub text: String,
    /// Whether it was cut off at [`Question::max_tokens`].
    pub is_cut_off: bool,
}

/// Why there is no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// Throttled, too slow, or broken at the moment. The SDK has tried several times.
    #[error("the model is not available: {0}")]
    Unavailable(String),
    /// Bedrock does not take the question: not allowed, no such model, too long.
    #[error("the model refuses the question: {0}")]
    Rejected(String),
    /// The model or a guardrail declined to answer, or answered with something else than text.
    #[error("the model gave no answer: {0}")]
    Declined(String),
    /// Cut off at [`Question::max_tokens`], where half an answer is of no use.
    #[error("the answer is longer than {max_tokens} tokens")]
    CutOff { max_tokens: u16 },
    /// The answer is not JSON, or not the JSON that was asked for. Where, but not what: the answer stays private.
    #[error(
        "the answer is not the JSON asked for: {category:?} error at line {line}, column {column}"
    )]
    NotAsAsked {
        category: Category,
        line: usize,
        column: usize,
    },
}

impl Error {
    /// Whether the same question may be answered later.
    #[must_use]
    pub fn is_transient(&self) -> bool {
        matches!(self, Self::Unavailable(_))
    }
}

impl From<Error> for crate::error::Error {
    fn from(error: Error) -> Self {
        if error.is_transient() {
            Self::unavailable("The AI service is temporarily unavailable", error)
        } else {
            Self::internal(error)
        }
    }
}

impl Ai {
    /// The model or inference profile with this id, asked within the default [`Limits`].
    #[must_use]
    pub fn new(aws: &SdkConfig, model_id: impl Into<String>) -> Self {
        Self::with_limits(aws, model_id, Limits::default())
    }

    /// The model or inference profile with this id.
    #[must_use]
    pub fn with_limits(aws: &SdkConfig, model_id: impl Into<String>, limits: Limits) -> Self {
        let timeouts = TimeoutConfig::builder()
            .connect_timeout(Duration::from_secs(3))
            .operation_attempt_timeout(limits.attempt_timeout)
            .operation_timeout(limits.operation_timeout);
        let retries = RetryConfig::standard()
            .with_max_attempts(limits.max_attempts)
            .with_initial_backoff(limits.first_pause);
        let config = aws_sdk_bedrockruntime::config::Builder::from(aws)
            .timeout_config(timeouts.build())
            .retry_config(retries)
            .build();
        Self {
            client: Client::from_conf(config),
            model_id: model_id.into(),
        }
    }

    /// Asks for text.
    ///
    /// # Errors
    ///
    /// [`Error::Unavailable`] may pass; [`Error::Rejected`] and [`Error::Declined`] stay.
    pub async fn ask(&self, question: &Question) -> Result<Answer, Error> {
        let user = Message::builder()
            .role(ConversationRole::User)
            .content(ContentBlock::Text(question.user.clone()))
            .build()
            .map_err(|error| Error::Rejected(error.to_string()))?;
        let limits = InferenceConfiguration::builder()
            .max_tokens(question.max_tokens.into())
            .temperature(question.temperature)
            .build();
        let system = question.system.clone().map(SystemContentBlock::Text);
        let output = self
            .client
            .converse()
            .model_id(&self.model_id)
            .set_system(system.map(|system| vec![system]))
            .messages(user)
            .inference_config(limits)
            .send()
            .await
            .map_err(failure)?;
        self.log_usage(&output);
        answer(output)
    }

    /// Asks for a value. The prompt has to say what it looks like; an answer that is not of type `T` is an error, and is
    /// not asked for again: a prompt that fails now and then is a prompt to improve.
    ///
    /// # Errors
    ///
    /// Those of [`Ai::ask`], [`Error::CutOff`] and [`Error::NotAsAsked`].
    pub async fn ask_json<T: DeserializeOwned>(&self, question: &Question) -> Result<T, Error> {
        let answer = self.ask(question).await?;
        if answer.is_cut_off {
            return Err(Error::CutOff {
                max_tokens: question.max_tokens,
            });
        }
        json::parse(&answer.text)
    }

    fn log_usage(&self, output: &ConverseOutput) {
        let usage = output.usage();
        tracing::info!(
            model_id = self.model_id,
            input_tokens = usage.map(|usage| usage.input_tokens()),
            output_tokens = usage.map(|usage| usage.output_tokens()),
            latency_ms = output.metrics().map(|metrics| metrics.latency_ms()),
            stop_reason = output.stop_reason().as_str(),
            "model answered"
        );
    }
}

fn answer(output: ConverseOutput) -> Result<Answer, Error> {
    let is_cut_off = match output.stop_reason() {
        StopReason::EndTurn | StopReason::StopSequence => false,
        StopReason::MaxTokens | StopReason::ModelContextWindowExceeded => true,
        other => return Err(Error::Declined(other.as_str().to_owned())),
    };
    let content = match output.output {
        Some(aws_sdk_bedrockruntime::types::ConverseOutput::Message(message)) => message.content,
        _ => Vec::new(),
    };
    let text: String = content
        .iter()
        .filter_map(|block| block.as_text().ok().map(String::as_str))
        .collect();
    if text.is_empty() && !is_cut_off {
        return Err(Error::Declined("no text".to_owned()));
    }
    Ok(Answer { text, is_cut_off })
}

/// Keeps the code and the text of an error, not the whole of it: it carries the raw response.
fn failure(error: SdkError<ConverseError>) -> Error {
    let is_transient = aws::is_transient(&error)
        || matches!(
            error.as_service_error(),
            Some(ConverseError::ModelErrorException(_))
        );
    let reason = match (error.code(), error.message()) {
        (Some(code), Some(message)) => format!("{code}: {message}"),
        (Some(code), None) => code.to_owned(),
        _ => error.to_string(),
    };
    if is_transient {
        Error::Unavailable(reason)
    } else {
        Error::Rejected(reason)
    }
}

impl fmt::Debug for Question {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Question")
            .field("max_tokens", &self.max_tokens)
            .field("temperature", &self.temperature)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Answer")
            .field("is_cut_off", &self.is_cut_off)
            .finish_non_exhaustive()
    }
}
