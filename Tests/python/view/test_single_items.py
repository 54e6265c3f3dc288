# SPDX-License-Identifier: Apache-2.0
"""Memory without dimensions is one item: it converts to a number as its item does, and is taken wherever an item is."""

from __future__ import annotations

import ctypes
import math
import operator
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import swiftbuffer as sb
from swiftbuffer import Array, View, array, zeros
from view_layouts import NUMBERS, arrays

POINTS = "T{i:x:d:y:}"


def test_the_int_of_four_bytes_is_the_number_and_not_the_text() -> None:
    view = View(b"1234").cast("I").reshape(())
    assert int(view) == 875770417
    assert float(view) == 875770417.0
    assert complex(view) == 875770417  # type: ignore[call-overload]
    assert operator.index(view) == 875770417  # type: ignore[arg-type]
    assert bool(view)
    assert view.item() == 875770417


@given(source=arrays(dtypes=st.sampled_from(NUMBERS), shape=()))
def test_numbers_without_dimensions_convert_as_in_numpy(source: np.ndarray[Any, Any]) -> None:
    for memory in [View(source), array(source)]:
        item = source.item()
        assert memory.item() == item
        assert bool(memory) == bool(item)
        if isinstance(item, complex):
            for convert in [int, float]:
                with pytest.raises(TypeError, match="complex"):
                    convert(memory)
        elif isinstance(item, float):
            assert float(memory) == item
            assert int(memory) == int(item)
        else:
            assert int(memory) == int(source)
            assert float(memory) == float(source)
        if not isinstance(item, bytes):
            assert complex(memory) == complex(item)  # type: ignore[call-overload]
        if source.dtype.kind in "iu":
            assert operator.index(memory) == item  # type: ignore[arg-type]
            assert range(200)[memory] == item  # type: ignore[index]
        else:
            for indexed in [source, memory]:
                with pytest.raises(TypeError, match=r"only integer|only an integer"):
                    operator.index(indexed)


def test_infinity_and_nan_convert_as_floats_do() -> None:
    assert math.isnan(float(array(math.nan)))
    assert float(array(math.inf, ">e")) == math.inf
    with pytest.raises(OverflowError, match="infinity"):
        int(array(math.inf))
    with pytest.raises(ValueError, match="NaN"):
        int(array(math.nan))


def test_text_and_structures_convert_as_their_items_do() -> None:
    assert int(array("12", "2w")) == 12
    assert float(array(b"1.5", "3s")) == 1.5
    with pytest.raises(TypeError, match="Record"):
        int(array((1, 2.5), POINTS))
    assert bool(array((0, 0.0), POINTS))


def test_memory_with_dimensions_converts_as_memoryview_does() -> None:
    assert int(View(b"12")) == int(memoryview(b"12")) == 12
    assert float(View(b"1.5")) == float(memoryview(b"1.5")) == 1.5
    for memory in [View(b"12"), View(b"1234").cast("I"), zeros((2, 2)), zeros(1, "i")]:
        for convert in [complex, operator.index]:
            with pytest.raises(TypeError):
                convert(memory)
    assert not View(b"")
    assert View(b"\0")
    assert View(bytes(4)).cast("B", (2, 2))


def test_a_bytearray_takes_memory_with_dimensions_as_it_takes_a_memoryview() -> None:
    """It would take none with __int__, __float__ or __index__."""
    for memory in [View(b"abcd"), View(b"abcd").cast("I"), View(b"abcd").cast("B", (2, 2)), array(b"abcd")]:
        target = bytearray(6)
        target[1:5] = memory
        assert target == b"\0abcd\0"
        assert bytearray(memory) == b"abcd"
    assert bytes(View(b"abcd").cast("I").reshape(())) == b"abcd"


def test_memory_without_dimensions_is_an_instance_of_view_and_array() -> None:
    for memory, kind in [(View(b"a").reshape(()), View), (array(7), Array), (zeros((), POINTS), Array)]:
        assert isinstance(memory, kind)
        assert type(memory).__name__ == kind.__name__
        assert memory.shape == ()
        assert View(memory).shape == ()
        assert memory[None].shape == (1,)
        assert type(memory[None]) is View
        assert memory[()] == memory.item()
    view = View(b"a").reshape(())
    assert View(view).obj == b"a"
    assert type(type(view)(b"abc")) is View  # type: ignore[arg-type]
    assert type(type(array(7))([1, 2])) is Array
    with pytest.raises(TypeError):
        type("Derived", (View,), {})
    with pytest.raises(TypeError):
        type("Derived", (type(view),), {})
    view.release()
    with pytest.raises(ValueError, match="released"):
        int(view)


@given(source=arrays(dtypes=st.sampled_from(["h", ">i4", "d"])), data=st.data())
def test_item_is_that_of_numpy(source: np.ndarray[Any, Any], data: st.DataObject) -> None:
    view = View(source)
    if source.size == 1:
        assert view.item() == source.item()
    else:
        for memory in [source, view]:
            with pytest.raises(ValueError, match=r"size 1|one item"):
                memory.item()
    number = data.draw(st.integers(-source.size - 2, source.size + 2))
    try:
        expected = source.item(number)
    except IndexError:
        with pytest.raises(IndexError):
            view.item(number)
    else:
        assert view.item(number) == expected
    if source.size:
        index = tuple(data.draw(st.integers(-n, n - 1)) for n in source.shape)
        assert view.item(index) == source.item(index)
        if len(index) != 1:
            assert view.item(*index) == source.item(*index)
    for wrong in [(0,) * (source.ndim + 2), (0,) * (source.ndim + 3)]:
        with pytest.raises(ValueError, match="indices"):
            view.item(*wrong)
    for no_index in ["x", 1.5, (1.5,)]:
        with pytest.raises(TypeError):
            view.item(no_index)  # type: ignore[arg-type]


def test_an_index_of_an_item_that_releases_the_view() -> None:
    class Index:
        def __index__(self) -> int:
            view.release()
            return 0

    for index in [(Index(),), ((Index(), 0),), (Index(), 0)]:
        view = View(bytearray(4)).cast("B", (2, 2))
        with pytest.raises(ValueError, match="released"):
            view.item(*index)


VALUES = [
    ("h", 258),
    (">h", 258),
    ("d", 2.5),
    ("Zd", 1 + 2j),
    ("?", True),
    ("c", b"x"),
    ("3s", b"ab\0"),
    ("2w", "ab"),
    ("g", 0.1),
    (POINTS, (1, 2.5)),
    ("T{(2)h:a:T{b:x:}:b:}", ([1, 2], (3,))),
    ("(2)h", [1, 2]),
]


@pytest.mark.parametrize(("form", "value"), VALUES)
def test_a_view_without_dimensions_is_one_item_wherever_an_item_is_taken(form: str, value: Any) -> None:
    source = array([[value, zeros((), form).item()]], form)
    one = source[0, 0, ...]
    assert one.shape == ()
    for item in [one, memoryview(one), array(one)]:
        target = zeros(3, form)
        target[0] = item
        target[1:2].fill(item)
        target[2:] = item
        assert target.tolist() == [value] * 3
        target.append(item)
        target.extend([item])
        assert target.tolist() == [value] * 5
        assert array([item, item], form).tolist() == [value] * 2
        assert sb.full(2, item, form).tolist() == [value] * 2
        for memory in [source, source[0], source[:, ::-1]]:
            assert item in memory
            assert memory.count(item) == 1
            assert memory[memory.index(item)] == value
        assert item not in zeros((2, 2), form)
        assert zeros(2, form).count(item) == 0


def test_ctypes_and_numpy_objects_are_items() -> None:
    class Point(ctypes.Structure):
        _fields_ = [("x", ctypes.c_double), ("y", ctypes.c_double)]

    points = zeros(2, "T{d:x:d:y:}")
    points[0] = Point(1, 2.5)
    points[1] = np.array((3, 4.5), "f8,f8")[()]
    assert points.tolist() == [(1, 2.5), (3, 4.5)]
    assert points.index(points[1, ...]) == 1
    numbers = array([0, 0], "i")
    numbers[0] = ctypes.c_short(5)
    numbers.append(ctypes.c_ubyte(7))
    assert numbers.tolist() == [5, 0, 7]
    assert ctypes.c_longlong(7) in numbers
    assert np.float64(7) in numbers
    assert np.int8(5) in numbers
    assert np.datetime64("now") not in numbers


def test_a_view_without_dimensions_is_a_value_inside_of_a_structure() -> None:
    numbers = array([5, 6], ">h")
    points = zeros(1, POINTS)
    points[0] = (numbers[0, ...], memoryview(array(2.5)))
    assert points[0] == (5, 2.5)
    points[0] = {"x": numbers[1, ...], "y": numbers[0, ...]}
    assert points[0] == (6, 5.0)


def test_a_value_that_does_not_fit_is_refused_also_from_a_view_without_dimensions() -> None:
    target = zeros(2, "B")
    for value in [array(300, "h"), array(-1, "b"), np.int8(-1)]:
        with pytest.raises(ValueError, match="between 0 and 255"):
            target[0] = value
        with pytest.raises(ValueError, match="between 0 and 255"):
            target[...] = value
    with pytest.raises(TypeError, match="expected an int"):
        target[0] = array(1.5)
    with pytest.raises(TypeError, match="expected an int"):
        target[0] = array([1, 2])
    assert target.tolist() == [0, 0]
    target[0] = array([b"x"], "c")[0, ...]
    assert target.tolist() == [120, 0]


def test_a_long_double_keeps_its_precision_as_an_item() -> None:
    source = np.array([np.longdouble(1) / 3], "g")
    target = zeros(1, "g")
    target[0] = source[0, ...]
    assert target == source
    assert source[0, ...] in target
    assert View(source)[0, ...] in target
