# SPDX-License-Identifier: Apache-2.0
"""Few items are searched, compared, written and joined as many are: against NumPy and list."""

from __future__ import annotations

import gc
import struct
import sys
from typing import Any

import numpy
import pytest

import swiftbuffer as sb

COUNTS = (0, 1, 2, 15, 16, 17, 40)
# The ends of each format, what lies beyond them, and values that are equal to ints.
SOUGHT: list[Any] = [0, 1, -1, 7, 127, 128, 255, 256, -(2**63), 2**63 - 1, 2**63, 2**64 - 1, 2**64, True, False]
SOUGHT += [0.0, -0.0, 1.0, 1.5, float("nan"), float("inf"), 1 + 0j, 2.0**63]


def memory(code: str, values: list[Any]) -> sb.View:
    """A view of foreign memory."""
    return sb.View(bytearray(struct.pack(f"{code[:-1] or '='}{len(values)}{code[-1]}", *values))).cast(code)


def ends(code: str) -> list[int]:
    size = struct.calcsize(code[-1])
    return [0, 2 ** (8 * size) - 1] if code[-1].isupper() else [-(2 ** (8 * size - 1)), 2 ** (8 * size - 1) - 1]


@pytest.mark.parametrize("count", COUNTS)
@pytest.mark.parametrize("code", [*"bBhHiIqQ", ">h", ">H", ">i", ">I", ">q", ">Q"])
def test_few_integers_are_found_where_list_finds_them(code: str, count: int) -> None:
    values = [*ends(code), 7, 1, 0, 7][:count]
    values += [index % 100 for index in range(count - len(values))]
    x = memory(code, values)
    for sought in SOUGHT + ends(code):
        assert (sought in x) is (sought in values)
        assert x.count(sought) == values.count(sought)
        if sought in values:
            assert x.index(sought) == values.index(sought)
        else:
            with pytest.raises(ValueError, match="not found"):
                x.index(sought)


@pytest.mark.parametrize("count", COUNTS)
@pytest.mark.parametrize("code", ["f", "d", ">f", ">d"])
def test_few_floats_are_found_where_list_finds_them(code: str, count: int) -> None:
    values = [-0.0, 1.0, float("nan"), float("inf"), 0.0, 1.5][:count]
    values += [index * 0.5 for index in range(count - len(values))]
    x = memory(code, values)
    for sought in SOUGHT:
        # A NaN of a list is found by identity.
        assert x.count(sought) == sum(value == sought for value in values)
        assert (sought in x) is any(value == sought for value in values)


@pytest.mark.parametrize("count", [0, 1, 2, 16, 17])
@pytest.mark.parametrize("step", [1, 2, -1])
def test_searches_of_few_items_follow_strides(count: int, step: int) -> None:
    values = list(range(count))
    x = memory("q", values)[::step]
    assert [x.index(value) for value in values[::step]] == list(range(len(values[::step])))
    assert [value in x for value in values] == [value in values[::step] for value in values]


@pytest.mark.parametrize("count", COUNTS)
@pytest.mark.parametrize("letter", "bhiqfdFD")
def test_byteswap_of_few_items_is_that_of_numpy(letter: str, count: int) -> None:
    expected = numpy.arange(count).astype(letter)
    x = sb.array(expected)
    x.byteswap()
    assert x.tobytes() == expected.byteswap().tobytes()
    y = sb.View(bytearray(expected.tobytes())).cast("q") if letter == "q" else sb.array(expected)[:]
    y.byteswap()
    assert y.tobytes() == x.tobytes()


def test_lists_are_those_of_numpy_whatever_the_stride() -> None:
    for letter in "bBhHiIqQfd?":
        whole = numpy.arange(24).astype(letter)
        for part in (whole, whole[:0], whole[3:4], whole[::3], whole[::-2], whole.reshape(4, 6)[:, ::2]):
            for order in (part, part.astype(part.dtype.newbyteorder())):
                assert sb.View(order).tolist() == order.tolist()


@pytest.mark.parametrize("number", [-300, -6, -5, -1, 0, 1, 255, 256, 257, 2**30, 2**31 - 1])
def test_small_ints_are_the_interpreters_own(number: int) -> None:
    x = sb.array([number], "q")
    known = int(str(number))
    # CPython has one object for each of the small ones: which these are depends on its version.
    assert (x[0] is known) is (int(str(number)) is known)
    assert x[0] == number
    assert x.tolist() == [number]
    assert list(x) == [number]


@pytest.mark.parametrize("shape", [(), (0,), (1,), (300,), (2, 3), (3, 0, 2), (1, 1), (2, 3, 4)])
def test_attributes_are_those_of_numpy(shape: tuple[int, ...]) -> None:
    for part in (numpy.zeros(shape, "i"), numpy.zeros(shape, "d").T):
        view = sb.View(part)
        # NumPy exports other strides than it shows where there are no items.
        assert (view.shape, view.strides, view.ndim) == (part.shape, memoryview(part).strides, part.ndim)
        assert (view.itemsize, view.size, view.nbytes) == (part.itemsize, part.size, part.nbytes)
        assert view.format == memoryview(part).format
        assert view.suboffsets == ()
        assert view.readonly is not part.flags.writeable
        assert view.address == part.ctypes.data
        assert view.c_contiguous is part.flags.c_contiguous
        assert view.f_contiguous is part.flags.f_contiguous
        assert view.contiguous is (part.flags.c_contiguous or part.flags.f_contiguous)
    closed = sb.View(b"abc")
    closed.release()
    for name in ("shape", "ndim", "nbytes", "contiguous", "format", "size"):
        with pytest.raises(ValueError, match="released"):
            getattr(closed, name)


@pytest.mark.parametrize("start", [None, 0, 1, 3, 10, -2])
@pytest.mark.parametrize("stop", [None, 0, 2, 6, 100, -1])
@pytest.mark.parametrize("letter", "Bhqd")
def test_runs_are_assigned_as_numpy_assigns_them(letter: str, start: int | None, stop: int | None) -> None:
    expected = numpy.arange(8).astype(letter)
    source = expected[start:stop][::-1].copy()
    whole = expected.copy()
    for x in (sb.array(expected), sb.View(bytearray(expected.tobytes())).cast(letter)):
        expected = whole.copy()
        for other in (sb.array(source), sb.View(source), sb.View(source)[::1]):
            x[start:stop] = other
            expected[start:stop] = source
            assert x.tobytes() == expected.tobytes()
        with pytest.raises(ValueError, match="cannot assign"):
            x[start:stop] = sb.zeros(len(source) + 1, letter)
        assert x.tobytes() == expected.tobytes()
        with pytest.raises((ValueError, TypeError)):
            x.toreadonly()[start:stop] = sb.array(source)


def test_runs_that_overlap_are_assigned_as_in_a_list() -> None:
    for shift in (1, 3):
        x, values = sb.array(list(range(20)), "q"), list(range(20))
        x[shift:] = x[:-shift]
        values[shift:] = values[:-shift]
        assert x.tolist() == values
        x[:-shift] = x[shift:]
        values[:-shift] = values[shift:]
        assert x.tolist() == values


@pytest.mark.parametrize("counts", [(0,), (0, 0), (1, 2), (3, 0, 1), (16, 16), (1,) * 8, (1,) * 9, (2000, 1)])
@pytest.mark.parametrize("letter", "Bqd")
def test_few_parts_are_joined_as_numpy_joins_them(letter: str, counts: tuple[int, ...]) -> None:
    parts = [numpy.arange(count).astype(letter) + index for index, count in enumerate(counts)]
    expected = numpy.concatenate(parts)
    for make in (sb.array, sb.View, lambda part: sb.View(numpy.repeat(part, 2))[::2], lambda part: sb.array(part)[:]):
        ours = [make(part) for part in parts]
        for sequence in (ours, tuple(ours), iter(ours)):
            joined = sb.concatenate(sequence)
            assert joined.tobytes() == expected.tobytes()
            assert joined.shape == expected.shape
            assert joined.format == letter
            assert type(joined) is sb.Array
            joined.append(1)
    with pytest.raises(TypeError, match="format"):
        sb.concatenate([sb.zeros(2, "i"), sb.zeros(2, "f")])
    closed = sb.View(b"a")
    closed.release()
    with pytest.raises(ValueError, match="released"):
        sb.concatenate([sb.View(b"a"), closed])


def test_loops_may_nest_end_early_and_outlive_each_other() -> None:
    x, y = sb.array(list(range(5)), "q"), sb.View(b"abc")
    assert [(a, b) for a in x for b in y] == [(a, b) for a in range(5) for b in b"abc"]
    for item in x:
        if item == 2:
            break
    kept = iter(x)
    assert next(kept) == 0
    del x
    gc.collect()
    other = iter(y)
    assert list(kept) == [1, 2, 3, 4]
    assert list(kept) == []
    assert list(other) == list(b"abc")
    assert kept.__length_hint__() == 0
    assert gc.is_tracked(kept)


def test_an_iterator_that_ends_lets_its_memory_go() -> None:
    x = sb.array([1, 2, 3], "q")
    before = sys.getrefcount(x)
    for _ in range(3):
        iterator = iter(x)
        assert sys.getrefcount(x) == before + 1
        del iterator
        assert sys.getrefcount(x) == before
    x.append(4)


def test_flags_by_position_and_by_name_give_the_same_view() -> None:
    for flags in (0, 0x11C, sb.BufferFlags.WRITABLE, int(sb.BufferFlags.FULL_RO)):
        first, second = sb.View.from_flags(bytearray(3), flags), sb.View.from_flags(object=bytearray(3), flags=flags)
        assert (first.format, first.shape, first.readonly) == (second.format, second.shape, second.readonly)
    with pytest.raises(OverflowError):
        sb.View.from_flags(b"", 2**31)
    with pytest.raises(BufferError):
        sb.View.from_flags(b"", sb.BufferFlags.WRITABLE)
    with pytest.raises(TypeError):
        sb.View.from_flags(b"", "")  # type: ignore[arg-type]
