//! Whether what the new code imports is there: a user may have given it another name.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use syn::{Item, UseTree};

use super::{Action, Conflict, Plan};
use crate::syntax::Kind;

/// What is missing, by the file that had it. `read` gives the text of a file that the plan leaves alone.
///
/// Only types are looked for, and a file with a macro or a `use …::*` may have them from there.
pub fn missing(
    plan: &Plan,
    read: impl Fn(&str) -> Option<String>,
) -> BTreeMap<String, Vec<Conflict>> {
    let mut missing: BTreeMap<String, Vec<Conflict>> = BTreeMap::new();
    let mut looked_for = BTreeSet::new();
    for (path, action) in &plan.changes {
        let (before, after) = match action {
            Action::Create { text } => ("", &**text),
            Action::Update { before, after, .. } => (&**before, &**after),
            Action::Delete { .. } | Action::Conflict(_) => continue,
        };
        let Some(module) = module(path).filter(|_| Kind::of(path) == Kind::Rust) else {
            continue;
        };
        let is_new = |line: &&str| !before.lines().any(|old| old == *line);
        let imports = after.lines().filter(|line| line.starts_with("use "));
        for (target, name) in imports
            .filter(is_new)
            .filter_map(|line| imported(&module, line))
        {
            if !looked_for.insert((target.clone(), name)) {
                continue;
            }
            // A module has one file. What this plan makes is as scaffold expects it.
            let found = files(&target)
                .into_iter()
                .find_map(|file| match plan.changes.get(&file) {
                    Some(Action::Update { after, .. }) => {
                        Some((file, Some(Cow::Borrowed(&**after))))
                    }
                    Some(_) => Some((file, None)),
                    None => read(&file).map(|text| (file, Some(Cow::Owned(text)))),
                });
            if let Some((file, Some(text))) = found
                && !has(&text, name)
            {
                let reason = format!(
                    "`{name}` is not in it any longer, and `{path}` is to use it: `pub use self::NAME as {name};` with its new name gives it back"
                );
                missing.entry(file).or_default().push(Conflict {
                    line: None,
                    reason,
                    remove: Vec::new(),
                    add: Vec::new(),
                });
            }
        }
    }
    missing
}

/// The module that a file of the library is.
fn module(path: &str) -> Option<Vec<&str>> {
    let stem = path.strip_prefix("src/")?.strip_suffix(".rs")?;
    let mut module: Vec<&str> = stem.split('/').collect();
    if matches!(module.last(), Some(&("mod" | "lib"))) {
        module.pop();
    }
    Some(module)
}

/// Where a module may be.
fn files(module: &[&str]) -> Vec<String> {
    match module.join("/") {
        root if root.is_empty() => vec!["src/lib.rs".to_owned()],
        path => vec![format!("src/{path}.rs"), format!("src/{path}/mod.rs")],
    }
}

/// The module and the name of a type of this crate that a line imports into `module`.
fn imported<'a>(module: &[&'a str], line: &'a str) -> Option<(Vec<&'a str>, &'a str)> {
    let path = line.strip_prefix("use ")?.strip_suffix(';')?;
    let path = path.split(" as ").next()?;
    let mut segments = path.split("::").peekable();
    let mut target = match segments.peek() {
        Some(&"crate") => Vec::new(),
        Some(&("super" | "self")) => module.to_vec(),
        _ => return None,
    };
    let mut name = None;
    while let Some(segment) = segments.next() {
        match segment {
            "crate" | "self" => {}
            "super" => {
                target.pop()?;
            }
            _ if segments.peek().is_none() => name = Some(segment),
            _ => target.push(segment.strip_prefix("r#").unwrap_or(segment)),
        }
    }
    let name = name?;
    name.starts_with(char::is_uppercase)
        .then_some((target, name))
}

/// Whether a file has a type of this name, or takes it in from elsewhere; also when that cannot be told.
fn has(text: &str, name: &str) -> bool {
    if defines(text, name) {
        return true;
    }
    let Ok(file) = syn::parse_file(text) else {
        return true;
    };
    file.items.iter().any(|item| match item {
        Item::Struct(item) => item.ident == name,
        Item::Enum(item) => item.ident == name,
        Item::Union(item) => item.ident == name,
        Item::Type(item) => item.ident == name,
        Item::Trait(item) => item.ident == name,
        Item::Use(item) => takes_in(&item.tree, name),
        // It may make anything.
        Item::Macro(_) | Item::Verbatim(_) => true,
        _ => false,
    })
}

/// Whether the text seems to define it, which spares most files from being parsed.
fn defines(text: &str, name: &str) -> bool {
    let ends = |rest: &str| !rest.starts_with(|c: char| c.is_alphanumeric() || c == '_');
    text.match_indices(name).any(|(at, _)| {
        let is_keyword = |word: &&str| text[..at].ends_with(*word);
        ["struct ", "enum ", "type ", "trait "]
            .iter()
            .any(is_keyword)
            && ends(&text[at + name.len()..])
    })
}

fn takes_in(tree: &UseTree, name: &str) -> bool {
    match tree {
        UseTree::Path(path) => takes_in(&path.tree, name),
        UseTree::Name(leaf) => leaf.ident == name,
        UseTree::Rename(leaf) => leaf.rename == name,
        UseTree::Glob(_) => true,
        UseTree::Group(group) => group.items.iter().any(|tree| takes_in(tree, name)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn creates(path: &str, text: &str) -> Plan {
        let mut plan = Plan::default();
        let text = text.to_owned();
        plan.changes
            .insert(path.to_owned(), Action::Create { text });
        plan
    }

    #[test]
    fn what_an_import_means_depends_on_where_it_stands() {
        let module = module("src/features/shop/item/jobs/count.rs").unwrap();
        for (line, target, name) in [
            ("use crate::app::Routes;", "app", "Routes"),
            (
                "use super::super::model::Item;",
                "features/shop/item/model",
                "Item",
            ),
            (
                "use crate::features::r#type::model::Item as Parent;",
                "features/type/model",
                "Item",
            ),
            ("use crate::AppState;", "", "AppState"),
        ] {
            let (found, is_called) = imported(&module, line).unwrap();
            assert_eq!((found.join("/").as_str(), is_called), (target, name));
        }
        for line in [
            "use std::fmt::Display;",
            "use crate::database;",
            "use crate::shared::validation::{Body, Id};",
            "use super::repository as parents;",
        ] {
            assert_eq!(imported(&module, line), None, "{line}");
        }
    }

    #[test]
    fn a_type_that_was_renamed_is_missed() {
        let path = "src/features/shop/order/repository.rs";
        let plan = creates(path, "use crate::features::shop::item::model::Item;\n");
        for (text, misses) in [
            ("pub struct Item {}", false),
            ("pub struct Items {}", true),
            ("pub struct Thing {}\npub use self::Thing as Item;", false),
            (
                "pub use crate::other::{\n    Another,\n    Item,\n};",
                false,
            ),
            ("mod parts;\npub use self::parts::*;", false),
            ("items! { Item }", false),
            ("fn find(item: database::Item<Thing>) {}", true),
            ("<<<<<<<", false),
        ] {
            for file in ["model.rs", "model/mod.rs"] {
                let place = format!("src/features/shop/item/{file}");
                let found = missing(&plan, |path| (path == place).then(|| text.to_owned()));
                assert_eq!(found.contains_key(&place), misses, "{text}");
            }
        }
        // The user has it elsewhere, and that is for the compiler to find.
        assert!(missing(&plan, |_| None).is_empty());
    }

    #[test]
    fn what_comes_in_the_same_plan_counts() {
        let mut plan = creates("src/a.rs", "use crate::b::New as Other;\n");
        let text = "pub struct New;\n".to_owned();
        plan.changes
            .insert("src/b.rs".to_owned(), Action::Create { text });
        assert!(missing(&plan, |_| Some(String::new())).is_empty());
    }
}
