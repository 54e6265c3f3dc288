"""`make docs`: the documentation as a site in `build/site`, without a warning and without the network."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import envs
import wheels

SITE = envs.ROOT / "build" / "site"


def build(executable: Path) -> bool:
    """Builds the site with an environment that has Sphinx and the package, whose docstrings are in it."""
    options = ["--fail-on-warning", "--fresh-env", "--quiet", "--builder", "dirhtml"]
    line: list[str | Path] = [executable, "-m", "sphinx", *options, envs.ROOT / "docs", SITE]
    print("+", *line, flush=True)
    return subprocess.run(line, check=False, cwd=envs.ROOT).returncode == 0


def main() -> int:
    python = envs.current()
    try:
        tools = envs.ensure("docs", python)
        wheel_tools = envs.ensure("wheel", python)
        wheels.install(tools, wheels.build(wheel_tools, envs.ROOT / "build" / "wheels" / python.name))
    except subprocess.CalledProcessError as error:
        sys.exit(f"error: exit code {error.returncode} from {error.cmd[0]}; its own messages are above")
    if not build(tools):
        return 1
    print(f"documentation: {SITE / 'index.html'}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
