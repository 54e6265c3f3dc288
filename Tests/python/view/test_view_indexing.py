# SPDX-License-Identifier: Apache-2.0
"""`View[...]` selects what NumPy's basic indexing selects, of the same memory, for every layout."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from swiftbuffer import View
from view_layouts import arrays, assert_shows, indices, shapes


def assert_selects(view: View, array: np.ndarray[Any, Any], index: Any) -> None:
    """`view[index]` and `array[index]` are equal items, or show the same memory."""
    expected = array[index]
    selected = view[index]
    if isinstance(expected, np.ndarray):
        assert_shows(selected, expected)
    else:
        assert selected == expected
        assert not isinstance(selected, np.generic)


@given(st.data())
def test_index_selects_what_numpy_selects(data: st.DataObject) -> None:
    array = data.draw(arrays())
    assert_selects(View(array), array, data.draw(indices(array.shape)))


@given(st.data())
def test_index_of_an_index_shares_the_same_memory(data: st.DataObject) -> None:
    array = data.draw(arrays(dtypes=st.sampled_from(["B", ">i2", "d"])))
    view = View(array)
    for _ in range(data.draw(st.integers(1, 3))):
        index = data.draw(indices(array.shape))
        assert_selects(view, array, index)
        if not isinstance(array[index], np.ndarray):
            return
        array, view = array[index], view[index]


@given(arrays())
def test_every_item_is_at_its_index(array: np.ndarray[Any, Any]) -> None:
    view = View(array)
    for index in np.ndindex(array.shape):
        assert view[index] == array[index]


@given(st.data())
def test_integers_out_of_range_raise_as_in_numpy(data: st.DataObject) -> None:
    shape = data.draw(shapes().filter(bool))
    view = View(np.zeros(shape, "B"))
    index = [data.draw(st.integers(-n, max(n - 1, 0))) for n in shape]
    wrong = data.draw(st.integers(0, len(shape) - 1))
    beyond = st.integers(min_value=shape[wrong]) | st.integers(max_value=-shape[wrong] - 1)
    index[wrong] = data.draw(beyond | st.sampled_from([2**63, -(2**63) - 1, 2**200]))
    with pytest.raises(IndexError):
        view[tuple(index)]
    with pytest.raises(IndexError):
        view[tuple(index)] = 0


def test_as_many_dimensions_as_the_protocol_has() -> None:
    view = View(np.arange(2)).reshape((1,) * 63 + (2,))
    assert view[(0,) * 63 + (1,)] == 1
    assert view[(0,) * 62].shape == (1, 2)
    with pytest.raises(ValueError, match="64"):
        view[None]
    with pytest.raises((ValueError, IndexError)):
        view[(None,) * 100]
    with pytest.raises(IndexError):
        view[(0,) * 65]


def test_too_many_indices_raise() -> None:
    view = View(np.zeros((2, 3)))
    for index in [(0, 0, 0), (..., 0, 0, 0), (slice(None),) * 3, (..., ...), (0, 0, ..., 0)]:
        with pytest.raises(IndexError):
            view[index]


@pytest.mark.parametrize("index", [1.0, [0], [0, 1], b"0", (0, 1.5), (slice(None), [0]), object(), {}, np.zeros(2)])
def test_an_index_that_is_not_basic_is_a_type_error(index: object) -> None:
    view = View(np.zeros((2, 3)))
    with pytest.raises(TypeError):
        view[index]  # type: ignore[index]
    with pytest.raises(TypeError):
        view[index] = 0  # type: ignore[index]


@pytest.mark.parametrize("step", [slice(None, None, 0), (slice(None), slice(None, None, 0))])
def test_a_step_of_zero_raises(step: Any) -> None:
    view = View(np.zeros((2, 3)))
    with pytest.raises(ValueError, match="zero"):
        view[step]
    with pytest.raises(ValueError, match="zero"):
        view[step] = 0


@pytest.mark.parametrize("index", [0, slice(None), (0,), (slice(None),), (..., 0)])
def test_memory_without_dimensions_refuses_integers_and_slices(index: Any) -> None:
    view = View(np.array(5))
    with pytest.raises(TypeError, match="0-dim"):
        view[index]
    assert view[()] == 5
    assert view[...].shape == ()
    assert view[None].tolist() == [5]


class Index:
    """What has an `__index__` and nothing else of a number."""

    def __init__(self, value: int) -> None:
        self.value = value

    def __index__(self) -> int:
        return self.value


@pytest.mark.parametrize("one", [Index(1), np.int64(1), np.uint8(1), True])
def test_whatever_has_index_is_an_integer(one: Any) -> None:
    array = np.arange(12).reshape(3, 4)
    view = View(array)
    assert view[one].tolist() == [4, 5, 6, 7]
    assert view[one, one] == 5
    assert view[one:, ::one].tolist() == array[1:].tolist()
    assert View(array[0])[one] == 1


@pytest.mark.parametrize("bound", [2**63, -(2**63) - 1, 2**100, -(2**100)])
def test_bounds_of_slices_beyond_a_word_are_clamped(bound: int) -> None:
    array = np.arange(4)
    view = View(array)
    for index in [slice(bound), slice(bound, None), slice(None, bound, -1), slice(None, None, bound)]:
        assert view[index].tolist() == array[index].tolist()


# -- Pointers (suboffsets) ---------------------------------------------------------------------------------------------


@given(st.data())
def test_memory_of_pointers_is_indexed_as_any_other(data: st.DataObject) -> None:
    exporters = pytest.importorskip("_testbuffer")
    shape = tuple(data.draw(st.lists(st.integers(1, 4), min_size=2, max_size=4)))
    items = list(range(int(np.prod(shape))))
    array = np.array(items, data.draw(st.sampled_from("Hhiqd"))).reshape(shape)
    exporter = exporters.ndarray(items, shape=list(shape), format=array.dtype.char, flags=exporters.ND_PIL)
    view = View(exporter)
    assert max(view.suboffsets) >= 0
    for _ in range(3):
        index = data.draw(indices(array.shape))
        expected = array[index]
        selected = view[index]
        if not isinstance(expected, np.ndarray):
            assert selected == expected
            return
        assert (selected.shape, selected.tolist()) == (expected.shape, expected.tolist())
        assert memoryview(selected).tobytes() == expected.tobytes()
        array, view = expected, selected
