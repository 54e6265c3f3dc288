# SPDX-License-Identifier: Apache-2.0
"""Count tests from JUnit reports, which pytest, `swift test` and the extra suites all write."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Tally:
    """How many tests passed, failed (errors included) and were skipped."""

    passed: int = 0
    failed: int = 0
    skipped: int = 0

    def __add__(self, other: Tally) -> Tally:
        return Tally(self.passed + other.passed, self.failed + other.failed, self.skipped + other.skipped)

    def __str__(self) -> str:
        return f"{self.passed} passed, {self.failed} failed, {self.skipped} skipped"

    @property
    def total(self) -> int:
        return self.passed + self.failed + self.skipped


def read(report: Path) -> Tally:
    """Counts the test cases of one report. A missing or broken report counts as one failure: the run crashed."""
    try:
        cases = list(ET.parse(report).iter("testcase"))
    except (OSError, ET.ParseError):
        return Tally(failed=1)
    failed = sum(case.find("failure") is not None or case.find("error") is not None for case in cases)
    skipped = sum(case.find("skipped") is not None for case in cases)
    return Tally(len(cases) - failed - skipped, failed, skipped)


def failures(report: Path) -> list[str]:
    """Names the test cases of one report that failed, each with the first line of its message.

    A report that is missing or broken is named itself.
    """
    try:
        cases = list(ET.parse(report).iter("testcase"))
    except (OSError, ET.ParseError) as error:
        return [f"{report.name}: no readable report: {error}"]
    found = []
    for case in cases:
        for kind in ("failure", "error"):
            if (part := case.find(kind)) is not None:
                message = (part.get("message") or part.text or "").strip().partition("\n")[0][:160]
                found.append(f"{case.get('classname', '')}::{case.get('name', '')}: {message}")
                break
    return found


def of_run(reports: list[Path], status: int) -> Tally:
    """Counts one run. It also failed if it tested nothing, or ended badly in a way that no report explains."""
    tally = sum(map(read, reports), Tally())
    died = status != 0 and tally.failed == 0
    return tally + Tally(failed=1) if died or tally.total == 0 else tally
