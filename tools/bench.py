"""`make bench`: run Benchmarks/ in an environment with the package and its peers.

QUICK=1 for a short run, ONLY=transpose,== for some rows, JSON=folder for another place for the results than
build/benchmarks, UPDATE=1 to write the tables and the picture of Benchmarks/README.md anew from this run.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import envs


def main() -> int:
    python = envs.current()
    try:
        executable = envs.ensure("bench", python)
        envs.run(executable, envs.ROOT / "tools" / "cpu_torch.py")
        # The peers are what this is about: better no table than one without them.
        envs.run(executable, "-c", "import cv2, matplotlib, numpy, rich, torch")
        envs.install_package(executable)
    except subprocess.CalledProcessError as error:
        sys.exit(f"error: exit code {error.returncode} from {error.cmd[0]}; its own messages are above")
    folder = Path(os.environ.get("JSON") or envs.ROOT / "build" / "benchmarks").resolve()
    options = ["--json", str(folder)]
    if os.environ.get("QUICK") not in (None, "", "0"):
        options.append("--quick")
    if os.environ.get("ONLY"):
        options += ["--only", os.environ["ONLY"]]
    # Each measures one thing. A ratio that is not what it should be is printed, and fails nothing; a crash or a wrong
    # answer does.
    scripts = sorted((envs.ROOT / "Benchmarks").glob("bench_*.py"))
    failed = [script.name for script in scripts if subprocess.run([executable, script, *options], check=False).returncode]
    if not failed and os.environ.get("UPDATE") not in (None, "", "0"):
        failed += ["report.py"] * bool(
            subprocess.run([executable, envs.ROOT / "Benchmarks" / "report.py", folder], check=False).returncode
        )
    if failed or not scripts:
        print(f"error: {', '.join(failed) or 'nothing'} failed", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
