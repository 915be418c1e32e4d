"""Python environments with exactly the packages that a requirements file pins."""

import os
import sys
import venv
from pathlib import Path

from projects import HERE, REPOSITORY, run

TOOLS = REPOSITORY / "target/generated-tools"


def enter_tools() -> None:
    """Goes on in an environment that has the packages of requirements.txt, its programs on the PATH."""
    if Path(sys.prefix).resolve() != TOOLS.resolve():
        python = str(environment(TOOLS, HERE / "requirements.txt"))
        os.execv(python, [python, *sys.argv])
    os.environ["PATH"] = f"{TOOLS / 'bin'}:{os.environ['PATH']}"
    os.environ["SAM_CLI_TELEMETRY"] = "0"


def environment(folder: Path, requirements: Path) -> Path:
    """The Python of an environment with these packages. It is made when it is not there as it should be."""
    installed = folder / "requirements.txt"
    python = folder / "bin/python"
    if not installed.exists() or installed.read_text() != requirements.read_text():
        venv.create(folder, clear=True, with_pip=True)
        pip = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        run([*pip, "-r", requirements], REPOSITORY)
        installed.write_text(requirements.read_text())
    return python
