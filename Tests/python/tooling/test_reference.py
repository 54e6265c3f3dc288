# SPDX-License-Identifier: Apache-2.0
"""The reference of the documentation has every public name, and what there is to say of it."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import swiftbuffer
from swiftbuffer import capi, testing

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


# Each of these takes no argument, or one of any kind, and has nothing to refuse.
CANNOT_FAIL = {
    "capi.PyMemoryView_Check",
    "capi.PyObject_CheckBuffer",
    "get_threads",
    "trace_exports",
    "Picture.show",
    "Picture.svg",
    "Picture.text",
    "ConsumerReport.to_dict",
    "Finding.to_dict",
    "Report.to_dict",
    "testing.Request.asks",
    "testing.exporters",
    "testing.get_sizeof_void_p",
    "testing.ndarray.tobytes",
}


def callables() -> Iterator[tuple[str, Any]]:
    """Every public function and method, by its name."""
    for module, prefix in ((swiftbuffer, ""), (capi, "capi."), (testing, "testing.")):
        for name in module.__all__:
            each = getattr(module, name, None)
            if inspect.isclass(each):
                for member in vars(each):
                    method = getattr(each, member)
                    if not member.startswith("_") and inspect.isroutine(method):
                        yield f"{prefix}{name}.{member}", method
            if inspect.isroutine(each):
                yield prefix + name, each


# Those of NumPy that are there to say where the function is are not in the reference.
CALLABLES = {name: each for name, each in callables() if not (each.__doc__ or "").startswith("Not offered")}


@pytest.mark.parametrize("name", CALLABLES)
def test_the_reference_says_what_each_function_takes_raises_costs_and_follows(name: str) -> None:
    text = inspect.getdoc(CALLABLES[name]) or ""
    lacking = [
        parameter
        for parameter in inspect.signature(CALLABLES[name]).parameters
        if parameter not in ("self", "rule") and not re.search(rf"\b{parameter}\b", text)
    ]
    assert lacking == []
    assert re.search(r"\b[Rr]aises?\b", text) or name in CANNOT_FAIL
    assert re.search(r"O\(.+\)", text)
    assert "Source:" in text
