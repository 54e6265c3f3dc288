# SPDX-License-Identifier: Apache-2.0
"""What the library's interface makes impossible does not compile; Tests/refused says what and why."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from conftest import ROOT

CASES = sorted((ROOT / "Tests" / "refused").glob("*.swift"))


@pytest.mark.parametrize("file", CASES, ids=lambda file: file.stem)
def test_misuse_does_not_compile(file: Path, swift_options: list[str], tmp_path: Path) -> None:
    text = file.read_text(encoding="utf-8")
    own = re.search(r"^// swift-options: (.*)", text, re.MULTILINE)
    line = ["swiftc", "-emit-sil", "-o", str(tmp_path / "out.sil"), *swift_options, *(own[1].split() if own else ())]
    shown = subprocess.run([*line, str(file)], capture_output=True, text=True, check=False).stderr

    errors: dict[int, str] = {}
    for place, message in re.findall(rf"^{re.escape(str(file))}:(\d+):\d+: error: (.*)", shown, re.MULTILINE):
        errors[int(place)] = errors.get(int(place), "") + message + "\n"
    expected = {
        number: match[1]
        for number, source in enumerate(text.splitlines(), 1)
        if (match := re.search(r"// error: (.*)", source))
    }
    assert expected, "a case without an expected error"
    assert sorted(errors) == sorted(expected), shown
    for number, message in expected.items():
        assert message in errors[number], f"line {number}: {errors[number]}"
