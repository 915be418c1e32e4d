//! What every request shares: the configuration and the AWS clients.

use std::fmt;
use std::sync::{Arc, OnceLock};

use aws_config::SdkConfig;

use crate::config::Config;
use crate::database::Table;
use crate::middleware::auth::Verifier;

/// Cheap to clone. A client is made when it is first asked for, so a cold start pays only for what its request uses.
#[derive(Clone)]
pub struct AppState(Arc<Inner>);

struct Inner {
    config: Config,
    aws: SdkConfig,
    verifier: OnceLock<Verifier>,
    table: OnceLock<Table>,
}

impl AppState {
    pub fn new(config: Config, aws: SdkConfig) -> Self {
        Self(Arc::new(Inner {
            config,
            aws,
            verifier: OnceLock::new(),
            table: OnceLock::new(),
        }))
    }

    pub fn config(&self) -> &Config {
        &self.0.config
    }

    pub fn verifier(&self) -> &Verifier {
        let make = || Verifier::new(self.config().sign_in.clone());
        self.0.verifier.get_or_init(make)
    }

    pub fn table(&self) -> &Table {
        let make = || Table::connect(&self.0.aws, &self.config().table_name);
        self.0.table.get_or_init(make)
    }
}

impl fmt::Debug for AppState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("AppState").field(&self.0.config).finish()
    }
}
