# SPDX-License-Identifier: Apache-2.0
"""What holds for the sources of tests and tools, whatever they do."""

from __future__ import annotations

import re
from pathlib import Path

from conftest import ROOT

TOOLS = ROOT / "tools"
# How a line of comment begins in each language.
COMMENTS = {
    **dict.fromkeys((".swift", ".c", ".cpp", ".h", ".js", ".modulemap"), "//"),
    **dict.fromkeys((".py", ".pyi", ".pyx", ".sh"), "#"),
    ".css": "/*",
}
PLACES = ("Sources", "Tests", "Examples", "Benchmarks", "Fuzzing", "python", "tools", "docs")
# Folders that builds leave beside sources.
MADE = {"build", ".build", ".swiftbuffer", "__pycache__"}


def sources() -> list[Path]:
    """Every source file, those at the root too; what a link leads to is one of them."""
    found = [file for place in PLACES for file in (ROOT / place).rglob("*") if MADE.isdisjoint(file.parts[-5:])]
    return [file for file in [*ROOT.glob("*"), *found] if file.suffix in COMMENTS and not file.is_symlink()]


def test_every_source_file_names_its_licence() -> None:
    """In the first line, or below one that must be the first (SPDX, as `reuse lint` reads it)."""
    lacking = []
    for file in sources():
        lines = file.read_text(encoding="utf-8").splitlines()[:2]
        must_be_first = lines and lines[0].startswith(("#!", "// swift-tools-version"))
        line = lines[1 if must_be_first else 0] if lines else ""
        if not line.startswith(f"{COMMENTS[file.suffix]} SPDX-License-Identifier: Apache-2.0"):
            lacking.append(str(file.relative_to(ROOT)))
    assert lacking == []
    assert len(sources()) > 700


def test_numbers_of_examples_are_in_proportion_to_what_is_asked_for() -> None:
    """`make test` asks for fewer on some interpreters and `make soak` for more; a fixed number would stay."""
    fixed = {
        file.name
        for file in (ROOT / "Tests" / "python").rglob("*.py")
        if "max_examples=" in file.read_text(encoding="utf-8")
    }
    # The profiles, and the function that the tests use.
    assert fixed == {"conftest.py", "leak_check.py", "sampling.py"}


def test_contributors_are_told_why_each_tool_is_our_own() -> None:
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `([\w.]+)`.*? \| ([\d,]+) \|", text, re.MULTILINE)
    said = {name: int(count.replace(",", "")) for name, count in rows}
    lines: dict[str, int] = {}
    for file in [*TOOLS.glob("*.py"), *TOOLS.glob("*.sh"), *TOOLS.glob("*/*.py")]:
        # What the folder of a tool holds belongs to the tool.
        name = "exchange.py" if file.parent.name == "exchanges" else file.name
        lines[name] = lines.get(name, 0) + len(file.read_text(encoding="utf-8").splitlines())
    assert said.keys() == lines.keys()
    assert {name: count for name, count in lines.items() if abs(said[name] - count) > max(20, count // 5)} == {}
