# SPDX-License-Identifier: Apache-2.0
"""The table of wheels in docs/platforms.md: `make wheels UPDATE=1` writes the rows of those that it made."""

from __future__ import annotations

import os
import platform
import re
from dataclasses import astuple, dataclass
from pathlib import Path

import swiftpm
from pythons import Interpreter

PAGE = swiftpm.ROOT / "docs" / "platforms.md"
HEADINGS = ("Platform", "CPython", "Swift", "Tags of the wheel", "MB", "Tests of the wheel without Swift")
MARKS = ("<!-- wheels: by `make wheels UPDATE=1` -->\n\n", "\n\n<!-- end of wheels -->")


@dataclass(frozen=True)
class Row:
    """A wheel that was built and tried."""

    system: str
    python: str
    swift: str
    tags: str
    megabytes: str
    tests: str

    @property
    def key(self) -> tuple[str, list[int], str]:
        """The order of rows; one wheel for each."""
        return (
            self.system,
            [int(part) for part in re.findall(r"\d+", self.python)][:2],
            self.python.lstrip("0123456789."),
        )


def row(python: Interpreter, wheel: Path, tests: str) -> Row:
    """What the table says about a wheel."""
    return Row(
        f"{platform.system()} {platform.machine()}",
        python.version + python.suffix,
        swiftpm.swift_version(),
        f"`{wheel.stem.split('-', 2)[2]}`",
        f"{wheel.stat().st_size / 1e6:.2f}",
        tests,
    )


def rows(page: str) -> list[Row]:
    """The rows of a page."""
    lines = page.partition(MARKS[0])[2].partition(MARKS[1])[0].splitlines()[2:]
    return [Row(*(cell.strip() for cell in line.strip("|").split("|"))) for line in lines]


def table(content: list[Row]) -> str:
    """The table in Markdown, with one row for each platform and version: the last one given."""
    newest = {str(row.key): row for row in content}
    cells = [HEADINGS, *(astuple(row) for row in sorted(newest.values(), key=lambda row: row.key))]
    lines = ["| " + " | ".join(line) + " |" for line in cells]
    return "\n".join([lines[0], "|" + "---|" * len(HEADINGS), *lines[1:]])


def minor(row: Row) -> str:
    """The version of CPython that a wheel is for, such as 3.13t."""
    return ".".join(map(str, row.key[1])) + row.key[2]


def update(made: list[Row]) -> None:
    """Enters wheels into the page, if UPDATE=1 asks for it."""
    if os.environ.get("UPDATE") != "1" or not made:
        return
    text = PAGE.read_text(encoding="utf-8")
    before, _, rest = text.partition(MARKS[0])
    after = rest.partition(MARKS[1])[2]
    PAGE.write_text(before + MARKS[0] + table(rows(text) + made) + MARKS[1] + after, encoding="utf-8")
    print(f"   written: {PAGE.relative_to(swiftpm.ROOT)}")
