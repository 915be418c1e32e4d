//! `scaffold add feature`: a module of routes, mounted.

use anyhow::Result;

use crate::change::{Request, change};
use crate::cli::{AddFeature, Output};
use crate::name::FeatureName;
use crate::problem::{Problem, Problems};
use crate::project::{Feature, Project};
use crate::terminal;

pub fn run(args: &AddFeature, output: &Output) -> Result<()> {
    let request = Request {
        command: format!("scaffold add feature {}", args.name),
        output,
        keep: &args.keep,
    };
    change(&request, |project| edit(project, args))?;
    if output.says_more() && !output.dry_run {
        let name = FeatureName::parse(&args.name)?;
        terminal::tell(&format!("      scaffold add entity NAME --feature {name}"));
    }
    Ok(())
}

/// The project with the feature.
pub fn edit(project: &mut Project, args: &AddFeature) -> Result<(), Problems> {
    let name = FeatureName::parse(&args.name)?;
    if project.features.contains_key(&name) {
        return Err(Problem::new(format!("feature `{name}` exists already"))
            .help(format!(
                "add to it with `scaffold add entity NAME --feature {name}`"
            ))
            .into());
    }
    project.features.insert(name, Feature::default());
    Ok(())
}
