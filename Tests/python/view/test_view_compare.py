# SPDX-License-Identifier: Apache-2.0
"""`==`, `hash`, `in`, `count`, `index`, `len` and iteration of Views mean what memoryview and sequences mean."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from swiftbuffer import Array, View, array
from view_layouts import arrays, assert_shows

Numbers = np.ndarray[Any, Any]
NATIVE = "?bBhHiIlLqQfd"


@given(st.data())
def test_equality_is_that_of_the_values(data: st.DataObject) -> None:
    first = data.draw(arrays())
    second = data.draw(arrays(shape=data.draw(st.sampled_from([first.shape, first.shape, (*first.shape, 1)]))))
    expected = bool(first.shape == second.shape and first.tolist() == second.tolist())
    for other in [second, View(second), View(second).copy(), memoryview(second)]:
        # NumPy compares items one by one itself, when asked first.
        assert (View(first).__eq__(other)) is expected
        assert (View(first).__ne__(other)) is (not expected)
    assert (View(second) == View(first)) is expected


@given(st.data())
def test_equal_items_in_other_layouts_and_formats_are_equal(data: st.DataObject) -> None:
    first = data.draw(arrays(dtypes=st.sampled_from("bhiqfd")))
    new = data.draw(st.sampled_from([*"hiqdD", ">i4", ">f8"]))
    second = first.astype(new, order=data.draw(st.sampled_from("CF")))
    assert View(first) == View(second)
    assume(first.size)
    last = tuple(n - 1 for n in first.shape)
    second[last] += 1
    assert View(first) != View(second)


@given(st.lists(st.integers(-(2**63), 2**64 - 1) | st.floats(), min_size=1, max_size=1), st.data())
def test_wide_integers_and_floats_are_compared_exactly(values: list[Any], data: st.DataObject) -> None:
    value = values[0]
    views = []
    for dtype in ["q", "Q", "d", "f"]:
        try:
            with np.errstate(all="ignore"):
                views.append(View(np.array([value], dtype)))
        except (OverflowError, ValueError):
            continue
    first, second = data.draw(st.sampled_from(range(len(views)))), data.draw(st.sampled_from(range(len(views))))
    assert (views[first] == views[second]) is (views[first].tolist()[0] == views[second].tolist()[0])


def test_nan_equals_nothing_and_zeros_are_equal() -> None:
    nan = View(np.array([1.0, math.nan]))
    assert nan != nan
    assert nan != View(np.array([1.0, math.nan]))
    assert nan[:1] == nan[:1]
    assert View(np.array([0.0])) == View(np.array([-0.0]))
    assert View(np.array([complex(0, math.nan)])) != View(np.array([complex(0, math.nan)]))
    big = np.zeros(1 << 18)
    assert View(big) == View(big)
    big[-1] = math.nan
    assert View(big) != View(big)


def test_structures_and_text_are_compared_by_value() -> None:
    first = np.array([(1, 2.0), (3, 4.0)], [("a", "<i2"), ("b", ">f8")])
    second = np.array([(1, 2.0), (3, 4.0)], [("a", "<i8"), ("b", "<f4")])
    assert View(first) == View(second)
    second["b"][1] = 5
    assert View(first) != View(second)
    assert View(b"abcd").cast("2s") == View(b"abcd").cast("2s")
    assert View(b"abcd").cast("2s") != View(b"abcd").cast("H")
    assert View(b"abc").cast("c") != View(b"abc")


def test_other_things_are_not_equal() -> None:
    view = View(b"abc")
    for other in ["abc", 5, None, [97, 98, 99], (97, 98, 99), object()]:
        assert view != other
        assert not view == other  # noqa: SIM201
    assert view == b"abc"
    assert b"abc" == view  # noqa: SIM300
    assert view == bytearray(b"abc")
    assert view == array([97, 98, 99], "B")


def test_items_that_cannot_be_read_equal_nothing() -> None:
    bare = View.from_flags(View(np.arange(3)), 0x18)
    assert bare.itemsize == 8
    assert bare != bare
    assert bare != View(np.arange(3))


@pytest.mark.parametrize("compare", ["__lt__", "__le__", "__gt__", "__ge__"])
def test_views_have_no_order(compare: str) -> None:
    with pytest.raises(TypeError, match=r"unsupported operand types.*numpy\.asarray"):
        getattr(View(b"a"), compare)(View(b"b"))
    assert getattr(View(b"a"), compare)(object()) is NotImplemented
    with pytest.raises(TypeError, match="supported"):
        View(b"a") < b"b"  # type: ignore[operator]  # noqa: B015


# -- hash --------------------------------------------------------------------------------------------------------------


@given(st.binary(max_size=24), st.sampled_from("Bbc"))
def test_hash_is_that_of_the_bytes(data: bytes, format_: str) -> None:
    view = View(data).cast(format_)
    assert hash(view) == hash(data) == hash(memoryview(data))
    assert {data: 1}[view if format_ == "B" else data] == 1
    assert hash(view[::-1]) == hash(data[::-1])


def test_hash_is_refused_as_by_memoryview_and_remembered() -> None:
    for refused in [View(bytearray(b"abc")), View(b"abcd").cast("H"), View(b"ab").cast("<b").cast("2s")]:
        with pytest.raises(ValueError, match="hash"):
            hash(refused)
    with pytest.raises(TypeError, match="unhashable"):
        hash(View(bytearray(b"abc")).toreadonly())
    view = View(b"abc")
    known = hash(view)
    view.release()
    assert hash(view) == known
    view = View(b"abc")
    view.release()
    with pytest.raises(ValueError, match="released"):
        hash(view)


# -- The sequence ------------------------------------------------------------------------------------------------------


@given(arrays())
def test_iteration_gives_items_or_views_of_the_first_axis(source: Numbers) -> None:
    view = View(source)
    if source.ndim == 0:
        with pytest.raises(TypeError, match="0-dim"):
            iter(view)
        return
    assert len(view) == len(source)
    assert view.__len__() == len(list(view))
    for items, expected in [(iter(view), iter(source)), (reversed(view), reversed(source))]:
        for item, its in zip(items, expected, strict=True):
            if source.ndim == 1:
                assert item == its
            else:
                assert_shows(item, its)


@given(st.data())
def test_values_are_found_as_in_a_list(data: st.DataObject) -> None:
    source = data.draw(arrays(dtypes=st.sampled_from(NATIVE), shape=(data.draw(st.integers(0, 12)),)))
    items = source.tolist()
    present = st.sampled_from(items) if items else st.nothing()
    value = data.draw(
        present | st.integers(-3, 120) | st.sampled_from([1.0, 2.5, True, 2**70, 1 + 0j, None, "x", b"a"])
    )
    view = View(source)
    assert (value in view) == (value in items)
    assert view.count(value) == items.count(value)
    bounds = data.draw(st.lists(st.integers(-15, 15) | st.sampled_from([2**70, -(2**70)]), max_size=2))
    if value in items[slice(*(bounds[:1] or [0]), *(bounds[1:] or [None]))]:
        assert view.index(value, *bounds) == items.index(value, *bounds)
    else:
        with pytest.raises(ValueError, match="not found"):
            view.index(value, *bounds)


def test_nan_is_not_found() -> None:
    view = View(np.array([math.nan, 1.0]))
    assert math.nan not in view
    assert view.count(math.nan) == 0


def test_parts_of_several_dimensions_are_found() -> None:
    source = np.arange(6, dtype="B").reshape(3, 2)
    view = View(source)
    assert source[1:2] not in view
    assert b"\x02\x03" in view
    assert view.index(bytearray([4, 5])) == 2
    assert view.count(View(source)[0]) == 1
    assert view.index(3) == (1, 1)
    structures = View(b"abab").cast("T{B:x:B:y:}")
    assert structures.count((97, 98)) == 2
    assert structures.index((97, 98), 1) == 1
    for method in [view.count, view.index]:
        with pytest.raises(TypeError):
            method()  # type: ignore[call-arg]


def test_patterns_of_sequences_match() -> None:
    match View(b"\x01\x02\x03"):
        case [1, *rest]:
            assert rest == [2, 3]
        case _:
            pytest.fail("a view is a sequence")
    match View(np.arange(4).reshape(2, 2)):
        case [[0, 1], [2, last]]:
            assert last == 3
        case _:
            pytest.fail("so is each of its parts")


def test_iterators_say_what_is_left_and_notice_a_release() -> None:
    view = View(b"abc")
    items = iter(view)
    assert items.__length_hint__() == 3  # type: ignore[attr-defined]
    next(items)
    assert items.__length_hint__() == 2  # type: ignore[attr-defined]
    view.release()
    with pytest.raises(ValueError, match="released"):
        next(items)


def test_arrays_and_views_share_one_meaning() -> None:
    memory = array([[1, 2, 3], [4, 5, 6]], "h")
    view = View(memory)
    for method in ["tolist", "tobytes", "hex", "__len__"]:
        assert getattr(memory, method)() == getattr(view, method)()
    assert isinstance(memory[0], View)
    assert isinstance(memory.copy(), Array)
    assert memory[1, 2] == view[1, 2] == 6
    assert memory.T == view.T
    assert memory == view
