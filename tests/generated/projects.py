"""What the scripts beside this file share: the release binary, and the projects it makes."""

import itertools
import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent
REPOSITORY = HERE.parents[1]
COMPONENTS = ("ai", "storage", "worker")


@dataclass(frozen=True)
class Combination:
    """A choice of components."""

    components: frozenset[str]

    @property
    def project(self) -> str:
        """A project name that no other combination has: cargo takes two packages of one name, whose folders have
        the same relative path, for the same, and would run one's tests for the other."""
        return "-".join(["with", *sorted(self.components)] if self.components else ["bare"])

    @property
    def options(self) -> list[str]:
        left_out = [name for name in COMPONENTS if name not in self.components]
        return ["--without", ",".join(left_out)] if left_out else []

    def __str__(self) -> str:
        return ", ".join(sorted(self.components)) or "no component"


def combinations() -> list[Combination]:
    """All of them. The full one is first: it compiles most, and the others find it compiled."""
    sizes = range(len(COMPONENTS), -1, -1)
    chosen = itertools.chain.from_iterable(itertools.combinations(COMPONENTS, size) for size in sizes)
    return [Combination(frozenset(components)) for components in chosen]


def target_folder(default: str) -> Path:
    """Where to build: CARGO_TARGET_DIR, or a folder of this checkout."""
    return REPOSITORY / os.environ.get("CARGO_TARGET_DIR", default)


def build_tool() -> Path:
    """The release binary of this checkout, or the one that SCAFFOLD names."""
    if given := os.environ.get("SCAFFOLD"):
        return Path(given).resolve()
    run(["cargo", "build", "--release", "--locked", "--quiet"], REPOSITORY)
    return target_folder("target") / "release/scaffold"


def run(command, folder: Path, env: dict[str, str] | None = None, quiet: bool = False) -> str:
    """Runs `command` and returns its standard output if `quiet`; when it fails, says so and ends this process."""
    begun = time.monotonic()
    done = subprocess.run(
        command,
        cwd=folder,
        env={**os.environ, **(env or {})},
        stdout=subprocess.PIPE if quiet else None,
        stderr=subprocess.STDOUT if quiet else None,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        print(done.stdout or "", end="")
        shown = " ".join(str(word) for word in command)
        seconds = time.monotonic() - begun
        sys.exit(f"FAILED in {folder} after {seconds:.0f} s, exit {done.returncode}: {shown}")
    return done.stdout or ""


def new(tool: Path, folder: Path, name: str, *options: str) -> Path:
    """Makes a project with `scaffold new` inside `folder`."""
    run([tool, "new", name, "--no-git", "--quiet", *options], folder, quiet=True)
    return folder / name
