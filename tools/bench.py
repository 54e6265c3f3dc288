"""`make bench`: run Benchmarks/ in an environment with the package and its baselines.

QUICK=1 for a short run, ONLY=transpose,== for some rows, JSON=folder for another place for the results than
build/benchmarks, UPDATE=1 to write the tables and the picture of Benchmarks/README.md anew from this run.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import envs


def wanted(variable: str) -> bool:
    """Whether a switch among the variables is on."""
    return os.environ.get(variable) not in (None, "", "0")


def main() -> int:
    if wanted("UPDATE") and os.environ.get("ONLY"):
        sys.exit("error: UPDATE=1 writes all tables, and ONLY leaves rows out; use one of them")
    python = envs.current()
    try:
        executable = envs.ensure("bench", python)
        envs.run(executable, envs.ROOT / "tools" / "cpu_torch.py")
        # Without the baselines the table means nothing, so that a missing one is an error.
        envs.run(executable, "-c", "import cv2, matplotlib, numpy, rich, torch")
        envs.install_package(executable)
    except subprocess.CalledProcessError as error:
        sys.exit(f"error: exit code {error.returncode} from {error.cmd[0]}; its own messages are above")
    folder = Path(os.environ.get("JSON") or envs.ROOT / "build" / "benchmarks").resolve()
    options = ["--json", str(folder)]
    if wanted("QUICK"):
        options.append("--quick")
    if os.environ.get("ONLY"):
        options += ["--only", os.environ["ONLY"]]
    # A missed ratio is printed and does not fail the run; a crash or a wrong answer does.
    scripts = sorted((envs.ROOT / "Benchmarks").glob("bench_*.py"))
    lines: list[list[str | Path]] = [[script, *options] for script in scripts]
    if wanted("UPDATE"):
        lines.append([envs.ROOT / "Benchmarks" / "report.py", folder])
    failed = [Path(line[0]).name for line in lines if subprocess.run([executable, *line], check=False).returncode]
    if failed or not scripts:
        print(f"error: {', '.join(failed) or 'nothing'} failed", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
