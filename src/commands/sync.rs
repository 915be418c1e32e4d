//! `scaffold sync`: the project as scaffold.toml and this scaffold have it.

use anyhow::{Result, bail};

use crate::apply;
use crate::base::{self, Base, Evidence};
use crate::change::{Renderings, Request, carry_out, plan};
use crate::cli::{Keep, Output, Sync};
use crate::contents::Contents;
use crate::disk;
use crate::existing::{Existing, Intent, MANIFEST};
use crate::plan::Plan;
use crate::progress;
use crate::project::{Project, Version};
use crate::render;
use crate::report;
use crate::template::own;
use crate::terminal;
use crate::tree::Tree;

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
    let plan = || plan_to_step(&existing, &args.keep);
    let (after, plan) = progress::during("planning", output, plan)?;
    if args.check || plan.is_empty() {
        if let Some(lock) = &existing.lock {
            apply::apply(lock, &plan)?;
        }
        return finish(&plan, args, output);
    }
    carry_out(&request, &existing, &after, &plan)
}

/// What there is to do.
pub fn planned(existing: &Existing) -> Result<Plan> {
    plan_to_step(existing, &Keep::default()).map(|(_, plan)| plan)
}

/// The project as it is to be, and the way there.
fn plan_to_step(existing: &Existing, keep: &Keep) -> Result<(Project, Plan)> {
    let after = Project {
        version: Version::CURRENT,
        ..existing.described.clone()
    };
    let copies = base::read_all(&existing.root)?;
    if keep.keep.is_empty() && is_settled(existing, &copies) {
        return Ok((after, Plan::default()));
    }
    let new = render::render_with(&existing.templates, &after)?;
    let base = everything_written(existing, &copies, &new)?;
    let contents = Contents::of(&new);
    let mut plan = plan(existing, &after, &Renderings { base, new }, keep)?;
    let description = match plan.base.get(MANIFEST) {
        Some(text) => text.clone(),
        None => copies.get(MANIFEST).map(str::to_owned),
    };
    let contents = contents.with(&[(MANIFEST.to_owned(), description)].into());
    plan.list(existing.contents.as_ref(), &contents);
    own::remember(&mut plan, existing);
    if !existing.is_of_this_build() {
        let changed = own::changed_in_scaffold(&existing.root, &existing.templates)?;
        plan.notes.extend(changed);
    }
    Ok((after, plan))
}

/// Whether this very build wrote the project as it is described, and nothing was lost since.
fn is_settled(existing: &Existing, copies: &Tree) -> bool {
    let Some(contents) = &existing.contents else {
        return false;
    };
    let is_described = existing.written.as_ref() == Some(&existing.described)
        && copies.get(MANIFEST) == Some(&existing.text.replace("\r\n", "\n"));
    let is_rendered_alike = existing.templates == existing.templates_used;
    existing.is_of_this_build()
        && is_rendered_alike
        && is_described
        && *contents == Contents::of(copies)
}

/// All that scaffold wrote, also what it would write no longer.
fn everything_written(existing: &Existing, copies: &Tree, new: &Tree) -> Result<Base> {
    // In a project without a list, files of another build cannot be told from this one's but by the version.
    let is_ours = existing.is_of_this_build()
        || (existing.contents.is_none() && existing.version() == Version::CURRENT);
    let rendered = if is_ours {
        let before = existing.before()?;
        Some(render::render_with(&existing.templates_used, &before)?)
    } else {
        None
    };
    let mut copies = copies.clone();
    copies.remove(MANIFEST);
    let evidence = Evidence {
        copies: &copies,
        contents: existing.contents.as_ref(),
        rendered: rendered.as_ref(),
        theirs: new,
    };
    let mut paths = evidence.paths();
    paths.remove(MANIFEST);
    base::settle(&evidence, paths, |path| disk::look_at(&existing.root, path))
}

/// Ends a run that changes nothing.
fn finish(plan: &Plan, args: &Sync, output: &Output) -> Result<()> {
    if args.check {
        return tell(plan, output);
    }
    if output.json {
        return terminal::print(&report::to_json(plan, !output.dry_run));
    }
    if output.says_more() {
        terminal::tell("nothing to do: the project is as `scaffold.toml` has it");
    }
    Ok(())
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
