# SPDX-License-Identifier: Apache-2.0
"""Versions that are written in several files agree with pyproject.toml, and pages with what the tools do."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

import platforms
import pythons
import run_tests
import swiftpm

ROOT = Path(__file__).resolve().parents[2]
OLDEST = swiftpm.oldest_python()
SWIFT = ".".join(map(str, swiftpm.OLDEST_SWIFT))
PAGES = [
    page
    for pattern in ("*.md", "docs/*.md", "docs/cookbook/*.md", "docs/reference/*.md", "Examples/*/*.md")
    for page in sorted(ROOT.glob(pattern))
]


def test_the_oldest_python_is_the_first_of_the_classifiers() -> None:
    assert pythons.SUPPORTED[0] == OLDEST
    minors = [int(version.removeprefix("3.")) for version in pythons.SUPPORTED]
    assert minors == list(range(minors[0], minors[-1] + 1))


def test_types_are_checked_for_the_oldest_python() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    assert project["tool"]["mypy"]["python_version"] == OLDEST


@pytest.mark.parametrize("file", sorted(ROOT.glob("Examples/*/pyproject.toml")), ids=str)
def test_examples_require_the_same_python(file: Path) -> None:
    assert tomllib.loads(file.read_text())["project"]["requires-python"] == f">={OLDEST}"


@pytest.mark.parametrize("page", PAGES, ids=str)
def test_pages_name_the_same_versions(page: Path) -> None:
    text = " ".join(page.read_text(encoding="utf-8").split())
    assert set(re.findall(r"CPython (\d\.\d+) or newer", text)) <= {OLDEST}
    assert set(re.findall(r"Swift (\d\.\d+) or newer", text)) <= {SWIFT}
    ranges = set(re.findall(r"CPython (\d\.\d+) to (\d\.\d+)", text))
    assert ranges <= {(pythons.SUPPORTED[0], pythons.SUPPORTED[-1])}


def test_the_readme_names_the_oldest_versions() -> None:
    text = " ".join((ROOT / "README.md").read_text(encoding="utf-8").split())
    assert f"CPython {OLDEST} or newer" in text
    assert f"Swift {SWIFT} or newer" in text
    assert f"CPython {pythons.SUPPORTED[0]} to {pythons.SUPPORTED[-1]}" in text


def test_the_table_of_tested_cpythons_is_what_the_tools_test() -> None:
    assert run_tests.table() in (ROOT / "docs" / "guarantees.md").read_text(encoding="utf-8")


def test_the_table_of_wheels_is_what_the_tools_write() -> None:
    page = platforms.PAGE.read_text(encoding="utf-8")
    content = platforms.rows(page)
    assert platforms.table(content) in page
    assert {platforms.minor(row) for row in content} <= {*pythons.SUPPORTED, run_tests.FREE_THREADED}
    for row in content:
        tag = platforms.minor(row).replace(".", "")
        assert re.fullmatch(rf"`cp{tag.rstrip('t')}-cp{tag}-manylinux_\d+_\d+_\w+`", row.tags)
        assert re.fullmatch(r"[1-9]\d* passed, 0 failed, \d+ skipped", row.tests)


def test_a_new_wheel_replaces_the_row_of_its_version() -> None:
    old = platforms.Row("Linux x86_64", "3.12.1", "6.3.1", "`cp312`", "3.30", "1 passed")
    others = [platforms.Row("Linux x86_64", version, "6.3.1", "`x`", "3.30", "") for version in ("3.13.2t", "3.11.9")]
    new = platforms.Row("Linux x86_64", "3.12.4", "6.3.2", "`cp312`", "3.31", "2 passed")
    lines = platforms.table([old, *others, new]).splitlines()[2:]
    assert [line.split(" | ")[1] for line in lines] == ["3.11.9", "3.12.4", "3.13.2t"]


def test_the_workflow_tests_each_supported_cpython() -> None:
    workflow = (ROOT / ".github" / "workflows" / "tests.yml").read_text(encoding="utf-8")
    (listed,) = re.findall(r"^ +python: \[(.*)\]$", workflow, re.MULTILINE)
    assert sorted(re.findall(r'"(.+?)"', listed)) == sorted([*pythons.SUPPORTED, run_tests.FREE_THREADED])


@pytest.mark.parametrize("page", PAGES, ids=str)
def test_pages_wrap_at_120_columns(page: Path) -> None:
    blocks = r"^```.*?^```$|^    .*?$|^\|.*?$"
    prose = re.sub(blocks, "", page.read_text(encoding="utf-8"), flags=re.DOTALL | re.MULTILINE)
    assert [line for line in prose.splitlines() if len(line) > 120] == []
