# SPDX-License-Identifier: Apache-2.0
"""`concatenate` and `stack`: what NumPy makes of the same buffers, whatever their layouts."""

from __future__ import annotations

import array
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import swiftbuffer as sb
from sampling import examples
from swiftbuffer import testing

ALIGNED = np.dtype([("a", "i1"), ("b", "f8")], align=True)
FORMATS = ["B", ">i2", "f4", "c16", "S3", "U2", [("a", "i1"), ("b", ">f8")], ALIGNED]


def filled(data: st.DataObject, shape: tuple[int, ...], form: Any) -> Any:
    """An array of the shape, of any strides."""
    order = data.draw(st.permutations(range(len(shape))))
    steps = [data.draw(st.sampled_from([1, -1, 2])) for _ in shape]
    base = np.empty([shape[axis] * abs(steps[axis]) for axis in order], form)
    numbers = np.arange(base.size).reshape(base.shape)
    for name in base.dtype.names or (None,):
        part = base[name] if name else base
        part[...] = (numbers % 90).astype(part.dtype)
    made = base.transpose([order.index(axis) for axis in range(len(shape))])
    made = made[(..., *(slice(None, None, step) for step in steps))]
    assert made.shape == shape
    return made


@given(data=st.data())
@examples(80)
def test_concatenating_is_numpys(data: st.DataObject) -> None:
    form = data.draw(st.sampled_from(FORMATS))
    shape = data.draw(st.lists(st.integers(0, 3), min_size=1, max_size=3))
    axis = data.draw(st.integers(-len(shape), len(shape) - 1))
    parts = []
    for _ in range(data.draw(st.integers(1, 3))):
        shape[axis] = data.draw(st.integers(0, 3))
        parts.append(filled(data, tuple(shape), form))
    made = sb.concatenate(parts, axis=axis)
    expected = np.concatenate(parts, axis=axis)
    assert (type(made), made.shape, made.c_contiguous, made.readonly) == (sb.Array, expected.shape, True, False)
    assert np.array_equal(np.asarray(made), expected)
    assert made == expected


@given(data=st.data())
@examples(80)
def test_stacking_is_numpys(data: st.DataObject) -> None:
    form = data.draw(st.sampled_from(FORMATS))
    shape = tuple(data.draw(st.lists(st.integers(0, 3), max_size=3)))
    axis = data.draw(st.integers(-len(shape) - 1, len(shape)))
    parts = [filled(data, shape, form) for _ in range(data.draw(st.integers(1, 3)))]
    made = sb.stack(parts, axis)
    expected = np.stack(parts, axis=axis)
    assert (type(made), made.shape, made.c_contiguous) == (sb.Array, expected.shape, True)
    assert np.array_equal(np.asarray(made), expected)


def test_any_exporter_is_taken() -> None:
    parts = [b"ab", bytearray(b"c"), memoryview(b"xdx")[1:2], sb.View(b"fe")[::-1], array.array("B", b"g")]
    made = sb.concatenate(iter(parts))
    assert (made.tobytes(), made.format) == (b"abcdefg", "B")
    rows = sb.array([[1, 2], [3, 4]])
    assert sb.concatenate(rows).tolist() == [1, 2, 3, 4]
    assert sb.stack(rows, axis=1).tolist() == [[1, 3], [2, 4]]
    assert sb.stack([np.float64(1), np.array(2.0)]).tolist() == [1, 2]
    pointers = testing.ndarray(list(range(6)), (2, 3), format="i", flags=testing.ND_PIL)
    assert sb.concatenate([pointers, pointers], axis=1).tolist() == [[0, 1, 2, 0, 1, 2], [3, 4, 5, 3, 4, 5]]
    same = sb.array([1, 2])
    assert sb.concatenate([same] * 3).tolist() == [1, 2] * 3


def test_other_spellings_of_a_format_are_the_same() -> None:
    made = sb.concatenate([sb.array([1], "q"), np.array([2], "<i8"), sb.array([3], "l")])
    assert (made.tolist(), made.format) == ([1, 2, 3], "q")


def test_joined_buffers_are_released() -> None:
    part = sb.array([1, 2])
    made = sb.stack([part, part])
    part.append(3)
    with pytest.raises(TypeError):
        sb.stack([part, 5])
    part.append(4)
    assert made.tolist() == [[1, 2]] * 2


@pytest.mark.parametrize(
    ("buffers", "axis", "error", "text"),
    [
        ([], 0, ValueError, "at least one"),
        ([b"ab", sb.array([1])], 0, TypeError, r"buffer 1 has items of format 'q', the first of 'B': astype\('B'\)"),
        ([sb.zeros((2, 2)), sb.zeros((2, 3))], 0, ValueError, r"buffer 1 has shape \(2, 3\), the first \(2, 2\)"),
        ([sb.zeros(2), sb.zeros((2, 3))], 0, ValueError, r"first \(2,\)"),
        ([sb.array(1)], 0, ValueError, r"stack\(\)"),
        ([b"ab"], 1, IndexError, "axis 1 is out of range: the result has 1"),
        ([b"ab"], -2, IndexError, "axis -2"),
        ([b"ab"], 2**70, OverflowError, "fit"),
        ([b"ab", 5], 0, TypeError, "'int'"),
        ([[1, 2]], 0, TypeError, "'list'"),
        (5, 0, TypeError, "iterable"),
        (b"ab", 0, TypeError, "'int'"),
        ([np.array([object()])], 0, NotImplementedError, "objects"),
    ],
)
def test_buffers_that_cannot_be_concatenated_are_refused(buffers: Any, axis: int, error: Any, text: str) -> None:
    with pytest.raises(error, match=text):
        sb.concatenate(buffers, axis)


def test_lengths_without_items_add_up() -> None:
    assert sb.concatenate([sb.zeros((2**40, 0))] * 3).shape == (3 * 2**40, 0)


def test_buffers_that_cannot_be_stacked_are_refused() -> None:
    with pytest.raises(ValueError, match="must be equal"):
        sb.stack([b"ab", b"c"])
    with pytest.raises(IndexError, match="axis 2"):
        sb.stack([b"ab"], 2)
    with pytest.raises(ValueError, match="64"):
        sb.stack([sb.zeros((1,) * 64)])
    with pytest.raises(OverflowError):
        sb.concatenate([sb.zeros(2**62, "0s")] * 2)
