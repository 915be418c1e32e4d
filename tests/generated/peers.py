"""Other generators, each with a template of its own kind that writes a given tree of files.

None of them has to fill anything in: copier and cookiecutter copy each file, and hygen's templates have no tags. So they
do less than `scaffold`, which renders each file. `cargo lambda new` knows only its own handful of files.
"""

import os
from pathlib import Path

from projects import HERE, REPOSITORY, run
from tools import environment

FOLDER = REPOSITORY / "target/generated-peers"
HYGEN = "hygen@6.2.11"


class Peers:
    """Installed in a folder of this checkout."""

    def __init__(self) -> None:
        environment(FOLDER / "python", HERE / "peers-requirements.txt")
        self._bin = FOLDER / "python/bin"
        os.environ["PATH"] = f"{self._bin}:{os.environ['PATH']}"
        modules = FOLDER / HYGEN
        self._hygen = modules / "node_modules/hygen/dist/bin.js"
        if not self._hygen.exists():
            modules.mkdir(parents=True, exist_ok=True)
            run(["npm", "install", "--silent", "--no-audit", "--no-fund", "--prefix", modules, HYGEN], modules, quiet=True)

    def new(self, tree: Path, templates: Path) -> dict[str, list]:
        """What makes the tree as `my-api` in the folder that it is run in, by the name of the tool."""
        templates.mkdir()
        files = {path.relative_to(tree): path.read_bytes() for path in sorted(tree.rglob("*")) if path.is_file()}

        copied = templates / "copier"
        write(copied / "template", files)
        (copied / "copier.yml").write_text("_subdirectory: template\n")

        cookies = templates / "cookiecutter"
        write(cookies / "{{cookiecutter.name}}", files)
        (cookies / "cookiecutter.json").write_text('{"name": "my-api", "_copy_without_render": ["*"]}\n')

        few = templates / "cargo-lambda"
        write(few, CARGO_LAMBDA)
        return {
            "copier": [self._bin / "copier", "copy", "--quiet", "--defaults", copied, "my-api"],
            "cookiecutter": [self._bin / "cookiecutter", "--no-input", cookies],
            "hygen": self.hygen(templates / "hygen", {Path("my-api") / path: text for path, text in files.items()}),
            "cargo lambda new": [
                self._bin / "cargo-lambda",
                *["lambda", "new", "--template", few, "--no-interactive", "my-api"],
            ],
        }

    def hygen(self, templates: Path, files: dict[Path, bytes]) -> list:
        """What makes these files in the folder that it is run in."""
        actions = templates / "all/new"
        actions.mkdir(parents=True)
        for number, (path, text) in enumerate(files.items()):
            (actions / f"{number}.ejs.t").write_bytes(f"---\nto: {path}\n---\n".encode() + text)
        # It looks for templates where it is run, or where this says.
        return ["env", f"HYGEN_TMPLS={templates}", self._bin / "node", self._hygen, "all", "new"]


def write(folder: Path, files: dict[Path, bytes]) -> None:
    for path, text in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(text)


# As many files as its own template has, which it would load from GitHub.
CARGO_LAMBDA = {
    Path("Cargo.toml"): b'[package]\nname = "{{project_name}}"\nversion = "0.1.0"\nedition = "2024"\n',
    Path("README.md"): b"# {{project_name}}\n",
    Path(".gitignore"): b"/target\n",
    Path("src/main.rs"): b"fn main() {}\n",
    Path("src/http_handler.rs"): b"// The handler of {{project_name}}\n",
}
