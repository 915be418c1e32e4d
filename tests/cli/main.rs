//! The program as it is typed: what it prints, what it writes, and its exit code.

mod edits;
mod grow;
mod new;
mod sandbox;

/// What the program says, as Markdown. `TRYCMD=overwrite cargo test --test cli` accepts what it says now.
#[test]
fn it_says_what_is_written_down() {
    trycmd::TestCases::new().case("tests/cli/*.md");
}
