# SPDX-License-Identifier: Apache-2.0
"""Searches beside Python code that changes the memory, and in memory without items whose other axes are long."""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from typing import Any, ClassVar

import pytest

import swiftbuffer as sb
from swiftbuffer import View

EMPTY = (2**31, 2**31, 2**10, 0)


class Watched(type(ctypes.Structure)):  # type: ignore[misc]
    """Calls a hook once when an attribute of the class is looked up, as reading the format of its instances does."""

    hook: ClassVar[Callable[[], object] | None] = None

    def __getattribute__(cls, name: str) -> Any:
        if hook := Watched.hook:
            Watched.hook = None
            hook()
        return super().__getattribute__(name)


class Pair(ctypes.Structure, metaclass=Watched):
    _fields_: ClassVar = [("a", ctypes.c_int), ("b", ctypes.c_double)]


@pytest.mark.parametrize("needle", [5, b"abc", (1, 2.0)])
def test_a_view_is_not_released_while_the_type_of_its_items_is_read(needle: object) -> None:
    view = View(((Pair * 3) * 2)())
    refusals: list[BufferError] = []

    def release() -> None:
        try:
            view.release()
        except BufferError as error:
            refusals.append(error)

    Watched.hook = release
    try:
        with pytest.raises((TypeError, ValueError)):
            view.index(needle)
    finally:
        Watched.hook = None
    assert len(refusals) == 1
    assert view.tolist() == [[(0, 0.0)] * 3] * 2
    view.release()


@pytest.mark.parametrize("format_", ["B", "T{B:a:B:b:}"])
def test_memory_without_items_has_none_whatever_its_other_axes_are(format_: str) -> None:
    memory = sb.zeros(EMPTY, format_)
    with pytest.raises(IndexError, match="item 0 of 0 items"):
        memory.item(0)
    with pytest.raises(ValueError, match="not for 0"):
        memory.item()
    assert sb.mismatch(memory, memory) is None
    value = 1 if format_ == "B" else (1, 2)
    assert value not in memory
    assert memory.count(value) == 0


def test_references_in_structures_too_deep_to_describe_are_not_copied() -> None:
    deep: Any = ctypes.py_object
    for _ in range(70):
        deep = type("Deeper", (ctypes.Structure,), {"_fields_": [("a", deep)]})
    source, target = (deep * 1)(), (deep * 1)()
    for copy in (
        lambda: View(target).__setitem__(slice(None), View(source)),
        View(source).copy,
        lambda: View(source)[0],
    ):
        with pytest.raises(NotImplementedError):
            copy()


def test_a_structure_whose_descriptor_was_replaced_is_not_read() -> None:
    class Replaced(ctypes.Structure):
        _fields_: ClassVar = [("i", ctypes.c_int)]

    Replaced.i = property(lambda _: 0)  # type: ignore[assignment]
    with pytest.raises(NotImplementedError, match="no format describes"):
        View((Replaced * 1)())[0]
