//! A folder of its own for each test, and the program run in it.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use tempfile::TempDir;

pub struct Sandbox {
    _folder: TempDir,
    /// Where commands run.
    pub here: PathBuf,
}

/// What became of a command.
#[derive(Debug)]
pub struct Ran {
    pub code: Option<i32>,
    pub stdout: String,
    pub stderr: String,
}

impl Sandbox {
    pub fn empty() -> Self {
        // In memory where there is such a place: the program waits for the disk very often.
        let memory = Path::new("/dev/shm");
        let folder = if memory.is_dir() {
            tempfile::tempdir_in(memory).unwrap()
        } else {
            tempfile::tempdir().unwrap()
        };
        Self {
            here: folder.path().to_owned(),
            _folder: folder,
        }
    }

    /// With a new project in it, which commands run in.
    pub fn project() -> Self {
        Self::project_with("")
    }

    /// With a new project of these options.
    pub fn project_with(options: &str) -> Self {
        let mut sandbox = Self::empty();
        let line = format!("new my-api --no-git -q {options}");
        sandbox.run(&line).succeeds();
        sandbox.here.push("my-api");
        sandbox
    }

    /// With the feature `shop` and, in it, the entity `Item`.
    pub fn shop() -> Self {
        let sandbox = Self::project();
        sandbox.run("add feature shop").succeeds();
        sandbox.run("add entity Item").succeeds();
        sandbox
    }

    /// With the same files in a folder of its own.
    pub fn copy(&self) -> Self {
        let copy = Self::empty();
        for (path, bytes) in self.files() {
            let path = copy.path("").join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, bytes).unwrap();
        }
        copy
    }

    pub fn command(&self) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_scaffold"));
        command
            .current_dir(&self.here)
            .env_remove("NO_COLOR")
            .env_remove("CLICOLOR_FORCE")
            .env("LC_ALL", "C.UTF-8")
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            .env("GIT_CONFIG_SYSTEM", "/dev/null");
        for role in ["AUTHOR", "COMMITTER"] {
            command.env(format!("GIT_{role}_NAME"), "Ada");
            command.env(format!("GIT_{role}_EMAIL"), "ada@example.com");
        }
        command
    }

    /// Runs the program with arguments that have no spaces in them.
    pub fn run(&self, line: &str) -> Ran {
        Ran::of(
            self.command()
                .args(line.split_whitespace())
                .output()
                .unwrap(),
        )
    }

    pub fn path(&self, path: &str) -> PathBuf {
        self.here.join(path)
    }

    pub fn read(&self, path: &str) -> String {
        fs::read_to_string(self.path(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
    }

    pub fn write(&self, path: &str, text: &str) {
        fs::create_dir_all(self.path(path).parent().unwrap()).unwrap();
        fs::write(self.path(path), text).unwrap();
    }

    /// Changes a file as a user would.
    pub fn edit(&self, path: &str, from: &str, to: &str) {
        let text = self.read(path);
        assert!(text.contains(from), "no `{from}` in {path}:\n{text}");
        self.write(path, &text.replacen(from, to, 1));
    }

    /// Every file, except the lock, which is no part of the project.
    pub fn files(&self) -> BTreeMap<PathBuf, Vec<u8>> {
        let mut files = BTreeMap::new();
        collect(&self.here, &self.here, &mut files);
        files.remove(Path::new(".scaffold/lock"));
        files
    }
}

fn collect(root: &Path, folder: &Path, files: &mut BTreeMap<PathBuf, Vec<u8>>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(root, &path, files);
        } else {
            let inside = path.strip_prefix(root).unwrap().to_owned();
            files.insert(inside, fs::read(&path).unwrap());
        }
    }
}

impl Ran {
    pub fn of(output: Output) -> Self {
        Self {
            code: output.status.code(),
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }

    #[track_caller]
    pub fn succeeds(self) -> Self {
        assert_eq!(self.code, Some(0), "{}{}", self.stdout, self.stderr);
        self
    }

    /// It is refused, and says so in these words.
    #[track_caller]
    pub fn refuses(self, words: &str) -> Self {
        assert_eq!(self.code, Some(1), "{}{}", self.stdout, self.stderr);
        assert!(self.stderr.contains(words), "{}", self.stderr);
        assert!(self.stderr.contains("help:"), "no way out: {}", self.stderr);
        self
    }
}
