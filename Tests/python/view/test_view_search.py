# SPDX-License-Identifier: Apache-2.0
"""`in`, `count` and `index` look among items, whatever the dimensions; `find`, `rfind` and `mismatch`."""

from __future__ import annotations

import math
import sys
import sysconfig
import threading
import time
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from swiftbuffer import View, array, mismatch, testing, zeros
from view_layouts import arrays


def test_pixels_are_counted_and_found_in_an_image() -> None:
    image = np.full((4, 4, 3), 255, "B")
    for memory in [View(image), array(image), View(image)[::-1, :, ::2], View(image.T)]:
        assert memory.count(255) == memory.nbytes
        assert 255 in memory
        assert memory.index(255) == (0, 0, 0)
        assert 254 not in memory
        with pytest.raises(ValueError, match="not found"):
            memory.index(254)
    assert View(image).count(255) == 48


@given(source=arrays(), data=st.data())
def test_scalars_are_found_among_items_as_in_numpy(source: np.ndarray[Any, Any], data: st.DataObject) -> None:
    items = source.ravel().tolist()
    value = data.draw(
        (st.sampled_from(items) if items else st.nothing())
        | st.sampled_from([0, 1, -1, 2.0, 0.5, True, False, 3 + 0j, 2**70, math.nan, Fraction(3), Decimal(2)])
    )
    view = View(source) if source.ndim else View(source)[None]
    source = np.asarray(view)
    where = [index for index in np.ndindex(source.shape) if source[index].item() == value]
    assert (value in view) == bool(where)
    assert view.count(value) == len(where)
    if where:
        found = view.index(value)
        assert found == (where[0][0] if source.ndim == 1 else where[0])
        assert view[found] == value
    else:
        with pytest.raises(ValueError, match="not found"):
            view.index(value)


@given(data=st.data())
def test_bounds_of_a_search_are_those_of_a_slice_of_the_first_axis(data: st.DataObject) -> None:
    source = data.draw(arrays(dtypes=st.sampled_from(["B", ">h"]), shape=data.draw(st.sampled_from([(5, 2), (3,)]))))
    start, stop = data.draw(st.tuples(st.integers(-7, 7), st.integers(-7, 7)))
    value = data.draw(st.sampled_from(source.ravel().tolist()))
    part = source[start:stop]
    if not (part == value).any():
        with pytest.raises(ValueError, match="not found"):
            View(source).index(value, start, stop)
        return
    first = np.argwhere(source == value)
    inside = range(len(source))[start:stop]
    expected = next(tuple(index) for index in first.tolist() if index[0] in inside)
    assert View(source).index(value, start, stop) == (expected if source.ndim > 1 else expected[0])


@given(data=st.data())
def test_buffers_are_found_along_the_first_axis(data: st.DataObject) -> None:
    shape = (data.draw(st.integers(0, 4)), *data.draw(st.lists(st.integers(0, 2), min_size=1, max_size=2)))
    source = data.draw(arrays(dtypes=st.sampled_from(["b", "H", ">f8", "Q"]), shape=shape))
    sought = data.draw(arrays(dtypes=st.sampled_from(["h", "d", ">i8"]), shape=shape[1:]))
    if shape[0] and data.draw(st.booleans()):
        sought = source[data.draw(st.integers(0, shape[0] - 1))].astype(sought.dtype)
    view = View(source)
    where = [i for i in range(shape[0]) if np.array_equal(source[i], sought)]
    for buffer in [sought, memoryview(sought) if sought.dtype.isnative else sought, array(sought)]:
        assert (buffer in view) == bool(where)
        assert view.count(buffer) == len(where)
        if where:
            assert view.index(buffer) == where[0]
            assert view[view.index(buffer)] == buffer


def test_parts_of_another_shape_are_not_there() -> None:
    view = View(np.arange(6, dtype="B").reshape(3, 2))
    for buffer in [b"\2", b"\2\3\4", view, np.zeros((2, 1)), b""]:
        assert buffer not in view
        assert view.count(buffer) == 0


def test_a_search_for_neither_item_nor_buffer_is_refused() -> None:
    views = [
        (zeros((2, 2)), ["x", None, [0.0, 0.0], (0.0,), {}, object()]),
        (zeros((2, 2), "3s"), [0, "x", None]),
        (zeros((2, 2), "2w"), [0, None, []]),
        (zeros((2, 2), "T{i:a:}"), [0, "x", [0]]),
        (zeros((2, 2), "(2)h"), [0, "x", (0, 0)]),
    ]
    uses: list[Callable[[Any, Any], object]] = [lambda m, x: x in m, lambda m, x: m.count(x), lambda m, x: m.index(x)]
    for memory, values in views:
        for value in values:
            for use in uses:
                with pytest.raises(TypeError, match="neither an item of format"):
                    use(memory, value)
    for use in uses:
        with pytest.raises(TypeError, match=r"0-dim memory is no sequence: item\(\) gives its only item"):
            use(zeros(()), 0)
    # One dimension is a sequence as any other.
    for value in ["x", None, [0.0], object()]:
        assert value not in zeros(2)
        assert zeros(2).count(value) == 0


def test_items_that_are_no_numbers_are_found() -> None:
    records = array([[(1, [2, 3])], [(4, [5, 6])]], "T{i:a:(2)h:b:}")
    assert (4, [5, 6]) in records
    assert records.index(records[1, 0]) == (1, 0)
    assert records.count((1, [2, 3])) == 1
    assert (1, [2, 4]) not in records
    names = array([[b"ab", b"c"], [b"", b"ab"]], "2s")
    assert names.count(b"ab") == 2
    assert names.index(bytearray(b"c\0")) == (0, 1)
    assert b"c" not in names
    texts = array([["ab", "c"]], "2w")
    assert texts.index("c") == (0, 1)
    assert array([[[1, 2], [3, 4]]], "(2)h").count([3, 4]) == 1
    letters = View(b"abca").cast("c", (2, 2))
    assert letters.count(b"a") == 2
    assert letters.index(b"a", 1) == (1, 1)
    assert letters.index(View(b"ca").cast("c")) == 1
    truths = View(bytes([0, 1, 2, 255])).cast("?", (2, 2))
    assert truths.count(True) == truths.count(1) == 3


def test_items_behind_pointers_are_found() -> None:
    flags = testing.ND_PIL | testing.ND_WRITABLE
    source = testing.ndarray([1, 2, 3, 4, 3, 2], (3, 2), format="h", flags=flags)
    view = View(source)
    assert view.suboffsets
    assert view.count(3) == 2
    assert view.index(3) == (1, 0)
    assert view.index(3, 2) == (2, 0)
    assert view[:, 1].count(2) == 2
    assert view[::2].index(3) == (1, 0)
    assert view.index(array([3, 4])) == 1
    letters = View(testing.ndarray(list(b"abcabc"), (6,), format="B", flags=flags))
    assert letters.find(b"ca") == 2


def test_nan_is_never_found() -> None:
    source = array([[math.nan, 1.0]])
    assert math.nan not in source
    assert source[0, 0, ...] not in source
    assert source.count(np.float64(math.nan)) == 0


def test_a_comparison_that_takes_the_memory_away() -> None:
    class Equal:
        def __init__(self, action: Callable[[], object]) -> None:
            self.action = action

        def __eq__(self, other: object) -> bool:
            self.action()
            return False

        def __float__(self) -> float:
            return 0.0

        __hash__ = None  # type: ignore[assignment]

    uses: list[Callable[[Any, Any], object]] = [lambda m, x: x in m, lambda m, x: m.count(x), lambda m, x: m.index(x)]
    for use in uses:
        view = View(bytearray(4)).cast("B", (2, 2))
        with pytest.raises(ValueError, match="released"):
            use(view, Equal(view.release))
        grown = array([1, 2, 3])
        with pytest.raises(ValueError, match="not found") if use is uses[2] else _nothing():
            use(grown, Equal(lambda a=grown: a.resize(1)))
        assert grown.tolist() == [1]


def test_a_bound_that_takes_the_memory_away() -> None:
    class Bound:
        def __init__(self, action: Callable[[], object]) -> None:
            self.action = action

        def __index__(self) -> int:
            self.action()
            return 0

    for find in ["index", "find", "rfind"]:
        view = View(bytearray(b"abc"))
        with pytest.raises(ValueError, match="released"):
            getattr(view, find)(b"b", Bound(view.release))
        shrunk = array(b"abc", "B")
        if find == "index":
            with pytest.raises(ValueError, match="not found"):
                shrunk.index(99, Bound(lambda a=shrunk: a.resize(1)))
        else:
            assert getattr(shrunk, find)(b"c", Bound(lambda a=shrunk: a.resize(1))) == -1


class _nothing:  # noqa: N801
    def __enter__(self) -> None: ...
    def __exit__(self, *_: object) -> None: ...


WORDS = st.binary(max_size=40) | st.lists(st.sampled_from(b"ab"), max_size=60).map(bytes)
BOUNDS = st.none() | st.integers(-70, 70)


@given(
    text=WORDS,
    sought=st.binary(max_size=3) | st.lists(st.sampled_from(b"ab"), max_size=6).map(bytes),
    bounds=st.lists(BOUNDS.map(lambda b: 0 if b is None else b), max_size=2),
    step=st.sampled_from([1, 1, 2, -1, -3]),
    form=st.sampled_from("Bbc"),
)
@example(text=b"abc", sought=b"", bounds=[4], step=1, form="B")
@example(text=b"abc", sought=b"", bounds=[2, 1], step=1, form="B")
def test_bytes_are_found_as_in_bytes(text: bytes, sought: bytes, bounds: list[int], step: int, form: str) -> None:
    expected = text[::step]
    view = View(text).cast(form)[::step]
    for value in [sought, bytearray(sought), View(sought).cast("c")]:
        assert view.find(value, *bounds) == expected.find(sought, *bounds)
        assert view.rfind(value, *bounds) == expected.rfind(sought, *bounds)
        assert (value in view) == (sought in expected)
        assert view.count(value) == expected.count(sought)
        if expected.find(sought, *bounds) >= 0:
            assert view.index(value, *bounds) == expected.index(sought, *bounds)
        else:
            with pytest.raises(ValueError, match="not found"):
                view.index(value, *bounds)
    for byte in [97, 0, 255]:
        assert view.find(byte, *bounds) == expected.find(byte, *bounds)
        assert view.rfind(byte, *bounds) == expected.rfind(byte, *bounds)


@pytest.mark.parametrize("length", [1, 2, 3, 127, 128, 129, 5000, 2_000_000])
def test_bytes_are_found_in_long_memory_at_either_end(length: int) -> None:
    text = bytearray(b"." * length)
    for place in {0, length // 2, length - 1}:
        word = b"xyz"[: length - place]
        text[place : place + len(word)] = word
        view = View(text)
        assert view.find(word) == view.rfind(word) == place
        assert view[::-1].find(word[::-1]) == length - place - len(word)
        view.release()
        text[place : place + len(word)] = b"." * len(word)


@pytest.mark.parametrize("unit", [b"a", b"ab", b"aab"])
def test_bytes_that_nearly_match_everywhere_take_linear_time(unit: bytes) -> None:
    """Comparing at each position would take 10**10 steps."""
    text = unit * 100_000 + b"c"
    for sought in [unit * 50_000 + b"c", b"c" + unit * 50_000, unit * 40_000 + b"d" + unit * 40_000]:
        assert View(text).find(sought) == text.find(sought)
        assert View(text).rfind(sought) == text.rfind(sought)


def test_only_bytes_are_found() -> None:
    for memory in [zeros(3), zeros((2, 2), "B"), zeros(2, "3s"), zeros(3, "?")]:
        with pytest.raises(TypeError, match="bytes are found in one dimension of format"):
            memory.find(b"a")
    with pytest.raises(TypeError, match="a bytes-like object or an integer is needed, not str"):
        View(b"abc").find("a")  # type: ignore[arg-type]
    for value in [256, -1, 2**70]:
        with pytest.raises(ValueError, match=r"range\(0, 256\)|too large|fit"):
            View(b"abc").find(value)
    # No bytes, and nothing that a number could equal.
    assert zeros(2, "H") not in View(b"\0\0\0\0")
    assert b"\0" not in zeros(2)


@given(data=st.data())
def test_a_mismatch_is_where_numpy_sees_the_first(data: st.DataObject) -> None:
    a = data.draw(arrays())
    b = data.draw(arrays(shape=a.shape))
    if data.draw(st.booleans()):
        b = np.array(a.copy(), order=data.draw(st.sampled_from("CF")))
        if b.size and data.draw(st.booleans()):
            b[tuple(data.draw(st.integers(0, n - 1)) for n in b.shape)] += np.array(1).astype(b.dtype)
    with np.errstate(all="ignore"):
        where = [i for i in np.ndindex(a.shape) if a[i].item() != b[i].item()]
    expected = None if not where else where[0][0] if a.ndim == 1 else where[0]
    assert mismatch(a, b) == mismatch(View(b), array(a)) == expected
    assert (expected is None) == (View(a) == b)


@pytest.mark.parametrize("shape", [(3_000_000,), (1500, 2000), (1, 3, 1, 1_000_000), (1_000_000, 3)])
def test_a_mismatch_of_long_buffers_of_different_formats(shape: tuple[int, ...]) -> None:
    a = zeros(shape, "B")
    b = zeros(shape, ">h", order="F")
    assert mismatch(a, b) is None
    for number in [0, 1, 16383, 16384, 2_345_678, 2_999_999]:
        index = np.unravel_index(number, shape)
        position = tuple(int(i) for i in index)
        b[position] = 7
        assert mismatch(a, b) == (position if len(shape) > 1 else position[0])
        # The first of two counts.
        b[tuple(n - 1 for n in shape)] = 7
        assert mismatch(a, b) == (position if len(shape) > 1 else position[0])
        b[...] = 0


def test_a_mismatch_of_anything() -> None:
    assert mismatch(b"banana", b"bandit") == 3
    assert mismatch(array([1, 2]), array([1.0, 2.0])) is None
    assert mismatch(array([math.nan]), array([math.nan])) == 0
    assert mismatch(array([-0.0]), array([0])) is None
    assert mismatch(array(1), array(2)) == ()
    assert mismatch(array(1), array(1)) is None
    assert mismatch(zeros((3, 0)), zeros((3, 0))) is None
    records = array([(1, 2.5), (3, 4.5)], "T{i:x:d:y:}")
    other = records.copy()
    assert mismatch(records, other) is None
    other[1] = (3, 4.75)
    assert mismatch(records, other) == 1
    assert mismatch(array([[b"ab", b"c"]], "2s"), array([[b"ab", b"d"]], "3s")) == (0, 0)
    flags = testing.ND_PIL
    pointers = testing.ndarray([1, 2, 3, 4], (2, 2), format="i", flags=flags)
    assert mismatch(pointers, array([[1, 2], [3, 5]])) == (1, 1)
    with pytest.raises(ValueError, match=r"shape \(2,\) cannot be compared with shape \(3,\)"):
        mismatch(b"ab", b"abc")
    with pytest.raises(TypeError):
        mismatch(b"ab", "ab")  # type: ignore[arg-type]
    objects = np.array([None])
    with pytest.raises(NotImplementedError):
        mismatch(objects, objects)


@pytest.mark.skipif(sysconfig.get_config_var("Py_GIL_DISABLED"), reason="other threads run anyway")
@pytest.mark.parametrize("search", ["mismatch", "find", "count"])
def test_a_long_search_lets_other_threads_run(search: str) -> None:
    memory = zeros(64 << 20, "B")
    other = zeros(64 << 20, "b")
    searches: dict[str, Callable[[], object]] = {
        "mismatch": lambda: mismatch(memory, other),
        "find": lambda: memory.find(b"ab"),
        "count": lambda: memory.count(1),
    }
    is_searching = was_seen = is_done = False

    def look() -> None:
        nonlocal was_seen
        while not is_done:
            was_seen = was_seen or is_searching
            time.sleep(0.0001)

    interval = sys.getswitchinterval()
    # No thread gives way but by itself.
    sys.setswitchinterval(1000)
    try:
        thread = threading.Thread(target=look)
        thread.start()
        for _ in range(500):
            is_searching = True
            searches[search]()
            is_searching = False
            if was_seen:
                break
        is_done = True
        thread.join()
    finally:
        sys.setswitchinterval(interval)
    assert was_seen
