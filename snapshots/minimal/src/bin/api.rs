//! The API as a Lambda function behind API Gateway.

use aws_config::BehaviorVersion;

use my_api::app::app;
use my_api::config::Config;
use my_api::middleware::panic::log_panics;
use my_api::state::AppState;

// Lambda gives an instance one request at a time, so one thread is enough.
#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    lambda_http::tracing::init_default_subscriber();
    log_panics();

    let config = Config::from_env()?;
    let aws = aws_config::load_defaults(BehaviorVersion::latest()).await;
    lambda_http::run(app(AppState::new(config, aws))).await
}
