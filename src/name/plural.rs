//! Plurals of names. The last word takes the plural; a library knows how.

use std::collections::HashMap;
use std::sync::{LazyLock, Mutex, PoisonError};

/// The library tries dozens of regular expressions on a word; a project asks for the same words again and again.
static KNOWN: LazyLock<Mutex<HashMap<String, String>>> = LazyLock::new(Mutex::default);

/// The plural of `snake`, in snake case.
pub fn of(snake: &str) -> String {
    let (before, last) = match snake.rfind('_') {
        Some(i) => snake.split_at(i + 1),
        None => ("", snake),
    };
    let mut known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(plural) = known.get(last) {
        return format!("{before}{plural}");
    }
    let plural = pluralizer::pluralize(last, 2, false);
    let whole = format!("{before}{plural}");
    known.insert(last.to_owned(), plural);
    whole
}
