//! The questions of each command, of which those are left out that the command line answers.

use std::path::PathBuf;

use anyhow::Result;
use clap::ArgMatches;

use super::ask::{Choice, Marked, Person, Refusal};
use super::fields::Fields;
use crate::change::{edited, refuse_other_build};
use crate::cli::{AddEntity, AddFeature, AddField, AddJob};
use crate::commands::remove::find_entity;
use crate::commands::{add_entity, add_feature, add_field, add_job};
use crate::create;
use crate::existing::{Existing, Intent};
use crate::name::{EntityName, JobName, ProjectName};
use crate::problem::Problem;
use crate::project::{Access, AccessRules, Arch, Component, Project, Region};
use crate::terminal;

/// Asks what the command needs, and gives what is to be added to the line.
pub fn hold(matches: &ArgMatches) -> Result<Vec<String>> {
    let (path, matches) = innermost(matches);
    match path.as_slice() {
        ["new"] => new(matches),
        ["add", "feature"] => feature(),
        ["add", "entity"] => entity(matches),
        ["add", "field"] => fields(matches),
        ["add", "job"] => job(matches),
        ["remove", what] => removed(what, matches),
        _ => Ok(Vec::new()),
    }
}

/// `add entity` with all it must be given, but for the feature if there are several.
pub fn feature_of(args: &AddEntity) -> Result<Vec<String>> {
    if args.feature.is_some() || args.parent.is_some() {
        return Ok(Vec::new());
    }
    let project = project()?;
    let one = with_a_feature(args.clone(), &project);
    // What is refused anyway needs no further answers.
    if edited(&project, |project| add_entity::edit(project, &one)).is_err() {
        return Ok(Vec::new());
    }
    ask_feature(&Person::new()?, &args.name, &project)
}

/// `add job` with all it must be given, but for the entity if there are several.
pub fn entity_of(args: &AddJob) -> Result<Vec<String>> {
    let project = project()?;
    if args.entity.is_some() || project.entities.len() < 2 || JobName::parse(&args.name).is_err() {
        return Ok(Vec::new());
    }
    let entity = choose_entity(&Person::new()?, "Entity that it works on", &project)?;
    Ok(option("entity", entity).to_vec())
}

fn innermost(matches: &ArgMatches) -> (Vec<&str>, &ArgMatches) {
    match matches.subcommand() {
        Some((name, below)) => {
            let (mut path, matches) = innermost(below);
            path.insert(0, name);
            (path, matches)
        }
        None => (Vec::new(), matches),
    }
}

fn given<T: Clone + Send + Sync + 'static>(matches: &ArgMatches, name: &str) -> Option<T> {
    matches.try_get_one::<T>(name).ok().flatten().cloned()
}

/// The project as it is: what it would refuse is known before anything is asked.
fn project() -> Result<Project> {
    let existing = Existing::open("scaffold", Intent::Look)?;
    refuse_other_build(&existing)?;
    Ok(existing.described)
}

fn shown<T>(outcome: Result<T, impl ToString>) -> Result<(), Refusal> {
    outcome.map(drop).map_err(|problem| problem.to_string())
}

fn option(name: &str, value: impl Into<String>) -> [String; 2] {
    [format!("--{name}"), value.into()]
}

fn new(matches: &ArgMatches) -> Result<Vec<String>> {
    let person = Person::new()?;
    let path: Option<PathBuf> = given(matches, "path");
    let name = person.text("Name of the project", "", |typed| {
        let name = ProjectName::parse(typed).map_err(|problem| problem.to_string())?;
        let target = path.clone().unwrap_or_else(|| PathBuf::from(name.kebab()));
        shown(create::check_target(&target).map_err(|error| format!("{error:#}")))
    })?;
    let mut added = vec![name];
    if given::<String>(matches, "region").is_none() {
        let default = Region::default();
        let region = person.text_or("AWS region", default.as_str(), |typed| {
            shown(Region::parse(typed))
        })?;
        if region != default.as_str() {
            added.extend(option("region", region));
        }
    }
    if given::<Arch>(matches, "arch").is_none() {
        let meaning = |arch| match arch {
            Arch::Arm64 => "Graviton: cheaper, and mostly faster",
            Arch::X86_64 => "where something native needs it",
        };
        let choices = Arch::ALL.map(|arch| Choice::new(arch.word(), meaning(arch)));
        let arch = Arch::ALL[person.choose("Processor of its functions", &choices)?];
        if arch != Arch::default() {
            added.extend(option("arch", arch.word()));
        }
    }
    if given::<Component>(matches, "without").is_none() {
        let meaning = |component| match component {
            Component::Ai => "Bedrock, and prompt templates",
            Component::Storage => "a bucket, and `file` fields",
            Component::Worker => "a second function, for background jobs",
        };
        let choices = Component::ALL.map(|one| Choice::new(one.word(), meaning(one)));
        let with = person.choose_any("Components", &choices, Marked::All)?;
        let without: Vec<&str> = (0..choices.len())
            .filter(|i| !with.contains(i))
            .map(|i| Component::ALL[i].word())
            .collect();
        if !without.is_empty() {
            added.extend(option("without", without.join(",")));
        }
    }
    Ok(added)
}

fn feature() -> Result<Vec<String>> {
    let project = project()?;
    let name = Person::new()?.text("Name of the feature", "", |typed| {
        let args = AddFeature {
            name: typed.to_owned(),
            ..AddFeature::default()
        };
        shown(edited(&project, |project| {
            add_feature::edit(project, &args)
        }))
    })?;
    Ok(vec![name])
}

fn entity(matches: &ArgMatches) -> Result<Vec<String>> {
    let project = project()?;
    let person = Person::new()?;
    let mut args = AddEntity {
        feature: given(matches, "feature"),
        parent: given(matches, "parent"),
        plural: given(matches, "plural"),
        read: given(matches, "read"),
        write: given(matches, "write"),
        delete: given(matches, "delete"),
        ..AddEntity::default()
    };
    let check = |args: &AddEntity| {
        let args = with_a_feature(args.clone(), &project);
        edited(&project, |project| add_entity::edit(project, &args))
    };
    args.name = person.text("Name of the entity", "", |typed| {
        shown(check(&AddEntity {
            name: typed.to_owned(),
            ..args.clone()
        }))
    })?;
    let mut added = Vec::new();

    if args.parent.is_none() {
        args.parent = ask_parent(&person, &project)?;
        added.extend(
            args.parent
                .iter()
                .flat_map(|parent| option("parent", parent)),
        );
    }
    if args.feature.is_none() && args.parent.is_none() {
        let feature = ask_feature(&person, &args.name, &project)?;
        args.feature = feature.last().cloned();
        added.extend(feature);
    }
    if args.plural.is_none() {
        let default = EntityName::parse(&args.name)?.default_plural().to_string();
        let plural = person.text_or("More than one of it", &default, |typed| {
            shown(check(&AddEntity {
                plural: Some(typed.to_owned()),
                ..args.clone()
            }))
        })?;
        if plural != default {
            args.plural = Some(plural.clone());
            added.extend(option("plural", plural));
        }
    }
    args.fields = Fields {
        none: Some(add_entity::DEFAULT_FIELD),
        targets: project.entities.keys().map(ToString::to_string).collect(),
        check: &|fields| {
            let fields = fields.to_vec();
            check(&AddEntity {
                fields,
                ..args.clone()
            })
            .map(drop)
        },
    }
    .ask(&person)?;
    let described = check(&args)?;
    let rules = described.access(&EntityName::parse(&args.name)?);
    added.extend(ask_access(&person, &args, rules)?);
    Ok([vec![args.name], args.fields, added].concat())
}

/// An entity that is not yet said to belong somewhere, put where nothing stands against it for that reason.
fn with_a_feature(mut args: AddEntity, project: &Project) -> AddEntity {
    if args.feature.is_none() && args.parent.is_none() && project.features.len() > 1 {
        args.feature = project.features.keys().next().map(ToString::to_string);
    }
    args
}

fn ask_parent(person: &Person, project: &Project) -> Result<Option<String>> {
    let parents: Vec<String> = project
        .entities
        .iter()
        .filter(|(_, entity)| entity.parent.is_none())
        .map(|(name, _)| name.to_string())
        .collect();
    if parents.is_empty() {
        return Ok(None);
    }
    let own = Choice::new("none", "it stands for itself");
    let below = |name: &String| Choice::new(name, "its items are stored below this one's");
    let choices: Vec<Choice> = std::iter::once(own)
        .chain(parents.iter().map(below))
        .collect();
    let chosen = person.choose("Parent", &choices)?;
    Ok(chosen.checked_sub(1).map(|i| parents[i].clone()))
}

/// Where there is but one feature, or none, that is settled.
fn ask_feature(person: &Person, name: &str, project: &Project) -> Result<Vec<String>> {
    if project.features.len() < 2 {
        return Ok(Vec::new());
    }
    let features = project.features.keys();
    let choices: Vec<Choice> = features.map(|name| Choice::new(name.snake(), "")).collect();
    let chosen = person.choose(&format!("Feature that `{name}` belongs to"), &choices)?;
    Ok(option("feature", &*choices[chosen].word).to_vec())
}

/// The rules that are not to be as they would be.
fn ask_access(person: &Person, args: &AddEntity, rules: AccessRules) -> Result<Vec<String>> {
    let AccessRules {
        read,
        write,
        delete,
    } = rules;
    let open: Vec<(&str, &str, Access)> = [
        ("read", "read its items", read, args.read),
        ("write", "create and change them", write, args.write),
        ("delete", "delete them", delete, args.delete),
    ]
    .into_iter()
    .filter(|(.., typed)| typed.is_none())
    .map(|(option, what, rule, _)| (option, what, rule))
    .collect();
    let shown: Vec<String> = open
        .iter()
        .map(|(option, _, rule)| format!("{option} {}", rule.word()))
        .collect();
    if open.is_empty() {
        return Ok(Vec::new());
    }
    terminal::tell(&format!("Who may, if you leave it: {}.", shown.join(", ")));
    if !person.confirm("Change who may do what?")? {
        return Ok(Vec::new());
    }
    let mut added = Vec::new();
    for (name, what, rule) in open {
        let mut all = Access::ALL.to_vec();
        all.sort_by_key(|access| *access != rule);
        let choices: Vec<Choice> = all
            .iter()
            .map(|access| Choice::new(access.word(), access.meaning()))
            .collect();
        let chosen = all[person.choose(&format!("Who may {what}"), &choices)?];
        if chosen != rule {
            added.extend(option(name, chosen.word()));
        }
    }
    Ok(added)
}

fn fields(matches: &ArgMatches) -> Result<Vec<String>> {
    let project = project()?;
    let person = Person::new()?;
    let typed: Option<String> = given(matches, "entity");
    let (entity, mut added) = match typed {
        Some(entity) => (entity, Vec::new()),
        None => {
            let entity = choose_entity(&person, "Entity that they are added to", &project)?;
            (entity.clone(), vec![entity])
        }
    };
    let entity = find_entity(&project, &entity)?.to_string();
    let fields = Fields {
        none: None,
        targets: project.entities.keys().map(ToString::to_string).collect(),
        check: &|fields| {
            let args = AddField {
                entity: entity.clone(),
                fields: fields.to_vec(),
                ..AddField::default()
            };
            edited(&project, |project| add_field::edit(project, &args)).map(drop)
        },
    };
    terminal::tell(
        "Items that are stored already lack them, so each is optional, a list, or has a default.",
    );
    added.extend(fields.ask(&person)?);
    Ok(added)
}

fn job(matches: &ArgMatches) -> Result<Vec<String>> {
    let project = project()?;
    let person = Person::new()?;
    let mut entity: Option<String> = given(matches, "entity");
    let mut added = Vec::new();
    if entity.is_none() {
        let chosen = choose_entity(&person, "Entity that it works on", &project)?;
        if project.entities.len() > 1 {
            added.extend(option("entity", &*chosen));
        }
        entity = Some(chosen);
    }
    let name = person.text("Name of the job", "what it does: analyze", |typed| {
        let args = AddJob {
            name: typed.to_owned(),
            entity: entity.clone(),
            ..AddJob::default()
        };
        shown(edited(&project, |project| add_job::edit(project, &args)))
    })?;
    added.insert(0, name);
    Ok(added)
}

/// Where there is but one, that is settled.
fn choose_entity(person: &Person, question: &str, project: &Project) -> Result<String> {
    let entities: Vec<Choice> = project
        .entities
        .iter()
        .map(|(name, entity)| Choice::new(name.to_string(), format!("in {}", entity.feature)))
        .collect();
    refuse_none("such entity", &entities)?;
    if let [only] = &entities[..] {
        return Ok(only.word.clone());
    }
    let chosen = person.choose(question, &entities)?;
    Ok(entities[chosen].word.clone())
}

fn refuse_none(what: &str, there: &[Choice]) -> Result<(), Problem> {
    if there.is_empty() {
        return Err(Problem::new(format!("there is no {what} in this project"))
            .help("`scaffold list` shows what there is"));
    }
    Ok(())
}

/// What is to be taken back.
fn removed(what: &str, matches: &ArgMatches) -> Result<Vec<String>> {
    let project = project()?;
    let person = Person::new()?;
    let mut added = Vec::new();
    let there: Vec<String> = match what {
        "feature" => project.features.keys().map(ToString::to_string).collect(),
        "entity" => project.entities.keys().map(ToString::to_string).collect(),
        "field" | "job" => {
            let mut candidates = project.clone();
            if what == "job" {
                candidates
                    .entities
                    .retain(|_, entity| !entity.jobs.is_empty());
            }
            let entity = match given(matches, "entity") {
                Some(entity) => entity,
                None => {
                    let question = format!("Entity that the {what} belongs to");
                    let entity = choose_entity(&person, &question, &candidates)?;
                    match what {
                        "field" => added.push(entity.clone()),
                        _ => added.extend(option("entity", &*entity)),
                    }
                    entity
                }
            };
            let entity = &project.entities[&find_entity(&project, &entity)?];
            match what {
                "field" => entity.fields.iter().map(|it| it.name.to_string()).collect(),
                _ => entity.jobs.keys().map(ToString::to_string).collect(),
            }
        }
        _ => return Ok(Vec::new()),
    };
    let there: Vec<Choice> = there.iter().map(|name| Choice::new(name, "")).collect();
    refuse_none(what, &there)?;
    let chosen = person.choose_any("Take back", &there, Marked::None)?;
    added.extend(chosen.into_iter().map(|i| there[i].word.clone()));
    Ok(added)
}
