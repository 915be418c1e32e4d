//! What every command that changes a project does: check everything, plan, carry out, tell.

use std::collections::BTreeSet;
use std::path::Path;

use anyhow::{Result, bail};

use crate::apply;
use crate::base::{self, Base, Evidence};
use crate::cli::{Keep, Output};
use crate::contents;
use crate::disk;
use crate::exclusive::Recovered;
use crate::existing::{Existing, Intent, MANIFEST};
use crate::plan::{self, Note, Plan};
use crate::problem::{Problem, Problems, did_you_mean};
use crate::progress;
use crate::project::{Project, Version};
use crate::render;
use crate::report;
use crate::routes;
use crate::syntax::Kind;
use crate::template::own;
use crate::terminal;
use crate::tree::Tree;

/// A command, as far as all of them are alike.
pub struct Request<'a> {
    /// As it was typed, for others who wait for it.
    pub command: String,
    pub output: &'a Output,
    pub keep: &'a Keep,
}

impl Request<'_> {
    /// Opens the project that the current folder is in.
    pub fn open(&self, intent: Intent) -> Result<Existing> {
        let open = || Existing::open(&self.command, intent);
        let existing = progress::during("waiting for the project", self.output, open)?;
        match existing.recovered {
            Recovered::Nothing => {}
            Recovered::Finished => {
                terminal::note("finished what a command that was killed had begun")
            }
            Recovered::TakenBack => {
                terminal::note("took back what a command that was killed had begun")
            }
        }
        Ok(existing)
    }
}

/// Changes the project that the current folder is in.
pub fn change(
    request: &Request<'_>,
    edit: impl FnOnce(&mut Project) -> Result<(), Problems>,
) -> Result<()> {
    let existing = request.open(request.output.intent())?;
    refuse_other_build(&existing)?;
    refuse_other_templates(&existing)?;
    let after = edited(&existing.described, edit)?;
    let before = existing.before()?;
    if *before != existing.described {
        terminal::note(&format!(
            "`{MANIFEST}` was edited since scaffold last wrote the project: that is brought in, too"
        ));
    }
    let (old, new) = render::difference(&existing.templates, &before, &after)?;
    let evidence = Evidence {
        copies: &base::read(&existing.root, old.paths())?,
        contents: existing.contents.as_ref(),
        rendered: Some(&old),
        theirs: &new,
    };
    let look = |path: &str| disk::look_at(&existing.root, path);
    let base = base::settle(&evidence, old.paths(), look)?;
    let mut plan = plan(&existing, &after, &Renderings { base, new }, request.keep)?;
    if let Some(contents) = existing.contents.clone() {
        let contents = contents.with(&plan.base);
        plan.list(existing.contents.as_ref(), &contents);
    }
    own::remember(&mut plan, &existing);
    carry_out(request, &existing, &after, &plan)
}

/// The project after an edit, which is sound, and has the components that it needs.
pub fn edited(
    before: &Project,
    edit: impl FnOnce(&mut Project) -> Result<(), Problems>,
) -> Result<Project, Problems> {
    let mut after = before.clone();
    edit(&mut after)?;
    after.switch_on_what_is_needed();
    after.check().none_or(after)
}

/// This build of scaffold cannot tell what another one wrote: only `sync` can bring that up to date.
pub fn refuse_other_build(existing: &Existing) -> Result<()> {
    if existing.is_of_this_build() {
        return Ok(());
    }
    let (version, current) = (existing.version(), Version::CURRENT);
    let why = if version != current {
        format!("this project was written by scaffold {version}, and this is {current}")
    } else if existing.contents.is_some() {
        format!("this project was written by another build of scaffold {current}")
    } else {
        let list = contents::FILE;
        format!(
            "`{}/{list}` is missing or damaged, so nothing tells what scaffold wrote last",
            base::FOLDER
        )
    };
    bail!("{why}\nhelp: run `scaffold sync` first, which brings it up to date")
}

/// What is rendered differently for the templates' sake is for `sync` to find: it looks at every file.
pub fn refuse_other_templates(existing: &Existing) -> Result<()> {
    let changed = existing.templates.differing(&existing.templates_used);
    if let Some(first) = changed.first() {
        let count = match changed.len() {
            1 => String::new(),
            count => format!(" and {} more", count - 1),
        };
        bail!(
            "`{}/{first}`{count} changed since scaffold last wrote the project\nhelp: run `scaffold sync` first, which brings the project in line",
            own::FOLDER
        );
    }
    Ok(())
}

/// What scaffold wrote last time, and what it writes now; files that are alike in both may be left out.
pub struct Renderings {
    pub base: Base,
    pub new: Tree,
}

/// Plans the way to `after`, scaffold.toml included.
pub fn plan(
    existing: &Existing,
    after: &Project,
    renderings: &Renderings,
    keep: &Keep,
) -> Result<Plan> {
    let text = after.edit_toml(&existing.described, &existing.text, MANIFEST)?;
    let Renderings { base, new } = renderings;
    let keep = kept(keep, &base.tree.differing(new))?;
    let mut plan = plan::plan_at(&existing.root, base, new, &keep);
    describe(
        &mut plan,
        existing.written.as_ref(),
        after,
        &existing.text,
        &text,
    );
    let switched_on = after.switched_on_since(&existing.described);
    plan.notes
        .extend(switched_on.into_iter().map(|(component, reason)| {
            let component = component.word();
            let reason = reason.map_or(String::new(), |part| format!(", which {part} needs"));
            Note {
                path: MANIFEST.to_owned(),
                text: format!("switches on the component `{component}`{reason}"),
            }
        }));
    Ok(plan)
}

/// Makes scaffold.toml part of a plan: `before` and `after` are its texts.
pub fn describe(
    plan: &mut Plan,
    written: Option<&Project>,
    after: &Project,
    before: &str,
    text: &str,
) {
    plan.edit(MANIFEST, before, text);
    if written != Some(after) || before != text {
        let copy = text.replace("\r\n", "\n");
        plan.base.insert(MANIFEST.to_owned(), Some(copy));
    }
    if written.is_none() {
        plan.notes.push(Note::restored(MANIFEST));
    }
}

/// The files in which the user's side wins, each of which the command has to be about.
fn kept(keep: &Keep, changing: &[&str]) -> Result<BTreeSet<String>, Problems> {
    let mut problems = Problems::default();
    let mut kept = BTreeSet::new();
    for typed in &keep.keep {
        let path = typed.replace('\\', "/");
        let path = path.strip_prefix("./").unwrap_or(&path);
        if changing.contains(&path) {
            kept.insert(path.to_owned());
            continue;
        }
        let problem = Problem::new(format!(
            "this command does not change `{typed}`, which `--keep` names"
        ));
        problems.0.push(match changing {
            [] => problem,
            _ => problem.help(did_you_mean(path, changing.iter().copied())),
        });
    }
    problems.none_or(kept)
}

/// Shows the plan and does it, unless it is a dry run or something is in the way.
pub fn carry_out(
    request: &Request<'_>,
    existing: &Existing,
    after: &Project,
    plan: &Plan,
) -> Result<()> {
    let output = request.output;
    let conflicts = plan.conflicts().count();
    let applied = match &existing.lock {
        Some(lock) if conflicts == 0 => {
            progress::during("writing", output, || apply::apply(lock, plan))?;
            true
        }
        _ => false,
    };
    if output.json {
        terminal::print(&report::to_json(plan, applied))?;
    } else if output.dry_run {
        terminal::print(&report::diffs(plan))?;
    } else if applied && output.verbose > 0 {
        terminal::print(&report::explained(plan))?;
    } else if applied && !output.quiet {
        terminal::print(&report::summary(plan))?;
    }
    if conflicts > 0 {
        return Err(refusal(plan, conflicts));
    }
    if output.says_more() {
        if output.dry_run {
            terminal::print(&report::notes(plan))?;
            terminal::tell("nothing was written: this was a dry run");
        } else {
            let before = existing.written.as_ref().unwrap_or(&existing.described);
            for line in routes::changes(before, after) {
                terminal::tell(&line);
            }
            terminal::tell(&next(&existing.root, plan));
        }
    }
    Ok(())
}

/// What is to be done now. Rust is written as rustfmt has it where nobody tells it otherwise.
fn next(root: &Path, plan: &Plan) -> String {
    let own_style = |folder: &Path| {
        let files = ["rustfmt.toml", ".rustfmt.toml"];
        files
            .map(|file| folder.join(file))
            .into_iter()
            .find(|file| file.exists())
    };
    let has_rust = plan.changes.keys().any(|path| Kind::of(path) == Kind::Rust);
    match root.ancestors().find_map(own_style).filter(|_| has_rust) {
        Some(file) => format!(
            "next: cargo fmt, as `{}` has a style of its own; then cargo test",
            file.display()
        ),
        None => "next: cargo test".to_owned(),
    }
}

/// Says what is to be done by hand.
pub fn refusal(plan: &Plan, files: usize) -> anyhow::Error {
    let list = report::conflicts(plan);
    let plural = if files == 1 { "" } else { "s" };
    anyhow::anyhow!(
        "conflicts in {files} file{plural}, so nothing was written\n\n{list}\nhelp: make these changes by hand, then run the same command again; or leave a file as you have it with `--keep PATH`"
    )
}
