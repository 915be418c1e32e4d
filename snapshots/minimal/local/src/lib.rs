//! AWS on this machine, for `cargo test` and `cargo dev`: real SDK clients talk real HTTP to stand-ins that live in
//! this process.
//!
//! [`LocalAws`] is one loopback endpoint; it tells the services apart by path and headers:
//!
//! | service | file | what answers |
//! |---|---|---|
//! | DynamoDB | `dynamodb.rs` | dynoxide, in memory or in one SQLite file |
//! | Cognito user pool | `sign_in.rs` | a key set, and the signer of the tokens it verifies |

#![expect(
    clippy::expect_used,
    reason = "a stand-in that is broken itself should stop the test on the spot"
)]

mod dynamodb;
mod failure;
mod sign_in;
mod swagger_ui;

use std::collections::BTreeMap;
use std::io;
use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};

use aws_config::BehaviorVersion;
use aws_config::Region;
use aws_config::SdkConfig;
use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use axum::Router;
use tokio::net::TcpListener;

pub use crate::dynamodb::DynamoDb;
pub use crate::failure::Failure;
pub use crate::sign_in::{JwksOutage, SignIn, Signature, TokenSpec};
pub use crate::swagger_ui::swagger_ui;

/// The only region there is.
pub const REGION: &str = "us-east-1";

/// The access key every stand-in accepts.
pub const ACCESS_KEY_ID: &str = "local";

/// The secret that belongs to [`ACCESS_KEY_ID`].
pub const SECRET_ACCESS_KEY: &str = "local-secret";

/// Nothing here is reachable from another machine.
const LOOPBACK: Ipv4Addr = Ipv4Addr::LOCALHOST;

/// How to start [`LocalAws`]. The default suits tests: nothing is kept, and the port is whichever is free.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// The folder that keeps tables, files and the signing key; `None` forgets everything at the end.
    pub data: Option<PathBuf>,
    /// The TCP port on 127.0.0.1; 0 takes a free one.
    pub port: u16,
}

/// AWS, as far as this project uses it, on `http://127.0.0.1:<port>`.
///
/// It serves for as long as the tokio runtime that started it.
pub struct LocalAws {
    endpoint_url: String,
    dynamodb: DynamoDb,
    sign_in: SignIn,
}

impl LocalAws {
    /// Starts every service behind one listener.
    ///
    /// # Errors
    /// When the port is taken, or the data folder cannot be read or written.
    pub async fn start(options: Options) -> io::Result<Self> {
        let data = options.data.as_deref();
        if let Some(folder) = data {
            std::fs::create_dir_all(folder).map_err(|error| name_path(folder, &error))?;
        }
        let listener = TcpListener::bind((LOOPBACK, options.port)).await?;
        let endpoint_url = format!("http://{}", listener.local_addr()?);

        let router = Router::new();
        let dynamodb = DynamoDb::start(data).await?;
        let router = router.merge(dynamodb.routes());
        let sign_in = SignIn::start(&endpoint_url, data)?;
        let router = router.merge(sign_in.routes());

        tokio::spawn(async move { axum::serve(listener, router).await });
        Ok(Self {
            endpoint_url,
            dynamodb,
            sign_in,
        })
    }

    /// `http://127.0.0.1:<port>`, for every service.
    pub fn endpoint_url(&self) -> &str {
        &self.endpoint_url
    }

    /// What SDK clients are made from: this endpoint, its region and its credentials, nothing from the environment.
    pub fn sdk_config(&self) -> SdkConfig {
        let credentials = Credentials::new(ACCESS_KEY_ID, SECRET_ACCESS_KEY, None, None, "local");
        SdkConfig::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::from_static(REGION))
            .credentials_provider(SharedCredentialsProvider::new(credentials))
            .endpoint_url(&self.endpoint_url)
            .build()
    }

    /// The environment variables with which the API finds everything here.
    pub fn variables(&self) -> BTreeMap<&'static str, String> {
        let mut variables = BTreeMap::new();
        let mut set = |name, value: &str| variables.insert(name, value.to_owned());
        set("AWS_REGION", REGION);
        set("DYNAMODB_TABLE_NAME", "local");
        set("COGNITO_USER_POOL_ID", self.sign_in.user_pool_id());
        set("COGNITO_CLIENT_ID", self.sign_in.client_id());
        set("COGNITO_ISSUER", self.sign_in.issuer());
        variables
    }

    /// The database.
    pub fn dynamodb(&self) -> &DynamoDb {
        &self.dynamodb
    }

    /// The user pool.
    pub fn sign_in(&self) -> &SignIn {
        &self.sign_in
    }
}

fn name_path(path: &Path, error: &dyn std::error::Error) -> io::Error {
    io::Error::other(format!("`{}`: {error}", path.display()))
}
