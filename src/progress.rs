//! What takes longer than a moment is said to be under way: on a terminal, in a line that is gone afterwards.

use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::thread;
use std::time::Duration;

use crate::cli::Output;
use crate::terminal;

/// How long nothing is said.
const MOMENT: Duration = Duration::from_millis(500);

/// Between one sign and the next.
const TURN: Duration = Duration::from_millis(100);

const SIGNS: &str = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏";
const ASCII_SIGNS: &str = "|/-\\";

/// Works, and says `what` while that takes longer than a moment. The work itself says nothing.
pub fn during<T>(what: &str, output: &Output, work: impl FnOnce() -> T) -> T {
    if !output.says_more() || !terminal::shows_progress() {
        return work();
    }
    let (working, end) = mpsc::channel::<()>();
    thread::scope(|scope| {
        scope.spawn(move || tell(what, &end));
        let result = work();
        drop(working);
        result
    })
}

fn tell(what: &str, end: &Receiver<()>) {
    let signs = if terminal::is_unicode() {
        SIGNS
    } else {
        ASCII_SIGNS
    };
    let mut wait = MOMENT;
    for sign in signs.chars().cycle() {
        if end.recv_timeout(wait) != Err(RecvTimeoutError::Timeout) {
            break;
        }
        terminal::show_line(&format!("{sign} {what}"));
        wait = TURN;
    }
    if wait == TURN {
        terminal::clear_line();
    }
}
