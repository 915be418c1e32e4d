//! `cargo dev`: the API on this machine, with AWS stand-ins behind it and its data in `.local/`.
//!
//! `cargo dev --port 9000` (or `PORT=9000`) serves on another port; the stand-ins take the one after it.

use std::env;
use std::error::Error;
use std::io;
use std::path::Path;
use std::time::Duration;

use aws_sdk_dynamodb::Client;
use lambda_http::tracing::subscriber;
use lambda_http::tracing::subscriber::EnvFilter;
use local::LocalAws;
use local::Options;
use tokio::net::TcpListener;
use tokio::signal::ctrl_c;

use my_api::app::app;
use my_api::config::Config;
use my_api::database::schema::INDEXES;
use my_api::database::schema::create_table;
use my_api::middleware::panic::log_panics;
use my_api::state::AppState;

const DEFAULT_PORT: u16 = 8000;

/// The stand-ins need one after it.
const LAST_PORT: u16 = u16::MAX - 1;

/// How long requests and jobs may go on after Ctrl-C.
const PATIENCE: Duration = Duration::from_secs(5);

#[tokio::main]
async fn main() {
    if let Err(error) = run().await {
        eprintln!("error: {error}");
        std::process::exit(1);
    }
}

async fn run() -> Result<(), Box<dyn Error>> {
    let port = port(env::args().skip(1))?;
    init_log();
    log_panics();

    let listener = TcpListener::bind(("127.0.0.1", port)).await;
    let listener = listener.map_err(|error| name_port(port, &error))?;
    let project = env::var_os("CARGO_MANIFEST_DIR").unwrap_or_default();
    let options = Options {
        data: Some(Path::new(&project).join(".local")),
        port: port + 1,
    };
    let aws = LocalAws::start(options).await;
    let aws = aws.map_err(|error| name_port(port + 1, &error))?;

    let state = AppState::new(config(&aws)?, aws.sdk_config());
    create_missing_table(&state, &aws).await?;
    let router = app(state).merge(local::swagger_ui("/docs/assets"));

    greet(port, &aws);
    let serve = async {
        axum::serve(listener, router)
            .with_graceful_shutdown(stop())
            .await?;
        Ok(())
    };
    tokio::select! {
        served = serve => served,
        () = give_up() => Ok(()),
    }
}

fn port(mut arguments: impl Iterator<Item = String>) -> Result<u16, String> {
    let mut port = env::var("PORT").ok();
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--port" => port = Some(arguments.next().unwrap_or_default()),
            _ => {
                return Err(format!(
                    "unknown argument `{argument}`; there is only `--port <number>`"
                ));
            }
        }
    }
    let Some(port) = port else {
        return Ok(DEFAULT_PORT);
    };
    match port.parse() {
        Ok(number @ 1..=LAST_PORT) => Ok(number),
        _ => Err(format!(
            "the port must be a number from 1 to {LAST_PORT}, not `{port}`"
        )),
    }
}

fn init_log() {
    // The stand-ins log what they refuse, which the API reports in its own words.
    let filter = env::var("RUST_LOG");
    let filter = filter.unwrap_or_else(|_| "info,dynoxide=off,s3s=off,s3s_fs=off".to_owned());
    subscriber::fmt()
        .with_env_filter(EnvFilter::new(filter))
        .with_target(false)
        .compact()
        .init();
}

fn name_port(port: u16, error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::AddrInUse => {
            format!("port {port} is taken\nhelp: try another one: `cargo dev --port 9000`")
        }
        _ => error.to_string(),
    }
}

/// The stand-ins' own settings, and for the rest, such as `CORS_ALLOWED_ORIGINS`, the environment.
fn config(aws: &LocalAws) -> Result<Config, Box<dyn Error>> {
    let variables = aws.variables();
    let mut config = Config::from(|name| variables.get(name).cloned().or(env::var(name).ok()))?;
    config.docs_assets = "/docs/assets".to_owned();
    Ok(config)
}

async fn create_missing_table(state: &AppState, aws: &LocalAws) -> Result<(), Box<dyn Error>> {
    let client = Client::new(&aws.sdk_config());
    let table = &state.config().table_name;
    let tables = client.list_tables().send().await?;
    if !tables.table_names().contains(table) {
        create_table(&client, table, INDEXES).await?;
    }
    Ok(())
}

fn greet(port: u16, aws: &LocalAws) {
    let api = format!("http://127.0.0.1:{port}");
    let endpoint = aws.endpoint_url();
    let token = |user| aws.sign_in().token(user).expires_in(24 * 3600);
    let user = token("alice").sign();
    let admin = token("root").groups(["admin"]).sign();
    println!(
        "API        {api}
docs       {api}/docs
local AWS  {endpoint}, data in .local/

Sign in as the user alice or as the admin root, for a day:

export TOKEN={user}

export ADMIN_TOKEN={admin}

curl -H \"authorization: Bearer $TOKEN\" {api}/api/auth/me

Anybody else: curl '{endpoint}/local/token?user=bob&groups=admin'
"
    );
}

async fn stop() {
    // Without a signal handler Ctrl-C ends the process anyway.
    let _ = ctrl_c().await;
}

async fn give_up() {
    stop().await;
    tokio::time::sleep(PATIENCE).await;
}
