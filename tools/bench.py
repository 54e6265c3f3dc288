"""`make bench`: run Benchmarks/ in an environment with the package and its peers; QUICK=1 for a short run."""

from __future__ import annotations

import os
import subprocess
import sys

import envs


def main() -> int:
    python = envs.current()
    try:
        executable = envs.ensure("bench", python)
        envs.install_package(executable)
    except subprocess.CalledProcessError as error:
        sys.exit(f"error: exit code {error.returncode} from {error.cmd[0]}; its own messages are above")
    options = ["--quick"] if os.environ.get("QUICK") not in (None, "", "0") else []
    # Each file measures one thing and fails if a promised ratio is not met.
    scripts = sorted((envs.ROOT / "Benchmarks").glob("bench_*.py"))
    statuses = [subprocess.run([executable, script, *options], check=False).returncode for script in scripts]
    return 1 if any(statuses) or not scripts else 0


if __name__ == "__main__":
    sys.exit(main())
