//! `scaffold list`: what the project consists of.

use anyhow::Result;

use crate::catalogue::{Catalogue, Section};
use crate::change::Request;
use crate::cli::{Keep, List, Output};
use crate::existing::{Intent, MANIFEST};
use crate::terminal;

pub fn run(args: &List, output: &Output) -> Result<()> {
    let request = Request {
        command: "scaffold list".to_owned(),
        output,
        keep: &Keep::default(),
    };
    let existing = request.open(Intent::Look)?;
    if existing
        .written
        .as_ref()
        .is_some_and(|written| *written != existing.described)
    {
        terminal::note(&format!(
            "this is what `{MANIFEST}` says, which was edited: `scaffold sync` brings the code in line"
        ));
    }
    let catalogue = Catalogue::of(&existing.described);
    if output.json {
        let text = serde_json::to_string_pretty(&catalogue)?;
        return terminal::print(&format!("{text}\n"));
    }
    let sections = match &*args.sections {
        [] => Section::ALL,
        chosen => chosen,
    };
    terminal::print(&catalogue.show(sections, terminal::width()))
}
