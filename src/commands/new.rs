//! `scaffold new`: a project where there was none.

use std::io;
use std::path::{Path, PathBuf};

use anyhow::{Error, Result, anyhow};

use crate::cli::{New, Output};
use crate::create;
use crate::existing::MANIFEST;
use crate::git::{self, Repository};
use crate::interrupt::Interrupt;
use crate::name::ProjectName;
use crate::plan::{Action, Plan};
use crate::problem::Problems;
use crate::progress;
use crate::project::{Project, Region};
use crate::render;
use crate::report;
use crate::terminal;
use crate::tree::Tree;
use crate::workspace;

pub fn run(args: &New, output: &Output) -> Result<()> {
    let project = project(args)?;
    let target = args
        .path
        .clone()
        .unwrap_or_else(|| PathBuf::from(project.name.kebab()));
    create::check_target(&target)?;
    workspace::refuse_inside(&target)?;
    let kept = tree(&project)?;

    let mut repository = None;
    if !output.dry_run {
        let interrupt = Interrupt::listen()?;
        let finish = |folder: &Path| {
            if !args.no_git && !git::is_inside_repository(&target) {
                let made = git::init(folder);
                interrupt.check()?;
                repository = Some(made?);
            }
            interrupt.check()
        };
        let create = || create::create_whole(&target, &kept, finish);
        progress::during("writing", output, create).map_err(point_to_another_place)?;
    }
    show(&plan(&kept), output)?;
    if output.says_more() {
        told(&target, repository, output);
    }
    Ok(())
}

/// The project that was asked for.
pub fn project(args: &New) -> Result<Project, Problems> {
    let mut problems = Problems::default();
    let name = problems.take(ProjectName::parse(&args.name));
    let region = args.region.as_deref().map(Region::parse).transpose();
    let region = problems.take(region);
    let (Some(name), Some(region)) = (name, region) else {
        return Err(problems);
    };
    let mut project = Project::new(name);
    project.region = region.unwrap_or_default();
    project.arch = args.arch.unwrap_or_default();
    for component in &args.without {
        project.components.remove(component);
    }
    Ok(project)
}

/// The files that scaffold keeps, with the description they come from.
pub fn tree(project: &Project) -> Result<Tree> {
    let mut tree = render::render(project)?;
    tree.insert(MANIFEST, project.to_toml())?;
    Ok(tree)
}

fn point_to_another_place(error: Error) -> Error {
    if error.root_cause().is::<io::Error>() {
        return anyhow!("{error:#}\nhelp: choose a place that can be written to with `--path`");
    }
    error
}

fn plan(kept: &Tree) -> Plan {
    let create = |(path, text): (&str, &str)| {
        let text = text.to_owned();
        (path.to_owned(), Action::Create { text })
    };
    Plan {
        changes: kept.iter().map(create).collect(),
        ..Plan::default()
    }
}

fn show(plan: &Plan, output: &Output) -> Result<()> {
    if output.json {
        terminal::print(&report::to_json(plan, !output.dry_run))
    } else if output.dry_run {
        terminal::print(&report::diffs(plan))
    } else if output.verbose > 0 {
        terminal::print(&report::summary(plan))
    } else {
        Ok(())
    }
}

fn told(target: &Path, repository: Option<Repository>, output: &Output) {
    let shown = target.display();
    if output.dry_run {
        terminal::tell(&format!(
            "nothing was written to {shown}: this was a dry run"
        ));
        return;
    }
    match repository {
        Some(Repository::Uncommitted) => terminal::note(
            "git knows no name and e-mail of yours, so nothing is committed yet: `git config --global user.name` and `user.email`",
        ),
        Some(Repository::NoGit) => {
            terminal::note("there is no git on this machine, so the project is no repository");
        }
        Some(Repository::Committed) | None => {}
    }
    terminal::tell(&format!(
        "created {shown}\n\nnext:\n  cd {shown}\n  cargo test    # everything, without AWS; the first build takes some minutes\n  cargo dev     # the API on localhost, docs at /docs\n  scaffold add entity NAME [FIELD…]"
    ));
}
