//! The embedded templates, and the engine that fills them in.
//!
//! A template's path inside its layer, less `.j2`, is the path of the file it becomes; the path is filled in like the
//! text. Variables are written `@{name}` and statements `{% … %}`, because Rust, GitHub Actions, SAM and CloudFormation
//! already use `{{ … }}` for themselves.

use anyhow::{Context, Result, anyhow};
use include_dir::{Dir, File, include_dir};
use minijinja::syntax::SyntaxConfig;
use minijinja::{Environment, UndefinedBehavior, Value};

use crate::lock;
use crate::render::fit::fit;
use crate::tree::Tree;

static TEMPLATES: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/templates");

/// The suffix that marks a template. It also keeps cargo from taking `templates/…/Cargo.toml` for a package of its own.
const SUFFIX: &str = ".j2";

/// The engine, ready to fill in any template.
pub fn engine() -> Result<Environment<'static>> {
    let mut engine = Environment::new();
    let syntax = SyntaxConfig::builder()
        .variable_delimiters("@{", "}")
        .comment_delimiters("{%#", "#%}")
        .keep_trailing_newline(true)
        .trim_blocks(true)
        .lstrip_blocks(true)
        .build()
        .context("the template delimiters clash")?;
    engine.set_syntax(syntax);
    engine.set_undefined_behavior(UndefinedBehavior::Strict);
    engine.set_auto_escape_callback(|_| minijinja::AutoEscape::None);
    Ok(engine)
}

/// The layers whose lines are as long as the names in them.
const NAMED: &[&str] = &[
    "entity",
    "feature",
    "file",
    "job",
    "jobs_of_entity",
    "worker",
];

/// Fills in the templates of `layer` with `context` and puts the results into `tree`: those whose text `wanted` accepts.
///
/// # Errors
///
/// A template that names something `context` lacks (the error gives the template's path and line), or
/// a file that an earlier layer already made.
pub fn render_layer(
    engine: &Environment<'_>,
    layer: &str,
    context: &Value,
    tree: &mut Tree,
    wanted: impl Fn(&str) -> bool,
) -> Result<()> {
    for file in TEMPLATES.get_dir(layer).into_iter().flat_map(files) {
        let name = name_of(file);
        let source = file
            .contents_utf8()
            .ok_or_else(|| anyhow!("template `{name}` is not UTF-8"))?;
        if !wanted(source) && !wanted(&name) {
            continue;
        }
        let path = target(engine, layer, &name, context)?;
        let mut text = fill(engine, &name, source, context)?;
        if NAMED.contains(&layer) && path.ends_with(".rs") {
            text = fit(&text);
        } else if path == lock::PATH {
            text = lock::finish(&text);
        }
        tree.insert(path, text)
            .with_context(|| format!("template `{name}`"))?;
    }
    Ok(())
}

/// The paths of the files that the templates of `layer` become.
pub fn paths(engine: &Environment<'_>, layer: &str, context: &Value) -> Result<Vec<String>> {
    let templates = TEMPLATES.get_dir(layer).into_iter().flat_map(files);
    templates
        .map(|file| target(engine, layer, &name_of(file), context))
        .collect()
}

fn name_of(file: &File<'_>) -> String {
    file.path().to_string_lossy().replace('\\', "/")
}

/// The path of the file that a template becomes.
fn target(engine: &Environment<'_>, layer: &str, name: &str, context: &Value) -> Result<String> {
    let within = name
        .strip_prefix(layer)
        .unwrap_or(name)
        .trim_start_matches('/');
    let target = within
        .strip_suffix(SUFFIX)
        .ok_or_else(|| anyhow!("template `{name}` does not end in `{SUFFIX}`"))?;
    fill(engine, name, target, context)
}

/// Most templates have nothing to fill in: to parse them would be most of the work of `new`.
fn fill(engine: &Environment<'_>, name: &str, text: &str, context: &Value) -> Result<String> {
    if text.contains("@{") || text.contains("{%") {
        Ok(engine.render_named_str(name, text, context)?)
    } else {
        Ok(text.to_owned())
    }
}

fn files(folder: &'static Dir<'static>) -> Vec<&'static File<'static>> {
    let mut found: Vec<_> = folder.files().collect();
    for child in folder.dirs() {
        found.extend(files(child));
    }
    found
}
