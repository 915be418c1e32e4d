//! A project that exists: found from the current folder, and read.

use std::borrow::Cow;
use std::env;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use crate::base;
use crate::contents::Contents;
use crate::digest::Digest;
use crate::disk::{self, OnDisk};
use crate::exclusive::{self, Lock, PATIENCE, Recovered};
use crate::project::{Project, Version};
use crate::render;
use crate::template::{Templates, own};

/// The project's description, below its root.
pub const MANIFEST: &str = "scaffold.toml";

/// Whether the project may be changed, or is only looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Intent {
    Change,
    Look,
}

/// A project as it was found.
#[derive(Debug)]
pub struct Existing {
    pub root: PathBuf,
    /// Held as long as the project may be changed.
    pub lock: Option<Lock>,
    pub recovered: Recovered,
    /// The text of scaffold.toml.
    pub text: String,
    /// What it says.
    pub described: Project,
    /// What it said when scaffold last wrote the project, if that is known.
    pub written: Option<Project>,
    /// What the pristine copy holds, if that is known.
    pub contents: Option<Contents>,
    pub templates: Templates,
    /// Those that scaffold last wrote the project with.
    pub templates_used: Templates,
}

impl Existing {
    /// Finds the project that the current folder is in. `command` is what others who wait for it are told.
    pub fn open(command: &str, intent: Intent) -> Result<Self> {
        let here = env::current_dir().context("cannot tell what the current folder is")?;
        Self::open_at(find_root(&here)?, command, intent)
    }

    pub fn open_at(root: &Path, command: &str, intent: Intent) -> Result<Self> {
        let (lock, recovered) = match intent {
            Intent::Change => {
                let (lock, recovered) = Lock::take(root, command, PATIENCE)?;
                (Some(lock), recovered)
            }
            Intent::Look => (None, exclusive::recover_if_needed(root, command, PATIENCE)?),
        };
        let text = match disk::look_at(root, MANIFEST) {
            OnDisk::Text(text) => text,
            OnDisk::Unusable(what) => bail!("`{MANIFEST}` {what}"),
            OnDisk::Absent => bail!("`{MANIFEST}` is gone"),
        };
        let described = Project::parse(&text, MANIFEST)?;
        let contents = base::read_contents(root)?;
        let written = match base::read_one(root, MANIFEST)? {
            Some(copy) if copy == text.replace("\r\n", "\n") => Some(described.clone()),
            Some(copy) if is_sound(&copy, contents.as_ref()) => {
                Project::parse(&copy, MANIFEST).ok()
            }
            _ => None,
        };
        let (templates, templates_used) = own::read(root)?;
        Ok(Self {
            root: root.to_owned(),
            lock,
            recovered,
            text,
            described,
            written,
            contents,
            templates,
            templates_used,
        })
    }

    /// The project that the files were last made from. Where that is not known, as after a merge by git, it is what
    /// scaffold.toml says, without that of which there are no files at all.
    pub fn before(&self) -> Result<Cow<'_, Project>> {
        match &self.written {
            Some(written) => Ok(Cow::Borrowed(written)),
            None => {
                let exists = |path: &str| self.root.join(path).exists();
                render::present(&self.described, exists).map(Cow::Owned)
            }
        }
    }

    /// Whether this very build of scaffold wrote the files as they are.
    pub fn is_of_this_build(&self) -> bool {
        let listed = self.contents.as_ref();
        self.version() == Version::CURRENT && listed.is_some_and(Contents::is_of_this_build)
    }

    /// The scaffold that wrote the files as they are.
    pub fn version(&self) -> Version {
        self.written
            .as_ref()
            .map_or(self.described.version, |written| written.version)
    }
}

fn is_sound(copy: &str, contents: Option<&Contents>) -> bool {
    let digest = Digest::of(copy.as_bytes());
    contents.is_none_or(|contents| contents.of_path(MANIFEST).any(|listed| listed == digest))
}

/// The nearest folder above, or the folder itself, that is a project.
pub fn find_root(here: &Path) -> Result<&Path> {
    match here
        .ancestors()
        .find(|folder| folder.join(MANIFEST).is_file())
    {
        Some(root) => Ok(root),
        None => bail!(
            "no {MANIFEST} here or above\nhelp: run this inside a project made by `scaffold new`"
        ),
    }
}
