//! Imports of Rust that both sides have a say in: an import that goes stays while the user's code needs it, and one that
//! comes is not needed where the user has it already, in whatever form.

use std::collections::BTreeMap;

use proc_macro2::{Delimiter, Spacing, TokenStream, TokenTree};
use syn::{Item, UseTree, Visibility};

use super::Versions;
use crate::blocks::item_order;

/// Base and theirs without what they say of imports that the user has in another form, if there are such: those that
/// come, and those that go.
pub fn without_known(versions: &Versions) -> Option<(String, String)> {
    let Versions { base, ours, theirs } = *versions;
    let (base_imports, our_imports, their_imports) =
        (imports(base)?, imports(ours)?, imports(theirs)?);
    let only_in = |some: &Imports, others: &Imports| -> Vec<String> {
        let is_known = |(name, path): &(&String, &String)| {
            our_imports.get(*name) == Some(*path) && !others.contains_key(*name)
        };
        let found = some.iter().filter(is_known);
        found.map(|(_, path)| line(path)).collect()
    };
    let come = only_in(&their_imports, &base_imports);
    let mut go = only_in(&base_imports, &their_imports);
    go.retain(|line| !ours.lines().any(|ours| ours.trim_end() == line));
    let (new_base, new_theirs) = (without(base, &go), without(theirs, &come));
    (new_base != base || new_theirs != theirs).then_some((new_base, new_theirs))
}

/// The text without these lines. The blank line after a group of one goes with it.
fn without(text: &str, gone: &[String]) -> String {
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    let goes = |at: usize| gone.iter().any(|gone| lines[at].trim_end() == gone);
    let is_blank = |at: usize| lines[at].trim().is_empty();
    let kept = (0..lines.len()).filter(|&at| {
        let ends_group = is_blank(at) && at > 0 && goes(at - 1) && (at == 1 || is_blank(at - 2));
        !goes(at) && !ends_group
    });
    kept.map(|at| lines[at]).collect()
}

/// Theirs with the imports that it would take from code of the user's in the merged text, if there are such.
pub fn with_needed(versions: &Versions, merged: &str) -> Option<String> {
    let [base, ours, theirs] = [versions.base, versions.ours, versions.theirs].map(imports);
    let (ours, theirs) = (ours?, theirs?);
    let goes =
        |name: &String, path: &String| ours.get(name) == Some(path) && !theirs.contains_key(name);
    let needed = base?.into_iter().filter(|(name, path)| {
        goes(name, path) && mentions(merged, name) && !mentions(versions.theirs, name)
    });
    let mut lines: Vec<String> = versions.theirs.lines().map(str::to_owned).collect();
    let before = lines.len();
    for (_, path) in needed {
        insert(&mut lines, line(&path));
    }
    (lines.len() > before).then(|| lines.join("\n") + "\n")
}

fn line(path: &str) -> String {
    format!("use {path};")
}

/// The private imports at the top of a file that have a name: the name, and the path that it is short for.
type Imports = BTreeMap<String, String>;

fn imports(text: &str) -> Option<Imports> {
    let file = syn::parse_file(text).ok()?;
    let mut found = Imports::new();
    for item in &file.items {
        if let Item::Use(item) = item
            && item.attrs.is_empty()
            && matches!(item.vis, Visibility::Inherited)
        {
            collect(&item.tree, "", &mut found);
        }
    }
    Some(found)
}

fn collect(tree: &UseTree, above: &str, found: &mut Imports) {
    match tree {
        UseTree::Path(path) => collect(&path.tree, &format!("{above}{}::", path.ident), found),
        UseTree::Group(group) => group
            .items
            .iter()
            .for_each(|tree| collect(tree, above, found)),
        UseTree::Name(name) if name.ident != "self" => {
            found.insert(name.ident.to_string(), format!("{above}{}", name.ident));
        }
        UseTree::Rename(rename) if rename.rename != "_" => {
            let path = format!("{above}{} as {}", rename.ident, rename.rename);
            found.insert(rename.rename.to_string(), path);
        }
        UseTree::Name(_) | UseTree::Rename(_) | UseTree::Glob(_) => {}
    }
}

/// Whether the code calls something by this name alone, its imports aside.
fn mentions(text: &str, name: &str) -> bool {
    text.parse()
        .is_ok_and(|tokens: TokenStream| mentioned(tokens, name))
}

fn mentioned(tokens: TokenStream, name: &str) -> bool {
    let mut in_import = false;
    let mut in_path = false;
    let mut colon = false;
    for token in tokens {
        let (was_in_path, was_colon) = (in_path, colon);
        (in_path, colon) = (false, false);
        match token {
            TokenTree::Ident(ident) if ident == "use" => in_import = true,
            TokenTree::Ident(ident) if !in_import && !was_in_path && ident == name => return true,
            TokenTree::Punct(punct) => match punct.as_char() {
                ';' => in_import = false,
                '.' => in_path = true,
                ':' if was_colon => in_path = true,
                ':' => colon = punct.spacing() == Spacing::Joint,
                _ => {}
            },
            TokenTree::Group(group) => {
                let is_list = in_import && group.delimiter() == Delimiter::Brace;
                if !is_list && mentioned(group.stream(), name) {
                    return true;
                }
            }
            TokenTree::Ident(_) | TokenTree::Literal(_) => {}
        }
    }
    false
}

/// Puts an import where rustfmt has it: among those of its group, or as a group of its own above the first.
fn insert(lines: &mut Vec<String>, import: String) {
    let same_group = |line: &String| line.starts_with("use ") && group(line) == group(&import);
    // A list is where its path is: `use a::{b, c};`.
    let later = |line: &String| {
        let path = line.split("::{").next().unwrap_or(line);
        let path = format!("{};", path.trim_end_matches(';'));
        same_group(line) && item_order(&path, &import).is_some_and(|order| order.is_gt())
    };
    if let Some(at) = lines.iter().position(later) {
        return lines.insert(at, import);
    }
    if let Some(last) = lines.iter().rposition(same_group) {
        let end = (last..lines.len()).find(|&at| lines[at].ends_with(';'));
        return lines.insert(end.unwrap_or(last) + 1, import);
    }
    let at = lines
        .iter()
        .position(|line| line.starts_with("use ") && group(line) > group(&import));
    if let Some(at) = at {
        lines.splice(at..at, [import, String::new()]);
    } else if let Some(last) = lines.iter().rposition(|line| line.starts_with("use ")) {
        let end = (last..lines.len()).find(|&at| lines[at].ends_with(';'));
        let at = end.unwrap_or(last) + 1;
        lines.splice(at..at, [String::new(), import]);
    } else {
        let at = lines
            .iter()
            .position(|line| !line.starts_with("//!") && !line.trim().is_empty());
        let at = at.unwrap_or(lines.len());
        lines.splice(at..at, [import, String::new()]);
    }
}

/// Generated files import from the standard library, then from crates, then from their own.
fn group(import: &str) -> u8 {
    let path = import.trim_start_matches("use ");
    match path.split("::").next() {
        Some("std") => 0,
        Some("crate" | "super" | "self") => 2,
        _ => 1,
    }
}
