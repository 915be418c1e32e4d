//! What cargo builds: the packages of a workspace, and the file each of their crates begins with.

use std::collections::BTreeSet;

use toml_edit::{Document, Item, Table};

use super::Finding;
use super::files::Files;

/// A crate of a package.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    pub kind: Kind,
    /// Where it begins, below the project's root.
    pub root: String,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// With the name that other crates know it by.
    Library(String),
    Binary(String),
    /// Tests, examples and benchmarks, which are never deployed.
    Development,
}

/// A package: a folder with a Cargo.toml, written with a `/` at its end; the project's own is the empty text.
#[derive(Debug)]
pub struct Package {
    pub folder: String,
    pub targets: Vec<Target>,
}

/// The packages of the project: its own, and the other members of its workspace.
pub fn packages(files: &Files, findings: &mut Vec<Finding>) -> Vec<Package> {
    let mut folders = BTreeSet::from([String::new()]);
    if let Some(manifest) = read(files, "", findings) {
        folders.extend(members(&manifest, files));
    }
    let package = |folder: String| {
        let manifest = if folder.is_empty() {
            read(files, "", &mut Vec::new())
        } else {
            read(files, &folder, findings)
        };
        let targets = targets(files, &folder, manifest.as_ref());
        Package { folder, targets }
    };
    folders.into_iter().map(package).collect()
}

/// A Cargo.toml, or nothing for one that is not to be had, which is then among the findings.
fn read(files: &Files, folder: &str, findings: &mut Vec<Finding>) -> Option<Table> {
    let path = format!("{folder}Cargo.toml");
    let text = match files.text(&path) {
        Ok(text) => text,
        Err(what) => {
            findings.push(Finding::unreadable(&path, 1, &what));
            return None;
        }
    };
    match Document::parse(text.clone()) {
        Ok(document) => Some(document.as_table().clone()),
        Err(error) => {
            let before = error.span().and_then(|span| text.get(..span.start));
            let line = before.map_or(1, |before| 1 + before.matches('\n').count());
            let what = format!("is no TOML: {}", error.message().trim());
            findings.push(Finding::unreadable(&path, line, &what));
            None
        }
    }
}

/// The folders that `[workspace] members` names; a last part `*` stands for every folder there.
fn members(manifest: &Table, files: &Files) -> BTreeSet<String> {
    let workspace = manifest.get("workspace").and_then(Item::as_table_like);
    let listed = |key| {
        let list = workspace.and_then(|table| table.get(key));
        let list = list.and_then(Item::as_array).into_iter().flatten();
        list.filter_map(|value| value.as_str())
            .map(|member| member.trim_start_matches("./").trim_end_matches('/'))
            .collect::<Vec<_>>()
    };
    let excluded = listed("exclude");
    let manifests = files
        .paths()
        .filter_map(|path| path.strip_suffix("/Cargo.toml"));
    manifests
        .filter(|folder| {
            listed("members")
                .iter()
                .any(|member| match member.strip_suffix("/*") {
                    Some(above) => folder
                        .rsplit_once('/')
                        .is_some_and(|(start, _)| start == above),
                    None => folder == member,
                })
        })
        .filter(|folder| !excluded.contains(folder))
        .map(|folder| format!("{folder}/"))
        .collect()
}

/// Those that the manifest names, and those that cargo finds by their place.
fn targets(files: &Files, folder: &str, manifest: Option<&Table>) -> Vec<Target> {
    let table = |key: &str| manifest.and_then(|manifest| manifest.get(key));
    let package = table("package")
        .and_then(|package| package.get("name"))
        .and_then(Item::as_str)
        .unwrap_or_default()
        .to_owned();
    let mut targets = Vec::new();
    let mut add = |kind: Kind, root: &str| {
        let root = format!("{folder}{}", root.trim_start_matches("./"));
        if files.contains(&root) && targets.iter().all(|target: &Target| target.root != root) {
            targets.push(Target { kind, root });
        }
    };

    let library = table("lib");
    let text = |key| {
        library
            .and_then(|library| library.get(key))
            .and_then(Item::as_str)
    };
    let name = text("name").unwrap_or(&package).replace('-', "_");
    add(Kind::Library(name), text("path").unwrap_or("src/lib.rs"));

    for (key, place) in [
        ("bin", "src/bin"),
        ("test", "tests"),
        ("example", "examples"),
        ("bench", "benches"),
    ] {
        let kind = |name: &str| match key {
            "bin" => Kind::Binary(name.to_owned()),
            _ => Kind::Development,
        };
        for target in table(key)
            .and_then(Item::as_array_of_tables)
            .into_iter()
            .flatten()
        {
            let text = |key| target.get(key).and_then(Item::as_str);
            let Some(name) = text("name") else { continue };
            match text("path") {
                Some(path) => add(kind(name), path),
                None => {
                    add(kind(name), &format!("{place}/{name}.rs"));
                    add(kind(name), &format!("{place}/{name}/main.rs"));
                }
            }
        }
        let place = format!("{folder}{place}/");
        for path in files.paths().filter_map(|path| path.strip_prefix(&place)) {
            let name = match path.split_once('/') {
                None => path.strip_suffix(".rs"),
                Some((name, "main.rs")) => Some(name),
                Some(_) => None,
            };
            if let Some(name) = name {
                add(kind(name), &format!("{}{path}", &place[folder.len()..]));
            }
        }
    }
    add(Kind::Binary(package), "src/main.rs");
    targets
}
