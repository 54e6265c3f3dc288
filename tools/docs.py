# SPDX-License-Identifier: Apache-2.0
"""`make docs`: the documentation as a site in `build/site`, without a warning and without the network.

Every page of it is loaded in Chromium, which is installed where the user may.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import envs
import swiftdocs
import system
import wheels

SITE = envs.ROOT / "build" / "site"
# Debian's own: Playwright's downloads need a host of their own. The first one is the smallest.
BROWSERS = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")


def build(executable: Path) -> bool:
    """Builds the site with an environment that has Sphinx and the package, whose docstrings are in it, and the pages of
    the Swift libraries."""
    # Pages that went would be looked at otherwise.
    shutil.rmtree(SITE, ignore_errors=True)
    options = ["--fail-on-warning", "--fresh-env", "--quiet", "--builder", "html"]
    line: list[str | Path] = [executable, "-m", "sphinx", *options, envs.ROOT / "docs", SITE]
    print("+", *line, flush=True)
    is_built = subprocess.run(line, check=False, cwd=envs.ROOT).returncode == 0
    return swiftdocs.build(SITE) and is_built


def browser() -> str | None:
    """The path of a Chromium, installed now if there is none."""
    found = list(filter(None, map(shutil.which, BROWSERS)))
    if not found and system.install(BROWSERS[:1]):
        return shutil.which(BROWSERS[0])
    return found[0] if found else None


def look(executable: Path) -> bool:
    """Loads every page of the site in Chromium, by an environment that has Playwright."""
    chromium = browser()
    if chromium is None:
        print(f"error: no Chromium to look at the site with; {system.advice(BROWSERS[:1])}")
        return False
    # The conftest of the root is for the examples in these pages.
    options = ["-q", "-p", "no:cacheprovider", "--confcutdir=Tests/site", "Tests/site"]
    line: list[str | Path] = [executable, "-m", "pytest", *options]
    print("+", *line, flush=True)
    variables = {**os.environ, "SWIFTBUFFER_SITE": str(SITE), "SWIFTBUFFER_BROWSER": chromium}
    return subprocess.run(line, check=False, cwd=envs.ROOT, env=variables).returncode == 0


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
    print(f"with the Swift reference, which needs a web server: python3 -m http.server -d {SITE}", flush=True)
    return 0 if look(tools) else 1


if __name__ == "__main__":
    sys.exit(main())
