# SPDX-License-Identifier: Apache-2.0
"""copy, copy_to, copy_from, astype, byteswap and fill: the items of one layout or format in another."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from swiftbuffer import Array, View, array, zeros
from view_layouts import NUMBERS, arrays, shapes

Numbers = np.ndarray[Any, Any]
INTEGERS = [*"bBhHiIqQ", ">i2", "<u4"]
NATIVE = [*"bBhHiIlLqQefdFD"]


@given(arrays(), st.sampled_from("CFA"))
def test_copies_are_writable_arrays_in_the_order_asked_for(source: Numbers, order: str) -> None:
    result = View(source).copy(order)  # type: ignore[arg-type]
    expected = source.copy(order)  # type: ignore[call-overload]
    assert isinstance(result, Array)
    assert not result.readonly
    assert (result.shape, result.tolist()) == (expected.shape, expected.tolist())
    assert result.tobytes() == expected.tobytes()
    assert result.f_contiguous if order == "F" else result.contiguous
    assert not np.shares_memory(np.asarray(result), source)


@given(arrays(), st.sampled_from(["C", "F", "A", None]))
def test_bytes_are_in_the_order_asked_for(source: Numbers, order: str | None) -> None:
    assert View(source).tobytes(order) == source.tobytes(order)  # type: ignore[arg-type]
    assert View(source).hex() == source.tobytes().hex()


@given(st.binary(max_size=20), st.sampled_from([None, ":", b"-", "é"]), st.integers(-5, 5))
def test_hex_is_that_of_bytes(data: bytes, separator: Any, group: int) -> None:
    arguments = () if separator is None else (separator, group)
    try:
        expected = data.hex(*arguments)
    except ValueError:
        with pytest.raises(ValueError, match="sep must be ASCII"):
            View(data).hex(*arguments)
        return
    assert View(data).hex(*arguments) == expected
    assert View(data[::-1])[::-1].hex(*arguments) == expected


@given(st.data())
def test_items_are_copied_between_any_two_layouts(data: st.DataObject) -> None:
    shape = data.draw(shapes())
    dtype = data.draw(st.sampled_from(NUMBERS))
    source = data.draw(arrays(dtypes=st.just(dtype), shape=shape, first=30))
    target = data.draw(arrays(dtypes=st.just(dtype), shape=shape, repeats=False))
    if data.draw(st.booleans()):
        View(source).copy_to(target)
    else:
        View(target).copy_from(source)
    assert target.tolist() == source.tolist()


def test_only_equal_shapes_and_formats_are_copied() -> None:
    target = np.zeros((2, 3))
    for source in [np.ones(3), np.ones((1, 3)), np.ones((3, 2)), np.ones((2, 3), "f"), np.ones((2, 3), ">f8")]:
        with pytest.raises(ValueError, match="cannot"):
            View(target).copy_from(source)
        with pytest.raises(ValueError, match="cannot"):
            View(source).copy_to(target)
    assert not target.any()
    for wrong in [[[1.0] * 3] * 2, 5, "x"]:
        with pytest.raises(TypeError):
            View(target).copy_from(wrong)  # type: ignore[arg-type]
        with pytest.raises(TypeError):
            View(target).copy_to(wrong)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="read-only"):
        View(b"abc").copy_to(b"abc")
    with pytest.raises(TypeError, match="read-only"):
        View(b"abc").copy_from(b"abc")


@given(st.data())
def test_overlapping_copies_are_as_if_copied_first(data: st.DataObject) -> None:
    memory = np.arange(40, dtype=data.draw(st.sampled_from("BHId")))
    step, other = data.draw(st.tuples(st.sampled_from([1, 2, -1, -3]), st.sampled_from([1, 2, -1, -3])))
    target, source = memory[::step], memory[::other]
    count = min(len(target), len(source))
    first, second = data.draw(st.integers(0, len(target) - count)), data.draw(st.integers(0, len(source) - count))
    target, source = target[first : first + count], source[second : second + count]
    expected = source.tolist()
    View(source).copy_to(target)
    assert target.tolist() == expected


@given(st.data())
def test_copies_convert_with_a_casting_rule(data: st.DataObject) -> None:
    shape = data.draw(shapes())
    old, new = data.draw(st.sampled_from(NATIVE + INTEGERS)), data.draw(st.sampled_from(NATIVE + INTEGERS))
    assume(np.dtype(old).kind != "c" or np.dtype(new).kind == "c")
    source = data.draw(arrays(dtypes=st.just(old), shape=shape))
    target = data.draw(arrays(dtypes=st.just(new), shape=shape, repeats=False))
    expected = source.astype(new)
    if data.draw(st.booleans()):
        View(source).copy_to(target, casting="unsafe")
    else:
        View(target).copy_from(source, casting="unsafe")
    assert target.tobytes() == expected.tobytes()


@given(st.data())
def test_overlapping_conversions_are_as_if_copied_first(data: st.DataObject) -> None:
    old, new = data.draw(st.sampled_from("BHIdf")), data.draw(st.sampled_from("BHIdf"))
    memory = np.zeros(320, "B")
    items = memory[: 40 * np.dtype(old).itemsize].view(old)
    items[:] = np.arange(40)
    start = data.draw(st.integers(0, 8)) * 8
    source = items[:: data.draw(st.sampled_from([1, 2, -1]))]
    target = memory[start : start + 30 * np.dtype(new).itemsize].view(new)[:: data.draw(st.sampled_from([1, -1]))]
    count = min(len(target), len(source))
    expected = source[:count].astype(new).tolist()
    View(target[:count]).copy_from(source[:count], casting="unsafe")
    assert target[:count].tolist() == expected


def test_a_copy_that_is_to_be_exact_refuses_what_would_be_lost() -> None:
    target = np.zeros(3, "B")
    View(np.array([1.0, 2.0, 255.0])).copy_to(target, casting="exact")
    assert target.tolist() == [1, 2, 255]
    for values, index in (([1.0, 2.5, 3.0], 1), ([1.0, 2.0, 256.0], 2)):
        with pytest.raises(ValueError, match=f"item {index}"):
            View(target).copy_from(np.array(values), casting="exact")


def test_a_copy_converts_only_numbers_of_the_same_shape_in_a_known_way() -> None:
    target = zeros(3, "f")
    with pytest.raises(ValueError, match="'unsafe' or 'exact', not 'safe'"):
        target.copy_from(b"abc", casting="safe")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="cannot copy shape"):
        target.copy_from(b"abcd", casting="unsafe")
    with pytest.raises(TypeError, match="only numbers convert"):
        target.copy_from(np.array(["a", "b", "c"], "S1"), casting="unsafe")
    with pytest.raises(TypeError, match="read-only"):
        target.copy_to(b"abc", casting="unsafe")
    with pytest.raises(ValueError, match=r"copy_from.* converts numbers"):
        target.copy_from(b"abc", casting=None)
    assert target.tolist() == [0.0] * 3


# -- astype ------------------------------------------------------------------------------------------------------------


@given(st.data())
def test_numbers_become_other_numbers_as_in_numpy(data: st.DataObject) -> None:
    source = data.draw(arrays(dtypes=st.sampled_from(NATIVE + INTEGERS)))
    new = data.draw(st.sampled_from(NATIVE + INTEGERS))
    assume(source.dtype.kind != "c" or np.dtype(new).kind == "c")
    order = data.draw(st.sampled_from("CFA"))
    result = View(source).astype(new[0] + np.dtype(new).char if new[0] in "<>" else np_format(new), order=order)
    expected = source.astype(new, order=order)
    assert (result.shape, result.tolist()) == (expected.shape, expected.tolist())
    assert result.tobytes() == expected.tobytes()


def np_format(code: str) -> str:
    """The format of the buffer protocol for NumPy's code."""
    return {"F": "Zf", "D": "Zd", ">i2": ">h", "<u4": "<I"}.get(code, code)


@given(st.lists(st.integers(-(2**63), 2**63 - 1), min_size=1, max_size=20), st.sampled_from("bBhHiIqQ"))
def test_integers_wrap_around_as_in_c(values: list[int], new: str) -> None:
    source = np.array(values, "q")
    assert View(source).astype(new).tolist() == source.astype(new).tolist()


@given(st.lists(st.floats(), min_size=1, max_size=20), st.sampled_from("efd"))
def test_floats_are_rounded_as_in_numpy(values: list[float], new: str) -> None:
    source = np.array(values, "d")
    with np.errstate(over="ignore"):
        expected = source.astype(new)
    result = np.asarray(View(source).astype(new))
    assert np.array_equal(result, expected, equal_nan=True)


@given(st.lists(st.floats(-(2.0**62), 2.0**62), max_size=9), st.sampled_from("qd"))
def test_floats_are_cut_off_to_integers(values: list[float], new: str) -> None:
    source = np.array(values, "d")
    assert View(source).astype(new).tolist() == source.astype(new).tolist()


@pytest.mark.parametrize("count", [1, 7, 64, 1000])
def test_floats_out_of_range_become_the_nearest_integer(count: int) -> None:
    source = array([1e30, -1e30, float("inf"), float("-inf"), float("nan"), 127.9] * count)
    assert source.astype("b").tolist() == [127, -128, 127, -128, 0, 127] * count
    assert View(source).astype("Q").tolist()[:5] == [2**64 - 1, 0, 2**64 - 1, 0, 0]


@given(st.data())
def test_exact_casting_refuses_what_would_not_come_back(data: st.DataObject) -> None:
    old = data.draw(st.sampled_from("bBhHiIqQfd"))
    new = data.draw(st.sampled_from("bBhHiIqQfd"))
    kind = np.dtype(old).kind
    if kind == "f":
        values = data.draw(st.lists(st.floats(width=32) | st.integers(-9, 300).map(float), min_size=1, max_size=4))
    else:
        info = np.iinfo(old)
        small = st.integers(max(int(info.min), -9), min(int(info.max), 300))
        values = data.draw(st.lists(st.integers(int(info.min), int(info.max)) | small, min_size=1, max_size=4))
    source = np.array(values, old)

    def survives(value: Any) -> bool:
        # Python's own comparison of int and float is exact.
        if np.dtype(new).kind == "f":
            return value != value or float(np.dtype(new).type(value)) == value
        info = np.iinfo(new)
        return value == value and abs(value) != float("inf") and int(value) == value and info.min <= value <= info.max

    with np.errstate(all="ignore"):
        fits = [survives(value) for value in source.tolist()]
    if all(fits):
        result = View(source).astype(new, casting="exact")
        assert repr([float(x) for x in result.tolist()]) == repr([float(x) for x in source.tolist()]) or 0.0 in values
    else:
        with pytest.raises(ValueError, match=f"item {fits.index(False)}"):
            View(source).astype(new, casting="exact")


def test_only_numbers_convert() -> None:
    with pytest.raises(TypeError, match="only numbers"):
        View(bytes(4)).cast("2s").astype("i")
    with pytest.raises(TypeError, match="only numbers"):
        View(bytes(4)).astype("T{B:a:}")
    with pytest.raises(ValueError, match="format"):
        View(bytes(4)).astype("?!j")
    with pytest.raises(ValueError, match="casting"):
        View(bytes(4)).astype("i", casting="safe")  # type: ignore[arg-type]
    assert View(b"abcd").cast("2s").astype("2s").tolist() == [b"ab", b"cd"]


# -- In place ----------------------------------------------------------------------------------------------------------


@given(arrays(repeats=False))
def test_bytes_of_numbers_are_swapped_in_place(source: Numbers) -> None:
    expected = source.byteswap()
    View(source).byteswap()
    assert source.tobytes() == expected.tobytes()


@given(arrays(repeats=False), st.integers(0, 1))
def test_fill_writes_one_value_everywhere(source: Numbers, value: int) -> None:
    number = bool(value) if source.dtype.char == "?" else value
    View(source).fill(number)
    assert np.all(source == value)


def test_structures_are_filled_and_swapped() -> None:
    view = View(bytearray(8)).cast("T{H:a:H:b:}")
    view.fill((1, 2))
    assert view.tolist() == [(1, 2), (1, 2)]
    view.byteswap()
    assert view.tolist() == [(256, 512), (256, 512)]
    with pytest.raises(TypeError, match="read-only"):
        View(b"ab").fill(1)
    with pytest.raises(TypeError, match="read-only"):
        View(b"ab").byteswap()


# -- Pickling and the copy module --------------------------------------------------------------------------------------


@given(arrays(), st.integers(0, pickle.HIGHEST_PROTOCOL))
def test_views_are_pickled_as_arrays(source: Numbers, protocol: int) -> None:
    result = pickle.loads(pickle.dumps(View(source), protocol))
    assert isinstance(result, Array)
    assert (result.format, result.shape, result.tolist()) == (View(source).format, source.shape, source.tolist())
    assert result.readonly == (not source.flags.writeable)


def test_memory_travels_out_of_band_without_a_copy() -> None:
    source = np.arange(100000.0)
    buffers: list[pickle.PickleBuffer] = []
    stream = pickle.dumps(View(source), 5, buffer_callback=buffers.append)
    assert len(stream) < 500
    assert len(buffers) == 1
    assert np.shares_memory(np.frombuffer(buffers[0].raw(), "d"), source)
    assert pickle.loads(stream, buffers=buffers) == View(source)


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
@pytest.mark.parametrize("format_", ["T{<h:x:(2)B:y:}", "Zd", "3s", "w"])
def test_every_format_is_pickled(format_: str, protocol: int) -> None:
    view = View(bytes(48)).cast(format_)
    result = pickle.loads(pickle.dumps(view, protocol))
    assert (result.format, result.tobytes(), result.shape) == (format_, view.tobytes(), view.shape)


def test_structures_that_are_not_contiguous_are_pickled() -> None:
    view = View(bytes(range(16))).cast("T{H:a:H:b:}")[::2]
    for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
        assert pickle.loads(pickle.dumps(view, protocol)).tolist() == view.tolist()


@given(arrays())
def test_the_copy_module_makes_arrays(source: Numbers) -> None:
    for result in [copy.copy(View(source)), copy.deepcopy(View(source))]:
        assert isinstance(result, Array)
        assert not result.readonly
        assert result.tolist() == source.tolist()
        assert not np.shares_memory(np.asarray(result), source)


def test_large_memory_is_copied_and_converted_in_any_layout() -> None:
    source = np.arange(1 << 20, dtype="i").reshape(1024, 1024)
    target = zeros((1024, 1024), "i")
    View(source).T.copy_to(target)
    assert np.array_equal(np.asarray(target), source.T)
    assert np.array_equal(np.asarray(View(source)[::2, ::-1].astype("d")), source[::2, ::-1].astype("d"))
    view = View(source)
    expected = source.T.copy()
    view[...] = view.T
    assert np.array_equal(source, expected)
