# SPDX-License-Identifier: Apache-2.0
"""Assignment to any part of a View writes what NumPy's assignment writes, and nothing else."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import swiftbuffer as sb
from swiftbuffer import View, array
from view_layouts import NUMBERS, arrays, indices

Shape = tuple[int, ...]


def base_of(part: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """The contiguous array whose memory another is a part of."""
    owner: Any = part
    while owner.base is not None:
        owner = owner.base
    assert isinstance(owner, np.ndarray)
    return owner


@st.composite
def broadcasting(draw: st.DrawFn, shape: Shape) -> Shape:
    """Shapes that broadcast to `shape`, as View has it: one axis on another must be equally long."""
    source = shape[draw(st.integers(0, len(shape))) :]
    source = tuple(draw(st.sampled_from([n, 1])) for n in source)
    return source if len(shape) != 1 or len(source) != 1 else shape


@given(st.data())
def test_buffers_that_broadcast_are_written_as_by_numpy(data: st.DataObject) -> None:
    target = data.draw(arrays(repeats=False))
    index = data.draw(indices(target.shape).filter(lambda index: isinstance(target[index], np.ndarray)))
    shape = data.draw(broadcasting(target[index].shape))
    source = data.draw(arrays(dtypes=st.just(target.dtype.str), shape=shape, first=50))
    expected = target.copy()
    expected[index] = source
    View(target)[index] = View(source) if data.draw(st.booleans()) else source
    assert target.tolist() == expected.tolist()


@given(st.data())
def test_only_the_selected_items_are_written(data: st.DataObject) -> None:
    target = data.draw(arrays(dtypes=st.sampled_from("BHd"), repeats=False))
    memory = base_of(target)
    index = data.draw(indices(target.shape))
    before = memory.copy()
    View(target)[index] = 98  # no item has this value
    after = memory.copy()
    target[index] = 98
    assert after.tolist() == memory.tolist()
    assert np.count_nonzero(after != before) == np.asarray(target[index]).size


@given(st.data())
def test_scalars_fill_what_is_selected(data: st.DataObject) -> None:
    target = data.draw(arrays(repeats=False))
    index = data.draw(indices(target.shape))
    value = data.draw(st.integers(0, 1 if target.dtype.char == "?" else 100))
    value = bool(value) if target.dtype.char == "?" else value
    expected = target.copy()
    expected[index] = value
    View(target)[index] = value
    assert target.tolist() == expected.tolist()


@given(st.data())
def test_nested_lists_and_tuples_are_written(data: st.DataObject) -> None:
    target = data.draw(arrays(dtypes=st.sampled_from("?bHiqdD"), repeats=False))
    index = data.draw(indices(target.shape).filter(lambda index: np.asarray(target[index]).ndim > 0))
    shape = data.draw(broadcasting(target[index].shape).filter(bool))
    source = data.draw(arrays(dtypes=st.just(target.dtype.char), shape=shape, first=50))
    nested = source.tolist()
    expected = target.copy()
    expected[index] = np.array(nested, target.dtype).reshape(source.shape)
    if 0 in shape[:-1]:
        return  # a list cannot say the lengths inside of an empty one
    View(target)[index] = data.draw(st.sampled_from([nested, tuple(nested)]))
    assert target.tolist() == expected.tolist()


@given(st.data())
def test_overlapping_source_and_target_are_as_if_copied_first(data: st.DataObject) -> None:
    whole = data.draw(arrays(dtypes=st.sampled_from("Bhid"), repeats=False))
    index = data.draw(indices(whole.shape).filter(lambda index: isinstance(whole[index], np.ndarray)))
    target = whole[index]
    # Another part of the same memory and shape: shifted, mirrored, transposed.
    ways = [target, target[tuple(slice(None, None, -1) for _ in target.shape)] if target.ndim else target]
    if target.ndim > 1 and len(set(target.shape)) == 1:
        ways.append(target.T)
    if target.ndim and target.shape[0] > 1:
        ways.append(np.broadcast_to(target[:1], target.shape) if target.ndim > 1 else target)
    source = data.draw(st.sampled_from(ways))
    expected = source.copy()
    View(whole)[index] = View(source)
    assert target.tolist() == expected.tolist()


@given(st.integers(0, 12), st.integers(0, 12), st.integers(0, 12), st.sampled_from("BHIQ"))
def test_shifts_inside_of_one_memory(start: int, other: int, count: int, dtype: str) -> None:
    memory = np.arange(24).astype(dtype)
    expected = memory.copy()
    expected[start : start + count] = memory[other : other + count].copy()
    view = View(memory)
    view[start : start + count] = view[other : other + count]
    assert memory.tolist() == expected.tolist()


def test_one_dimensional_source_and_target_have_equal_length_as_in_memoryview() -> None:
    data = bytearray(b"abcdef")
    for view in [View(data), memoryview(data)]:
        for source in [b"", b"x", b"xy"]:
            with pytest.raises(ValueError):  # noqa: PT011
                view[1:4] = source
    with pytest.raises(ValueError, match="1 items to a slice of 3"):
        View(data)[1:4] = [1]
    assert data == b"abcdef"


@pytest.mark.parametrize("shape", [(4,), (2,), (3, 3), (3, 4, 1), (2, 3, 4)])
def test_shapes_that_do_not_broadcast_raise(shape: Shape) -> None:
    target = np.zeros((3, 5))
    with pytest.raises(ValueError, match="broadcast"):
        View(target)[...] = np.ones(shape)
    with pytest.raises(ValueError):  # noqa: PT011
        View(target)[...] = np.ones(shape).tolist()
    assert not target.any()


@pytest.mark.parametrize("theirs", [dtype for dtype in NUMBERS if dtype not in "d"])
def test_formats_that_differ_are_not_converted_in_silence(theirs: str) -> None:
    target = np.zeros(3, "d")
    source = np.ones(3, theirs)
    with pytest.raises(ValueError, match="format"):
        View(target)[:] = source
    assert not target.any()


@pytest.mark.parametrize(
    ("mine", "theirs"), [("i", "=i"), ("i", "@i"), ("l", "q"), ("L", "=Q"), ("<h", "h"), ("B", "=B"), ("2h", "hh")]
)
def test_formats_that_describe_the_same_items_are_the_same(mine: str, theirs: str) -> None:
    target = bytearray(16)
    source = bytes(range(16))
    View(target).cast(mine)[...] = View(source).cast(theirs)
    assert target == source


def test_ragged_and_wrong_nested_sequences_raise_and_write_nothing() -> None:
    target = np.zeros((2, 3), "i")
    view = View(target)
    for nested in [[[1, 2, 3], [4, 5]], [[1, 2, 3], 4], [[[1]] * 3] * 2, [[1, 2, "x"]] * 2, [[1, 2, 2**40]] * 2]:
        with pytest.raises((ValueError, TypeError)):
            view[...] = nested
    assert not target.any()


def test_values_of_the_wrong_kind_raise_as_in_memoryview() -> None:
    data = bytearray(4)
    for value, error in [("x", TypeError), (1.5, TypeError), (None, TypeError), (256, ValueError), (-1, ValueError)]:
        for view in [View(data), memoryview(data)]:
            with pytest.raises(error):
                view[1] = value
        with pytest.raises(error):
            View(data)[1:3] = value  # type: ignore[call-overload]
    assert data == bytes(4)


@pytest.mark.parametrize("value", [np.int16(7), np.uint64(7), np.array(7), np.arange(9)[7], sb.array(7, "b")])
@pytest.mark.parametrize("form", "hiqdg")
def test_memory_without_dimensions_is_assigned_as_one_value(form: str, value: Any) -> None:
    memory = sb.zeros((2, 3), form)
    memory[:, 1:] = value
    assert memory.tolist() == [[0, 7, 7]] * 2
    one = sb.zeros(3, form)
    one[...] = value
    assert one.tolist() == [7] * 3


def test_such_a_value_is_held_to_what_one_item_takes() -> None:
    memory = sb.array([1, 2], "i")
    for value in (np.float64(1.5), np.float32(2), np.array(1j)):
        with pytest.raises(TypeError, match="expected an int"):
            memory[...] = value
    with pytest.raises(ValueError, match="invalid value for format 'i'"):
        memory[...] = np.int64(2**40)
    with pytest.raises(ValueError, match="structures differ"):
        memory[...] = np.zeros(2, "i,i")
    with pytest.raises(ValueError, match=r"copy_from\(..., 'unsafe'\) converts numbers"):
        memory[...] = np.zeros(2)
    assert memory.tolist() == [1, 2]


@pytest.mark.parametrize("form", ["3s", "4p"])
def test_bytes_are_one_item_where_items_are_bytes(form: str) -> None:
    memory = sb.array([b"abc", b"de"], form)
    memory[:] = b"xy"
    assert [item.rstrip(b"\0") for item in memory.tolist()] == [b"xy"] * 2
    with pytest.raises(ValueError, match="4 bytes do not fit in 3"):
        memory[:] = b"wxyz"
    records = sb.zeros(2, f"T{{{form}:name:i:number:}}")
    records["name"] = b"ab"
    assert [item.name.rstrip(b"\0") for item in records.tolist()] == [b"ab"] * 2
    # A buffer of such items is still that.
    memory[...] = sb.array([b"1", b"2"], form)
    assert [item.rstrip(b"\0") for item in memory.tolist()] == [b"1", b"2"]


def test_read_only_memory_is_not_written() -> None:
    for view in [
        View(b"abcd"),
        View(bytearray(b"abcd")).toreadonly(),
        View(b"abcd").cast("H"),
        View(array([1], "B", readonly=True)),
    ]:
        for index in [0, slice(None), ..., slice(0, 0)]:
            with pytest.raises(TypeError, match="read-only"):
                view[index] = 0


def test_items_of_a_view_cannot_be_deleted() -> None:
    view = View(bytearray(4))
    for index in [0, slice(None), ...]:
        with pytest.raises(TypeError, match="delete"):
            del view[index]


# -- Pointers (suboffsets) ---------------------------------------------------------------------------------------------


@given(st.data())
def test_memory_of_pointers_is_written_as_any_other(data: st.DataObject) -> None:
    exporters = pytest.importorskip("_testbuffer")
    shape = tuple(data.draw(st.lists(st.integers(1, 3), min_size=2, max_size=4)))
    items = list(range(int(np.prod(shape))))
    expected = np.array(items, "i").reshape(shape)
    flags = exporters.ND_PIL | exporters.ND_WRITABLE
    exporter = exporters.ndarray(items, shape=list(shape), format="i", flags=flags)
    index = data.draw(indices(shape))
    if isinstance(expected[index], np.ndarray):
        source = data.draw(arrays(dtypes=st.just("i"), shape=expected[index].shape, first=50))
        expected[index] = source
        View(exporter)[index] = source
    else:
        expected[index] = -5
        View(exporter)[index] = -5
    assert exporter.tolist() == expected.tolist()
