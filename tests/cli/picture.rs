//! The picture in the README: a session, as a terminal shows it. `TRYCMD=overwrite cargo test --test cli` takes it anew.

use std::env;
use std::fmt::Write;
use std::fs;

use anstyle::AnsiColor;
use anstyle_svg::{Term, WIN10_CONSOLE};

use crate::documents::Session;

const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/session.svg");

const COMMANDS: &[&str] = &[
    "scaffold new my-api && cd my-api",
    "scaffold add entity Proposal title:string:1..200 budget:decimal:gt=0 status:enum:draft/final:default=draft:index",
    "scaffold add job analyze --entity Proposal",
    "scaffold list keys",
];

#[test]
fn the_picture_shows_what_a_terminal_shows() {
    let mut session = Session::empty();
    session.is_coloured = true;
    let prompt = AnsiColor::BrightCyan.on_default().bold();
    let mut shown = String::new();
    for command in COMMANDS {
        let (succeeded, printed) = session.run(command);
        assert!(succeeded, "{command}: {printed}");
        writeln!(shown, "{prompt}${prompt:#} {command}\n{printed}").unwrap();
    }
    let picture = Term::new()
        .palette(WIN10_CONSOLE)
        .render_svg(shown.trim_end());
    if env::var("TRYCMD").as_deref() == Ok("overwrite") {
        fs::write(FILE, picture).unwrap();
        return;
    }
    let kept = fs::read_to_string(FILE).unwrap_or_default();
    let accept = "accept it with `TRYCMD=overwrite cargo test --test cli`, and look at it";
    assert!(
        kept == picture,
        "docs/session.svg is not what is shown now: {accept}"
    );
}
