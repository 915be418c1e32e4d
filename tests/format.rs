//! Whatever names and fields a project has, its Rust is laid out as rustfmt would.

use std::fs;
use std::process::Command;

use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, TestRunner};
use scaffold::field::Field;
use scaffold::name::{EntityName, FeatureName, JobName, ProjectName};
use scaffold::project::{Access, Entity, Feature, Job, Project};
use scaffold::render::render;

/// Rules and types in every form that changes a line.
const FIELDS: &[&str] = &[
    "string",
    "string:1..200",
    "string:1..200:optional:redact",
    "string:..50:index",
    "string:..50:index:optional:redact",
    "string:100000..100000",
    "string:100..100000:list=1..1000",
    "string:pattern=^[A-Z]{3,40}(-[a-z0-9]+)*$:..50",
    "string:default=hello:readonly",
    "text:..2000:optional:default=x",
    "text:list:readonly:redact",
    "int:1..10:index",
    "int:list=1000..100000",
    "int:ge=-9223372036854775808:lt=9223372036854775807:default=3",
    "float:gt=0:le=0.5:optional",
    "decimal:gt=0:le=10000000",
    "decimal:gt=-99999999999999999.5:lt=99999999999999999999.5:default=1.5",
    "bool:default=true:redact",
    "date:optional:index",
    "date:default=2030-01-31",
    "datetime:redact:default=2030-12-31T23:59:59Z",
    "datetime:list:optional",
    "uuid:default=00000000-0000-7000-8000-000000000000",
    "email:redact:optional",
    "url:list=1..20",
    "json",
    "json:optional:readonly",
    "enum:a/b/in_progress:default=a:index",
    "enum:self/x2:list:optional",
    "ref:Target",
    "ref:Target:optional:index",
    "ref:Target:list:redact",
    "file",
    "file:max=10MB:types=pdf/png/jpeg",
    "file:optional:redact:types=pdf/png/jpeg/docx",
    "file:types=text/a/text/b/text/c/text/d/text/e/text/f/text/g/text/h/text/i/text/j/text/k:optional",
];

const ACCESS: [Option<Access>; 5] = [
    None,
    Some(Access::Owner),
    Some(Access::User),
    Some(Access::Admin),
    Some(Access::Public),
];

/// A name of this length. Some lengths are keywords.
fn name(length: usize, seed: usize) -> String {
    const WORDS: [&str; 6] = ["", "as", "type", "match", "static", "self"];
    if let Some(word) = WORDS.get(seed % 12).filter(|word| word.len() == length) {
        return (*word).to_owned();
    }
    let letters = "abcdefghijklmnopqrstuvwxyz_"
        .chars()
        .cycle()
        .skip(seed % 26);
    let name: String = letters.take(length).collect();
    let name = name.trim_matches('_').to_owned();
    format!("{name}{}", "q".repeat(length - name.len()))
}

/// Lengths of a name, and what makes it differ from others.
type Names = (usize, usize);

fn names() -> impl Strategy<Value = Names> {
    (1..=48_usize, 0..26_usize)
}

type Parts = (
    Names,
    Names,
    Vec<(Names, usize)>,
    Vec<Names>,
    [usize; 3],
    bool,
);

/// A project with an entity of these parts, if there can be one.
fn project((feature, entity, fields, jobs, access, is_child): Parts) -> Option<Project> {
    let mut project = Project::new(ProjectName::parse("my-api").ok()?);
    let feature = FeatureName::parse(&name(feature.0, feature.1)).ok()?;
    project.features.insert(feature.clone(), Feature::default());

    let mut target = Entity::new(feature.clone());
    target.fields.push(Field::parse("name:string").ok()?);
    target.read = Some(Access::Public);
    project
        .entities
        .insert(EntityName::parse("Target").ok()?, target);

    let mut described = Entity::new(feature);
    [described.read, described.write, described.delete] = access.map(|it| ACCESS[it]);
    described.parent = is_child.then(|| EntityName::parse("Target").ok()).flatten();
    let mut indexes = 1;
    for ((length, seed), kind) in fields {
        let kind = FIELDS[kind].replace("index", &format!("index={indexes}"));
        indexes += u8::from(kind.contains("index"));
        let field = Field::parse(&format!("{}:{kind}", name(length, seed)));
        described.fields.extend(field.ok());
    }
    for (length, seed) in jobs {
        let job = JobName::parse(&name(length, seed)).ok()?;
        described.jobs.insert(job, Job {});
    }
    let entity = EntityName::parse(&name(entity.0, entity.1)).ok()?;
    project.entities.insert(entity, described);
    project.check().0.is_empty().then_some(project)
}

#[test]
fn every_project_is_formatted() {
    let mut runner = TestRunner::new(Config::default());
    let field = (names(), 0..FIELDS.len());
    let fields = prop::collection::vec(field, 0..12);
    let access = [0..ACCESS.len(), 0..ACCESS.len(), 0..ACCESS.len()];
    let jobs = prop::collection::vec(names(), 0..3);
    let parts = (names(), names(), fields, jobs, access, any::<bool>());

    let folder = tempfile::tempdir().unwrap();
    let mut files = Vec::new();
    let mut made = 0;
    while made < 60 {
        let parts = parts.new_tree(&mut runner).unwrap().current();
        let Some(project) = project(parts) else {
            continue;
        };
        let tree = render(&project).unwrap();
        // rustfmt follows `mod`, so all that may be named must be there.
        for (path, text) in tree.iter() {
            let is_feature = path.starts_with("src/features/");
            if is_feature || path == "src/worker.rs" || path.starts_with("tests/api/") {
                let file = folder.path().join(made.to_string()).join(path);
                fs::create_dir_all(file.parent().unwrap()).unwrap();
                fs::write(&file, text).unwrap();
                let begins = [
                    "src/features/mod.rs",
                    "src/worker.rs",
                    "tests/api/features/mod.rs",
                ];
                if begins.contains(&path) || path == "tests/api/main.rs" && made == 0 {
                    files.push(file);
                }
            }
        }
        made += 1;
    }

    let mut command = Command::new("rustfmt");
    command.args(["--check", "--edition", "2024"]);
    let output = command.args(&files).output().unwrap();
    let differences = String::from_utf8_lossy(&output.stdout);
    assert!(
        output.status.success(),
        "{differences}{}",
        String::from_utf8_lossy(&output.stderr)
    );
}
