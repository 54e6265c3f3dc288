# SPDX-License-Identifier: Apache-2.0
"""The recipe for other libraries runs as printed where all of them are: with PyTorch, polars and OpenCV too.

`make test` skips what its environments have not. This takes the environment of tools/exchange.py, with PyTorch's wheel
and stand-ins for NVIDIA's libraries; it is made where it is missing, and fetches a gigabyte. No example may be skipped.
"""

from __future__ import annotations

import os
import subprocess
import sys

import envs
import tally

RECIPE = "docs/cookbook/handover.md"


def main() -> int:
    report = envs.ROOT / "build" / "reports" / "libraries.xml"
    report.parent.mkdir(parents=True, exist_ok=True)
    report.unlink(missing_ok=True)
    try:
        executable = envs.ensure("exchange", envs.current())
        envs.run(executable, envs.ROOT / "tools" / "cpu_torch.py")
        envs.install_package(executable)
    except subprocess.CalledProcessError as error:
        sys.exit(f"error: exit code {error.returncode} from {error.cmd[0]}; its own messages are above")
    # Those libraries' own warnings are no failures of ours.
    line = [executable, "-m", "pytest", "-q", "-W", "default", f"--junitxml={report}", RECIPE]
    environment = {**os.environ, "PYTHONPATH": ""}
    status = subprocess.run(line, check=False, cwd=envs.ROOT, env=environment).returncode
    count = tally.read(report)
    print(f"   {RECIPE}: {count}")
    return 0 if status == 0 and count.passed and not count.skipped else 1


if __name__ == "__main__":
    sys.exit(main())
