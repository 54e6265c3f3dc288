# SPDX-License-Identifier: Apache-2.0
"""Every operation of the public surface while CPython's memory runs out: MemoryError or the right result, no crash."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import outcomes

if outcomes.DROPS_LISTS_TWICE:
    pytest.skip(
        "this CPython crashes where it has no memory for a list; `make soak PARTS=memory` has one that does not",
        allow_module_level=True,
    )
pytest.importorskip("_testcapi", reason="this CPython came without its own test modules, whose allocator is used")

import memory_failures

PROGRAM = Path(memory_failures.__file__)


@pytest.fixture(scope="module")
def faults() -> dict[str, list[str]]:
    """What was wrong with each operation."""
    return outcomes.of_program(PROGRAM, memory_failures.OPERATIONS)


@pytest.mark.parametrize("name", memory_failures.OPERATIONS)
def test_each_failed_allocation_is_a_memory_error(faults: dict[str, list[str]], name: str) -> None:
    assert faults[name] == []


def test_the_program_sees_a_wrong_error() -> None:
    """A child that turns MemoryError into something else is caught, so that the tests above can fail."""
    script = """if True:
        import memory_failures, swiftbuffer
        def swallow():
            try:
                return swiftbuffer.zeros(3).tolist()
            except MemoryError:
                return None
        print(memory_failures.step(lambda: (swallow, [])))
    """
    child = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=PROGRAM.parent
    )
    assert "without memory from 0 on: None" in child.stdout
