# SPDX-License-Identifier: Apache-2.0
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
    # The page leaves out the line with the licence.
    assert page.split("```swift\n")[1].split("```")[0] == example.read_text(encoding="utf-8").partition("\n")[2]


def test_overloads_are_as_written() -> None:
    for path, text in overloads.files().items():
        assert path.read_text(encoding="utf-8") == text, f"run tools/overloads.py to rewrite {path.name}"


def test_snippets_compile(swift_options: list[str], tmp_path: Path) -> None:
    page = (ROOT / "docs" / "authors.md").read_text(encoding="utf-8")
    # The first is the example, which is built as a package. A declaration that stands alone gets a name.
    snippets = re.findall(r"^```swift\n(.*?)^```", page, re.MULTILINE | re.DOTALL)[1:]
    text = "import PythonEmbedding\nimport PythonModules\n"
    for number, snippet in enumerate(snippets):
        if snippet.startswith("import PythonEmbedding"):
            # A file of its own, with macros of a module that the compiler finds in tests of packages alone.
            body = snippet.partition("@Test ")[2].replace("#expect(", "assert(")
            text += f'let thermal = Module("thermal") {{}}\n{body}'
            continue
        named = f"let declared = {snippet}" if snippet.startswith("Def(") else snippet
        static = re.sub(r"^let ", "static let ", named, flags=re.MULTILINE)
        text += f"enum Snippet{number} {{\n{static}}}\n"
    file = tmp_path / "snippets.swift"
    file.write_text(text, encoding="utf-8")
    line = ["swiftc", "-typecheck", *swift_options, "-enable-experimental-feature", "Lifetimes", str(file)]
    shown = subprocess.run(line, capture_output=True, text=True, check=False)
    assert len(snippets) > 5
    assert shown.returncode == 0, shown.stderr


# The packages that were written with nanobind, too, to do the same.
PACKAGES = {
    "signals": "signal-generator/Sources/signals/Signals.swift",
    "images": "image-parts/Sources/images/Images.swift",
    "stats": "statistics/Sources/stats/Stats.swift",
}


def size(file: Path) -> tuple[int, int]:
    """Lines and characters, without comments, empty lines and indentation."""
    lines = [line.strip() for line in file.read_text(encoding="utf-8").splitlines()]
    code = [re.sub(r"\s+", " ", line) for line in lines if line and not line.startswith("//")]
    return len(code), sum(map(len, code))


def test_packages_are_no_longer_than_those_of_nanobind() -> None:
    page = (ROOT / "docs" / "authors.md").read_text(encoding="utf-8")
    for name, place in PACKAGES.items():
        ours = size(ROOT / "Examples" / place)
        theirs = size(ROOT / "Benchmarks" / "authors" / "packages" / f"{name}.cpp")
        assert ours <= theirs
        assert ours[1] <= theirs[1]
        cells = [f"`{name}`", *(f"{number:,}" for number in (ours[0], theirs[0], ours[1], theirs[1]))]
        assert f"| {' | '.join(cells)} |" in page
