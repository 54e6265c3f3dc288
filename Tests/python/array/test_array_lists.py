# SPDX-License-Identifier: Apache-2.0
"""Arrays of one dimension as lists: the same calls leave the same items, in any format, or change nothing."""

from __future__ import annotations

import array
import operator
import sys
from collections.abc import MutableSequence
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

import acting
import swiftbuffer as sb
from sampling import examples

small = st.integers(0, 9)
values = st.lists(small, max_size=12)
indices = st.integers(-15, 15)
bounds = st.none() | st.integers(-15, 15)
steps = st.none() | st.integers(-4, 4).filter(bool)
RECORD = "T{h:a:d:b:}"

EDITS: dict[str, Any] = {
    "insert": lambda a: a.insert(1, 2),
    "remove": lambda a: a.remove(1),
    "clear": lambda a: a.clear(),
    "delete": lambda a: a.__delitem__(0),
    "delete from the end": lambda a: a.__delitem__(-1),
    "delete a slice": lambda a: a.__delitem__(slice(0, 2)),
    "delete every other": lambda a: a.__delitem__(slice(None, None, 2)),
    "delete nothing": lambda a: a.__delitem__(slice(0, 0)),
    "+=": lambda a: operator.iadd(a, [1, 2]),
    "+= of itself": lambda a: operator.iadd(a, a),
    "*=": lambda a: operator.imul(a, 2),
    "*= of 0": lambda a: operator.imul(a, 0),
    "reserve": lambda a: a.reserve(100),
}


class Lists(RuleBasedStateMachine):
    """An Array beside a list: each call gives the same result, or the same kind of error, and leaves the same items."""

    def __init__(self) -> None:
        super().__init__()
        self.theirs: list[Any] = []
        self.ours = sb.Array(format=self.form())

    def form(self) -> str:
        return "h"

    def value(self, number: int) -> Any:
        return number

    def both(self, operation: Any) -> None:
        try:
            expected: Any = (operation(self.theirs), None)
        except (IndexError, ValueError) as error:
            expected = (None, type(error))
        try:
            found: Any = (operation(self.ours), None)
        except (IndexError, ValueError) as error:
            found = (None, type(error))
        assert found == expected

    @rule(number=small)
    def append(self, number: int) -> None:
        self.both(lambda a: a.append(self.value(number)))

    @rule(numbers=values)
    def extend(self, numbers: list[int]) -> None:
        self.both(lambda a: a.extend(map(self.value, numbers)))

    @rule(index=indices, number=small)
    def insert(self, index: int, number: int) -> None:
        self.both(lambda a: a.insert(index, self.value(number)))

    @rule(number=small)
    def remove(self, number: int) -> None:
        self.both(lambda a: a.remove(self.value(number)))

    @rule(index=indices)
    def pop(self, index: int) -> None:
        self.both(lambda a: a.pop(index))

    @rule(index=indices)
    def delete(self, index: int) -> None:
        self.both(lambda a: a.__delitem__(index))

    @rule(start=bounds, stop=bounds, step=steps)
    def delete_slice(self, start: int | None, stop: int | None, step: int | None) -> None:
        self.both(lambda a: a.__delitem__(slice(start, stop, step)))

    @rule()
    def reverse(self) -> None:
        self.both(lambda a: a.reverse())

    @rule()
    def clear(self) -> None:
        self.both(lambda a: a.clear())

    @rule(numbers=values)
    def add(self, numbers: list[int]) -> None:
        before = self.ours
        self.theirs += [self.value(number) for number in numbers]
        self.ours += [self.value(number) for number in numbers]
        assert self.ours is before

    @precondition(lambda self: len(self.theirs) < 200)
    @rule(times=st.integers(-1, 4))
    def repeat(self, times: int) -> None:
        assert (self.ours * times).tolist() == self.theirs * times == (times * self.ours).tolist()
        before = self.ours
        self.theirs *= times
        self.ours *= times
        assert self.ours is before

    @rule(number=small, start=indices, stop=indices)
    def index(self, number: int, start: int, stop: int) -> None:
        self.both(lambda a: a.index(self.value(number), start, stop))
        self.both(lambda a: a.count(self.value(number)))
        self.both(lambda a: self.value(number) in a)

    @rule(index=indices, number=small)
    def assign(self, index: int, number: int) -> None:
        self.both(lambda a: a.__setitem__(index, self.value(number)))

    @rule(count=st.integers(0, 300))
    def reserve(self, count: int) -> None:
        self.ours.reserve(count)

    @invariant()
    def both_are_equal(self) -> None:
        assert self.ours.tolist() == self.theirs
        count = len(self.theirs)
        assert (len(self.ours), self.ours.shape, self.ours.size) == (count, (count,), count)
        assert self.ours.nbytes == len(self.theirs) * self.ours.itemsize


class ListsOfRecords(Lists):
    """The same with items whose values are made by Python code, and with bytes between their fields."""

    def form(self) -> str:
        return RECORD

    def value(self, number: int) -> Any:
        return (number, number / 2)


TestLists = Lists.TestCase
TestListsOfRecords = ListsOfRecords.TestCase
for case in (TestLists, TestListsOfRecords):
    case.settings = settings(examples(40), stateful_step_count=40)


@given(numbers=values, start=bounds, stop=bounds, step=steps, form=st.sampled_from(["B", ">i", "3s", "g", "0s"]))
def test_deleting_a_slice_leaves_what_a_list_keeps(
    numbers: list[int], start: int | None, stop: int | None, step: int | None, form: str
) -> None:
    items = {"3s": lambda n: b"%03d" % n, "0s": lambda _: b""}.get(form, int)
    made = sb.array([items(number) for number in numbers], form)
    kept = made.tolist()
    del made[start:stop:step]
    del kept[start:stop:step]
    assert made.tolist() == kept


@pytest.mark.parametrize("name", EDITS)
@pytest.mark.parametrize("count", [1, 3])
def test_beside_exports_nothing_changes(name: str, count: int) -> None:
    made = sb.array([1, 2, 3], "h")
    address = made.address
    exports = [memoryview(made) for _ in range(count)]
    with pytest.raises(BufferError, match=rf"\b{count} export"):
        EDITS[name](made)
    assert (made.tolist(), made.address) == ([1, 2, 3], address)
    assert exports[0].tolist() == [1, 2, 3]
    del exports
    EDITS[name](made)


def test_a_wrong_index_or_value_is_reported_before_exports() -> None:
    made = sb.array([1, 2, 3], "h")
    with memoryview(made):
        with pytest.raises(IndexError, match="index 3"):
            del made[3]
        with pytest.raises(ValueError, match=r"remove\(x\): x not found"):
            made.remove(9)
        with pytest.raises(TypeError, match="expected an int, not str"):
            made.insert(0, "x")


@pytest.mark.parametrize("name", EDITS)
@pytest.mark.parametrize("shape", [(), (2, 2), (0, 3)])
def test_only_one_dimension_is_a_list(name: str, shape: tuple[int, ...]) -> None:
    made = sb.zeros(shape, "h")
    with pytest.raises(TypeError, match="dimension"):
        EDITS[name](made)
    assert made == sb.zeros(shape, "h")


@pytest.mark.parametrize("name", EDITS)
def test_read_only_memory_is_left_as_it_is(name: str) -> None:
    made = sb.array([1, 2, 3], "h", readonly=True)
    with pytest.raises(TypeError, match="read-only"):
        EDITS[name](made)
    with pytest.raises(TypeError, match="read-only"):
        made.reverse()
    assert made.tolist() == [1, 2, 3]


def test_reversing_shows_in_exports() -> None:
    made = sb.array([1, 2, 3], "h")
    with memoryview(made) as view:
        made.reverse()
        assert view.tolist() == [3, 2, 1]
    with pytest.raises(TypeError, match=r"array\[::-1\]"):
        sb.zeros((2, 2)).reverse()
    long = sb.array(range(300_000))
    long.reverse()
    assert long == np.arange(300_000)[::-1]


def test_an_array_without_data_is_empty() -> None:
    assert (sb.Array().tolist(), sb.Array().format, sb.Array().shape) == ([], "d", (0,))
    made = sb.Array(format=RECORD)
    made.append((1, 2.5))
    assert made.tolist() == [(1, 2.5)]
    assert sb.Array(format="i", readonly=True).readonly
    with pytest.raises(TypeError, match="NoneType"):
        sb.Array(None)
    with pytest.raises(ValueError, match="format"):
        sb.Array(format="no format")


def test_arrays_are_mutable_sequences() -> None:
    assert isinstance(sb.Array(), MutableSequence)
    assert not isinstance(sb.View(b""), MutableSequence)


# -- Deleting ----------------------------------------------------------------------------------------------------------


def test_deleting_takes_integers_and_slices() -> None:
    made, kept = sb.array(range(10)), list(range(10))
    for key in (0, -1, np.int64(1), slice(5, 1, -2), slice(2**70, None)):
        del made[key]
        del kept[key]
        assert made.tolist() == kept
    assert kept == [1, 3, 4, 6, 8]
    for key in (..., None, (0, 1), "x", 1.0, [0], ()):
        with pytest.raises((TypeError, IndexError)):
            del made[key]
    for index in (5, -6, 2**70):
        with pytest.raises(IndexError):
            del made[index]
    with pytest.raises(ValueError, match="zero"):
        del made[::0]
    assert made.tolist() == kept


def test_memory_of_others_is_not_deleted() -> None:
    data = bytearray(b"abc")
    with pytest.raises(TypeError, match="assign to it"):
        del sb.View(data)[0]
    with pytest.raises(TypeError, match="assign to it"):
        del sb.View(sb.array([1, 2]))[:]
    assert data == b"abc"


def test_assigning_a_slice_never_changes_the_length() -> None:
    made = sb.array([1, 2, 3])
    with pytest.raises(ValueError, match=r"cannot assign 3 items to a slice of 1.*insert\(\), extend\(\) and del"):
        made[1:2] = [7, 8, 9]
    with pytest.raises(ValueError, match="cannot assign 0 items to a slice of 3"):
        made[:] = []
    assert made.tolist() == [1, 2, 3]


# -- Operators ---------------------------------------------------------------------------------------------------------


def test_adding_in_place_extends() -> None:
    made = same = sb.array([1.0, 2.0])
    made += np.array([3.0])
    made += (4,)
    made += iter([5])
    made += made
    assert made is same
    assert made.tolist() == [1, 2, 3, 4, 5] * 2
    for value, text in (
        (1, "'int' object is not iterable.*numpy.asarray"),
        (None, "'NoneType' object is not iterable"),
    ):
        with pytest.raises(TypeError, match=text):
            made += value
    with pytest.raises(TypeError, match="format 'q'"):
        made += sb.array([1])
    assert len(made) == 10


@pytest.mark.parametrize("form", ["b", "h", "i", "d", "3s", RECORD])
@pytest.mark.parametrize("count", [0, 1, 2, 7, 1000])
def test_repeating(form: str, count: int) -> None:
    item = {"3s": b"abc", RECORD: (5, 2.5)}.get(form, 5)
    made = sb.array([item, item][:1] * 3, form)
    made[0] = {"3s": b"x", RECORD: (6, 3.5)}.get(form, 6)
    expected = made.tolist() * count
    assert (made * count).tolist() == (count * made).tolist() == expected
    assert (made * True).format == made.format
    made *= count
    assert made.tolist() == expected


def test_a_repeated_array_is_new_and_writable() -> None:
    made = sb.array([1, 2], "h", readonly=True)
    again = made * 1
    again[0] = 9
    assert (made.tolist(), again.tolist(), again.format) == ([1, 2], [9, 2], "h")
    large = sb.array(range(1000)) * 1000
    assert large == np.tile(np.arange(1000), 1000)


def test_arrays_that_cannot_be_repeated_are_refused() -> None:
    made = sb.array([1, 2], "h")
    for times in (2**62, 2**63 - 1):
        with pytest.raises((OverflowError, MemoryError)):
            made * times
        with pytest.raises((OverflowError, MemoryError)):
            made *= times
    for times in (2**70, -(2**70)):
        with pytest.raises(OverflowError):
            made * times
    for times in (1.5, "x", None, [2]):
        with pytest.raises(TypeError):
            made * times
        with pytest.raises(TypeError):
            made *= times
    with pytest.raises(TypeError, match=r"numpy\.asarray"):
        sb.zeros((2, 2)) * 2
    assert made.tolist() == [1, 2]


# -- Room --------------------------------------------------------------------------------------------------------------


def test_reserved_memory_does_not_move() -> None:
    made = sb.array([1, 2, 3], "h")
    made.reserve(10_000)
    address, size = made.address, sys.getsizeof(made)
    assert size >= 20_000
    assert made.tolist() == [1, 2, 3]
    made.extend(range(9000))
    del made[3:]
    made.clear()
    for value in range(10_000):
        made.append(value)
    assert (made.address, sys.getsizeof(made)) == (address, size)
    made.append(0)
    assert made.tolist() == [*range(10_000), 0]
    assert sys.getsizeof(made) > size


def test_reserved_memory_is_given_back() -> None:
    made = sb.array([1, 2, 3], "h")
    made.reserve(1_000_000)
    made.resize(500)
    assert sys.getsizeof(made) > 2_000_000
    made.reserve(0)
    made.resize(100)
    assert sys.getsizeof(made) < 10_000
    assert made[:3].tolist() == [1, 2, 3]


def test_a_reserve_that_no_memory_holds_is_refused() -> None:
    made = sb.array([1, 2, 3], "h")
    for count, error in (
        (-1, ValueError),
        (2**46, MemoryError),
        (2**62, OverflowError),
        (2**70, OverflowError),
        (1.5, TypeError),
    ):
        with pytest.raises(error):
            made.reserve(count)
    made.append(4)
    assert made.tolist() == [1, 2, 3, 4]


def test_inserting_is_amortised() -> None:
    made = sb.Array(format="q")
    sizes = set()
    for value in range(20_000):
        made.insert(len(made), value)
        sizes.add(sys.getsizeof(made))
    assert made == array.array("q", range(20_000))
    assert len(sizes) < 40


# -- Values that change the array --------------------------------------------------------------------------------------


class Acting(acting.Acting):
    """An integer that calls a function whenever it is converted or compared."""

    def __eq__(self, other: object) -> bool:
        self.act()
        return bool(self.value == other)

    __hash__ = None  # type: ignore[assignment]


def test_conversions_that_resize_the_array() -> None:
    made = sb.array([1, 2, 3, 4], "q")
    made.insert(3, Acting(lambda: made.resize(1), 9))
    assert made.tolist() == [1, 9]
    made.insert(Acting(lambda: made.clear(), -1), 5)
    assert made.tolist() == [5]
    with pytest.raises(IndexError, match="index 0 is out of range"):
        del made[Acting(lambda: made.clear(), 0)]
    made.extend([1, 2, 3])
    del made[Acting(lambda: made.append(4), 2) :]
    assert made.tolist() == [1, 2]
    made *= Acting(lambda: made.pop(), 3)
    assert made.tolist() == [1, 1, 1]
    made.reserve(Acting(lambda: made.clear(), 10))
    assert made.tolist() == []


def test_comparisons_that_resize_the_array() -> None:
    made = sb.array([1, 2, 3, 4], "q")
    made.remove(Acting(lambda: len(made) > 3 and made.pop(0), 3))
    assert made.tolist() == [2, 4]
    with pytest.raises(ValueError, match="not found"):
        made.remove(Acting(lambda: made.resize(0), 4))
    assert made.tolist() == []


def test_conversions_that_export_the_array() -> None:
    made = sb.array([1, 2, 3, 4], "q")
    held: list[Any] = []
    with pytest.raises(BufferError, match="1 export"):
        made.insert(0, Acting(lambda: held.append(memoryview(made)), 9))
    held.clear()
    with pytest.raises(BufferError, match="1 export"):
        del made[Acting(lambda: held.append(memoryview(made)), 0)]
    held.clear()
    with pytest.raises(BufferError, match="export"):
        made.remove(Acting(lambda: held.append(memoryview(made)), 2))
    assert made.tolist() == [1, 2, 3, 4]
