//! What the documentation says of the code, held against the code.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use clap::Parser;
use scaffold::cli::Cli;
use scaffold::field::{Field, explain};
use scaffold::template;

const FIELDS: &str = include_str!("../docs/fields.md");

/// The cells of the tables below a heading, without the lines above their rows.
fn rows(document: &str, heading: &str) -> Vec<Vec<String>> {
    let start = document.find(&format!("\n## {heading}\n"));
    let section = &document[start.unwrap_or_else(|| panic!("no section `{heading}`")) + 1..];
    let section = section.split("\n## ").next().unwrap_or_default();
    let lines = section.lines().filter(|line| line.starts_with('|'));
    let cells = |line: &str| {
        let cells = line.trim_matches('|').split(" |");
        cells.map(|cell| cell.trim().to_owned()).collect()
    };
    lines.skip(2).map(cells).collect()
}

/// What is given in backticks.
fn code(cell: &str) -> Vec<&str> {
    cell.split('`').skip(1).step_by(2).collect()
}

#[test]
fn every_example_of_a_field_is_one_of_its_type_and_prints_as_it_is_written() {
    for heading in ["Types", "Rules of some types", "Rules of nearly every type"] {
        for row in rows(FIELDS, heading) {
            let example = code(row.last().unwrap());
            let [example] = example[..] else {
                panic!("no example in {row:?}");
            };
            let field = Field::parse(example).unwrap_or_else(|error| panic!("{error:?}"));
            if heading == "Types" {
                assert_eq!(code(&row[0])[0].split(':').next(), Some(field.kind.word()));
            }
            let printed = Field::parse(&field.to_string()).unwrap();
            assert_eq!(printed, field, "{example}");
        }
    }
}

#[test]
fn the_tables_of_fields_have_every_type_and_every_rule() {
    let types: Vec<String> = rows(FIELDS, "Types")
        .iter()
        .map(|row| code(&row[0])[0].split(':').next().unwrap().to_owned())
        .collect();
    let known: Vec<&str> = explain::TYPES.iter().map(|(kind, _)| *kind).collect();
    assert_eq!(types, known);

    for kind in known {
        let mut told = BTreeSet::new();
        for row in rows(FIELDS, "Rules of some types") {
            if code(&row[0]).contains(&kind) {
                told.extend(code(&row[1]).into_iter().map(word).map(str::to_owned));
            }
        }
        for row in rows(FIELDS, "Rules of nearly every type") {
            let not_for = &row[2];
            let lists = not_for.starts_with("lists, ");
            if !code(not_for).contains(&kind) || (lists && kind == "string") {
                told.extend(code(&row[0]).into_iter().map(word).map(str::to_owned));
            }
        }
        let rules = explain::rules(kind);
        let rules: BTreeSet<String> = rules
            .iter()
            .map(|(rule, _)| word(rule).to_owned())
            .collect();
        assert_eq!(told, rules, "{kind}");
    }
}

/// `max=10MB` and `list=1..20` are the rules `max` and `list`.
fn word(rule: &str) -> &str {
    rule.split('=').next().unwrap_or_default()
}

#[test]
fn what_is_said_to_be_refused_is_refused() {
    let rows = rows(FIELDS, "What is refused");
    assert!(!rows.is_empty());
    for row in rows {
        let field = code(&row[0])[0];
        assert!(Field::parse(field).is_err(), "{field}");
    }
}

#[test]
fn the_layers_of_templates_are_those_that_there_are() {
    let rows = rows(include_str!("../docs/own-templates.md"), "Layers");
    let told: BTreeSet<&str> = rows.iter().flat_map(|row| code(&row[0])).collect();
    assert_eq!(told, template::layers().into_iter().collect());
}

const ARCHITECTURE: &str = include_str!("../docs/architecture.md");

#[test]
fn the_code_map_names_what_there_is_and_all_of_it() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let rows = rows(ARCHITECTURE, "Where things are");
    let named: BTreeSet<&str> = rows.iter().flat_map(|row| code(&row[1])).collect();
    for path in &named {
        assert!(root.join(path).exists(), "{path}");
    }
    let modules = include_str!("../src/lib.rs").lines();
    let modules = modules.filter_map(|line| {
        let item = line.strip_prefix("pub ").unwrap_or(line);
        item.strip_prefix("mod ")?.strip_suffix(';')
    });
    for module in modules {
        let file = format!("src/{module}.rs");
        let folder = format!("src/{module}/");
        let is_named = named.contains(&*file) || named.contains(&*folder);
        assert!(is_named, "the code map does not name `{module}`");
    }
}

/// Links from one document to another, and to files of this repository.
#[test]
fn every_link_leads_somewhere() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let documents = fs::read_dir(root.join("docs")).unwrap();
    let documents = documents.map(|entry| entry.unwrap().path());
    let top = ["README.md", "CONTRIBUTING.md", "CHANGELOG.md"].map(|name| root.join(name));
    for document in documents.chain(top) {
        let text = fs::read_to_string(&document).unwrap();
        let links = text
            .split("](")
            .skip(1)
            .filter_map(|rest| rest.split(')').next());
        for link in links.filter(|link| !link.contains("://")) {
            let path = link.split('#').next().unwrap_or_default();
            let target = document.parent().unwrap().join(path);
            assert!(target.exists(), "{}: {link}", document.display());
        }
    }
}

const FROM_FASTAPI: &str = include_str!("../docs/from-fastapi.md");

/// What is generated, in one text, and the paths of its files.
fn generated() -> (String, BTreeSet<String>) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("snapshots");
    let mut text = String::new();
    let mut paths = BTreeSet::new();
    let full = root.join("full");
    for entry in walkdir::WalkDir::new(&full)
        .into_iter()
        .chain(walkdir::WalkDir::new(root.join("changes")))
    {
        let entry = entry.unwrap();
        if let Ok(inside) = entry.path().strip_prefix(&full) {
            paths.insert(inside.to_string_lossy().replace('\\', "/"));
        }
        if entry.file_type().is_file() {
            text.push_str(&fs::read_to_string(entry.path()).unwrap());
        }
    }
    (text, paths)
}

/// What the generated project is said to have, for those who come from FastAPI.
#[test]
fn what_stands_for_a_pattern_of_fastapi_is_in_the_generated_project() {
    let (text, paths) = generated();
    let mut count = 0;
    for line in FROM_FASTAPI.lines().filter(|line| line.starts_with("| ")) {
        let here = line.split(" | ").nth(1).unwrap_or_default();
        for code in code(here) {
            let is_path = ["src/", "tests/", "docs/"]
                .iter()
                .any(|top| code.starts_with(top));
            if is_path && !code.contains('<') {
                let is_added = text.contains(&format!("+++ b/{code}\n"));
                assert!(
                    paths.contains(code.trim_end_matches('/')) || is_added,
                    "{code}"
                );
                count += 1;
            } else if let Some((_, name)) = code.rsplit_once("::") {
                let end = name.find(|c: char| !c.is_alphanumeric() && c != '_');
                let name = &name[..end.unwrap_or(name.len())];
                assert!(text.contains(name), "{code}");
                count += 1;
            }
        }
    }
    assert!(count > 20, "{count}");
}

/// The commands of a shell in a document's blocks, one by one, without what is said behind `#`.
fn commands(document: &str) -> Vec<String> {
    let mut commands = Vec::new();
    let mut in_block = false;
    for line in document.lines() {
        if line.starts_with("```") {
            in_block = !in_block;
            continue;
        }
        let typed = match line.strip_prefix("    ") {
            Some(typed) => typed,
            None if in_block => line.strip_prefix("$ ").unwrap_or(line),
            None => continue,
        };
        let typed = typed.split(" #").next().unwrap_or_default();
        let parts = typed.split("&&").flat_map(|part| part.split(" | "));
        commands.extend(parts.map(|part| part.trim_matches([' ', '(', ')']).to_owned()));
    }
    commands
}

/// What cargo does by itself, and with cargo-lambda.
const CARGO: [&str; 6] = ["build", "install", "lambda", "run", "test", "update"];

/// Those of scaffold that stand in sessions are run, too: see `tests/cli/documents.rs`.
#[test]
fn every_command_in_a_document_is_one_that_there_is() {
    let project = Path::new(env!("CARGO_MANIFEST_DIR")).join("snapshots/full");
    let read = |path: &str| fs::read_to_string(project.join(path)).unwrap();
    let (aliases, settings) = (read(".cargo/config.toml"), read("samconfig.toml"));
    let mut count = 0;
    for document in [
        include_str!("../README.md"),
        include_str!("../docs/deploying.md"),
        include_str!("../docs/own-templates.md"),
        include_str!("../docs/templates.md"),
        include_str!("../docs/upgrading.md"),
    ] {
        for command in commands(document) {
            let words: Vec<&str> = command.split_whitespace().collect();
            let ours = match words[..] {
                ["scaffold", ..] => Some(&words[1..]),
                ["cargo", "run", ..] => words.split(|word| *word == "--").nth(1),
                _ => None,
            };
            if let Some(ours) = ours.filter(|_| !command.contains(['\'', '"'])) {
                let ours = ours.iter().take_while(|word| **word != ">");
                let typed = ["scaffold"].iter().chain(ours);
                let parsed = Cli::try_parse_from(typed);
                assert!(parsed.is_ok(), "{command}: {}", parsed.unwrap_err());
            }
            match words[..] {
                ["cargo", word, ..] => {
                    let is_alias = aliases.contains(&format!("\n{word} = "));
                    assert!(is_alias || CARGO.contains(&word), "{command}");
                }
                ["sam", "deploy", "--config-env", environment, ..] => {
                    assert!(
                        settings.contains(&format!("[{environment}.deploy")),
                        "{command}"
                    );
                }
                ["sam", word, ..] => assert!(["build", "deploy"].contains(&word), "{command}"),
                ["scaffold", ..] => {}
                _ => continue,
            }
            count += 1;
        }
    }
    assert!(count > 20, "{count}");
}
