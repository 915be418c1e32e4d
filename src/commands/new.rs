//! `scaffold new`: a project where there was none.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result};

use crate::cli::{New, Output};
use crate::create;
use crate::git;
use crate::name::ProjectName;
use crate::project::{Project, Region};
use crate::render;

pub fn run(args: &New, _output: &Output) -> Result<()> {
    let project = project(args)?;
    let target = args
        .path
        .clone()
        .unwrap_or_else(|| PathBuf::from(project.name.kebab()));
    create::check_target(&target)?;

    let tree = render::render(&project)?;
    let once = render::render_once(&project)?;

    let mut repository = None;
    create::create_whole(&target, &tree, |folder| {
        for (path, text) in once.iter() {
            let path = folder.join(path);
            fs::write(&path, text).with_context(|| format!("cannot write `{}`", path.display()))?;
        }
        if !args.no_git && !git::is_inside_repository(&target) {
            repository = Some(git::init(folder)?);
        }
        Ok(())
    })?;
    println!(
        "created {} files in {}",
        tree.len() + once.len(),
        target.display()
    );
    Ok(())
}

fn project(args: &New) -> Result<Project> {
    let mut project = Project::new(ProjectName::parse(&args.name)?);
    if let Some(region) = &args.region {
        project.region = Region::parse(region)?;
    }
    if let Some(arch) = args.arch {
        project.arch = arch;
    }
    for component in &args.without {
        project.components.remove(component);
    }
    Ok(project)
}
