# SPDX-License-Identifier: Apache-2.0
"""What programs say of many cases that may each end the process."""

from __future__ import annotations

import json
import subprocess
import sys
import sysconfig
from collections.abc import Iterable
from pathlib import Path

# Without a GIL CPython 3.13 drops a list that it has no memory for before it has cleared it: docs/guarantees.md,
# section 5. `make soak PARTS=memory` runs the tests that lead there on a CPython whose sources are mended.
DROPS_LISTS_TWICE = bool(sysconfig.get_config_var("Py_GIL_DISABLED")) and (
    "--with-mended-lists" not in sysconfig.get_config_var("CONFIG_ARGS")
)


# For all cases together, of which most take milliseconds.
PATIENCE = 600


def of_program(program: Path, cases: Iterable[str]) -> dict[str, list[str]]:
    """What was wrong with each case. The program takes them as arguments, and prints for each a line with its name and,
    once it is through, a line of JSON. A crash, or a case that never ends, ends a child: the next one goes on behind
    it."""
    found: dict[str, list[str]] = {}
    names = list(cases)
    while names:
        line = ["timeout", "--signal=ABRT", str(PATIENCE), sys.executable, program, *names]
        child = subprocess.run(line, capture_output=True, text=True, check=False)
        lines = child.stdout.splitlines()
        found |= {name: json.loads(faults) for name, faults in zip(lines[::2], lines[1::2], strict=False)}
        if len(lines) % 2:
            found[lines[-1]] = [f"exit code {child.returncode}\n{child.stderr}"]
        elif child.returncode:
            raise AssertionError(f"exit code {child.returncode}\n{child.stderr}")
        names = [name for name in names if name not in found]
    return found
