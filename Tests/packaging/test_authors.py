"""The page for Swift authors, and the code that is written by a tool, are as their sources say."""

from __future__ import annotations

import overloads
from conftest import ROOT


def test_page_begins_with_the_example() -> None:
    page = (ROOT / "docs" / "authors.md").read_text(encoding="utf-8")
    example = ROOT / "Examples" / "thermal-camera" / "Sources" / "thermal" / "Thermal.swift"
    assert page.split("```swift\n")[1].split("```")[0] == example.read_text(encoding="utf-8")


def test_overloads_are_as_written() -> None:
    for path, text in overloads.files().items():
        assert path.read_text(encoding="utf-8") == text, f"run tools/overloads.py to rewrite {path.name}"
