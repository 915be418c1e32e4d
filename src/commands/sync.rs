//! `scaffold sync`: the project as scaffold.toml and this scaffold have it.

use anyhow::{Result, bail};

use crate::base::{self, Base};
use crate::change::{Renderings, Request, carry_out, plan};
use crate::cli::{Output, Sync};
use crate::existing::{Existing, Intent, MANIFEST};
use crate::plan::Plan;
use crate::project::{Project, Version};
use crate::render;
use crate::report;
use crate::terminal;

pub fn run(args: &Sync, output: &Output) -> Result<()> {
    let request = Request {
        command: "scaffold sync".to_owned(),
        output,
        keep: &args.keep,
    };
    let intent = if args.check {
        Intent::Look
    } else {
        output.intent()
    };
    let existing = request.open(intent)?;
    let after = Project {
        version: Version::CURRENT,
        ..existing.described.clone()
    };
    let base = everything_written(&existing)?;
    let new = render::render(&after)?;
    let plan = plan(&existing, &after, &Renderings { base, new }, &args.keep)?;
    if args.check {
        return tell(&plan, output);
    }
    if plan.is_empty() && !output.json {
        if output.says_more() {
            terminal::tell("nothing to do: the project is as `scaffold.toml` has it");
        }
        return Ok(());
    }
    carry_out(&request, &existing, &after, &plan)
}

/// All that scaffold wrote, also what it would write no longer.
fn everything_written(existing: &Existing) -> Result<Base> {
    let mut written = base::read_all(&existing.root)?;
    written.remove(MANIFEST);
    if existing.version() != Version::CURRENT {
        // What is missing may be new in this version: nothing tells what another one wrote.
        return Ok(Base {
            tree: written,
            restored: Vec::new(),
        });
    }
    let before = existing.written.as_ref().unwrap_or(&existing.described);
    let mut base = base::read(&existing.root, &render::render(before)?)?;
    for (path, text) in written.iter() {
        if !base.tree.contains(path) {
            base.tree.insert(path, text)?;
        }
    }
    Ok(base)
}

/// Fails when there is something to do.
fn tell(plan: &Plan, output: &Output) -> Result<()> {
    if output.json {
        terminal::print(&report::to_json(plan, false))?;
    } else if output.dry_run {
        terminal::print(&report::diffs(plan))?;
    } else if output.says_more() {
        terminal::print(&report::summary(plan))?;
    }
    if !plan.is_empty() {
        bail!("the project is not as `{MANIFEST}` has it\nhelp: run `scaffold sync`");
    }
    Ok(())
}
