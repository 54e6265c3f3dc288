# SPDX-License-Identifier: Apache-2.0
"""Strategies for the tests of View: memory in every layout that NumPy has, and what is asked of it."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from swiftbuffer import View

# One for each item that NumPy and the buffer protocol share, in this machine's byte order and in the other.
NUMBERS = [*"?bBhHiIlLqQefdgFD", ">i2", "<u4", ">f8", ">c8", "<i8"]


@st.composite
def shapes(draw: st.DrawFn, max_dims: int = 5) -> tuple[int, ...]:
    """Shapes of 0 to 5 dimensions, axes without items and with one included."""
    ndim = draw(st.integers(0, max_dims))
    return tuple(draw(st.lists(st.integers(0, 4 if ndim < 4 else 2), min_size=ndim, max_size=ndim)))


@st.composite
def arrays(
    draw: st.DrawFn,
    dtypes: st.SearchStrategy[str] = st.sampled_from(NUMBERS),  # noqa: B008
    shape: tuple[int, ...] | None = None,
    *,
    repeats: bool = True,
    first: int = 0,
) -> np.ndarray[Any, Any]:
    """Arrays with any order of axes, gaps, negative strides and, with `repeats`, strides of 0.

    Items count up in memory from `first`.
    """
    shape = draw(shapes()) if shape is None else shape
    steps = draw(st.tuples(*[st.sampled_from([1, 1, 2, -1, -2, 0] if repeats else [1, 1, 2, -1, -2]) for _ in shape]))
    axes = draw(st.permutations(range(len(shape))))
    lengths = [max(n, 1) * max(abs(step), 1) for n, step in zip(shape, steps, strict=True)]
    count = int(np.prod(lengths, dtype=int))
    base = (np.arange(first, first + count) % 97).astype(draw(dtypes)).reshape([lengths[axis] for axis in axes])
    base = base.transpose(np.argsort(axes)) if shape else base
    part = base[(..., *(slice(None, None, step or 1) for step in steps))]
    strides = [stride if step else 0 for stride, step in zip(part.strides, steps, strict=True)]
    return np.lib.stride_tricks.as_strided(part, shape, strides)


def indices(shape: tuple[int, ...]) -> st.SearchStrategy[Any]:
    """Basic indices that fit the shape: integers, slices, `...`, None, alone or in tuples of any length."""
    tuples = hnp.basic_indices(shape, allow_newaxis=True, max_dims=len(shape) + 2)
    if not shape:
        # memoryview, and View, refuse an integer or slice here with TypeError.
        return st.sampled_from([(), ..., None, (..., None), (None, ...), (None, None)])
    alone: st.SearchStrategy[Any] = st.slices(shape[0]) | st.none() | st.just(...)
    if shape[0]:
        alone |= st.integers(-shape[0], shape[0] - 1)
    wild = st.builds(slice, *[st.none() | st.integers(-9, 9)] * 2, st.none() | st.integers(-3, 3).filter(bool))
    return tuples | alone | wild | st.tuples(wild)


def address_of(array: np.ndarray[Any, Any]) -> int:
    """The address of the first item."""
    address: int = array.__array_interface__["data"][0]
    return address


def assert_shows(view: View, array: np.ndarray[Any, Any]) -> None:
    """The view shows exactly the items of the array, in the same places of the same memory."""
    assert isinstance(view, View)
    assert (view.shape, view.ndim, view.itemsize) == (array.shape, array.ndim, array.itemsize)
    assert view.tolist() == array.tolist()
    if array.size:
        shared = np.asarray(view)
        assert address_of(shared) == address_of(array)
        steps = [(mine, its) for mine, its, n in zip(view.strides, array.strides, array.shape, strict=True) if n > 1]
        assert all(mine == its for mine, its in steps)
    assert view.c_contiguous == array.flags.c_contiguous
    assert view.f_contiguous == array.flags.f_contiguous
