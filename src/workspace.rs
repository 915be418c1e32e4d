//! Cargo workspaces above a new project, which is a workspace of its own.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use regex::Regex;
use toml_edit::{DocumentMut, Item};

/// Refuses a place that a workspace above would take in: cargo stops at a workspace inside a workspace, in both.
pub fn refuse_inside(target: &Path) -> Result<()> {
    let target = std::path::absolute(target)
        .with_context(|| format!("cannot make out the path `{}`", target.display()))?;
    for folder in target.ancestors().skip(1) {
        let manifest = folder.join("Cargo.toml");
        let Some(workspace) = read(&manifest) else {
            continue;
        };
        let inside = target.strip_prefix(folder).unwrap_or(&target);
        if takes_in(&workspace, inside) {
            let inside = slashed(inside);
            bail!(
                "the workspace of `{}` takes in `{inside}`, and the project is a workspace of its own\nhelp: add `exclude = [\"{inside}\"]` to `[workspace]` there, or choose another place with `--path`",
                manifest.display()
            );
        }
    }
    Ok(())
}

/// The `[workspace]` of a manifest. One that cannot be read is for cargo to complain about.
fn read(manifest: &Path) -> Option<Item> {
    let text = fs::read_to_string(manifest).ok()?;
    let mut manifest: DocumentMut = text.parse().ok()?;
    manifest.remove("workspace")
}

fn takes_in(workspace: &Item, path: &Path) -> bool {
    let listed = |key: &str| -> Vec<&str> {
        let list = workspace.get(key).and_then(Item::as_array);
        list.into_iter()
            .flatten()
            .filter_map(|it| it.as_str())
            .collect()
    };
    let is_excluded = |exclude: &str| path.starts_with(PathBuf::from(exclude));
    !listed("exclude").into_iter().any(is_excluded)
        && listed("members")
            .into_iter()
            .any(|member| matches(member, &slashed(path)))
}

/// Whether a member such as `crates/*` is this path.
fn matches(member: &str, path: &str) -> bool {
    let member = member.trim_start_matches("./").trim_end_matches('/');
    let pattern = regex::escape(member)
        .replace(r"\*\*", ".*")
        .replace(r"\*", "[^/]*")
        .replace(r"\?", "[^/]");
    Regex::new(&format!("^{pattern}$")).is_ok_and(|pattern| pattern.is_match(path))
}

fn slashed(path: &Path) -> String {
    path.to_string_lossy().replace('\\', "/")
}
