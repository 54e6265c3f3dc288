# SPDX-License-Identifier: Apache-2.0
"""`make demo`: set up an environment, build the package into it, and run Examples/photograph.py there."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import envs


def main() -> int:
    try:
        executable = envs.ensure("demo", envs.current())
        # Only the photographs of scikit-image are used, so its dependencies are not installed.
        photographs = ("scikit-image>=0.25,<1", "--no-deps", "--only-binary=:all:", "--disable-pip-version-check")
        envs.run(executable, "-m", "pip", "install", "-q", *photographs, PIP_ROOT_USER_ACTION="ignore")
        envs.install_package(executable)
    except subprocess.CalledProcessError as error:
        sys.exit(f"error: exit code {error.returncode} from {error.cmd[0]}; its own messages are above")
    # The photograph of scikit-image, and where to write the page.
    line: list[str | Path] = [
        executable,
        envs.ROOT / "Examples" / "photograph.py",
        "",
        envs.ROOT / "build" / "demo" / "photograph.html",
    ]
    return subprocess.run(line, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
