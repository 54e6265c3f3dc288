"""The reference of the documentation has every public name."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import swiftbuffer
from swiftbuffer import testing

REFERENCE = Path(__file__).resolve().parents[3] / "docs" / "reference"
LISTED = {
    name.removeprefix("swiftbuffer.").removeprefix("testing.")
    for page in REFERENCE.glob("*.md")
    for name in re.findall(
        r"^\.\. auto(?:class|function|exception|module|data):: ([\w.]+)", page.read_text(), re.MULTILINE
    )
}


@pytest.mark.parametrize("name", [name for name in swiftbuffer.__all__ if not name.startswith("_")])
def test_every_name_of_the_package_is_in_the_reference(name: str) -> None:
    assert name in LISTED


# Constants and functions of `_testbuffer` are CPython's, and listed as such.
@pytest.mark.parametrize(
    "name", [name for name in testing.__all__ if not re.match(r"ND_|PyBUF_|SELF$", name) and hasattr(testing, name)]
)
def test_every_name_of_the_test_kit_is_in_the_reference(name: str) -> None:
    assert name in LISTED


def test_the_reference_names_nothing_that_is_not_there() -> None:
    known = {*swiftbuffer.__all__, *testing.__all__, "swiftbuffer.testing", "swiftbuffer.capi", "capi.Py_buffer"}
    assert {name for name in LISTED if name not in known and f"swiftbuffer.{name}" not in known} == set()
