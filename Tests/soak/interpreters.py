# SPDX-License-Identifier: Apache-2.0
"""A hundred interpreters, each with its own GIL, one after another and at once; memory stays flat.

On every CPython from 3.12 on that this machine has; 3.11, whose interpreters share one GIL, must work too.
"""

from __future__ import annotations

import os
import subprocess
import sys

import envs
import pythons
import wheels

PROGRAM = envs.TESTS / "support" / "subinterpreters.py"
RUNS = [("turn", 100), ("once", 100), ("endings", 100), ("growth", 100)]


def main() -> int:
    failures = 0
    tried: set[str] = set()
    for python in pythons.find():
        if not python.has_headers:
            continue
        executable = wheels.ready(python)
        tried.add(python.minor)
        # Without a GIL there is but one allocator, whose memory cannot be counted.
        counts = "t" not in python.suffix
        environment = {**os.environ, "PYTHONMALLOC": "malloc"} if counts else {**os.environ}
        for what, count in RUNS if counts else RUNS[:-1]:
            print(f"-- {python.name}: {what} {count}", flush=True)
            line = [executable, PROGRAM, what, str(count)]
            child = subprocess.run(line, check=False, env=environment)
            if child.returncode != 0:
                print(f"error: exit code {child.returncode}")
                failures += 1
    if lacking := {"3.12", "3.13"} - tried:
        print(f"error: there is no CPython {' and no '.join(sorted(lacking))} here, so it was not tested")
    return 1 if failures or lacking else 0


if __name__ == "__main__":
    sys.exit(main())
