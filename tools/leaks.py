# SPDX-License-Identifier: Apache-2.0
"""The leak check: the package built for a CPython that knows all its objects, and how pytest looks for leaks with it.

`make test` checks a part of the suite, `make soak PARTS=leaks` all of it.
"""

from __future__ import annotations

from pathlib import Path

import envs

# A debug build of a current version, see tools/interpreters.py. The package is built with its own headers, whose counts
# of references are right.
INTERPRETER = "3.13dr"

# The part that runs in every `make test`: every type and method, without Hypothesis and other tests that take long.
SHORT = [
    "Tests/python/array/test_array_growth.py",
    "Tests/python/array/test_from_memory.py",
    "Tests/python/view/test_view_life.py",
    *("-m", "not hypothesis", "--leak-limit", "0.2"),
]

# Tests of other processes or of time, and tests with so many rounds that they find leaks themselves. Random requests to
# CPython's own `_testbuffer` fail an assertion of a debug build, which ends the process.
ELSEWHERE = [
    f"--ignore=Tests/python/{name}.py"
    for name in (
        "tooling/test_benchmarks",
        "capi/test_capi_robust",
        "check/test_check",
        "check/test_check_cli",
        "check/test_check_libraries",
        "tooling/test_docstrings",
        "guarantees/test_hostile_exporters",
        "guarantees/test_leaks",
        "guarantees/test_limits",
        "guarantees/test_memory_failures",
        "guarantees/test_process_life",
        "guarantees/test_subinterpreters",
        "testkit/test_testing_equivalence",
        "guarantees/test_threads",
        "tooling/test_wheel",
    )
]


def command(executable: Path, *selection: str) -> list[str | Path]:
    """Checks some tests."""
    options = ["-p", "leak_check", "--hypothesis-profile=leaks", "-p", "no:cacheprovider"]
    return [executable, "-m", "pytest", *options, *selection]


def variables() -> dict[str, str]:
    """Where pytest finds the plugin."""
    return {"PYTHONPATH": str(envs.TESTS / "support")}
