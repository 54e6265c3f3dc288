"""The page for Swift authors, and the code that is written by a tool, are as their sources say."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import overloads
from conftest import ROOT


def test_page_begins_with_the_example() -> None:
    page = (ROOT / "docs" / "authors.md").read_text(encoding="utf-8")
    example = ROOT / "Examples" / "thermal-camera" / "Sources" / "thermal" / "Thermal.swift"
    assert page.split("```swift\n")[1].split("```")[0] == example.read_text(encoding="utf-8")


def test_overloads_are_as_written() -> None:
    for path, text in overloads.files().items():
        assert path.read_text(encoding="utf-8") == text, f"run tools/overloads.py to rewrite {path.name}"


def test_snippets_compile(swift_options: list[str], tmp_path: Path) -> None:
    page = (ROOT / "docs" / "authors.md").read_text(encoding="utf-8")
    # The first is the example, which is built as a package. A declaration that stands alone gets a name.
    snippets = re.findall(r"^```swift\n(.*?)^```", page, re.MULTILINE | re.DOTALL)[1:]
    text = "import PythonModules\n"
    for number, snippet in enumerate(snippets):
        named = f"let declared = {snippet}" if snippet.startswith("Def(") else snippet
        static = re.sub(r"^let ", "static let ", named, flags=re.MULTILINE)
        text += f"enum Snippet{number} {{\n{static}}}\n"
    file = tmp_path / "snippets.swift"
    file.write_text(text, encoding="utf-8")
    line = ["swiftc", "-typecheck", *swift_options, "-enable-experimental-feature", "Lifetimes", str(file)]
    shown = subprocess.run(line, capture_output=True, text=True, check=False)
    assert len(snippets) > 5
    assert shown.returncode == 0, shown.stderr
