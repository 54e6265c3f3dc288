# SPDX-License-Identifier: Apache-2.0
"""Exporters that lie, fail and change their minds, against all that takes a buffer: an exception or an answer."""

from __future__ import annotations

from pathlib import Path

import pytest

import hostile_exporters
import outcomes

PROGRAM = Path(hostile_exporters.__file__)


@pytest.fixture(scope="module")
def faults() -> dict[str, list[str]]:
    """What was wrong with each exporter."""
    return outcomes.of_program(PROGRAM, hostile_exporters.EXPORTERS)


@pytest.mark.parametrize("name", hostile_exporters.EXPORTERS)
def test_no_operation_crashes_on_a_hostile_exporter(faults: dict[str, list[str]], name: str) -> None:
    assert faults[name] == []
