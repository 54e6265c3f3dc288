# SPDX-License-Identifier: Apache-2.0
"""The pictures of twenty layouts are as they were.

After a change that is meant, `SWIFTBUFFER_GOLDEN=write pytest Tests/python/draw` writes them anew; look at the
difference, and at the SVG in a browser.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

import swiftbuffer
from drawn_layouts import LAYOUTS, RECIPES

GOLDEN = Path(__file__).with_name("golden")
# Those that docs/pictures.md shows.
PAGES = Path(__file__).parents[3] / "docs" / "pictures"
AS_SVG = ("transposed", "records", "backwards", "repeated rows", "pointers to parts of rows", "two views of one memory")


def assert_golden(folder: Path, name: str, found: str) -> None:
    file = folder / name.replace(" ", "-")
    if os.environ.get("SWIFTBUFFER_GOLDEN") == "write":
        file.write_text(found, encoding="utf-8")
    assert found == file.read_text(encoding="utf-8")


@pytest.mark.parametrize("name", LAYOUTS)
def test_text_is_as_it_was(name: str) -> None:
    assert_golden(GOLDEN, f"{name}.txt", str(swiftbuffer.draw(*LAYOUTS[name]())) + "\n")


@pytest.mark.parametrize("name", AS_SVG)
def test_svg_is_as_it_was(name: str) -> None:
    assert_golden(PAGES, f"{name}.svg", swiftbuffer.draw(*LAYOUTS[name]()).svg())


@pytest.mark.parametrize("name", RECIPES)
def test_picture_of_a_recipe_is_as_it_was(name: str) -> None:
    assert_golden(PAGES, f"{name}.svg", swiftbuffer.draw(*RECIPES[name]()).svg())


def test_every_picture_of_the_pages_is_made_here() -> None:
    names = {f"{name.replace(' ', '-')}.svg" for name in (*AS_SVG, *RECIPES)}
    assert {file.name for file in PAGES.iterdir()} == names
