# SPDX-License-Identifier: Apache-2.0
"""A slice without items has the address that memoryview gives it: consumers that compute with addresses agree."""

from __future__ import annotations

from itertools import product
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import swiftbuffer as sb
from swiftbuffer import View, capi, testing
from view_layouts import address_of, arrays


def seen(exporter: Any) -> tuple[Any, ...]:
    """The address and the layout that a consumer is given."""
    with capi.PyObject_GetBuffer(exporter, capi.PyBUF_FULL_RO) as buffer:
        return buffer.buf, buffer.shape, buffer.strides, buffer.suboffsets


BOUNDS = [None, -9, -2, 0, 1, 2, 3, 9]


@pytest.mark.parametrize("length", [0, 1, 3])
def test_slices_of_one_dimension_are_those_of_memoryview(length: int) -> None:
    memory = bytearray(4 * length)
    for format_ in "Bi":
        reference = memoryview(memory).cast(format_)
        view, array = View(memory).cast(format_), sb.array(bytes(4 * length)).cast(format_)
        start = seen(array)[0]
        for bounds in product(BOUNDS, BOUNDS, [None, 1, 2, -1, -2, 2**40, -(2**70)]):
            key = slice(*bounds)
            expected = seen(reference[key])
            assert seen(view[key]) == expected
            # By the slow path too, which indirect and new axes take.
            assert seen(view[..., key]) == expected
            assert seen(array[key])[0] - start == expected[0] - seen(reference)[0]
            # And of a slice again, where strides do not wrap around.
            if bounds[2] is None or abs(bounds[2]) < 9:
                assert seen(view[key][key]) == seen(reference[key][key])


@given(st.data(), arrays(repeats=False))
def test_slices_of_more_dimensions_move_along_each_of_them(data: st.DataObject, array: np.ndarray[Any, Any]) -> None:
    bounds = st.none() | st.integers(-6, 6)
    key = tuple(data.draw(st.builds(slice, bounds, bounds, st.sampled_from([1, 2, -1, -2]))) for _ in array.shape)
    if not key:
        return
    view = View(array)
    starts = [entry.indices(length)[0] for entry, length in zip(key, array.shape, strict=True)]
    place = address_of(array) + sum(n * stride for n, stride in zip(starts, view.strides, strict=True))
    for part in [view[key], view[(*key, ...)]]:
        with capi.PyObject_GetBuffer(part, capi.PyBUF_FULL_RO) as buffer:
            assert buffer.buf == place


def test_the_first_axis_is_sliced_as_by_memoryview_whatever_follows() -> None:
    grid = memoryview(bytearray(24)).cast("h", (3, 4))
    for bounds in product(BOUNDS, BOUNDS, [None, 2, -1]):
        key = slice(*bounds)
        assert seen(View(grid)[key]) == seen(grid[key])
        assert seen(View(grid)[key, 1:1])[0] == seen(grid[key])[0] + 2


def test_no_slice_behind_pointers_fails_for_being_empty() -> None:
    pointers = View(testing.ndarray(list(range(6)), (2, 3), format="h", flags=testing.ND_PIL))
    assert pointers.suboffsets
    for key in product([slice(5, None), slice(1, 1), slice(None)], [slice(9, None, -1), slice(2, 2), slice(0, 0, -1)]):
        part = pointers[key]
        assert part.shape == np.zeros((2, 3))[key].shape
        assert part.tolist() == np.arange(6).reshape(2, 3)[key].tolist()
    empty = pointers[:, :0]
    assert empty[:, ::-1].shape == (2, 0)
    assert empty[::-1, ::-1].tolist() == [[], []]
