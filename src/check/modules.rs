//! The modules of each crate, from the file it begins with: what is declared without a file, and what is a file without
//! being declared.

use std::collections::{BTreeMap, BTreeSet};

use super::facts::{Declaration, Facts};
use super::files::Files;
use super::package::{Kind, Package, Target};
use super::{Finding, Rule};

/// What is known of the project's Rust files, by path. One that cannot be read has nothing.
pub type Parsed = BTreeMap<String, Option<Facts>>;

/// A module, in a file of its own or inline.
#[derive(Debug)]
pub struct Module {
    pub file: String,
    /// The inline modules of the file that lead to it.
    pub scope: Vec<String>,
    pub parent: Option<usize>,
    pub children: BTreeMap<String, usize>,
}

/// A crate with its modules, the first of which is its root.
#[derive(Debug)]
pub struct Crate {
    pub kind: Kind,
    pub package: String,
    pub modules: Vec<Module>,
}

/// Walks through every crate. Test modules are followed, but are no part of what is returned.
pub fn crates(
    files: &Files,
    parsed: &Parsed,
    packages: &[Package],
    findings: &mut Vec<Finding>,
) -> Vec<Crate> {
    let mut crates = Vec::new();
    for package in packages {
        let mut walk = Walk {
            files,
            parsed,
            modules: Vec::new(),
            reached: BTreeMap::new(),
            unknown: BTreeSet::new(),
            findings,
        };
        for Target { kind, root } in &package.targets {
            let folder = folder_of(root).to_owned();
            walk.module(Place::root(root, folder), None, false);
            crates.push(Crate {
                kind: kind.clone(),
                package: package.folder.clone(),
                modules: std::mem::take(&mut walk.modules),
            });
        }
        walk.tell_undeclared(package);
    }
    crates
}

struct Walk<'a> {
    files: &'a Files,
    parsed: &'a Parsed,
    modules: Vec<Module>,
    /// Files, with the file that declares them.
    reached: BTreeMap<String, String>,
    /// Folders whose modules are declared by a file that cannot be read.
    unknown: BTreeSet<String>,
    findings: &'a mut Vec<Finding>,
}

/// Where a module is.
struct Place {
    file: String,
    scope: Vec<String>,
    /// Where its own modules are looked for: ends with `/`.
    folder: String,
    /// Where a `#[path]` in it starts from.
    beside: String,
}

impl Place {
    fn root(file: &str, folder: String) -> Self {
        Self {
            file: file.to_owned(),
            scope: Vec::new(),
            beside: folder.clone(),
            folder,
        }
    }
}

impl Walk<'_> {
    /// Adds a module with all below it.
    fn module(&mut self, place: Place, parent: Option<usize>, is_test: bool) -> Option<usize> {
        let index = self.modules.len();
        let added = (!is_test).then_some(index);
        if !is_test {
            self.modules.push(Module {
                file: place.file.clone(),
                scope: place.scope.clone(),
                parent,
                children: BTreeMap::new(),
            });
        }
        self.reached.entry(place.file.clone()).or_default();
        let Some(Some(facts)) = self.parsed.get(&place.file) else {
            self.unknown.insert(place.folder);
            return added;
        };
        for included in &facts.included {
            if let Some(path) = normal(&format!("{}{included}", folder_of(&place.file))) {
                self.reached.entry(path).or_default();
            }
        }
        for declaration in facts
            .modules
            .iter()
            .filter(|found| found.scope == place.scope)
        {
            let is_test = is_test || declaration.is_test;
            let Some(below) = self.find(&place, declaration, is_test) else {
                continue;
            };
            let child = self.module(below, added, is_test);
            if let (Some(child), false) = (child, is_test) {
                self.modules[index]
                    .children
                    .insert(declaration.name.clone(), child);
            }
        }
        added
    }

    /// Where a declared module is, unless there is no such file, or one that was walked through already.
    fn find(&mut self, place: &Place, declaration: &Declaration, is_test: bool) -> Option<Place> {
        let name = &declaration.name;
        if declaration.is_inline {
            let folder = match &declaration.path {
                Some(path) => format!("{}{path}/", place.beside),
                None => format!("{}{name}/", place.folder),
            };
            return Some(Place {
                file: place.file.clone(),
                scope: [&place.scope[..], std::slice::from_ref(name)].concat(),
                beside: folder.clone(),
                folder,
            });
        }
        let candidates = match &declaration.path {
            Some(path) => vec![normal(&format!("{}{path}", place.beside))?],
            None => vec![
                format!("{}{name}.rs", place.folder),
                format!("{}{name}/mod.rs", place.folder),
            ],
        };
        let behind_link = self.files.is_strange(&format!("{}{name}", place.folder));
        let found: Vec<&String> = candidates
            .iter()
            .filter(|path| self.files.contains(path))
            .collect();
        let line = declaration.line;
        let [file] = found[..] else {
            if !declaration.is_conditional && !behind_link {
                let message = match &found[..] {
                    [] => format!("there is no file for the module `{name}`"),
                    _ => format!("there are two files for the module `{name}`"),
                };
                let finding = Finding::new(Rule::MissingModuleFile, &place.file, line, message);
                self.findings.push(finding.help(match &found[..] {
                    [] => format!("write `{}`, or take `mod {name};` away", candidates[0]),
                    _ => format!("keep one of `{}`", candidates.join("` and `")),
                }));
            }
            return None;
        };
        if is_test && self.reached.contains_key(file) || self.is_above(file, place) {
            return None;
        }
        self.reached.insert(file.clone(), place.file.clone());
        let beside = folder_of(file).to_owned();
        let is_folder = file.ends_with("/mod.rs") || declaration.path.is_some();
        let folder = if is_folder {
            beside.clone()
        } else {
            format!("{}/", file.trim_end_matches(".rs"))
        };
        Some(Place {
            file: file.clone(),
            scope: Vec::new(),
            folder,
            beside,
        })
    }

    /// Whether a file would declare itself, by way of `#[path]`.
    fn is_above(&self, file: &str, place: &Place) -> bool {
        let mut above = Some(place.file.as_str());
        for _ in 0..=self.reached.len() {
            match above {
                Some(path) if path == file => return true,
                Some(path) if !path.is_empty() => {
                    above = self.reached.get(path).map(String::as_str)
                }
                _ => return false,
            }
        }
        true
    }

    fn tell_undeclared(&mut self, package: &Package) {
        for path in self.files.paths().filter(|path| path.ends_with(".rs")) {
            let is_code = code_folders(package)
                .iter()
                .any(|folder| path.starts_with(folder));
            let is_unknown = self.unknown.iter().any(|folder| path.starts_with(folder));
            if !is_code || is_unknown || self.reached.contains_key(path) {
                continue;
            }
            let finding = Finding::new(
                Rule::UndeclaredModule,
                path,
                1,
                "no module declares this file",
            );
            self.findings.push(finding.help(self.way_in(path)));
        }
    }

    /// What to write where, so that the file becomes a part of its crate.
    fn way_in(&self, path: &str) -> String {
        let stem = path.trim_end_matches(".rs");
        let stem = stem.strip_suffix("/mod").unwrap_or(stem);
        let (folder, name) = stem.rsplit_once('/').unwrap_or(("", stem));
        let candidates = [
            format!("{folder}/mod.rs"),
            format!("{folder}.rs"),
            format!("{folder}/lib.rs"),
            format!("{folder}/main.rs"),
        ];
        let parent = candidates
            .iter()
            .find(|candidate| self.reached.contains_key(*candidate));
        match parent {
            Some(parent) => format!("write `mod {name};` into `{parent}`, or delete the file"),
            None => "declare it with `mod`, or delete it".to_owned(),
        }
    }
}

/// Where every Rust file is a module: `src/`, and the folders of tests and examples that consist of several files.
fn code_folders(package: &Package) -> Vec<String> {
    let folders = package.targets.iter().filter_map(|target| {
        let is_several = target.root.ends_with("/main.rs");
        is_several.then(|| folder_of(&target.root).to_owned())
    });
    folders.chain([format!("{}src/", package.folder)]).collect()
}

/// With the `/` at its end.
fn folder_of(path: &str) -> &str {
    path.rfind('/').map_or("", |end| &path[..=end])
}

/// Without `.` and `..`; nothing for what lies outside.
fn normal(path: &str) -> Option<String> {
    let mut parts = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()?),
            part => parts.push(part),
        }
    }
    (!path.starts_with('/')).then(|| parts.join("/"))
}
