"""The architecture page names files that there are."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "architecture.md"
PLACES = ("Sources/", "python/", "Tests/", "tools/", "docs/")


def named_places() -> list[str]:
    names = re.findall(r"`([^`\s]+)`", PAGE.read_text(encoding="utf-8"))
    return sorted({name for name in names if name.startswith(PLACES)})


@pytest.mark.parametrize("name", named_places())
def test_places_of_the_architecture_page_exist(name: str) -> None:
    assert (ROOT / name).exists()


def test_every_target_is_in_the_table() -> None:
    targets = {path.name for path in (ROOT / "Sources").iterdir() if path.is_dir()}
    assert targets <= {name.split("/")[1] for name in named_places() if name.startswith("Sources/")}
