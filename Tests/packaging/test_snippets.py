# SPDX-License-Identifier: Apache-2.0
"""The examples in the documentation comments of the Swift libraries compile, all of a library as one program.

`Tests/snippets` has what surrounds them: a line `// snippet: Name` stands for the example of the declaration `Name`.
Examples of declarations for the package alone are a program of their own, so that others use what is public.
"""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

import swiftpm
from conftest import ROOT

SURROUNDINGS = sorted((ROOT / "Tests" / "snippets").glob("*.swift"))
FOR_THE_PACKAGE = "+package"
EXAMPLE = re.compile(r"^ *///? ```swift\n(.*?)^ *///? ```$", re.MULTILINE | re.DOTALL)
DECLARATION = re.compile(r"^ *(?![ /@]).*?\b(?:struct|class|enum|protocol|func|var|init)\b *(\w*).*", re.MULTILINE)
PLACE = re.compile(r"^ *// snippet: (.+)$", re.MULTILINE)


def examples(target: str) -> dict[str, dict[str, str]]:
    """The examples of a target by the program that they belong to, and by the name of the declaration below them, or of
    its file for an initialiser."""
    found: dict[str, dict[str, str]] = {}
    for file in sorted((ROOT / "Sources" / target).rglob("*.swift")):
        text = file.read_text(encoding="utf-8")
        for match in EXAMPLE.finditer(text):
            declaration = DECLARATION.search(text, match.end())
            assert declaration is not None, f"{file.name}: an example without a declaration below it"
            is_public = re.search(r"\bpublic\b", declaration[0]) is not None
            program = found.setdefault(target + ("" if is_public else FOR_THE_PACKAGE), {})
            name = declaration[1] or file.stem
            while name in program:
                name += " again"
            line = text.count("\n", 0, match.start(1)) + 1
            code = re.sub(r"^ */// ?", "", match[1], flags=re.MULTILINE)
            place = f'#sourceLocation(file: "{file.relative_to(ROOT)}", line: {line})'
            program[name] = f"{place}\n{code}#sourceLocation()"
    return found


def package_name() -> str:
    """What SwiftPM calls this package: the name of its folder, more or less."""
    manifest = (swiftpm.shared_dir() / "release.yaml").read_text(encoding="utf-8")
    found = re.search(r'"-package-name","([^"]+)"', manifest)
    assert found is not None
    return found[1]


def test_libraries_with_examples_have_surroundings() -> None:
    targets = {file.relative_to(ROOT / "Sources").parts[0] for file in (ROOT / "Sources").rglob("*.swift")}
    assert {program for target in targets for program in examples(target)} == {file.stem for file in SURROUNDINGS}


@pytest.mark.parametrize("surroundings", SURROUNDINGS, ids=lambda file: file.stem)
def test_examples_of_documentation_comments_compile(
    surroundings: Path, swift_options: list[str], tmp_path: Path
) -> None:
    target = surroundings.stem.removesuffix(FOR_THE_PACKAGE)
    snippets = examples(target)[surroundings.stem]
    text = surroundings.read_text(encoding="utf-8")
    assert sorted(PLACE.findall(text)) == sorted(snippets), "each example has one place"
    program = tmp_path / "Examples.swift"
    program.write_text(PLACE.sub(lambda place: snippets[place[1]], text), encoding="utf-8")

    options = [*swift_options, "-parse-as-library", "-warnings-as-errors", "-enable-experimental-feature", "Lifetimes"]
    if surroundings.stem != target:
        options += ["-package-name", package_name()]
    # Up to SIL: some of what is checked about lifetimes is seen there alone.
    line = ["swiftc", "-emit-sil", "-o", str(tmp_path / "out.sil"), *options, str(program)]
    shown = subprocess.run(line, capture_output=True, text=True, check=False)
    assert shown.returncode == 0, shown.stderr
