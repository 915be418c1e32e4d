//! `scaffold add job`: work on an item that outlasts a request, with routes that start it and tell how it went.

use anyhow::Result;

use super::remove::find_entity;
use crate::change::{Request, change};
use crate::cli::{AddJob, Output};
use crate::name::{EntityName, JobName};
use crate::problem::{Problem, Problems, quoted};
use crate::project::{Job, Project};

pub fn run(args: &AddJob, output: &Output) -> Result<()> {
    let request = Request {
        command: format!("scaffold add job {}", args.name),
        output,
        keep: &args.keep,
    };
    change(&request, |project| edit(project, args))
}

/// The project with the job.
pub fn edit(project: &mut Project, args: &AddJob) -> Result<(), Problems> {
    let mut problems = Problems::default();
    let job = problems.take(JobName::parse(&args.name));
    let entity = problems.take(match &args.entity {
        Some(typed) => find_entity(project, typed),
        None => choose_entity(project, &args.name),
    });
    let (Some(job), Some(name)) = (job, entity) else {
        return Err(problems);
    };
    let Some(entity) = project.entities.get_mut(&name) else {
        return Err(problems);
    };
    if entity.jobs.insert(job.clone(), Job {}).is_some() {
        return Err(
            Problem::new(format!("entity `{name}` has a job `{job}` already"))
                .help("call this one something else, or edit the code of that")
                .into(),
        );
    }
    Ok(())
}

/// The only entity that there is.
fn choose_entity(project: &Project, job: &str) -> Result<EntityName, Problem> {
    let mut entities = project.entities.keys();
    match (entities.next(), entities.next()) {
        (Some(only), None) => Ok(only.clone()),
        (None, _) => Err(Problem::new(format!(
            "there is no entity that job `{job}` could work on"
        ))
        .help("add one first: `scaffold add entity NAME`")),
        (Some(_), Some(_)) => {
            let known: Vec<String> = project.entities.keys().map(EntityName::to_string).collect();
            let known = quoted(known.iter().map(String::as_str));
            Err(
                Problem::new(format!("which entity does job `{job}` work on?"))
                    .help(format!("choose one with `--entity`: {known}")),
            )
        }
    }
}
