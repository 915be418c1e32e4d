"""A project that was grown with every kind of `scaffold add`, and its two programs as they are deployed.

They are built once, as `sam build` builds them (cargo-lambda with zig, the project's own release profile), and lie
where every script finds them again. For x86_64, because they are run here; for arm64, the default of new projects, the
same command takes `--arm64` once `rustup target add aarch64-unknown-linux-gnu` has been run.
"""

import filecmp
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from projects import new, run, target_folder

NAME = "proposals-api"

ADDED = [
    ["add", "feature", "proposal_writer"],
    [
        *["add", "entity", "Proposal", "title:string:1..200", "description:text:optional:..2000"],
        *["budget:decimal:gt=0:le=10000000", "status:enum:draft/processing/completed/failed:default=draft:index"],
        *["tags:string:1..20:list=..5:optional", "contact:email:optional", "due:date:optional", "rank:int:1..10:optional"],
        *["notes:text:optional", "extra:json:optional"],
    ],
    [
        *["add", "entity", "Document", "--parent", "Proposal", "filename:string:1..255"],
        "content:file:optional:max=1MB:types=pdf/png",
    ],
    ["add", "job", "analyze", "--entity", "Proposal"],
    ["add", "entity", "Notice", "text:text:1..", "--read", "public", "--write", "admin", "--feature", "proposal_writer"],
]

# The project as it comes never panics, and what happens then is to be proved too.
PANICS = """\
use utoipa_axum::routes;

use crate::app::Routes;

pub fn routes(routes: &mut Routes) {
    routes.public(routes!(panics));
}

#[utoipa::path(get, path = "/api/panics")]
async fn panics() {
    panic!("the secret cause");
}
"""


@dataclass(frozen=True)
class Bootstraps:
    project: Path
    api: Path
    worker: Path


def grow(tool: Path, folder: Path, name: str = NAME) -> Path:
    """Makes the project inside `folder`."""
    project = new(tool, folder, name)
    for command in ADDED:
        run([tool, *command, "--quiet", "--no-input"], project, quiet=True)
    return project


def panic_in(project: Path) -> None:
    (project / "src/features/panics.rs").write_text(PANICS)
    wiring = project / "src/features/mod.rs"
    replace_once(wiring, "pub mod auth;\n", "pub mod auth;\nmod panics;\n")
    mounted = "    auth::routes(&mut routes);\n"
    replace_once(wiring, mounted, mounted + "    panics::routes(&mut routes);\n")


def replace_once(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    if text.count(old) != 1:
        sys.exit(f"FAILED: {path} does not have this once: {old}")
    path.write_text(text.replace(old, new))


def grown(tool: Path, name: str = NAME, edit: Callable[[Path], None] = panic_in) -> Path:
    """The project, edited, and always in the same folder. Files that are as they should be are left alone: cargo goes by
    their time, and does not build what it has built."""
    place = target_folder("target/generated").resolve() / "projects" / name
    with tempfile.TemporaryDirectory() as folder:
        fresh = grow(tool, Path(folder), name)
        edit(fresh)
        update(place, fresh)
    return place


def update(old: Path, new: Path) -> None:
    """Makes the sources in `old` those in `new`."""
    kept = {"lambda", ".local"}
    wanted = {path.relative_to(new) for path in new.rglob("*") if path.is_file()}
    for path in list(old.rglob("*")):
        name = path.relative_to(old)
        if path.is_file() and name not in wanted and name.parts[0] not in kept:
            path.unlink()
    for name in wanted:
        if not (old / name).exists() or not filecmp.cmp(old / name, new / name, shallow=False):
            (old / name).parent.mkdir(parents=True, exist_ok=True)
            (old / name).write_bytes((new / name).read_bytes())


def bootstraps(tool: Path) -> Bootstraps:
    project = grown(tool)
    begun = time.monotonic()
    # Without the names of the two, cargo would also build what only tests and `cargo dev` need.
    command = ["cargo", "lambda", "build", "--release", "--x86-64", "--locked", "--bin", "api", "--bin", "worker"]
    target = str(target_folder("target/generated"))
    run([*command, "--lambda-dir", project / "lambda"], project, {"CARGO_TARGET_DIR": target}, quiet=True)
    print(f"cargo lambda build --release --x86-64: {time.monotonic() - begun:.0f} s", flush=True)
    return Bootstraps(project, project / "lambda/api/bootstrap", project / "lambda/worker/bootstrap")
