//! Ctrl-C, for a command that has something to take back before it ends.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::{Context, Result};
use signal_hook::consts::{SIGINT, SIGTERM};

/// The command was told to stop, and has left nothing behind.
#[derive(Debug)]
pub struct Interrupted;

impl fmt::Display for Interrupted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("interrupted; nothing was written")
    }
}

impl std::error::Error for Interrupted {}

/// As long as it lives, the process is told to stop instead of being ended.
pub struct Interrupt {
    told: Arc<AtomicBool>,
    over: Arc<AtomicBool>,
}

impl Interrupt {
    pub fn listen() -> Result<Self> {
        let interrupt = Self {
            told: Arc::default(),
            over: Arc::default(),
        };
        for signal in [SIGINT, SIGTERM] {
            // In this order: the first decides whether the second is ever come to.
            let over = Arc::clone(&interrupt.over);
            signal_hook::flag::register_conditional_default(signal, over)
                .and_then(|_| signal_hook::flag::register(signal, Arc::clone(&interrupt.told)))
                .context("cannot listen for Ctrl-C")?;
        }
        Ok(interrupt)
    }

    /// Fails when the process was told to stop.
    pub fn check(&self) -> Result<()> {
        match self.told.load(Ordering::Relaxed) {
            true => Err(Interrupted.into()),
            false => Ok(()),
        }
    }
}

impl Drop for Interrupt {
    fn drop(&mut self) {
        self.over.store(true, Ordering::Relaxed);
    }
}
