//! The embedded templates, and the engine that fills them in.
//!
//! A template's path inside its layer, less `.j2`, is the path of the file it becomes; the path is filled in like the
//! text. Variables are written `@{name}` and statements `{% … %}`, because Rust, GitHub Actions, SAM and CloudFormation
//! already use `{{ … }}` for themselves.

pub mod own;

use std::cell::RefCell;
use std::collections::BTreeSet;

use anyhow::{Context, Result, anyhow};
use include_dir::{Dir, File, include_dir};
use minijinja::syntax::SyntaxConfig;
use minijinja::{Environment, UndefinedBehavior, Value};

use crate::lock;
use crate::render::fit::fit;
use crate::tree::Tree;

static TEMPLATES: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/templates");

/// The suffix that marks a template. It also keeps cargo from taking `templates/…/Cargo.toml` for a package of its own.
pub const SUFFIX: &str = ".j2";

/// What a project is rendered with: the embedded templates, and its own, which win over those of the same name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Templates {
    /// By name: the layer, then the path inside it.
    pub own: Tree,
}

impl Templates {
    /// The names of all templates that a project can have its own of, sorted.
    pub fn names(&self) -> Vec<String> {
        let layers = layers().into_iter();
        let embedded =
            layers.flat_map(|layer| TEMPLATES.get_dir(layer).into_iter().flat_map(files));
        let own = self.own.paths().map(str::to_owned);
        let names: BTreeSet<String> = embedded.map(name_of).chain(own).collect();
        names.into_iter().collect()
    }

    /// The text that counts: the project's own, else the embedded one.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.own.get(name).or_else(|| embedded(name))
    }

    /// The names of those that are not the same in both.
    pub fn differing(&self, other: &Self) -> Vec<String> {
        let names: BTreeSet<&str> = self.own.paths().chain(other.own.paths()).collect();
        let differing = names
            .into_iter()
            .filter(|name| self.get(name) != other.get(name));
        differing.map(str::to_owned).collect()
    }

    fn of_layer(&self, layer: &str) -> Result<Vec<Template<'_>>> {
        let mut templates = Vec::new();
        for file in TEMPLATES.get_dir(layer).into_iter().flat_map(files) {
            let name = name_of(file);
            if self.own.contains(&name) {
                continue;
            }
            let text = file.contents_utf8();
            templates.push(Template {
                text: text.ok_or_else(|| anyhow!("template `{name}` is not UTF-8"))?,
                name,
                owner: Owner::Scaffold,
            });
        }
        let begin = format!("{layer}/");
        let own = self.own.iter().filter(|(name, _)| name.starts_with(&begin));
        templates.extend(own.map(|(name, text)| Template {
            name: name.to_owned(),
            text,
            owner: Owner::Project,
        }));
        Ok(templates)
    }
}

/// The layers that a project can have templates of its own in.
pub fn layers() -> Vec<&'static str> {
    let folders = TEMPLATES.dirs();
    folders
        .filter_map(|folder| folder.path().to_str())
        .collect()
}

/// The text of an embedded template.
pub fn embedded(name: &str) -> Option<&'static str> {
    TEMPLATES.get_file(name).and_then(File::contents_utf8)
}

/// The name, as it is on this system, and the text of an embedded template.
fn embedded_as(name: &str) -> Option<(&'static str, &'static str)> {
    let file = TEMPLATES.get_file(name)?;
    Some((file.path().to_str()?, file.contents_utf8()?))
}

fn has_statements(text: &str) -> bool {
    text.contains("@{") || text.contains("{%")
}

fn name_of(file: &File<'_>) -> String {
    file.path().to_string_lossy().replace('\\', "/")
}

struct Template<'t> {
    name: String,
    text: &'t str,
    owner: Owner,
}

impl Template<'_> {
    /// The path of what it makes, as it is to be filled in.
    fn target(&self, layer: &str) -> Result<&str> {
        let name = &self.name;
        let within = name.strip_prefix(layer).unwrap_or(name);
        within
            .trim_start_matches('/')
            .strip_suffix(SUFFIX)
            .ok_or_else(|| anyhow!("template `{name}` does not end in `{SUFFIX}`"))
    }
}

/// Whose template it is: scaffold's own are known to be right.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Owner {
    Scaffold,
    Project,
}

/// Templates, ready to be filled in.
pub struct Engine<'t> {
    /// Also keeps scaffold's own templates, once they are parsed: many are filled in for each entity.
    environment: RefCell<Environment<'static>>,
    templates: &'t Templates,
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

impl<'t> Engine<'t> {
    pub fn new(templates: &'t Templates) -> Result<Self> {
        let mut environment = Environment::new();
        let syntax = SyntaxConfig::builder()
            .variable_delimiters("@{", "}")
            .comment_delimiters("{%#", "#%}")
            .keep_trailing_newline(true)
            .trim_blocks(true)
            .lstrip_blocks(true)
            .build()
            .context("the template delimiters clash")?;
        environment.set_syntax(syntax);
        environment.set_undefined_behavior(UndefinedBehavior::Strict);
        environment.set_auto_escape_callback(|_| minijinja::AutoEscape::None);
        if !templates.own.is_empty() {
            environment.set_fuel(Some(own::MOST_STEPS));
        }
        Ok(Self {
            environment: RefCell::new(environment),
            templates,
        })
    }

    /// Fills in the templates of `layer` with `context` and puts the results into `tree`: those whose text `wanted`
    /// accepts.
    ///
    /// # Errors
    ///
    /// A template that names something `context` lacks (the error gives the template's path and line), or
    /// a file that an earlier layer already made.
    pub fn render_layer(
        &self,
        layer: &str,
        context: &Value,
        tree: &mut Tree,
        wanted: impl Fn(&str) -> bool,
    ) -> Result<()> {
        for template in self.templates.of_layer(layer)? {
            let Template { name, text, owner } = &template;
            if !wanted(text) && !wanted(name) {
                continue;
            }
            let path = self.fill(&template, template.target(layer)?, context)?;
            let mut filled = match embedded_as(name).filter(|_| *owner == Owner::Scaffold) {
                Some((name, text)) if has_statements(text) => {
                    self.fill_parsed(name, text, context)?
                }
                _ => self.fill(&template, text, context)?,
            };
            if NAMED.contains(&layer) && path.ends_with(".rs") {
                filled = fit(&filled);
            } else if path == lock::PATH {
                filled = lock::finish(&filled);
            }
            if *owner == Owner::Project {
                own::check(name, &path, &filled)?;
            }
            tree.insert(path, filled)
                .with_context(|| format!("template `{name}`"))?;
        }
        Ok(())
    }

    /// The paths that the templates of `layer` make, each with the template's name.
    pub fn paths(&self, layer: &str, context: &Value) -> Result<Vec<(String, String)>> {
        let templates = self.templates.of_layer(layer)?.into_iter();
        let path = |template: Template<'_>| {
            let path = self.fill(&template, template.target(layer)?, context)?;
            Ok((path, template.name))
        };
        templates.map(path).collect()
    }

    fn fill_parsed(
        &self,
        name: &'static str,
        text: &'static str,
        context: &Value,
    ) -> Result<String> {
        let is_parsed = self.environment.borrow().get_template(name).is_ok();
        if !is_parsed {
            self.environment.borrow_mut().add_template(name, text)?;
        }
        let environment = self.environment.borrow();
        Ok(environment.get_template(name)?.render(context)?)
    }

    /// Most templates have nothing to fill in: to parse them would be most of the work of `new`.
    fn fill(&self, template: &Template<'_>, text: &str, context: &Value) -> Result<String> {
        if !has_statements(text) {
            return Ok(text.to_owned());
        }
        let Template { name, owner, .. } = template;
        match owner {
            Owner::Scaffold => {
                let environment = self.environment.borrow();
                Ok(environment.render_named_str(name, text, context)?)
            }
            Owner::Project => own::fill(&self.environment.borrow(), name, text, context),
        }
    }
}

fn files(folder: &'static Dir<'static>) -> Vec<&'static File<'static>> {
    let mut found: Vec<_> = folder.files().collect();
    for child in folder.dirs() {
        found.extend(files(child));
    }
    found
}
