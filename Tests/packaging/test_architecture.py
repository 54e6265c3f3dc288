# SPDX-License-Identifier: Apache-2.0
"""The architecture page names files that exist, and functions that stand in them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "architecture.md"
PLACES = ("Sources/", "python/", "Tests/", "tools/", "docs/", "Fuzzing/", "Examples/")


def named_places() -> list[str]:
    names = re.findall(r"`([^`\s]+)`", PAGE.read_text(encoding="utf-8"))
    return sorted({name for name in names if name.startswith(PLACES)})


def named_functions() -> list[tuple[str, str]]:
    """Names that the page follows with their file: ``name`` (``Sources/...``)."""
    found = re.findall(r"`([\w.]+)`\s+\(`((?:Sources|python)/[^`\s]+\.\w+)`", PAGE.read_text(encoding="utf-8"))
    return sorted({(name.split(".")[-1], place) for name, place in found})


@pytest.mark.parametrize(("name", "place"), named_functions())
def test_functions_of_the_architecture_page_stand_in_their_files(name: str, place: str) -> None:
    text = (ROOT / place).read_text(encoding="utf-8")
    assert re.search(
        rf"\b(func|init|struct|class|enum|protocol|def|define|case|static inline \w+|\w+) \*?{name}\b", text
    )


@pytest.mark.parametrize("name", named_places())
def test_places_of_the_architecture_page_exist(name: str) -> None:
    assert (ROOT / name).exists()


def test_every_target_is_in_the_table() -> None:
    targets = {path.name for path in (ROOT / "Sources").iterdir() if path.is_dir()}
    assert targets <= {name.split("/")[1] for name in named_places() if name.startswith("Sources/")}
