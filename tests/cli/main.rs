//! The program as it is typed: what it prints, what it writes, and its exit code.

mod check;
mod crash;
#[cfg(unix)]
mod doctor;
mod documents;
mod edits;
mod grow;
mod habits;
#[cfg(unix)]
mod hostile;
mod jobs;
mod merging;
mod new;
mod picture;
mod pristine;
#[cfg(unix)]
mod progress;
#[cfg(unix)]
mod prompts;
mod sandbox;
mod shell;
mod templates;

/// What the program says, as Markdown. `TRYCMD=overwrite cargo test --test cli` accepts what it says now.
#[test]
fn it_says_what_is_written_down() {
    trycmd::TestCases::new()
        .env("LC_ALL", "C.UTF-8")
        .case("tests/cli/*.md");
}
