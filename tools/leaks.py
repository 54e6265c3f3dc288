"""The hunt for leaks: the package built for a CPython that knows all its objects, and how pytest hunts with it.

`make test` hunts in a part of the suite, `make soak PARTS=leaks` in all of it.
"""

from __future__ import annotations

from pathlib import Path

import envs

# A debug build of a current version, see tools/interpreters.py. The package is built with its own headers, whose counts
# of references are right.
INTERPRETER = "3.13dr"

# The part that runs in every `make test`: every type and method, without Hypothesis and other tests that take long.
SHORT = [
    *(f"Tests/python/test_{name}.py" for name in ("array_growth", "from_memory", "view_life")),
    *("-m", "not hypothesis", "--leak-limit", "0.2"),
]

# Their subjects are other processes, time, or so many rounds of their own that a leak cannot hide from them; and what
# is asked of CPython's own `_testbuffer` at random ends the process of a debug build by an assertion there.
ELSEWHERE = [
    f"--ignore=Tests/python/test_{name}.py"
    for name in (
        "benchmarks",
        "capi_robust",
        "check",
        "check_cli",
        "check_libraries",
        "docstrings",
        "hostile_peers",
        "leaks",
        "limits",
        "memory_failures",
        "process_life",
        "subinterpreters",
        "testing_equivalence",
        "threads",
        "wheel",
    )
]


def command(executable: Path, *selection: str) -> list[str | Path]:
    """The hunt in some tests."""
    options = ["-p", "leak_hunt", "--hypothesis-profile=hunt", "-p", "no:cacheprovider"]
    return [executable, "-m", "pytest", *options, *selection]


def variables() -> dict[str, str]:
    """Where pytest finds the plugin."""
    return {"PYTHONPATH": str(envs.ROOT / "Tests" / "python")}
