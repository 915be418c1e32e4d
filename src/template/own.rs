//! A project's own templates: read from its folder, remembered as they were used, and never trusted.

use std::io::{self, Write};
use std::path::Path;

use anyhow::{Context, Result, anyhow};
use minijinja::{Environment, Error, ErrorKind, Value};
use walkdir::WalkDir;

use super::{SUFFIX, Templates, embedded, layers};
use crate::base;
use crate::disk::{self, OnDisk};
use crate::existing::{Existing, MANIFEST};
use crate::lines::has_merge_markers;
use crate::plan::{Note, Plan};
use crate::problem::{Place, Problem, Problems, did_you_mean, nearest};
use crate::syntax::Kind;
use crate::tree::Tree;

/// Where they are, below the project's root.
pub const FOLDER: &str = ".scaffold/templates";

/// Where it is kept how scaffold's own were when they were exported, below the folder of pristine copies.
pub const EXPORTED: &str = ".scaffold/exported";

/// A template that is at work for longer than this, counted in steps of the engine, has no end: the longest of scaffold's
/// own takes a hundredth of it for an entity of a hundred fields.
pub const MOST_STEPS: u64 = 2_000_000;

/// How much a template may make, in bytes.
const MOST_BYTES: usize = 8 << 20;

/// The templates of the project at `root`, and those that scaffold last wrote it with.
pub fn read(root: &Path) -> Result<(Templates, Templates)> {
    let own = read_folder(root, FOLDER)?;
    refuse_strangers(&own)?;
    let mut used = read_folder(root, &format!("{}/{FOLDER}", base::FOLDER))?;
    let damaged: Vec<String> = used
        .iter()
        .filter(|(_, text)| has_merge_markers(text))
        .map(|(name, _)| name.to_owned())
        .collect();
    for name in damaged {
        used.remove(&name);
    }
    Ok((Templates { own }, Templates { own: used }))
}

/// How scaffold's own were when they were exported.
pub fn exported(root: &Path) -> Result<Tree> {
    read_folder(root, &format!("{}/{EXPORTED}", base::FOLDER))
}

/// The files in the layers below a folder; notes and the like beside the layers are nobody's business.
fn read_folder(root: &Path, folder: &str) -> Result<Tree> {
    let mut tree = Tree::new();
    let whole = root.join(folder);
    if !whole.is_dir() {
        return Ok(tree);
    }
    for entry in WalkDir::new(&whole).min_depth(2).sort_by_file_name() {
        let entry = entry.with_context(|| format!("cannot read `{folder}`"))?;
        if entry.file_type().is_dir() {
            continue;
        }
        let inside = entry.path().strip_prefix(&whole).unwrap_or(entry.path());
        let parts: Option<Vec<&str>> = inside.iter().map(|part| part.to_str()).collect();
        let name = parts
            .map(|parts| parts.join("/"))
            .ok_or_else(|| anyhow!("`{}` has a name that is not UTF-8", inside.display()))?;
        match disk::look_at(root, &format!("{folder}/{name}")) {
            // A checkout on Windows may have changed the line ends; scaffold itself only writes `\n`.
            OnDisk::Text(text) => tree.insert(name, text.replace("\r\n", "\n"))?,
            OnDisk::Unusable(what) => {
                let problem = Problem::new(format!("`{folder}/{name}` {what}"));
                return Err(problem.help("put an ordinary text file there").into());
            }
            OnDisk::Absent => {}
        }
    }
    Ok(tree)
}

fn refuse_strangers(own: &Tree) -> Result<(), Problems> {
    let mut problems = Problems::default();
    for name in own.paths() {
        let layer = name.split('/').next().unwrap_or(name);
        let layers = layers();
        if !layers.contains(&layer) {
            let problem = Problem::new(format!("`{FOLDER}/{layer}` is no layer of templates"));
            let problem = problem.help(did_you_mean(layer, layers.iter().copied()));
            if !problems.0.contains(&problem) {
                problems.0.push(problem);
            }
        } else if !name.ends_with(SUFFIX) {
            let problem = Problem::new(format!("`{FOLDER}/{name}` does not end in `{SUFFIX}`"));
            problems
                .0
                .push(problem.help("a template does, and nothing else belongs there"));
        }
    }
    problems.none_or(())
}

/// Fills in a template of the project's own.
pub fn fill(engine: &Environment<'_>, name: &str, text: &str, context: &Value) -> Result<String> {
    let mut filled = Limited(Vec::new());
    let outcome = engine
        .template_from_named_str(name, text)
        .and_then(|template| template.render_captured_to(context, &mut filled).map(drop));
    match outcome {
        Ok(()) => String::from_utf8(filled.0).context("a template makes what is no text"),
        Err(error) => Err(problem(&error, name, text, context).into()),
    }
}

/// Takes only so much.
struct Limited(Vec<u8>);

impl Write for Limited {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.0.len() + bytes.len() > MOST_BYTES {
            return Err(io::Error::other("too much"));
        }
        self.0.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn problem(error: &Error, name: &str, text: &str, context: &Value) -> Problem {
    let file = format!("{FOLDER}/{name}");
    let marked = error.range().filter(|range| range.end <= text.len());
    let place = marked
        .clone()
        .map(|range| Place::of(Some(&file), text, range));
    let what = match error.kind() {
        ErrorKind::OutOfFuel => "the template does not come to an end".to_owned(),
        ErrorKind::WriteFailure => format!("the template makes more than {MOST_BYTES} bytes"),
        kind => match error.detail() {
            Some(detail) => format!("{kind}: {detail}"),
            None => kind.to_string(),
        },
    };
    let help = match error.kind() {
        ErrorKind::UndefinedError => marked.map(|range| known(&text[range], context)),
        ErrorKind::TemplateNotFound => Some("each template stands for itself".to_owned()),
        _ => None,
    };
    let problem = Problem::new(what).maybe_help(help);
    match place {
        Some(place) => problem.at(place),
        None => Problem {
            message: format!("`{file}`: {}", problem.message),
            ..problem
        },
    }
}

/// What could have been meant by `typed`, which starts with a name that is not known, or goes on with one.
fn known(typed: &str, context: &Value) -> String {
    let keys = |value: &Value| -> Vec<String> {
        let keys = value.try_iter().into_iter().flatten();
        keys.filter_map(|key| key.as_str().map(str::to_owned))
            .collect()
    };
    let words: Vec<&str> = typed
        .split(|c: char| !c.is_alphanumeric() && c != '_')
        .filter(|word| !word.is_empty())
        .collect();
    let mut value = context.clone();
    for word in &words {
        match value.get_attr(word) {
            Ok(inner) if !inner.is_undefined() => value = inner,
            _ => {
                let keys = keys(&value);
                let names = keys.iter().map(String::as_str);
                return match nearest(word, names.clone()) {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => did_you_mean(word, names),
                };
            }
        }
    }
    "see docs/own-templates.md for what a template of this layer knows".to_owned()
}

/// Refuses what no project can hold, before it is written anywhere.
pub fn check(name: &str, path: &str, text: &str) -> Result<(), Problem> {
    let file = format!("{FOLDER}/{name}");
    if path == MANIFEST {
        return Err(Problem::new(format!(
            "`{file}` makes `{MANIFEST}`, which everything is made from"
        )));
    }
    let kind = Kind::of(path);
    if let Err(error) = kind.outline(text) {
        let line = text.lines().nth(error.line.saturating_sub(1));
        let what = format!(
            "`{file}` makes a `{path}` that is not {}: {}",
            kind.name(),
            error.message
        );
        return Err(Problem::new(what).maybe_help(
            line.map(|line| format!("line {} of what it makes is `{}`", error.line, line.trim())),
        ));
    }
    Ok(())
}

/// Makes it part of a plan that these templates are the ones the project is written with.
pub fn remember(plan: &mut Plan, existing: &Existing) {
    let (now, used) = (&existing.templates.own, &existing.templates_used.own);
    for name in used.differing(now) {
        let text = now.get(name).map(str::to_owned);
        plan.base.insert(format!("{FOLDER}/{name}"), text);
    }
}

/// A note for each template of the project's own whose model in scaffold is not as it was when it was exported.
pub fn changed_in_scaffold(root: &Path, templates: &Templates) -> Result<Vec<Note>> {
    let exported = exported(root)?;
    let mut notes = Vec::new();
    for (name, was) in exported
        .iter()
        .filter(|(name, _)| templates.own.contains(name))
    {
        let text = match embedded(name) {
            Some(is) if is == was => continue,
            Some(_) => {
                "scaffold's own has changed since you exported it: `scaffold templates update` brings that in"
            }
            None => "scaffold has no such template any more, and it goes on as one of yours",
        };
        notes.push(Note {
            path: format!("{FOLDER}/{name}"),
            text: text.to_owned(),
        });
    }
    Ok(notes)
}
