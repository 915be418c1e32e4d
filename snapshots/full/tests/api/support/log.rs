//! What the API logs while a test runs.

use std::cell::RefCell;
use std::io::{self, Write};
use std::sync::Once;

use lambda_http::tracing::subscriber::fmt;
use tracing::Level;

static INSTALLED: Once = Once::new();

thread_local! {
    static KEPT: RefCell<Option<Vec<u8>>> = const { RefCell::new(None) };
}

/// The log of one test, at every level, from [`Log::keep`] on.
///
/// A `#[tokio::test]` has one thread for all it does, which tells the logs of tests that run side by side apart.
pub struct Log(());

impl Log {
    pub fn keep() -> Self {
        INSTALLED.call_once(|| {
            let subscriber = fmt().with_max_level(Level::TRACE).with_ansi(false);
            subscriber.with_writer(|| ThisThread).init();
        });
        KEPT.set(Some(Vec::new()));
        Self(())
    }

    pub fn text(&self) -> String {
        let bytes = KEPT.with_borrow(|kept| kept.clone().unwrap());
        String::from_utf8(bytes).unwrap()
    }

    /// What is logged unless somebody asks for more. Below that the SDK shows the requests it sends.
    pub fn by_default(&self) -> String {
        let text = self.text();
        let is_shown = |line: &&str| !line.contains(" DEBUG ") && !line.contains(" TRACE ");
        text.lines().filter(is_shown).collect::<Vec<_>>().join("\n")
    }
}

struct ThisThread;

impl Write for ThisThread {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        KEPT.with_borrow_mut(|kept| match kept {
            Some(kept) => kept.write(bytes),
            None => Ok(bytes.len()),
        })
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
