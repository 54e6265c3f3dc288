"""`make docs`: the documentation as a site in `build/site`, without a warning and without the network."""

from __future__ import annotations

import subprocess
import sys

import envs
import wheels

SITE = envs.ROOT / "build" / "site"


def main() -> int:
    python = envs.current()
    try:
        tools = envs.ensure("docs", python)
        wheel_tools = envs.ensure("wheel", python)
        wheels.install(tools, wheels.build(wheel_tools, envs.ROOT / "build" / "wheels" / python.name))
    except subprocess.CalledProcessError as error:
        sys.exit(f"error: exit code {error.returncode} from {error.cmd[0]}; its own messages are above")
    options = ["--fail-on-warning", "--keep-going", "--fresh-env", "-q", "-b", "dirhtml"]
    status = subprocess.run([tools, "-m", "sphinx", *options, envs.ROOT / "docs", SITE], check=False).returncode
    if status == 0:
        print(f"documentation: {SITE / 'index.html'}")
    return status


if __name__ == "__main__":
    sys.exit(main())
