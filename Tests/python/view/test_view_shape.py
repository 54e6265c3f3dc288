# SPDX-License-Identifier: Apache-2.0
"""reshape, transpose, squeeze, broadcast_to and as_strided: NumPy's results of the same memory, or an error, never a
silent copy."""

from __future__ import annotations

import ctypes
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from swiftbuffer import View
from view_layouts import address_of, arrays, assert_shows, shapes

Numbers = np.ndarray[Any, Any]


def reshaped_without_copy(array: Numbers, shape: tuple[int, ...], order: str) -> Numbers | None:
    """NumPy's reshape; None where it could only copy."""
    try:
        return np.reshape(array, shape, order=order, copy=False)  # type: ignore[call-overload, no-any-return]
    except ValueError as error:
        if "without creating a copy" not in str(error) and "copy" not in str(error):
            raise
        return None


@st.composite
def factorisations(draw: st.DrawFn, count: int) -> tuple[int, ...]:
    """Shapes with `count` items."""
    shape = []
    while count > 1 and len(shape) < 4:
        factor = draw(st.sampled_from([n for n in range(1, count + 1) if count % n == 0]))
        shape.append(factor)
        count //= factor
    return (*shape, count) if count != 1 or draw(st.booleans()) else tuple(shape)


@given(st.data())
def test_reshape_is_numpys_where_no_copy_is_needed(data: st.DataObject) -> None:
    array = data.draw(arrays(dtypes=st.sampled_from("Bd")))
    shape = data.draw(factorisations(array.size))
    order = data.draw(st.sampled_from("CFA"))
    expected = reshaped_without_copy(array, shape, order)
    if expected is None:
        with pytest.raises(BufferError, match="copy"):
            View(array).reshape(shape, order=order)
    else:
        assert_shows(View(array).reshape(shape, order=order), expected)


@given(st.data())
def test_one_length_is_found_from_the_others(data: st.DataObject) -> None:
    shape = data.draw(shapes().filter(lambda shape: 0 not in shape))
    array = np.arange(int(np.prod(shape, dtype=int))).reshape(shape)
    open_shape = list(data.draw(factorisations(array.size).filter(bool)))
    open_shape[data.draw(st.integers(0, len(open_shape) - 1))] = -1
    assert_shows(View(array).reshape(open_shape), array.reshape(open_shape))


def test_shapes_are_given_as_to_numpy() -> None:
    array = np.arange(24)
    view = View(array)
    for shape in [24, -1, (24,), [4, 6], (2, 3, 4), (np.int64(3), -1)]:
        assert_shows(view.reshape(shape), array.reshape(shape))  # type: ignore[arg-type]
    assert_shows(view.reshape(4, 6), array.reshape(4, 6))
    assert_shows(view.reshape(4, -1, order="F"), array.reshape(4, -1, order="F"))
    assert View(array[:1]).reshape(()).shape == ()


@pytest.mark.parametrize("shape", [(5, 5), (-1, -1), (-2, 12), (7, -1), (0, -1), (2**62, 4), (2**32, 2**32), 23, ()])
def test_shapes_of_another_size_raise(shape: Any) -> None:
    with pytest.raises(ValueError):  # noqa: PT011
        View(np.arange(24)).reshape(shape)


def test_shapes_without_items_stay_open_to_none() -> None:
    view = View(np.zeros((0, 3)))
    assert view.reshape((3, 0)).shape == (3, 0)
    assert view.reshape((3, -1)).shape == (3, 0)
    with pytest.raises(ValueError):  # noqa: PT011
        view.reshape((0, -1))


@given(st.data())
def test_transpose_is_numpys(data: st.DataObject) -> None:
    array = data.draw(arrays(dtypes=st.sampled_from("Bd")))
    view = View(array)
    axes = data.draw(st.permutations(range(array.ndim)))
    axes = [axis - array.ndim if data.draw(st.booleans()) else axis for axis in axes]
    assert_shows(view.T, array.T)
    assert_shows(view.transpose(), array.transpose())
    assert_shows(view.transpose(None), array.transpose(None))
    assert_shows(view.transpose(tuple(axes)), array.transpose(tuple(axes)))
    if axes:
        assert_shows(view.transpose(*axes), array.transpose(*axes))


@pytest.mark.parametrize("axes", [(0,), (0, 0), (0, 2), (0, 1, 2), (0, -3), (2**70, 0)])
def test_axes_that_are_no_ordering_raise(axes: Any) -> None:
    with pytest.raises((ValueError, OverflowError)):
        View(np.zeros((2, 3))).transpose(*axes)
    with pytest.raises((ValueError, OverflowError)):
        View(np.zeros((2, 3))).transpose(axes)


@given(st.data())
def test_squeeze_is_numpys(data: st.DataObject) -> None:
    shape = tuple(data.draw(st.lists(st.sampled_from([1, 1, 2, 3]), max_size=5)))
    array = data.draw(arrays(dtypes=st.just("h"), shape=shape))
    assert_shows(View(array).squeeze(), array.squeeze())
    ones = [axis for axis, n in enumerate(shape) if n == 1]
    if ones:
        some = data.draw(st.lists(st.sampled_from(ones), unique=True, min_size=1))
        assert_shows(View(array).squeeze(tuple(some)), array.squeeze(tuple(some)))
        assert_shows(View(array).squeeze(some[0] - len(shape)), array.squeeze(some[0] - len(shape)))
    for axis, n in enumerate(shape):
        if n != 1:
            with pytest.raises(ValueError, match="squeeze"):
                View(array).squeeze(axis)
    with pytest.raises((ValueError, IndexError)):
        View(array).squeeze(len(shape))


@given(st.data())
def test_broadcast_to_is_numpys_and_read_only(data: st.DataObject) -> None:
    array = data.draw(arrays(dtypes=st.sampled_from("Bd")))
    longer = tuple(data.draw(st.integers(1, 3)) if n == 1 else n for n in array.shape)
    shape = (*data.draw(st.lists(st.integers(0, 3), max_size=2)), *longer)
    view = View(array).broadcast_to(shape)
    assert_shows(view, np.broadcast_to(array, shape))
    assert view.readonly


@pytest.mark.parametrize("shape", [(), (3,), (2, 3), (4, 4), (2, 4, 1), (2, -1), (2, 2**62)])
def test_shapes_that_do_not_broadcast_raise(shape: Any) -> None:
    with pytest.raises(ValueError):  # noqa: PT011
        View(np.zeros((2, 4))).broadcast_to(shape)


@given(st.data())
def test_as_strided_reads_inside_of_the_memory_and_is_refused_outside(data: st.DataObject) -> None:
    array = data.draw(arrays(dtypes=st.sampled_from("Hd")))
    shape = tuple(data.draw(st.lists(st.integers(0, 4), max_size=3)))
    strides = tuple(data.draw(st.integers(-3, 3)) * array.itemsize for _ in shape)
    offset = data.draw(st.integers(-8, 8)) * array.itemsize // 2
    view = View(array)

    def reach(shape: tuple[int, ...], strides: tuple[int, ...]) -> tuple[int, int]:
        if 0 in shape:
            return 0, 0
        steps = [(n - 1) * stride for n, stride in zip(shape, strides, strict=True)]
        return sum(s for s in steps if s < 0), sum(s for s in steps if s > 0) + array.itemsize

    low, high = reach(shape, strides)
    memory_low, memory_high = reach(array.shape, array.strides)
    if offset + low < memory_low or offset + high > memory_high:
        first, last = memory_low - low, memory_high - high
        fitting = "no offset" if first > last else f"offset {first}" if first == last else f"from {first} to {last}"
        with pytest.raises(BufferError, match=f"; .*{fitting} would fit"):
            view.as_strided(shape, strides, offset)
        return
    result = view.as_strided(shape, strides, offset)
    assert (result.shape, result.strides, result.format) == (shape, strides, view.format)
    expected = np.zeros(shape, array.dtype)
    for index in np.ndindex(*shape):
        place = address_of(array) + offset + sum(n * stride for n, stride in zip(index, strides, strict=True))
        expected[index] = np.frombuffer(ctypes.string_at(place, array.itemsize), array.dtype)[0]
    assert result.tolist() == expected.tolist()
    if offset == 0:
        assert result.tolist() == np.lib.stride_tricks.as_strided(array, shape, strides).tolist()


@pytest.mark.parametrize(
    ("shape", "strides"),
    [
        ((2**62, 2), (8, 8)),
        ((2,), (2**63 - 1,)),
        ((2,), (-(2**63),)),
        ((3,), (8, 8)),
        ((-1,), (8,)),
        ((4, 2**61), None),
    ],
)
def test_as_strided_never_wraps_around(shape: Any, strides: Any) -> None:
    with pytest.raises((ValueError, BufferError, OverflowError)):
        View(np.zeros(4)).as_strided(shape, strides)


def test_pointers_are_transposed_and_never_reshaped() -> None:
    exporters = pytest.importorskip("_testbuffer")
    exporter = exporters.ndarray(list(range(24)), shape=[2, 3, 4], format="h", flags=exporters.ND_PIL)
    view = View(exporter)
    expected = np.arange(24).reshape(2, 3, 4)
    assert view.broadcast_to((2, 2, 3, 4)).tolist() == np.broadcast_to(expected, (2, 2, 3, 4)).tolist()
    assert view[:, :1].squeeze(1).tolist() == expected[:, 0].tolist()
    for refused in [lambda: view.reshape(24), lambda: view.as_strided((2,), (2,)), lambda: view.cast("B")]:
        with pytest.raises(BufferError, match="copy"):
            refused()
    # The axis that holds pointers must stay before those that its pointers lead to.
    assert view.transpose(0, 2, 1).tolist() == expected.transpose(0, 2, 1).tolist()
    with pytest.raises(BufferError, match="copy"):
        view.T  # noqa: B018


def test_shape_methods_keep_what_the_memory_is() -> None:
    data = bytearray(range(12))
    view = View(data).cast("h").toreadonly()
    for part in [view.reshape((2, 3)), view.reshape((3, 2)).T, view.as_strided((2,)), view.broadcast_to((2, 6))]:
        assert part.readonly
        assert part.obj is data
        assert part.format == "h"
    for part in [View(data).reshape((3, 4)), View(data).reshape((3, 4)).T, View(data).as_strided((2,))]:
        assert not part.readonly
