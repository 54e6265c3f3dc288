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

PROGRAM = envs.ROOT / "Tests" / "python" / "subinterpreters.py"
RUNS = [("turn", 100), ("once", 100), ("endings", 100), ("growth", 100)]


def main() -> int:
    failures = 0
    for python in pythons.find():
        if not python.has_headers:
            continue
        executable = wheels.ready(python)
        for what, count in RUNS:
            print(f"-- {python.name}: {what} {count}", flush=True)
            line = [executable, PROGRAM, what, str(count)]
            child = subprocess.run(line, check=False, env={**os.environ, "PYTHONMALLOC": "malloc"})
            if child.returncode != 0:
                print(f"error: exit code {child.returncode}")
                failures += 1
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
