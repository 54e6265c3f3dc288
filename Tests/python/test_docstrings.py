"""The docstring of every public name has an example, and every example is true."""

from __future__ import annotations

import doctest
from collections.abc import Iterator
from types import ModuleType
from typing import Any

import pytest

import swiftbuffer
from swiftbuffer import Array, View

# Protocols of the language itself need no example, nor does what only other programs call.
FUNCTIONS = [name for name in swiftbuffer.__all__ if not name.startswith("_") and name not in {"capi", "BufferFlags"}]


def documented() -> Iterator[tuple[str, Any]]:
    """Every public name of the module and of its types."""
    for name in FUNCTIONS:
        yield name, getattr(swiftbuffer, name)
    for kind in [Array, View]:
        for name, member in vars(kind).items():
            if not name.startswith("_"):
                yield f"{kind.__name__}.{name}", member


NAMES = dict(documented())


@pytest.mark.parametrize("name", sorted(name for name in NAMES if not isinstance(NAMES[name], ModuleType)))
def test_examples_are_true(name: str) -> None:
    text = NAMES[name].__doc__
    assert text
    example = doctest.DocTestParser().get_doctest(text, {"swiftbuffer": swiftbuffer}, name, None, None)
    report: list[str] = []
    result = doctest.DocTestRunner(verbose=False).run(example, out=report.append)
    assert result.failed == 0, "".join(report)
    assert result.attempted > 0, f"{name} has no example"


def test_every_member_is_documented() -> None:
    for kind in [Array, View]:
        for name, member in vars(kind).items():
            assert name.startswith("__") or member.__doc__, f"{kind.__name__}.{name}"
