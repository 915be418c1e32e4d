//! The worker as a Lambda function, invoked asynchronously by the API.

use std::time::SystemTime;

use aws_config::BehaviorVersion;
use lambda_runtime::{LambdaEvent, service_fn};

use my_api::config::Config;
use my_api::middleware::panic::log_panics;
use my_api::state::AppState;
use my_api::worker::work;

// Lambda gives an instance one message at a time, so one thread is enough.
#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    lambda_runtime::tracing::init_default_subscriber();
    log_panics();

    let config = Config::from_env()?;
    let aws = aws_config::load_defaults(BehaviorVersion::latest()).await;
    let state = &AppState::new(config, aws);
    let worker = service_fn(async |LambdaEvent { payload, context }| {
        let time_left = context.deadline().duration_since(SystemTime::now());
        let done = work(state, payload, time_left.unwrap_or_default()).await;
        done.map_err(lambda_runtime::Error::from)
    });
    lambda_runtime::run(worker).await
}
