# SPDX-License-Identifier: Apache-2.0
"""Where an Array's memory comes from: a block of its own, another exporter's buffer, adopted memory.

Every operation gives the same items whatever the origin. Memory that is not the array's own is shared until the array
first grows; it is then left as it was, and given back once.
"""

from __future__ import annotations

import copy
import ctypes
import gc
import pickle
import sys
import weakref
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import c_oracle
import swiftbuffer as sb
from swiftbuffer import Array, View, from_memory

adopt: Any = sb._core._adopt  # type: ignore[attr-defined]
ITEMS = [3, 1, 4, 1, 5, 9, 2, 6]


class Origin:
    """An array of `ITEMS`, and what its memory was made of."""

    def __init__(self, kind: str) -> None:
        self.releases = 0
        self.block = (ctypes.c_int32 * len(ITEMS))(*ITEMS)
        self.exporter: Any = bytearray(self.block)
        if kind == "own":
            self.array = sb.array(ITEMS, "i")
        elif kind == "adopted":
            self.array = adopt(from_memory(self.block, readonly=False, release=self.release))
        elif kind == "buffer":
            self.array = adopt(View(self.exporter).cast("i"))
        else:
            self.array = adopt(View(bytes(self.block)).cast("i"))

    def release(self) -> None:
        self.releases += 1


SHARED = ("adopted", "buffer")
# Each beside what it does to a list of the items; whether it makes them more than they were.
CHANGES: dict[str, tuple[Callable[[Any], object], Callable[[list[int]], object], bool]] = {
    "setitem": (lambda a: a.__setitem__(1, 7), lambda x: x.__setitem__(1, 7), False),
    "slice": (lambda a: a.__setitem__(slice(2), a[2:4]), lambda x: x.__setitem__(slice(2), x[2:4]), False),
    "append": (lambda a: a.append(7), lambda x: x.append(7), True),
    "extend": (lambda a: a.extend([7, 8]), lambda x: x.extend([7, 8]), True),
    "extend by itself": (lambda a: a.extend(a), lambda x: x.extend(x), True),
    "+=": (lambda a: a.__iadd__([7]), lambda x: x.__iadd__([7]), True),
    "*=": (lambda a: a.__imul__(3), lambda x: x.__imul__(3), True),
    "*= 0": (lambda a: a.__imul__(0), lambda x: x.__imul__(0), False),
    "insert": (lambda a: a.insert(0, 7), lambda x: x.insert(0, 7), True),
    "frombytes": (lambda a: a.frombytes(bytes(4)), lambda x: x.append(0), True),
    "resize up": (lambda a: a.resize(len(a) + 2), lambda x: x.extend([0, 0]), True),
    "resize down": (lambda a: a.resize(len(a) // 3), lambda x: x.__delitem__(slice(len(x) // 3, None)), False),
    "pop": (lambda a: a.pop(), lambda x: x.pop(), False),
    "pop first": (lambda a: a.pop(0), lambda x: x.pop(0), False),
    "del": (lambda a: a.__delitem__(2), lambda x: x.__delitem__(2), False),
    "del slice": (lambda a: a.__delitem__(slice(None, None, 2)), lambda x: x.__delitem__(slice(None, None, 2)), False),
    "remove": (lambda a: a.remove(1), lambda x: x.remove(1), False),
    "clear": (lambda a: a.clear(), lambda x: x.clear(), False),
    "reverse": (lambda a: a.reverse(), lambda x: x.reverse(), False),
    "reserve": (lambda a: a.reserve(100), len, True),
    "pop, append": (lambda a: (a.pop(), a.append(7)), lambda x: (x.pop(), x.append(7)), False),
}


@pytest.mark.parametrize("name", CHANGES)
@pytest.mark.parametrize("kind", ["own", *SHARED])
def test_changes_give_the_items_of_a_list(kind: str, name: str) -> None:
    change, expected, grows = CHANGES[name]
    origin = Origin(kind)
    array, model = origin.array, list(ITEMS)
    change(array)
    expected(model)
    assert array.tolist() == memoryview(array).tolist() == model
    if kind == "own":
        return
    # The memory is shared as long as the array has not grown, and then left as it was.
    first = origin.block if kind == "adopted" else memoryview(origin.exporter).cast("i")
    if grows:
        assert list(first) == ITEMS
        assert array.address % 64 == 0
        assert origin.releases == (kind == "adopted")
    else:
        assert list(first)[: len(model)] == model
        assert origin.releases == 0
        if model:
            array[0] = 77
            assert first[0] == 77
    if kind == "buffer":
        first.release()
        if not grows:
            with pytest.raises(BufferError):
                origin.exporter.append(0)
            del array, origin.array
        origin.exporter.append(0)
    else:
        del array, origin.array, first
        assert origin.releases == 1


@pytest.mark.parametrize("name", CHANGES)
def test_read_only_memory_is_not_changed(name: str) -> None:
    array = Origin("read-only").array
    assert array.readonly
    with pytest.raises(TypeError, match="read-only"):
        CHANGES[name][0](array)
    assert array.tolist() == ITEMS


def test_memory_that_its_owner_may_change_has_no_hash() -> None:
    array = Origin("read-only").array
    with pytest.raises(TypeError, match="cannot hash memory that another object may change"):
        hash(array)
    array.freeze()
    assert hash(array) == hash(sb.array(ITEMS, "i", readonly=True))


@pytest.mark.parametrize("name", [name for name in CHANGES if CHANGES[name][2]])
@pytest.mark.parametrize("kind", ["own", *SHARED])
def test_growth_is_refused_while_exports_are_outstanding(kind: str, name: str) -> None:
    origin = Origin(kind)
    with memoryview(origin.array) as export, pytest.raises(BufferError, match="Existing exports"):
        CHANGES[name][0](origin.array)
    assert origin.array.tolist() == ITEMS
    assert origin.releases == 0
    del export
    CHANGES[name][0](origin.array)


@pytest.mark.parametrize("kind", ["own", *SHARED])
def test_growth_beyond_all_memory_changes_nothing(kind: str) -> None:
    origin = Origin(kind)
    address = origin.array.address
    for count in [2**60, 2**61 - 1]:
        with pytest.raises(MemoryError):
            origin.array.resize(count)
        with pytest.raises(MemoryError):
            origin.array.reserve(count)
    assert origin.array.tolist() == ITEMS
    assert (origin.array.address, origin.releases) == (address, 0)


@pytest.mark.parametrize("kind", ["own", *SHARED, "read-only"])
@pytest.mark.parametrize(
    "copied",
    [
        copy.copy,
        copy.deepcopy,
        Array.copy,
        sb.array,
        lambda a: pickle.loads(pickle.dumps(a, 5)),
        lambda a: a.astype("i"),
    ],
)
def test_copies_have_memory_of_their_own(kind: str, copied: Callable[[Any], Any]) -> None:
    origin = Origin(kind)
    other = copied(origin.array)
    assert type(other) is Array
    assert other.tolist() == ITEMS
    assert other.address != origin.array.address
    del origin.array
    assert origin.releases == (kind == "adopted")
    assert other.tolist() == ITEMS


@pytest.mark.parametrize("kind", SHARED)
def test_the_size_counts_memory_of_its_own_alone(kind: str) -> None:
    array = Origin(kind).array
    before = sys.getsizeof(array)
    assert before < sys.getsizeof(sb.array(ITEMS, "i"))
    array.append(1)
    assert sys.getsizeof(array) >= before + 4 * 9


@pytest.mark.parametrize("kind", SHARED)
def test_freezing_copies_memory_that_its_owner_may_change(kind: str) -> None:
    origin = Origin(kind)
    memory: Any = origin.block if kind == "adopted" else memoryview(origin.exporter).cast("i")
    origin.array.freeze()
    with pytest.raises(TypeError, match="read-only"):
        origin.array[0] = 1
    memory[0] = 8
    assert origin.array.tolist() == ITEMS
    assert origin.releases == (0 if kind == "buffer" else 1)
    assert hash(origin.array) == hash(sb.array(ITEMS, "i", readonly=True))


@given(st.lists(st.sampled_from(sorted(CHANGES)), max_size=8), st.sampled_from(SHARED))
def test_any_changes_in_sequence_give_the_items_of_a_list(names: list[str], kind: str) -> None:
    origin = Origin(kind)
    model = list(ITEMS)
    for name in names:
        results: list[Any] = []
        for change, value in ((CHANGES[name][0], origin.array), (CHANGES[name][1], model)):
            try:
                change(value)
                results.append(None)
            except (IndexError, ValueError) as error:
                results.append(type(error))
        if results[0] != results[1]:
            return
        assert origin.array.tolist() == model
    del origin.array
    assert origin.releases == (kind == "adopted")


@pytest.mark.parametrize("shape", [(), (0,), (3,), (2, 3), (0, 2), (2, 1, 3)])
@pytest.mark.parametrize("order", ["C", "F"])
def test_shapes_and_orders_are_those_of_the_buffer(shape: tuple[int, ...], order: Any) -> None:
    source = np.asarray(np.arange(int(np.prod(shape)), dtype=">i2").reshape(shape), order=order)
    array = adopt(source)
    assert isinstance(array, Array)
    assert (array.shape, array.format) == (shape, sb.View(source).format)
    assert array.tolist() == source.tolist()
    assert array.f_contiguous == source.flags.f_contiguous
    if source.size:
        source[...] = 5
        assert array.tolist() == source.tolist()


def test_arrays_without_dimensions_convert_as_their_item() -> None:
    array = adopt(np.array(5, "i"))
    assert (int(array), float(array), [10, 20, 30, 40, 50, 60][array]) == (5, 5.0, 60)


def test_memory_that_is_not_contiguous_is_refused() -> None:
    with pytest.raises(BufferError, match=r"shape \(4,\) and strides \(8,\); array\(buffer\) copies it"):
        adopt(sb.array(ITEMS, "i")[::2])


def test_object_items_are_refused() -> None:
    with pytest.raises(NotImplementedError, match="no array can hold items of format 'O'"):
        adopt(np.array([1, None]))


def test_a_cycle_through_the_adopted_memory_is_collected() -> None:
    class Own(bytearray):
        array: Any

    for shape in [(8,), ()]:
        own = Own(8)
        own.array = adopt(View(own).cast("q", shape) if shape == () else own)
        gone = weakref.ref(own)
        del own
        gc.collect()
        assert gone() is None


def test_the_release_function_finds_the_array_grown() -> None:
    block = (ctypes.c_uint8 * 3)(1, 2, 3)
    seen: list[Any] = []

    def release() -> None:
        seen.append(array.tolist())
        array.append(5)

    array: Any = adopt(from_memory(block, readonly=False, release=release))
    array.append(4)
    assert seen == [[1, 2, 3, 4]]
    assert array.tolist() == [1, 2, 3, 4, 5]


def test_an_adopted_array_pins_the_array_that_it_shares() -> None:
    own = sb.array(ITEMS, "i")
    first = adopt(own)
    second = adopt(first)
    with pytest.raises(BufferError, match="1 export outstanding"):
        own.append(1)
    with pytest.raises(BufferError, match="1 export outstanding"):
        first.append(1)
    second.append(1)
    first.append(2)
    own.append(3)
    assert [a.tolist()[8:] for a in (own, first, second)] == [[3], [2], [1]]


def test_nothing_is_left_behind() -> None:
    exporter = bytearray(bytes(32))
    view = View(exporter).cast("i")

    def grown() -> None:
        array = adopt(view)
        array.append(5)

    def dropped() -> None:
        adopt(view).pop()

    def refused() -> None:
        array = adopt(view)
        with memoryview(array), pytest.raises(BufferError):
            array.append(5)

    for operation in (grown, dropped, refused):
        c_oracle.assert_no_growth(operation, exporter)
