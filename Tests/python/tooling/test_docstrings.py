# SPDX-License-Identifier: Apache-2.0
"""Every public name has a docstring and a signature; examples run as printed, and all but those of `capi` have one."""

from __future__ import annotations

import doctest
import inspect
from collections.abc import Iterator
from typing import Any

import pytest

import swiftbuffer
from swiftbuffer import capi


def public(owner: Any) -> Iterator[tuple[str, Any]]:
    for name in vars(owner):
        if not name.startswith("_"):
            yield name, getattr(owner, name)


CLASSES = [swiftbuffer.Array, swiftbuffer.View, swiftbuffer.Ring, capi.Py_buffer]
FUNCTIONS = [
    swiftbuffer.array,
    swiftbuffer.zeros,
    swiftbuffer.empty,
    swiftbuffer.full,
    swiftbuffer.draw,
    swiftbuffer.from_memory,
    swiftbuffer.map_file,
    swiftbuffer.shared,
    swiftbuffer.ring,
    swiftbuffer.from_planes,
    swiftbuffer.frame_planes,
    swiftbuffer.trace_exports,
]
DOCUMENTED = {
    **{each.__name__: each for each in (*CLASSES, *FUNCTIONS)},
    **{f"{owner.__name__}.{name}": value for owner in CLASSES for name, value in public(owner)},
    "_core.format_size": swiftbuffer._core.format_size,
    **{f"capi.{name}": getattr(capi, name) for name in capi.__all__ if callable(getattr(capi, name))},
}
# The constructors of the collected types say their signature in the class.
CALLABLE = {name: each for name, each in DOCUMENTED.items() if inspect.isroutine(each)}


@pytest.mark.parametrize("name", DOCUMENTED)
def test_public_names_say_what_they_are(name: str) -> None:
    text = inspect.getdoc(DOCUMENTED[name])
    assert text
    assert text[0].isupper() or text[0] == "`"
    assert text.rstrip().endswith((".", ")")) or ">>>" in text


@pytest.mark.parametrize("name", CALLABLE)
def test_signatures_can_be_asked_for(name: str) -> None:
    inspect.signature(CALLABLE[name])


@pytest.mark.parametrize("name", [name for name in DOCUMENTED if not name.startswith(("capi.", "Py_buffer"))])
def test_public_names_have_an_example(name: str) -> None:
    assert ">>> " in DOCUMENTED[name].__doc__


@pytest.mark.parametrize("name", [name for name, each in DOCUMENTED.items() if ">>>" in (each.__doc__ or "")])
def test_examples_run_as_printed(name: str) -> None:
    parser, runner = doctest.DocTestParser(), doctest.DocTestRunner(verbose=False)
    text = inspect.getdoc(DOCUMENTED[name]) or ""
    example = parser.get_doctest(text, {"swiftbuffer": swiftbuffer, "capi": capi}, name, None, None)
    assert example.examples
    results = runner.run(example)
    assert results.failed == 0
