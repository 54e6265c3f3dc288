"""Exporters that lie, fail and change their minds, against all that takes a buffer: an exception or an answer."""

from __future__ import annotations

import json
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

import hostile_peers

if sysconfig.get_config_var("Py_GIL_DISABLED"):
    pytest.skip(
        "some of these use up all memory, where a build without a GIL does not raise MemoryError but ends: see "
        "docs/guarantees.md, section 5",
        allow_module_level=True,
    )

PROGRAM = Path(hostile_peers.__file__)


@pytest.fixture(scope="module")
def outcomes() -> dict[str, list[str]]:
    """What was wrong with each exporter. A crash ends a child: the next one goes on behind it."""
    found: dict[str, list[str]] = {}
    names = list(hostile_peers.PEERS)
    while names:
        child = subprocess.run([sys.executable, PROGRAM, *names], capture_output=True, text=True, check=False)
        lines = child.stdout.splitlines()
        found |= {name: json.loads(faults) for name, faults in zip(lines[::2], lines[1::2], strict=False)}
        if len(lines) % 2:
            found[lines[-1]] = [f"exit code {child.returncode}\n{child.stderr}"]
        elif child.returncode:
            raise AssertionError(f"exit code {child.returncode}\n{child.stderr}")
        names = [name for name in names if name not in found]
    return found


@pytest.mark.parametrize("name", hostile_peers.PEERS)
def test_every_operation_upon_a_hostile_exporter(outcomes: dict[str, list[str]], name: str) -> None:
    assert outcomes[name] == []
