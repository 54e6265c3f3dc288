# SPDX-License-Identifier: Apache-2.0
"""cast agrees with memoryview where that allows it, and with `numpy.ndarray.view` elsewhere."""

from __future__ import annotations

import sys
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from swiftbuffer import View
from view_layouts import address_of, arrays, assert_shows

# memoryview knows halves since 3.12.
NATIVE = "?bBhHiIlLqQnNfdc" + ("e" if sys.version_info >= (3, 12) else "")


@given(st.binary(max_size=48), st.sampled_from(NATIVE), st.sampled_from(NATIVE))
def test_one_dimension_is_cast_as_by_memoryview(data: bytes, first: str, second: str) -> None:
    view, reference = View(data), memoryview(data)
    for format_ in [first, "B", second]:
        try:
            expected = reference.cast(format_)
        except TypeError:
            with pytest.raises(TypeError):
                view.cast(format_)
            continue
        view = view.cast(format_)
        assert (view.format, view.itemsize, view.shape) == (format_, expected.itemsize, expected.shape)
        assert view.tobytes() == expected.tobytes()
        assert repr(view.tolist()) == repr(expected.tolist())
        reference = expected


@given(st.data())
def test_shapes_are_cast_as_by_memoryview(data: st.DataObject) -> None:
    shape = tuple(data.draw(st.lists(st.integers(1, 4), max_size=4)))
    format_ = data.draw(st.sampled_from("bHid"))
    size = int(np.prod(shape, dtype=int)) * np.dtype(format_).itemsize
    memory = bytes(range(97, 97 + size)) if size < 150 else bytes(size)
    expected = memoryview(memory).cast(format_, shape)
    view = View(memory).cast(format_, shape)
    assert (view.shape, view.strides, view.tolist()) == (expected.shape, expected.strides, expected.tolist())
    assert view.cast("B").tobytes() == memory
    for wrong in [(*shape, 2), (*shape, 0), (3, *shape)]:
        for refusing in [View(memory), memoryview(memory)]:
            with pytest.raises((TypeError, ValueError)):
                refusing.cast(format_, wrong)


@given(st.data())
def test_last_axis_is_cast_as_by_numpy(data: st.DataObject) -> None:
    array = data.draw(arrays(dtypes=st.sampled_from("BHId"), repeats=False))
    assume(array.ndim and array.size)
    new = data.draw(st.sampled_from("BHIdq"))
    if array.flags.forc:
        # In one dimension, as by memoryview.
        array = array if array.flags.c_contiguous else array.T
        expected = array.reshape(-1).view("B")[: array.nbytes // np.dtype(new).itemsize * np.dtype(new).itemsize]
        if array.nbytes % np.dtype(new).itemsize:
            with pytest.raises(TypeError):
                View(array.T).cast(new)
        else:
            assert_shows(View(array.T).cast(new), expected.view(new))
            assert_shows(View(array).cast(new), expected.view(new))
        return
    try:
        expected = array.view(new)
    except ValueError:
        with pytest.raises((BufferError, TypeError)):
            View(array).cast(new)
        return
    assert_shows(View(array).cast(new), expected)


@given(st.data())
def test_fortran_order_counts_items_through_the_first_axis(data: st.DataObject) -> None:
    shape = tuple(data.draw(st.lists(st.integers(0, 4), min_size=1, max_size=4)))
    memory = np.arange(int(np.prod(shape)), dtype="i")
    assert_shows(View(memory).cast("i", shape, order="F"), memory.reshape(shape, order="F"))
    assert_shows(View(memory).cast("B").cast("i", shape, "F"), memory.reshape(shape, order="F"))
    again = View(memory).cast("i", shape, order="F").cast("i", memory.shape, order="F")
    assert_shows(again, memory)


def test_fortran_memory_is_cast_as_its_bytes_lie() -> None:
    """As CPython 3.16 has it in one dimension; more keep the order of the memory unless another one is asked for."""
    array = np.asfortranarray(np.arange(6, dtype="h").reshape(2, 3))
    view = View(array)
    for cast in [view.cast("h"), view.cast("h", (6,)), view.cast("h", (6,), "C"), view.cast("h", [-1], "F")]:
        assert cast.tolist() == [0, 3, 1, 4, 2, 5]
        assert address_of(np.asarray(cast)) == address_of(array)
    assert view.cast("B").tobytes() == array.tobytes("F")
    assert_shows(view.cast("H", (2, 3)), array.view("H"))
    assert_shows(view.cast("h", (3, 2), "C"), array.reshape(-1, order="F").reshape(3, 2))
    assert view.cast("B", (2, 2, 3)).strides == (1, 2, 4)
    assert View(np.ascontiguousarray(array)).cast("h", (3, 2), order="F").tolist() == [[0, 3], [1, 4], [2, 5]]
    with pytest.raises(BufferError, match="not contiguous, so only a copy could be cast"):
        view[:, ::2].cast("B", (8,))
    with pytest.raises(ValueError, match="order"):
        view.cast("h", (6,), "K")  # type: ignore[arg-type]


@given(st.data())
def test_one_length_of_a_shape_may_be_left_open(data: st.DataObject) -> None:
    shape = data.draw(st.lists(st.integers(0, 4), min_size=1, max_size=4))
    format_, order = data.draw(st.sampled_from("bHid")), data.draw(st.sampled_from("CF"))
    size = data.draw(st.integers(0, 6)) * data.draw(st.sampled_from([1, 2, 4, 8, 32]))
    axis = data.draw(st.integers(0, len(shape) - 1))
    shape[axis] = -1
    memory = bytes(n % 100 for n in range(size))
    try:
        expected = np.frombuffer(memory, format_).reshape(shape, order=order)
    except ValueError:
        with pytest.raises(TypeError, match=r"multiple of itemsize|cannot hold"):
            View(memory).cast(format_, shape, order)
        return
    assert_shows(View(memory).cast(format_, shape, order), expected)


def test_only_one_length_may_be_left_open() -> None:
    for shape, message in [((-1, -1), "only one can be -1"), ((-2, 4), "negative"), ((-1, -2), "negative")]:
        with pytest.raises(ValueError, match=message):
            View(bytes(8)).cast("B", shape)
    with pytest.raises(TypeError, match=r"shape \(3, -1\) cannot hold 4 items of 2 bytes, which 8 bytes are"):
        View(bytes(8)).cast("H", (3, -1))
    with pytest.raises(TypeError, match="7 bytes are not a multiple of itemsize 2"):
        View(bytes(7)).cast("H", (1, -1))


@given(st.data())
def test_an_offset_leaves_out_bytes_at_the_start(data: st.DataObject) -> None:
    memory = bytes(range(data.draw(st.integers(0, 40))))
    format_, offset = data.draw(st.sampled_from("bHid")), data.draw(st.integers(0, len(memory)))
    try:
        expected = np.frombuffer(memory, format_, offset=offset) if offset < len(memory) else np.ndarray(0, format_)
    except ValueError:
        with pytest.raises(TypeError, match="multiple"):
            View(memory).cast(format_, offset=offset)
        return
    assert_shows(View(memory).cast(format_, offset=offset), expected)
    shape = data.draw(st.lists(st.integers(0, 3), max_size=3))
    if int(np.prod(shape, dtype=int)) <= expected.size:
        order = data.draw(st.sampled_from("CF"))
        assert_shows(
            View(memory).cast(format_, shape, order, offset=offset),
            np.ndarray(shape, format_, memory, offset, order=order),
        )
    else:
        with pytest.raises(TypeError, match="takes"):
            View(memory).cast(format_, shape, offset=offset)


def test_an_offset_lies_in_the_memory() -> None:
    view = View(bytearray(range(12)))
    assert view.cast("H", (1,), offset=0).tolist() == [256]
    assert view.cast("B", offset=12).shape == (0,)
    assert view.cast("H", (-1, 2), offset=4).shape == (2, 2)
    assert view.cast("i", (), offset=4).tolist() == int.from_bytes(bytes(range(4, 8)), sys.byteorder)
    with pytest.raises(TypeError, match="takes 2 bytes, but there are 12"):
        view.cast("H", (1,))
    for offset in [-1, 13]:
        with pytest.raises(BufferError, match=f"offset {offset} is outside of the memory; 0 to 12 would work"):
            view.cast("B", offset=offset)
    with pytest.raises(OverflowError):
        view.cast("B", offset=2**70)
    with pytest.raises(TypeError):
        view.cast("B", offset=1.0)  # type: ignore[arg-type]
    with pytest.raises(BufferError, match="not contiguous"):
        view[::2].cast("B", offset=1)


def test_strides_place_items_anywhere_inside_of_the_memory() -> None:
    data = bytearray(range(12))
    view = View(data).cast("H", (3, 2), strides=(4, 1))
    assert view.strides == (4, 1)
    assert view.tolist() == np.lib.stride_tricks.as_strided(np.frombuffer(data, "H"), (3, 2), (4, 1)).tolist()
    view[1, 1] = 0xFFFF
    assert data == bytes([0, 1, 2, 3, 4, 0xFF, 0xFF, 7, 8, 9, 10, 11])
    assert View(data).cast("H", (2, 2), strides=(-4, -1), offset=5).tolist() == [
        [int.from_bytes(data[start : start + 2], sys.byteorder) for start in row] for row in [(5, 4), (1, 0)]
    ]
    for shape, strides in [((3, 2), (5, 1)), ((2,), (-1,)), ((2,), (2**61,)), ((7,), (2,))]:
        with pytest.raises(BufferError, match="memory"):
            View(data).cast("H", shape, strides=strides)
    with pytest.raises(ValueError, match="strides"):
        View(data).cast("H", (3, 2), strides=(4,))
    with pytest.raises(TypeError, match="shape"):
        View(data).cast("H", strides=(4,))
    with pytest.raises(OverflowError):
        View(data).cast("H", (2,), strides=(2**70,))


@pytest.mark.parametrize(
    ("format_", "size"),
    [("?", 1), ("<i", 4), (">d", 8), ("3s", 3), ("2h", 4), ("T{<h:x:xxd:y:}", 12), ("(2,2)B", 4), ("Zd", 16), ("w", 4)],
)
def test_every_format_is_cast_to_and_from(format_: str, size: int) -> None:
    view = View(bytearray(48))
    items = view.cast(format_)
    assert (items.format, items.itemsize, len(items)) == (format_, size, 48 // size)
    assert items.cast("B").shape == (48,)
    assert items.cast("B").obj is view.obj


@pytest.mark.parametrize(
    "arguments", [("T{",), ("ß",), ("iii!j",), ("9" * 30 + "i",), ("B", (2**62, 4)), ("B", (-1, -48)), ("B", (-48,))]
)
def test_items_that_cannot_be_read_raise(arguments: tuple[Any, ...]) -> None:
    with pytest.raises((ValueError, TypeError)):
        View(bytes(48)).cast(*arguments)


@pytest.mark.parametrize("arguments", [(5,), (b"B",), (None,), ("B", 48), ("B", "48"), ("B", {48}), ("B", (1.5, 2))])
def test_arguments_of_the_wrong_kind_raise_type_error(arguments: tuple[Any, ...]) -> None:
    for view in [View(bytes(48)), memoryview(bytes(48))]:
        with pytest.raises(TypeError):
            view.cast(*arguments)


@pytest.mark.parametrize("format_", ["", "0s", "0i"])
def test_items_without_bytes_need_a_shape(format_: str) -> None:
    with pytest.raises((TypeError, ValueError)):
        View(bytes(4)).cast(format_)


def test_memory_without_items_is_cast() -> None:
    assert View(b"").cast("d").shape == (0,)
    assert View(np.zeros((3, 0), "h")).cast("B").shape == (0,)
    assert View(b"").cast("i", (0, 5)).shape == (0, 5)
    assert View(b"").cast("i", (0, 5)).tolist() == []


def test_no_dimensions_are_cast() -> None:
    scalar = np.array(1.5)
    assert View(scalar).cast("B").tolist() == list(scalar.tobytes())
    assert View(scalar.tobytes()).cast("d", ()).tolist() == 1.5
    assert View(scalar.tobytes()).cast("d", [])[()] == 1.5


def test_toreadonly_shows_the_same_memory() -> None:
    data = bytearray(b"abc")
    view = View(data)
    locked = view.toreadonly()
    assert (locked.readonly, view.readonly) == (True, False)
    data[0] = 0
    assert locked.tolist() == [0, 98, 99]
    assert locked[1:].readonly
    assert locked.cast("b").readonly
    assert memoryview(locked).readonly
    assert locked.toreadonly().readonly
    with pytest.raises(BufferError):
        View.from_flags(locked, 1)
