//! Makes a new project a git repository, through the user's own `git`.

use std::io::ErrorKind;
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

/// What became of the wish for a repository.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Repository {
    /// Made, with the project as its first commit.
    Committed,
    /// Made, but git knows no name and e-mail to commit under.
    Uncommitted,
    /// There is no git on this machine.
    NoGit,
}

/// Whether `folder`, or the nearest folder above it that exists, lies in a git repository.
pub fn is_inside_repository(folder: &Path) -> bool {
    std::path::absolute(folder)
        .is_ok_and(|folder| folder.ancestors().any(|above| above.join(".git").exists()))
}

/// Makes `folder` a repository on the branch `main`, with everything in it as the first commit.
pub fn init(folder: &Path) -> Result<Repository> {
    // An empty template spares git the copying of its sample hooks.
    match git(
        folder,
        ["init", "--quiet", "--initial-branch=main", "--template="],
    ) {
        Ok(()) => {}
        Err(error) if is_not_found(&error) => return Ok(Repository::NoGit),
        Err(error) => return Err(error),
    }
    git(folder, ["add", "--all"])?;
    // No hook and no passphrase prompt may hold up the first commit.
    let commit = [
        "commit",
        "--quiet",
        "--no-verify",
        "--no-gpg-sign",
        "--message=Start with scaffold",
    ];
    match git(folder, commit) {
        Ok(()) => Ok(Repository::Committed),
        Err(_) if !has_identity(folder) => Ok(Repository::Uncommitted),
        Err(error) => Err(error),
    }
}

fn has_identity(folder: &Path) -> bool {
    git(folder, ["var", "GIT_COMMITTER_IDENT"]).is_ok()
}

fn git<const N: usize>(folder: &Path, args: [&str; N]) -> Result<()> {
    let output = Command::new("git")
        .args(args)
        .current_dir(folder)
        // A hook or alias that runs us inside another repository must not make us write into that one.
        .env_remove("GIT_DIR")
        .env_remove("GIT_WORK_TREE")
        .env_remove("GIT_INDEX_FILE")
        .stdin(Stdio::null())
        .output()
        .context("cannot run `git`")?;
    if output.status.success() {
        return Ok(());
    }
    bail!(
        "`git {}` failed: {}\nhelp: leave git out with `--no-git`",
        args.join(" "),
        String::from_utf8_lossy(&output.stderr).trim()
    );
}

fn is_not_found(error: &anyhow::Error) -> bool {
    error
        .downcast_ref::<std::io::Error>()
        .is_some_and(|error| error.kind() == ErrorKind::NotFound)
}
