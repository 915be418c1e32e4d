//! Plurals of names. The last word takes the plural; a library knows how.

/// The plural of `snake`, in snake case.
pub fn of(snake: &str) -> String {
    let (before, last) = match snake.rfind('_') {
        Some(i) => snake.split_at(i + 1),
        None => ("", snake),
    };
    let plural = pluralizer::pluralize(last, 2, false);
    format!("{before}{plural}")
}
