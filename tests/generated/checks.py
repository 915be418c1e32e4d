"""The commands that prove a generated project, and how they are run."""

import time
from pathlib import Path

from projects import run

# Neither is of use in a build that happens once; both cost time and disk.
LEAN = {"CARGO_PROFILE_DEV_DEBUG": "0", "CARGO_INCREMENTAL": "0"}

FORMAT = ["cargo", "fmt", "--all", "--check"]
CLIPPY = ["cargo", "clippy", "--workspace", "--all-targets", "--locked", "--quiet", "--", "-D", "warnings"]
TEST = ["cargo", "test", "--workspace", "--locked", "--quiet"]

# What `cargo clippy -- -D warnings` sets for its `cargo check`.
WITH_CLIPPY = {
    "RUSTC_WORKSPACE_WRAPPER": "clippy-driver",
    "CLIPPY_ARGS": "-D__CLIPPY_HACKERY__warnings__CLIPPY_HACKERY__",
}


def timed(command: list[str], project: Path, env: dict[str, str]) -> None:
    begun = time.monotonic()
    output = run(command, project, env, quiet=True)
    results = [line.split() for line in output.splitlines() if line.startswith("test result:")]
    passed = sum(int(words[3]) for words in results)
    tests = f", {passed} tests" if results else ""
    print(f"    {' '.join(command[:2])}: {time.monotonic() - begun:.0f} s{tests}", flush=True)
