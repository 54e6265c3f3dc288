# SPDX-License-Identifier: Apache-2.0
"""Without a GIL, each failed allocation of CPython leads to a MemoryError and to nothing else.

`make test` runs these tests where there is a GIL. CPython 3.13 does not survive all of them without one, for a fault
that docs/guarantees.md describes in section 5; so they run on one whose sources are patched there.
"""

from __future__ import annotations

import sys

import envs
import interpreters
import run_tests
import wheels


def main() -> int:
    python = interpreters.provide(f"{run_tests.FREE_THREADED}m")
    executable = wheels.ready(python)
    report = run_tests.REPORTS / "memory.xml"
    tests = [envs.TESTS / "guarantees" / f"test_{name}.py" for name in ("memory_failures", "hostile_exporters")]
    line = [executable, "-m", "pytest", f"--junitxml={report}", *tests]
    count = run_tests.run_suite(f"{python.name}: memory", line, [report])
    print(f"memory: {count}")
    return 0 if count.passed and not count.failed and not count.skipped else 1


if __name__ == "__main__":
    sys.exit(main())
