# SPDX-License-Identifier: Apache-2.0
"""Items of several values, by the plan of their format: every way to read and write them, beside NumPy."""

from __future__ import annotations

import gc
import math
import struct
import subprocess
import sys
import weakref
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

import swiftbuffer as sb
from sampling import examples

NUMBERS = ["i1", "u1", "<i2", ">i2", "<u4", ">u4", "<i8", ">i8", ">u8", "<f2", ">f4", "<f8", ">f8", "?", "<c8", ">c16"]


@st.composite
def record_types(draw: st.DrawFn, depth: int = 1) -> np.dtype[Any]:
    """Types of records of every scalar in both byte orders, strings of bytes, sub-arrays and records, with gaps."""
    kind = st.sampled_from([*NUMBERS, "V3"]).map(np.dtype)
    if depth:
        kind |= record_types(depth - 1)
    members = draw(st.lists(st.tuples(kind, st.sampled_from([(), (), (3,), (2, 2), (0,)])), min_size=1, max_size=5))
    types = [np.dtype((kind, shape)) for kind, shape in members]
    offsets, end = [], 0
    for member in types:
        offsets.append(end + draw(st.integers(0, 3)))
        end = offsets[-1] + member.itemsize
    names = [f"f{number}" for number in range(len(types))]
    return np.dtype({"names": names, "formats": types, "offsets": offsets, "itemsize": end + draw(st.integers(0, 3))})


def plain(value: Any) -> Any:
    """A value of NumPy's as Python's own tuples, lists, numbers and bytes."""
    if isinstance(value, np.void):
        names = value.dtype.names
        return value.tobytes() if names is None else tuple(plain(value[name]) for name in names)
    if isinstance(value, np.ndarray):
        return [plain(item) for item in value]
    return value.item() if isinstance(value, np.generic) else value


@given(record_types(), st.integers(0, 3), st.data())
@examples(80)
def test_every_way_to_read_gives_the_values_of_numpy(dtype: np.dtype[Any], count: int, data: st.DataObject) -> None:
    # Bytes that make no NaN, which would not equal itself.
    memory = data.draw(st.lists(st.integers(0, 63), min_size=count * dtype.itemsize, max_size=count * dtype.itemsize))
    theirs = np.ndarray(count, dtype, bytes(memory))
    values = [plain(item) for item in theirs]
    for ours in sb.View(theirs), sb.array(theirs), sb.View(theirs[::-1])[::-1]:
        assert ours.tolist() == list(ours) == values
        assert [ours[index] for index in range(count)] == [ours[index - count] for index in range(count)] == values
        assert [ours[index : index + 1].reshape(())[()] for index in range(count)] == values


@given(record_types(), st.data())
@examples(60)
def test_every_way_to_write_leaves_the_same_bytes(dtype: np.dtype[Any], data: st.DataObject) -> None:
    # Zeros and ones, which truth values come back as.
    values = data.draw(st.lists(st.integers(0, 1), min_size=dtype.itemsize, max_size=dtype.itemsize))
    theirs = np.ndarray(1, dtype, bytes(values))
    value = plain(theirs[0])
    pattern = np.full(dtype.itemsize, 0xAA, "u1")
    expected = pattern.copy()
    copy_values(expected, np.array(values, "u1"), dtype)
    # All bytes of an item without values are written.
    assume(expected.tobytes() != pattern.tobytes())
    for write in (
        lambda view: view.__setitem__(0, value),
        lambda view: view.__setitem__(-1, sb.View(theirs)[0]),
        lambda view: view.__setitem__((0,), [*value]),
        lambda view: view.__setitem__(..., [value]),
        lambda view: view.fill(value),
    ):
        target = pattern.copy()
        write(sb.View(target.view(dtype)))
        assert target.tobytes() == expected.tobytes()


def copy_values(target: Any, source: Any, dtype: np.dtype[Any], offset: int = 0) -> None:
    """Copies the bytes of an item that are values: those of its members, and not the gaps between them."""
    if dtype.subdtype is not None:
        element, shape = dtype.subdtype
        for index in range(math.prod(shape)):
            copy_values(target, source, element, offset + index * element.itemsize)
    elif dtype.names is not None:
        for name in dtype.names:
            member, start = dtype.fields[name][:2]  # type: ignore[index]
            copy_values(target, source, member, offset + start)
    else:
        target[offset : offset + dtype.itemsize] = source[offset : offset + dtype.itemsize]


SMALL = np.dtype(
    {
        "names": ["i", "f", "b", "s"],
        "formats": [">i2", "<f4", "?", ("u1", (2,))],
        "offsets": [1, 3, 8, 9],
        "itemsize": 12,
    }
)


@st.composite
def small_records(draw: st.DrawFn, shape: tuple[int, ...]) -> np.ndarray[Any, Any]:
    """Records of few values, so that some are equal, with zeros of both signs, NaNs, and anything as padding."""
    count = math.prod(shape)
    memory = np.frombuffer(draw(st.binary(min_size=12 * count, max_size=12 * count)), "u1").copy()
    array = memory.view(SMALL).reshape(shape)
    for name, values in {"i": [0, 1], "f": [0.0, -0.0, 1.5, math.nan]}.items():
        column = draw(st.lists(st.sampled_from(values), min_size=count, max_size=count))
        array[name] = np.array(column).reshape(shape)
    array["b"] = True
    truths = draw(st.lists(st.sampled_from([0, 1, 2]), min_size=count, max_size=count))
    memory.reshape(count, 12)[:, 8] = truths
    array["s"] &= 1
    return array


@given(st.data(), st.sampled_from([(0,), (5,), (2, 3)]))
@examples(80)
def test_records_are_compared_as_their_tuples_are(data: st.DataObject, shape: tuple[int, ...]) -> None:
    first, second = (data.draw(small_records(shape)) for _ in range(2))
    if data.draw(st.booleans()):
        for name in SMALL.names or ():
            second[name] = first[name]
    mine, theirs = sb.View(first), sb.View(second)
    equal = [plain(a) == plain(b) for a, b in zip(first.flat, second.flat, strict=True)]
    assert (mine == theirs) is all(equal)
    assert (mine != theirs) is not all(equal)
    assert (mine[::-1] == theirs[::-1]) is all(equal)
    difference = sb.mismatch(mine, theirs)
    if all(equal):
        assert difference is None
    else:
        index = tuple(map(int, np.unravel_index(equal.index(False), shape)))
        assert difference == (index if len(index) > 1 else index[0])


@given(st.data())
@examples(80)
def test_records_are_found_as_in_a_list_of_tuples(data: st.DataObject) -> None:
    array = data.draw(small_records((6,)))
    view, items = sb.View(array), [plain(item) for item in array]
    # Read anew, since a list finds a NaN that is the same object.
    value = data.draw(
        st.sampled_from([plain(item) for item in array])
        | st.tuples(
            st.sampled_from([0, 1, True, 1.0, 40000]),
            st.sampled_from([0, 0.0, 0.1, 1.5, "x", 10**400]),
            st.sampled_from([True, 0, 1]),
            st.sampled_from([[0, 1], (0, 1), [0.0, True], [1]]),
        )
        | st.sampled_from([None, 5, (), (1,), [1, 2]])
    )
    found = [index for index, item in enumerate(items) if item == value]
    assert view.count(value) == len(found)
    assert (value in view) is bool(found)
    for part in view, view[::-1]:
        if found:
            assert part.index(value) == (found[0] if part is view else 5 - found[-1])
        else:
            with pytest.raises(ValueError, match="not found"):
                part.index(value)
    start = data.draw(st.integers(-7, 7))
    later = [index for index in found if index in range(6)[start:]]
    if later:
        assert view.index(value, start) == later[0]
    two = sb.View(array.reshape(2, 3))
    if isinstance(value, tuple) and found:
        assert two.index(value) == divmod(found[0], 3)


FORMAT = "T{<i:a:>H:b:(2)d:c:T{B:x:3s:y:}:d:<f:e:?:f:}"
VALUE = (1, 2, [3.0, 4.0], (5, b"six"), 7.0, True)


@pytest.mark.parametrize(
    "value",
    [
        VALUE,
        (1, 2, (3, 4), (5, b"six"), 7, True),
        (1, np.int16(2), np.array([3.0, 4.0]), (5, b"six"), np.float64(7), np.True_),
        (1, 2, [3.0, 4.0], [5, b"six"], 7.0, 1),
        (True, 2, [3.0, 4.0], (5, bytearray(b"six")), 7.0, [0]),
        {"a": 1, "b": 2, "c": [3, 4], "d": {"x": 5, "y": b"six"}, "e": 7, "f": "yes"},
    ],
)
def test_values_of_every_type_are_written_alike(value: Any) -> None:
    for array in sb.zeros(2, FORMAT), sb.array([value, value], FORMAT), sb.full(2, value, FORMAT):
        array[1] = value
        assert array[1] == VALUE


BAD = [
    (2**31, 2, [3.0, 4.0], (5, b"six"), 7.0, True),
    (1, -1, [3.0, 4.0], (5, b"six"), 7.0, True),
    (1, 2, [3.0], (5, b"six"), 7.0, True),
    (1, 2, [3.0, "4"], (5, b"six"), 7.0, True),
    (1, 2, [3.0, 4.0], (256, b"six"), 7.0, True),
    (1, 2, [3.0, 4.0], (5, b"seven"), 7.0, True),
    (1, 2, [3.0, 4.0], (5, "six"), 7.0, True),
    (1, 2, [3.0, 4.0], (5,), 7.0, True),
    (1, 2, [3.0, 4.0], (5, b"six"), 1e300, True),
    (1, 2, [3.0, 4.0], (5, b"six"), 7j, True),
    (1, 2, [3.0, 4.0], (5, b"six"), 7.0),
    (1, 2, [3.0, 4.0], (5, b"six"), 7.0, True, 8),
    (10**30, 2, [3.0, 4.0], (5, b"six"), 7.0, True),
    {"a": 1},
    5,
]


@pytest.mark.parametrize("value", BAD)
def test_an_item_with_one_bad_value_stays_as_it_was(value: Any) -> None:
    array = sb.full(2, VALUE, FORMAT)
    before = array.tobytes()
    with pytest.raises((ValueError, TypeError)):
        array[1] = value
    with pytest.raises((ValueError, TypeError)):
        array[...] = [VALUE, value]
    with pytest.raises((ValueError, TypeError)):
        sb.array([VALUE, value], FORMAT)
    assert array.tobytes() == before
    assert array[1] == VALUE


def test_errors_name_the_value() -> None:
    array = sb.zeros(1, "T{i:a:T{B:x:B:y:}:b:}")
    with pytest.raises(sb.OutOfRangeError, match="field 'y' of field 'b'"):
        array[0] = (1, (2, 300))
    with pytest.raises(NotImplementedError, match="field 'b': field 'o': format 'O'"):
        sb.View(bytes(16)).cast("T{q:a:T{O:o:}:b:}")[0]
    with pytest.raises(NotImplementedError, match="value 1: format 'O'"):
        sb.View(bytes(16)).cast("qO").tolist()


def test_numbers_at_the_limits_of_their_types() -> None:
    letters = "bBhHiIqQ"
    for order in "<>":
        limits = [
            (-(2 ** (8 * size - 1)), 2 ** (8 * size - 1) - 1) if letter.islower() else (0, 2 ** (8 * size) - 1)
            for letter, size in zip(letters, [1, 1, 2, 2, 4, 4, 8, 8], strict=True)
        ]
        for value in zip(*limits, strict=True):
            array = sb.array([value], f"{order}{letters}")
            assert array[0] == value
            assert array.tobytes() == struct.pack(order + letters, *value)
        for position, (low, high) in enumerate(limits):
            for number in low - 1, high + 1:
                value = [0] * len(letters)
                value[position] = number
                with pytest.raises(sb.OutOfRangeError):
                    array[0] = tuple(value)


def test_the_collector_knows_records_that_can_be_part_of_a_cycle() -> None:
    flat = sb.full(1, (1, (2, 3)), "T{i:a:T{i:x:i:y:}:b:}")[0]
    assert not gc.is_tracked(flat)

    class Sentinel:
        pass

    record = sb.zeros(1, "T{(2)i:values:}")[0]
    assert gc.is_tracked(record)
    sentinel = Sentinel()
    end = weakref.ref(sentinel)
    record.values.extend([record, sentinel])
    del record, sentinel
    gc.collect()
    assert end() is None


def test_a_class_of_records_may_be_derived_from_and_given_a_finalizer() -> None:
    kind = type(sb.zeros(1, "T{i:derived:}")[0])

    class Derived(kind):  # type: ignore[valid-type, misc]
        pass

    count = sys.getrefcount(Derived)
    instances = [Derived(number) for number in range(100)]
    instances[0].attribute = instances
    del instances
    gc.collect()
    assert sys.getrefcount(Derived) == count
    ended: list[int] = []
    kind.__del__ = lambda self: ended.append(self.derived)
    try:
        sb.array([(1,), (2,)], "T{i:derived:}").tolist()
        kind(3)
        Derived(4)
        gc.collect()
        assert sorted(ended) == [1, 2, 3, 4]
    finally:
        del kind.__del__


def test_records_within_records_end_however_deep_they_are() -> None:
    program = """
import swiftbuffer
kind = type(swiftbuffer.zeros(1, "T{i:inner:}")[0])
record = None
for _ in range(300_000):
    record = kind(record)
del record
print("ended")
"""
    assert subprocess.run([sys.executable, "-c", program], capture_output=True, check=True).stdout == b"ended\n"


def test_a_record_class_with_an_iterator_of_its_own_is_iterated_over() -> None:
    array = sb.zeros(2, "T{i:iterated:i:twice:}")
    record = array[0]
    type(record).__iter__ = lambda _: iter((8, 9))
    try:
        array[1] = record
        assert (array[1].iterated, array[1].twice) == (8, 9)
    finally:
        del type(record).__iter__
