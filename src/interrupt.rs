//! Ctrl-C, for a command that has something to take back before it ends.

use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use anyhow::{Context, Result};
use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::flag;

const CANNOT_LISTEN: &str = "cannot listen for Ctrl-C";

/// The command was told to stop, and has left nothing behind.
#[derive(Debug)]
pub struct Interrupted;

impl fmt::Display for Interrupted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("interrupted; nothing was written")
    }
}

impl std::error::Error for Interrupted {}

/// Set while nobody listens: then a signal ends the process, as it would any other.
static UNHEARD: LazyLock<Arc<AtomicBool>> = LazyLock::new(Arc::default);

/// How many listen; `None` before the first.
static LISTENING: Mutex<Option<usize>> = Mutex::new(None);

/// As long as one lives, the process is told to stop instead of being ended.
pub struct Interrupt {
    told: Arc<AtomicBool>,
}

impl Interrupt {
    pub fn listen() -> Result<Self> {
        let mut listening = LISTENING.lock().unwrap_or_else(PoisonError::into_inner);
        let told = Arc::default();
        for signal in [SIGINT, SIGTERM] {
            // The first that is registered is asked first, so it is the one that decides whether the others hear of it.
            if listening.is_none() {
                flag::register_conditional_default(signal, Arc::clone(&UNHEARD))
                    .context(CANNOT_LISTEN)?;
            }
            flag::register(signal, Arc::clone(&told)).context(CANNOT_LISTEN)?;
        }
        *listening = Some(listening.unwrap_or(0) + 1);
        UNHEARD.store(false, Ordering::SeqCst);
        Ok(Self { told })
    }

    /// Fails when the process was told to stop.
    pub fn check(&self) -> Result<()> {
        match self.told.load(Ordering::SeqCst) {
            true => Err(Interrupted.into()),
            false => Ok(()),
        }
    }
}

impl Drop for Interrupt {
    fn drop(&mut self) {
        let mut listening = LISTENING.lock().unwrap_or_else(PoisonError::into_inner);
        let others = listening.unwrap_or(0).saturating_sub(1);
        *listening = Some(others);
        UNHEARD.store(others == 0, Ordering::SeqCst);
    }
}
