"""What holds for the sources of tests and tools, whatever they do."""

from __future__ import annotations

import re

from conftest import ROOT

TOOLS = ROOT / "tools"


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
