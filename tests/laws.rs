//! What holds for every project and every command, held against the real templates in memory.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::process::Command;
use std::sync::LazyLock;

use proptest::prelude::*;
use proptest::sample::{Index, select, subsequence};
use scaffold::base::Base;
use scaffold::change::{describe, edited};
use scaffold::check::check;
use scaffold::cli::{AddEntity, AddFeature, AddField, AddJob};
use scaffold::cli::{RemoveEntity, RemoveFeature, RemoveField, RemoveJob};
use scaffold::commands::{add_entity, add_feature, add_field, add_job, new, remove};
use scaffold::disk::{OnDisk, Ours};
use scaffold::existing::MANIFEST;
use scaffold::name::ProjectName;
use scaffold::plan::{Action, Plan, Sides, plan};
use scaffold::problem::Problems;
use scaffold::project::{Component, Project};
use scaffold::render;
use scaffold::template::Templates;
use scaffold::tree::Tree;
use tempfile::TempDir;

/// A project on a disk that is only imagined.
#[derive(Clone, Debug, PartialEq)]
struct Disk {
    files: BTreeMap<String, String>,
    base: BTreeMap<String, String>,
}

impl Disk {
    fn new(project: &Project) -> Self {
        let tree = new::tree(project).unwrap();
        let files: BTreeMap<String, String> = tree
            .iter()
            .map(|(path, text)| (path.to_owned(), text.to_owned()))
            .collect();
        Self {
            base: files.clone(),
            files,
        }
    }

    fn project(&self) -> Project {
        Project::parse(&self.files[MANIFEST], MANIFEST).unwrap()
    }

    fn plan(&self, after: &Project) -> Plan {
        let before = self.project();
        let (old, theirs) = render::difference(&Templates::default(), &before, after).unwrap();
        let mut base = Base::default();
        for path in old.paths() {
            base.tree.insert(path, &*self.base[path]).unwrap();
        }
        let states = self.files.iter();
        let states = states.map(|(path, text)| (path.clone(), OnDisk::Text(text.clone())));
        let sides = Sides {
            base: &base,
            theirs: &theirs,
            ours: &Ours(states.collect()),
            keep: &BTreeSet::new(),
        };
        let mut plan = plan(&sides);
        let text = after
            .edit_toml(&before, &self.files[MANIFEST], MANIFEST)
            .unwrap();
        describe(
            &mut plan,
            Some(&before),
            after,
            &self.files[MANIFEST],
            &text,
        );
        plan
    }

    fn apply(&mut self, plan: &Plan) {
        assert!(
            !plan.has_conflicts(),
            "{}",
            scaffold::report::conflicts(plan)
        );
        for (path, action) in &plan.changes {
            match action {
                Action::Create { text } | Action::Update { after: text, .. } => {
                    self.files.insert(path.clone(), text.clone())
                }
                Action::Delete { .. } => self.files.remove(path),
                Action::Conflict(_) => None,
            };
        }
        for (path, text) in &plan.base {
            match text {
                Some(text) => self.base.insert(path.clone(), text.clone()),
                None => self.base.remove(path),
            };
        }
    }

    fn run(&mut self, command: &Typed) {
        let after = edited(&self.project(), |project| command.edit(project)).unwrap();
        self.apply(&self.plan(&after));
    }
}

impl Disk {
    /// Runs a command, unless there are conflicts.
    fn try_to_run(&mut self, command: &Typed) -> bool {
        let after = edited(&self.project(), |project| command.edit(project)).unwrap();
        let plan = self.plan(&after);
        if !plan.has_conflicts() {
            self.apply(&plan);
        }
        !plan.has_conflicts()
    }

    /// Which of the user's lines are there, each of them once.
    fn count_mine(&self) -> BTreeSet<usize> {
        let lines = self.files.values().flat_map(|text| text.lines());
        let mine = lines.filter_map(|line| line.strip_prefix("// mine ")?.strip_suffix('.'));
        let mut found = BTreeSet::new();
        for number in mine {
            assert!(
                found.insert(number.parse().unwrap()),
                "{number} is there twice"
            );
        }
        found
    }
}

/// A command as it is typed.
#[derive(Debug)]
enum Typed {
    AddFeature(AddFeature),
    AddEntity(AddEntity),
    AddField(AddField),
    AddJob(AddJob),
    RemoveFeature(RemoveFeature),
    RemoveEntity(RemoveEntity),
    RemoveField(RemoveField),
    RemoveJob(RemoveJob),
}

impl Typed {
    fn edit(&self, project: &mut Project) -> Result<(), Problems> {
        match self {
            Self::AddFeature(args) => add_feature::edit(project, args),
            Self::AddEntity(args) => add_entity::edit(project, args),
            Self::AddField(args) => add_field::edit(project, args),
            Self::AddJob(args) => add_job::edit(project, args),
            Self::RemoveFeature(args) => remove::features(project, args),
            Self::RemoveEntity(args) => remove::entities(project, args),
            Self::RemoveField(args) => remove::fields(project, args),
            Self::RemoveJob(args) => remove::jobs(project, args),
        }
    }

    /// The command that takes this one back.
    fn back(&self) -> Self {
        match self {
            Self::AddFeature(args) => Self::RemoveFeature(RemoveFeature {
                names: vec![args.name.clone()],
                ..Default::default()
            }),
            Self::AddEntity(args) => Self::RemoveEntity(RemoveEntity {
                names: vec![args.name.clone()],
                ..Default::default()
            }),
            Self::AddField(args) => Self::RemoveField(RemoveField {
                entity: args.entity.clone(),
                names: args.fields.iter().map(|field| name_of(field)).collect(),
                ..Default::default()
            }),
            Self::AddJob(args) => Self::RemoveJob(RemoveJob {
                names: vec![args.name.clone()],
                entity: args.entity.clone(),
                ..Default::default()
            }),
            other => unreachable!("{other:?} adds nothing"),
        }
    }
}

fn name_of(field: &str) -> String {
    field.split(':').next().unwrap_or_default().to_owned()
}

fn feature(name: &str) -> Typed {
    Typed::AddFeature(AddFeature {
        name: name.to_owned(),
        ..Default::default()
    })
}

fn entity(name: &str, fields: &[String], parent: Option<&str>) -> Typed {
    Typed::AddEntity(AddEntity {
        name: name.to_owned(),
        fields: fields.to_vec(),
        feature: Some("shop".to_owned()),
        parent: parent.map(str::to_owned),
        ..Default::default()
    })
}

fn field(entity: &str, fields: &[String]) -> Typed {
    Typed::AddField(AddField {
        entity: entity.to_owned(),
        fields: fields.to_vec(),
        ..Default::default()
    })
}

fn job(name: &str, entity: &str) -> Typed {
    Typed::AddJob(AddJob {
        name: name.to_owned(),
        entity: Some(entity.to_owned()),
        ..Default::default()
    })
}

const FEATURES: &[&str] = &["a", "billing", "proposal_writer", "zoo", "type", LONG];
const ENTITIES: &[&str] = &[
    "Ab",
    "Customer",
    "Category",
    "Match",
    "OrderLine",
    "Zebra",
    LONGER,
];
const LONG: &str = "a_feature_with_a_name_as_long_as_a_name_may_be_y";
const LONGER: &str = "an_entity_with_a_name_as_long_as_a_name_may_be_y";

const JOBS: &[&str] = &["analyze", "match", "send_reminder", "z2", LONG];

/// Fields that may be added to an entity at any time; every type and every rule is among them.
const FIELDS: &[&str] = &[
    "t:string:1..200:default=x",
    "note:text:optional:..2000",
    "code:string:3..20:optional:pattern=^[A-Z]+$",
    "count:int:1..10:default=1",
    "ratio:float:gt=0:le=1:optional",
    "budget:decimal:gt=0:le=10000000:optional",
    "done:bool:default=false",
    "due:date:optional",
    "at:datetime:optional",
    "key:uuid:optional",
    "mail:email:optional:redact",
    "site:url:optional",
    "data:json:optional",
    "status:enum:draft/in_progress/done:default=draft",
    "type:enum:a/type/self:optional:index",
    "match:string:..50:optional:index",
    "self:int:optional",
    "scan:file:types=pdf",
    "crate:file:optional:redact",
    "tags:string:1..20:list=0..5",
    "scores:int:list",
    "seen:datetime:optional:readonly",
    "a_field_with_a_name_as_long_as_a_name_may_be_yes:decimal:optional:index",
];

fn some_fields() -> impl Strategy<Value = Vec<String>> {
    let texts: Vec<String> = FIELDS.iter().map(|&text| text.to_owned()).collect();
    subsequence(texts, 0..=FIELDS.len()).prop_shuffle()
}

/// Commands none of which needs another, for a project that has the feature `shop` and the entity `Item` in it.
fn additions() -> impl Strategy<Value = Vec<Typed>> {
    let features = subsequence(FEATURES, 0..=3);
    let entities = subsequence(ENTITIES, 0..=4);
    let entities = entities.prop_flat_map(|names| {
        let each = names.into_iter().map(|name| {
            let parent = select(vec![None, None, Some("Item")]);
            (some_fields(), parent).prop_map(move |(fields, parent)| entity(name, &fields, parent))
        });
        each.collect::<Vec<_>>()
    });
    let fields = prop::option::of(some_fields());
    let jobs = subsequence(JOBS, 0..=2);
    (features, entities, fields, jobs)
        .prop_map(|(features, entities, fields, jobs)| {
            let fields = fields.filter(|fields| !fields.is_empty());
            let mut all: Vec<Typed> = features.into_iter().map(feature).collect();
            all.extend(entities);
            all.extend(fields.map(|fields| field("Item", &fields)));
            all.extend(jobs.into_iter().map(|name| job(name, "Item")));
            all
        })
        .prop_shuffle()
}

/// A project with the feature `shop` and, in it, the entity `Item`.
fn start() -> Disk {
    static START: LazyLock<Disk> = LazyLock::new(|| shop("my-api"));
    START.clone()
}

fn shop(name: &str) -> Disk {
    let mut disk = Disk::new(&Project::new(ProjectName::parse(name).unwrap()));
    disk.run(&feature("shop"));
    disk.run(&entity("Item", &["title:string:1..200".to_owned()], None));
    disk
}

fn texts(tree: &Tree) -> BTreeMap<String, String> {
    let texts = tree.iter();
    texts
        .map(|(path, text)| (path.to_owned(), text.to_owned()))
        .collect()
}

/// As many cases as `PROPTEST_CASES` says, else these.
fn config(cases: u32) -> ProptestConfig {
    let given = std::env::var_os("PROPTEST_CASES").is_some();
    let default = ProptestConfig::default();
    ProptestConfig {
        cases: if given { default.cases } else { cases },
        failure_persistence: None,
        ..default
    }
}

proptest! {
    #![proptest_config(config(12))]

    #[test]
    fn adding_gives_what_rendering_all_of_it_gives(commands in additions()) {
        let mut disk = start();
        for command in &commands {
            disk.run(command);
        }
        let rendered = texts(&new::tree(&disk.project()).unwrap());
        prop_assert_eq!(&disk.files, &rendered);
        prop_assert_eq!(&disk.base, &rendered);
    }

    #[test]
    fn the_order_of_additions_does_not_show(commands in additions(), order in any::<Index>()) {
        let (mut left, mut right) = (start(), start());
        for command in &commands {
            left.run(command);
        }
        let from = if commands.is_empty() { 0 } else { order.index(commands.len()) };
        for command in commands[from..].iter().chain(&commands[..from]) {
            right.run(command);
        }
        prop_assert_eq!(left, right);
    }

    #[test]
    fn taking_back_what_was_added_leaves_nothing(commands in additions()) {
        let mut disk = start();
        let mut before = vec![disk.clone()];
        for command in &commands {
            disk.run(command);
            before.push(disk.clone());
        }
        for command in commands.iter().rev() {
            prop_assert_eq!(Some(disk.clone()), before.pop());
            disk.run(&command.back());
        }
        prop_assert_eq!(Some(disk.clone()), before.pop());
    }

    #[test]
    fn the_same_command_again_is_refused(commands in additions()) {
        let mut disk = start();
        for command in &commands {
            disk.run(command);
            prop_assert!(edited(&disk.project(), |project| command.edit(project)).is_err());
        }
    }

    #[test]
    fn planning_after_applying_finds_nothing(commands in additions()) {
        let mut disk = start();
        for command in &commands {
            disk.run(command);
        }
        prop_assert!(disk.plan(&disk.project()).is_empty());
    }

    #[test]
    fn only_what_differs_is_rendered_and_all_of_it(commands in additions()) {
        let before = start().project();
        let mut after = before.clone();
        for command in &commands {
            command.edit(&mut after).unwrap();
        }
        let (old, new) = render::difference(&Templates::default(), &before, &after).unwrap();
        let (all_old, all_new) = (render::render(&before).unwrap(), render::render(&after).unwrap());
        let only = |tree: &Tree| {
            let mut texts = texts(tree);
            texts.retain(|path, _| all_old.get(path) != all_new.get(path));
            texts
        };
        prop_assert_eq!(texts(&old), only(&all_old));
        prop_assert_eq!(texts(&new), only(&all_new));
    }

    #[test]
    fn a_comment_of_the_user_survives_every_command(commands in additions(), places in places()) {
        let mut disk = start();
        edit(&mut disk, &places, |line, mine| format!("{mine}{line}"));
        let edited = disk.clone();
        for (number, command) in commands.iter().enumerate() {
            // A comment in the middle of lines that go is a conflict, which writes nothing.
            if !disk.try_to_run(command) {
                for command in commands[..number].iter().rev() {
                    disk.run(&command.back());
                }
                break;
            }
            prop_assert_eq!(disk.count_mine(), BTreeSet::from_iter(0..places.len()), "{:?}", command);
            if number + 1 == commands.len() {
                for command in commands.iter().rev() {
                    disk.run(&command.back());
                }
            }
        }
        prop_assert_eq!(disk, edited);
    }

    #[test]
    fn what_the_user_rewrote_stays_rewritten(commands in additions(), places in places()) {
        let mut disk = start();
        edit(&mut disk, &places, |_, mine| mine.to_owned());
        let before = disk.count_mine();
        for command in &commands {
            if disk.try_to_run(command) {
                prop_assert_eq!(&disk.count_mine(), &before, "{:?}", command);
            }
        }
    }
}

impl Disk {
    /// As a folder.
    fn written(&self) -> TempDir {
        let folder = tempfile::tempdir().unwrap();
        for (path, text) in &self.files {
            let path = folder.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        folder
    }
}

/// What may happen to a file.
#[derive(Clone, Debug)]
enum Damage {
    Lost,
    /// Only the part up to here is left.
    Cut(Index),
    /// A line is in another one's place.
    Moved(Index, Index),
    /// Something stands before a line.
    Torn(Index, &'static str),
    /// It has the text of another file.
    Mixed(Index),
}

fn damages() -> impl Strategy<Value = Vec<(Index, Damage)>> {
    let torn = select(vec![
        "{",
        "}",
        "(",
        "\"",
        "r#\"",
        "'",
        "/*",
        "\u{0}",
        "\u{feff}",
        "mod x;",
        "mod self;",
        "pub use self::*;",
        "use super::super::super::super::super::x as x;",
        "use crate::features::*;",
        "routes!(",
        "routes!(a::b, self::c)",
        "#[path = \"../../../../../../etc/passwd\"] mod y;",
        "#[path = \"lib.rs\"] mod z;",
        "#[utoipa::path(get)]",
        "#[cfg(test)]",
        "include!(\"../lib.rs\");",
        "type T = T;",
        "trait A: A {}",
        "impl A for A {}",
        "<<<<<<< HEAD",
        "  - *x",
        "&x [*x]",
        "? [a]",
        "    Action: !If [",
        "Properties: !Sub {}",
        "Metadata:",
        "- - - -",
        "[[bin]]",
        "[lib]",
        "path = \"..\"",
        "members = [\"*\", \"../*\"]",
        "FOO=",
        "export =",
    ]);
    let damage = prop_oneof![
        Just(Damage::Lost),
        any::<Index>().prop_map(Damage::Cut),
        any::<(Index, Index)>().prop_map(|(from, to)| Damage::Moved(from, to)),
        (any::<Index>(), torn).prop_map(|(line, text)| Damage::Torn(line, text)),
        any::<Index>().prop_map(Damage::Mixed),
    ];
    prop::collection::vec((any::<Index>(), damage), 1..40)
}

/// Rust, and what says how it is built and deployed.
fn is_checked(path: &str) -> bool {
    let is_code = path.ends_with(".rs") && !path.starts_with("tests/");
    is_code || path.ends_with("Cargo.toml") || path == "template.yaml" || path == ".env.example"
}

fn damage(disk: &mut Disk, path: &str, damage: &Damage) {
    let Some(text) = disk.files.get(path).cloned() else {
        return;
    };
    let mut lines: Vec<&str> = text.split_inclusive('\n').collect();
    let changed = match damage {
        Damage::Lost => {
            disk.files.remove(path);
            return;
        }
        Damage::Cut(end) => text.chars().take(end.index(text.len() + 1)).collect(),
        Damage::Moved(from, to) if !lines.is_empty() => {
            let line = lines.remove(from.index(lines.len()));
            lines.insert(to.index(lines.len() + 1), line);
            lines.concat()
        }
        Damage::Moved(..) => return,
        Damage::Torn(line, torn) => {
            let torn = format!("{torn}\n");
            lines.insert(line.index(lines.len() + 1), &torn);
            lines.concat()
        }
        Damage::Mixed(other) => {
            let paths: Vec<&String> = disk.files.keys().filter(|path| is_checked(path)).collect();
            disk.files[*other.get(&paths)].clone()
        }
    };
    disk.files.insert(path.to_owned(), changed);
}

proptest! {
    #![proptest_config(config(3))]

    #[test]
    fn every_command_leaves_a_project_that_is_wired(
        commands in additions(),
        without in subsequence(Component::ALL.to_vec(), 0..=3),
    ) {
        let mut project = start().project();
        project.components.retain(|component| !without.contains(component));
        let mut disk = Disk::new(&project);
        for (number, command) in commands.iter().enumerate() {
            disk.run(command);
            if number % 3 == 0 || number + 1 == commands.len() {
                let report = check(disk.written().path()).unwrap();
                prop_assert_eq!((&report.findings, &report.notes), (&vec![], &vec![]), "{:?}", command);
            }
        }
    }
}

proptest! {
    #![proptest_config(config(12))]

    #[test]
    fn a_check_ends_on_any_tree_and_always_says_the_same(damages in damages()) {
        let mut disk = start();
        let paths: Vec<String> = disk.files.keys().filter(|path| is_checked(path)).cloned().collect();
        for (path, harm) in &damages {
            damage(&mut disk, &paths[path.index(paths.len())], harm);
        }
        let folder = disk.written();
        let report = check(folder.path()).unwrap();
        prop_assert_eq!(check(folder.path()).unwrap(), report);
    }
}

/// Where a user edits: a file, and a line of it.
fn places() -> impl Strategy<Value = Vec<(Index, Index)>> {
    prop::collection::vec((any::<Index>(), any::<Index>()), 1..12)
}

/// Whether the file is one that additions change.
fn is_grown(path: &str) -> bool {
    let grown = [
        "docs/",
        "src/features/",
        "tests/api/main.rs",
        "tests/api/item",
    ];
    grown.iter().any(|part| path.starts_with(part))
}

/// Puts something that is told apart from all else in place of each line, as `change` says.
fn edit(disk: &mut Disk, places: &[(Index, Index)], change: fn(&str, &str) -> String) {
    let paths = disk.files.keys().filter(|path| is_grown(path));
    let paths: Vec<String> = paths.cloned().collect();
    for (number, (path, line)) in places.iter().enumerate() {
        let path = path.get(&paths);
        let mut lines: Vec<&str> = disk.files[path].split_inclusive('\n').collect();
        let line = line.index(lines.len());
        let changed = change(lines[line], &format!("// mine {number}.\n"));
        lines[line] = &changed;
        let text = lines.concat();
        disk.files.insert(path.clone(), text);
    }
}

proptest! {
    #![proptest_config(config(4))]

    #[test]
    fn every_name_and_field_gives_files_that_parse_and_are_formatted(
        commands in additions(),
        name in "[a-z]([a-z0-9]{0,9}-?){0,4}[a-z]",
    ) {
        prop_assume!(ProjectName::parse(&name).is_ok());
        let mut disk = shop(&name);
        for command in &commands {
            disk.run(command);
        }
        let folder = tempfile::tempdir().unwrap();
        let mut roots = Vec::new();
        for (path, text) in disk.files.iter().filter(|(path, _)| path.ends_with(".rs")) {
            prop_assert!(syn::parse_file(text).is_ok(), "{} does not parse:\n{}", path, text);
            let file = folder.path().join(path);
            fs::create_dir_all(file.parent().unwrap()).unwrap();
            fs::write(&file, text).unwrap();
            if is_root(path) {
                roots.push(file);
            }
        }
        let checked = Command::new("rustfmt").args(["--check", "--edition", "2024"]).args(&roots).output().unwrap();
        let diff = String::from_utf8_lossy(&checked.stdout);
        prop_assert!(checked.status.success(), "{}{}", diff, String::from_utf8_lossy(&checked.stderr));
    }
}

proptest! {
    #![proptest_config(config(24))]

    #[test]
    fn what_tests_call_of_their_support_is_there_and_nothing_is_there_for_no_one(commands in additions()) {
        let mut disk = start();
        for command in &commands {
            disk.run(command);
        }
        let tests = disk.files.iter().filter(|(path, _)| path.starts_with("tests/api/"));
        let (support, tests): (Vec<_>, Vec<_>) = tests.partition(|(path, _)| path.contains("/support/"));
        let defined: BTreeSet<&str> = support.iter().flat_map(|(_, text)| words_after(text, "fn ")).collect();
        for (path, text) in tests.iter().filter(|(path, _)| path.contains("/features/")) {
            for called in ["items.", "parents."].iter().flat_map(|receiver| words_after(text, receiver)) {
                prop_assert!(defined.contains(called), "{} calls `{}`", path, called);
            }
        }
        let all: Vec<&str> = support.iter().chain(&tests).map(|(_, text)| text.as_str()).collect();
        for name in SUPPORT.iter().flat_map(|path| disk.files.get(*path)).flat_map(|text| words_after(text, "fn ")) {
            let uses: usize = all.iter().map(|text| text.matches(&format!(".{name}(")).count()).sum();
            let calls: usize = all.iter().map(|text| text.matches(&format!("{name}(")).count()).sum();
            prop_assert!(uses > 0 || calls > 1, "nobody calls `{}`", name);
        }
    }
}

/// What the tests of entities have in common; each part of it is there for some entities only.
const SUPPORT: [&str; 5] = [
    "tests/api/support/crud.rs",
    "tests/api/support/files.rs",
    "tests/api/support/filters.rs",
    "tests/api/support/items.rs",
    "tests/api/support/jobs.rs",
];

/// The names that follow `mark`, each before a bracket.
fn words_after<'a>(text: &'a str, mark: &'a str) -> impl Iterator<Item = &'a str> {
    text.match_indices(mark).filter_map(move |(at, _)| {
        let rest = &text[at + mark.len()..];
        let end = rest.find(|c: char| !c.is_alphanumeric() && c != '_')?;
        (end > 0 && rest[end..].starts_with(['(', '<'])).then(|| &rest[..end])
    })
}

/// Whether a file is where a crate begins: rustfmt goes on to its modules by itself.
fn is_root(path: &str) -> bool {
    path.ends_with("lib.rs")
        || path.contains("/bin/")
        || path.ends_with("/main.rs")
        || path.starts_with("examples/")
}
