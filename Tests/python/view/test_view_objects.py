# SPDX-License-Identifier: Apache-2.0
"""Pointers to Python objects (`O`): copies are refused, since their references would not be counted."""

from __future__ import annotations

import pickle
import sys
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import swiftbuffer as sb


def objects() -> tuple[Any, Any]:
    """Two arrays of one object each, with no other reference."""
    return np.array([[{}, {}]], object), np.array([[{1}, {2}]], object)


def assign(target: Any, source: Any) -> None:
    sb.View(target)[...] = source


# Each with what it takes objects from, and what it writes them to.
OPERATIONS: dict[str, Callable[[Any, Any], object]] = {
    "[...] = a View": lambda target, source: assign(target, sb.View(source)),
    "[...] = an array": assign,
    "[0] = a row": lambda target, source: sb.View(target).__setitem__(0, source[0]),
    "copy_from": lambda target, source: sb.View(target).copy_from(source),
    "copy_from, unsafe": lambda target, source: sb.View(target).copy_from(source, "unsafe"),
    "copy_to": lambda target, source: sb.View(source).copy_to(target),
    "copy": lambda _, source: sb.View(source).copy(),
    "array": lambda _, source: sb.array(source),
    "cast": lambda _, source: sb.View(source).cast("B"),
    "cast with strides": lambda _, source: sb.View(source).cast("P", (2,), strides=(8,)),
    "an item": lambda target, source: sb.View(target).__setitem__((0, 0), source[0, 0]),
    "fill": lambda target, source: sb.View(target).fill(source[0, 0]),
    "pickle in band": lambda _, source: pickle.dumps(sb.View(source), 4),
    "pickle out of band": lambda _, source: pickle.dumps(sb.View(source), 5, buffer_callback=[].append),
}


@pytest.mark.parametrize("name", OPERATIONS)
def test_copies_and_casts_of_object_items_are_refused(name: str) -> None:
    target, source = objects()
    kept = [*target[0], *source[0]]
    counts = [sys.getrefcount(obj) for obj in kept]
    with pytest.raises(NotImplementedError, match=r"would not be counted|does not count|pointers to Python objects"):
        OPERATIONS[name](target, source)
    assert [sys.getrefcount(obj) for obj in kept] == counts
    assert [*target[0], *source[0]] == kept


def test_nor_are_they_inside_of_structures_whatever_the_padding() -> None:
    # NumPy describes 16 bytes of the second, which has 12.
    for kind in ([("a", "O"), ("b", "i8")], [("a", "O"), ("b", "i4")]):
        target, source = np.zeros(2, kind), np.ones(2, kind)
        with pytest.raises(NotImplementedError):
            sb.View(target)[...] = source
        assert target["a"].tolist() == [0, 0]


def test_other_fields_beside_them_are_read_and_written() -> None:
    memory = np.zeros(2, [("a", "O"), ("b", "i8")])
    view = sb.View(memory)["b"]
    view[...] = np.array([1, 2])
    assert view.tolist() == memory["b"].tolist() == [1, 2]


def test_their_places_can_be_seen_as_in_a_memoryview() -> None:
    memory = np.array([None, ()], object)
    view = sb.View(memory)
    assert view.tobytes() == memoryview(memory).tobytes()
    assert repr(view) == "<swiftbuffer.View shape=(2,) format='O' items that cannot be read>"
    assert memoryview(view).format == "O"
