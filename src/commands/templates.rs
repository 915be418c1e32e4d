//! `scaffold templates`: those a project is rendered with, and its own in place of scaffold's.

use std::collections::BTreeSet;
use std::path::Path;

use anyhow::{Result, bail};
use serde::Serialize;

use crate::apply;
use crate::base::Base;
use crate::change::{Request, refusal, refuse_other_build};
use crate::cli::{ExportTemplates, Keep, Output, UpdateTemplates};
use crate::disk::{self, Ours};
use crate::existing::{Existing, Intent};
use crate::plan::{self, Action, Plan, Sides};
use crate::problem::{Problem, Problems, nearest};
use crate::project::Project;
use crate::render;
use crate::report;
use crate::table::Table;
use crate::template::own::{self, EXPORTED, FOLDER};
use crate::template::{SUFFIX, Templates, embedded};
use crate::terminal;
use crate::tree::Tree;

#[derive(Serialize)]
struct Listed {
    name: String,
    state: &'static str,
}

pub fn list(output: &Output) -> Result<()> {
    let keep = Keep::default();
    let existing = request("list", output, &keep).open(Intent::Look)?;
    let exported = own::exported(&existing.root)?;
    let state = |name: &str| match (existing.templates.own.get(name), embedded(name)) {
        (None, _) => "",
        (Some(_), None) => "own, added",
        (Some(own), Some(scaffolds)) if own == scaffolds => "own, as exported",
        (Some(_), scaffolds) => match exported.get(name) {
            Some(was) if Some(was) != scaffolds => "own, changed in scaffold since",
            _ => "own",
        },
    };
    let names = existing.templates.names().into_iter();
    let listed: Vec<Listed> = names
        .map(|name| Listed {
            state: state(&name),
            name,
        })
        .collect();
    if output.json {
        let text = serde_json::to_string_pretty(&listed)?;
        return terminal::print(&format!("{text}\n"));
    }
    let rows = listed.into_iter();
    let table = Table {
        headings: &["TEMPLATE", "STATE"],
        rows: rows.map(|it| vec![it.name, it.state.to_owned()]).collect(),
    };
    terminal::print(&table.show(terminal::width()))
}

/// Puts scaffold's templates where the project's own are, to be edited there.
pub fn export(args: &ExportTemplates, output: &Output) -> Result<()> {
    let keep = Keep::default();
    let existing = request("export", output, &keep).open(output.intent())?;
    refuse_other_build(&existing)?;
    let chosen = choose(&args.templates, &existing.described)?;
    let is_own = |name: &&String| existing.templates.own.contains(name);
    if let Some(name) = chosen.iter().next()
        && chosen.iter().all(|name| is_own(&name))
    {
        bail!(
            "`{FOLDER}/{name}` is there already\nhelp: edit it; or delete it, and the project goes on with scaffold's own"
        );
    }
    let mut plan = Plan::default();
    for name in chosen.iter().filter(|name| !is_own(name)) {
        let text = embedded(name).unwrap_or_default().to_owned();
        for known in [FOLDER, EXPORTED] {
            plan.base
                .insert(format!("{known}/{name}"), Some(text.clone()));
        }
        plan.changes
            .insert(format!("{FOLDER}/{name}"), Action::Create { text });
    }
    carry_out(
        &existing,
        &plan,
        output,
        "next: edit them, then `scaffold sync`",
    )
}

/// Brings what has changed in scaffold's templates since they were exported into the project's own.
pub fn update(args: &UpdateTemplates, output: &Output) -> Result<()> {
    let existing = request("update", output, &args.keep).open(output.intent())?;
    let exported = own::exported(&existing.root)?;
    let (mut base, mut theirs) = (Base::default(), Tree::new());
    for (name, was) in exported.iter() {
        if let (Some(_), Some(is)) = (existing.templates.own.get(name), embedded(name)) {
            base.tree.insert(name, was)?;
            theirs.insert(name, is)?;
        }
    }
    let merged = plan::plan(&Sides {
        base: &base,
        theirs: &theirs,
        ours: &on_disk(&existing.root, base.tree.differing(&theirs)),
        keep: &kept(&args.keep),
    });
    if merged.is_empty() && !output.json {
        if output.says_more() {
            terminal::tell("nothing to do: no template of yours has changed in scaffold");
        }
        return Ok(());
    }
    carry_out(&existing, &moved(merged), output, "next: scaffold sync")
}

fn request<'a>(verb: &str, output: &'a Output, keep: &'a Keep) -> Request<'a> {
    Request {
        command: format!("scaffold templates {verb}"),
        output,
        keep,
    }
}

/// The names of what was typed: templates, layers, folders of them, or files of the project that they make.
fn choose(typed: &[String], project: &Project) -> Result<BTreeSet<String>> {
    let all = Templates::default().names();
    if typed.is_empty() {
        return Ok(all.into_iter().collect());
    }
    let made = render::origins(project)?;
    let known: Vec<(&str, &str)> = all
        .iter()
        .map(|name| (&**name, &**name))
        .chain(made.iter().map(|(path, name)| (&**path, &**name)))
        .collect();
    let mut problems = Problems::default();
    let mut chosen = BTreeSet::new();
    for typed in typed {
        let path = typed.replace('\\', "/");
        let path = path.trim_start_matches("./").trim_end_matches('/');
        let path = path.strip_prefix(FOLDER).unwrap_or(path);
        let path = path.trim_start_matches('/');
        let is_meant = |known: &str| {
            let rest = known.strip_prefix(path);
            rest.is_some_and(|rest| rest.is_empty() || rest == SUFFIX || rest.starts_with('/'))
        };
        let meant: Vec<&str> = known
            .iter()
            .filter(|(path, _)| is_meant(path))
            .map(|(_, name)| *name)
            .collect();
        if meant.is_empty() {
            let problem = Problem::new(format!("no template is called `{typed}`, nor makes it"));
            let near = nearest(path, known.iter().map(|(path, _)| *path));
            problems.0.push(problem.help(match near {
                Some(near) => format!("did you mean `{near}`?"),
                None => "`scaffold templates list` shows them all".to_owned(),
            }));
        }
        chosen.extend(meant.into_iter().map(str::to_owned));
    }
    Ok(problems.none_or(chosen)?)
}

fn on_disk(root: &Path, names: Vec<&str>) -> Ours {
    let state = |name: &str| disk::look_at(root, &format!("{FOLDER}/{name}"));
    let states = names.into_iter().map(|name| (name.to_owned(), state(name)));
    Ours(states.collect())
}

/// The names of the templates in which the user's side wins.
fn kept(keep: &Keep) -> BTreeSet<String> {
    let names = keep.keep.iter().map(|typed| {
        let path = typed.replace('\\', "/");
        let path = path.strip_prefix("./").unwrap_or(&path);
        let name = path.strip_prefix(FOLDER).unwrap_or(path);
        name.trim_start_matches('/').to_owned()
    });
    names.collect()
}

/// A plan for names, as one for paths below the project's root.
fn moved(plan: Plan) -> Plan {
    let Plan {
        changes,
        base,
        mut notes,
    } = plan;
    for note in &mut notes {
        note.path = format!("{FOLDER}/{}", note.path);
    }
    let changes = changes.into_iter();
    let base = base.into_iter();
    Plan {
        changes: changes
            .map(|(name, action)| (format!("{FOLDER}/{name}"), action))
            .collect(),
        base: base
            .map(|(name, text)| (format!("{EXPORTED}/{name}"), text))
            .collect(),
        notes,
    }
}

fn carry_out(existing: &Existing, plan: &Plan, output: &Output, next: &str) -> Result<()> {
    let conflicts = plan.conflicts().count();
    let applied = match &existing.lock {
        Some(lock) if conflicts == 0 => {
            apply::apply(lock, plan)?;
            true
        }
        _ => false,
    };
    if output.json {
        terminal::print(&report::to_json(plan, applied))?;
    } else if output.dry_run {
        terminal::print(&report::diffs(plan))?;
    } else if applied && !output.quiet {
        terminal::print(&report::summary(plan))?;
    }
    if conflicts > 0 {
        return Err(refusal(plan, conflicts));
    }
    if output.says_more() {
        terminal::tell(match applied {
            true => next,
            false => "nothing was written: this was a dry run",
        });
    }
    Ok(())
}
