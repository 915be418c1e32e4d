//! What every request shares: the configuration and the AWS clients.

use std::fmt;
use std::sync::{Arc, OnceLock};

use aws_config::SdkConfig;

use crate::config::Config;
use crate::database::Table;
use crate::middleware::auth::Verifier;
use crate::shared::ai::Ai;
use crate::shared::jobs::JobQueue;
use crate::shared::storage::Storage;

/// Cheap to clone. A client is made when it is first asked for, so a cold start pays only for what its request uses.
#[derive(Clone)]
pub struct AppState(Arc<Inner>);

struct Inner {
    config: Config,
    aws: SdkConfig,
    verifier: OnceLock<Verifier>,
    table: OnceLock<Table>,
    storage: OnceLock<Storage>,
    ai: OnceLock<Ai>,
    jobs: OnceLock<JobQueue>,
}

impl AppState {
    pub fn new(config: Config, aws: SdkConfig) -> Self {
        Self(Arc::new(Inner {
            config,
            aws,
            verifier: OnceLock::new(),
            table: OnceLock::new(),
            storage: OnceLock::new(),
            ai: OnceLock::new(),
            jobs: OnceLock::new(),
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

    pub fn storage(&self) -> &Storage {
        let make = || Storage::new(&self.0.aws, &self.config().bucket_name);
        self.0.storage.get_or_init(make)
    }

    pub fn ai(&self) -> &Ai {
        let make = || Ai::new(&self.0.aws, &self.config().model_id);
        self.0.ai.get_or_init(make)
    }

    /// The worker's queue.
    pub fn jobs(&self) -> &JobQueue {
        let make = || JobQueue::new(&self.0.aws, &self.config().worker_function_name);
        self.0.jobs.get_or_init(make)
    }
}

impl fmt::Debug for AppState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("AppState").field(&self.0.config).finish()
    }
}
