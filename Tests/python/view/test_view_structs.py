# SPDX-License-Identifier: Apache-2.0
"""Structures: items are named tuples, and `view["name"]` is a field of all of them that shares their memory."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from swiftbuffer import View
from view_layouts import address_of, arrays, assert_shows, indices

PIXEL = np.dtype([("at", [("x", "<i2"), ("y", ">i2")]), ("rgb", "u1", (3,)), ("depth", "f8"), ("m", "i4", (2, 2))])


def pixels(count: int = 3) -> np.ndarray[Any, Any]:
    array = np.zeros(count, PIXEL)
    array["at"]["x"] = range(count)
    array["at"]["y"] = -array["at"]["x"]
    array["rgb"] = np.arange(3 * count).reshape(count, 3)
    array["depth"] = array["at"]["x"] / 4
    array["m"] = np.arange(4 * count).reshape(count, 2, 2)
    return array


def test_items_are_tuples_with_names() -> None:
    item = View(pixels())[2]
    assert item == ((2, -2), [6, 7, 8], 0.5, [[8, 9], [10, 11]])
    assert (item.at.x, item.at.y, item.depth) == (2, -2, 0.5)
    assert item._fields == ("at", "rgb", "depth", "m")
    match item:
        case (at, [red, *_], float(depth), _):
            assert (at.x, red, depth) == (2, 6, 0.5)
        case _:
            pytest.fail("the item matches no pattern of its own")


def test_fields_are_views_of_the_same_memory() -> None:
    array = pixels()
    view = View(array)
    for name in ["rgb", "depth", "m"]:
        assert_shows(view[name], array[name])
    assert_shows(view["at"]["x"], array["at"]["x"])
    assert_shows(view["at"]["y"], array["at"]["y"])
    assert_shows(view["rgb"][::-1, 1:], array["rgb"][::-1, 1:])
    assert_shows(view[1:]["m"].T, array[1:]["m"].transpose(2, 1, 0))
    assert view["at"].tolist() == [(0, 0), (1, -1), (2, -2)]


@given(st.data())
def test_fields_of_every_layout(data: st.DataObject) -> None:
    shape = data.draw(arrays(dtypes=st.just("B"))).shape
    numbers = data.draw(arrays(dtypes=st.just("<u4"), shape=shape))
    dtype = np.dtype([("a", "<u2"), ("b", "u1", (2,))])
    array = np.ndarray(shape, dtype, np.lib.stride_tricks.as_strided(numbers, (1,), (4,)), strides=(0,) * len(shape))
    array = np.lib.stride_tricks.as_strided(array, shape, numbers.strides)
    index = data.draw(indices(shape).filter(lambda index: isinstance(array[index], np.ndarray)))
    view = View(array)
    for name in "ab":
        assert_shows(view[name], array[name])
        assert_shows(view[index][name], array[index][name])
    assert_shows(view["a"][index], array["a"][index])


def test_fields_are_written() -> None:
    array, expected = pixels(), pixels()
    view = View(array)
    view["depth"] = 7
    expected["depth"] = 7
    view["rgb"] = [1, 2, 3]
    expected["rgb"] = [1, 2, 3]
    view["at"]["y"][1:] = np.array([8, 9], ">i2")
    expected["at"]["y"][1:] = [8, 9]
    view["m"][:, 0] = view["m"][:, 1]
    expected["m"][:, 0] = expected["m"][:, 1]
    assert array.tobytes() == expected.tobytes()


@pytest.mark.parametrize(
    "value",
    [
        ((5, 6), [1, 2, 3], 0.5, [[1, 2], [3, 4]]),
        {"at": {"x": 5, "y": 6}, "rgb": (1, 2, 3), "depth": 0.5, "m": ((1, 2), (3, 4))},
        {"m": [[1, 2], [3, 4]], "rgb": [1, 2, 3], "at": (5, 6), "depth": 0.5},
    ],
)
def test_items_are_written_from_tuples_and_mappings(value: Any) -> None:
    array, expected = pixels(), pixels()
    expected[1] = ((5, 6), (1, 2, 3), 0.5, ((1, 2), (3, 4)))
    view = View(array)
    view[1] = value
    assert array.tobytes() == expected.tobytes()
    view[2] = view[0]
    expected[2] = expected[0]
    assert array.tobytes() == expected.tobytes()
    view[...] = [value] * 3
    expected[...] = expected[1]
    assert array.tobytes() == expected.tobytes()
    view[...] = value
    assert array.tobytes() == expected.tobytes()


def test_records_are_copied_between_layouts() -> None:
    array = pixels(6)
    expected = array[::-2].copy()
    View(array)[:3] = View(array)[::-2]
    assert array[:3].tobytes() == expected.tobytes()


def test_a_name_that_is_not_there_raises_key_error() -> None:
    view = View(pixels())
    with pytest.raises(KeyError, match="'at', 'rgb', 'depth', 'm'"):
        view["x"]
    with pytest.raises(KeyError, match="no fields"):
        View(b"abc")["x"]
    with pytest.raises(KeyError):
        view["x"] = 5
    with pytest.raises(KeyError):
        view[""]


def test_unnamed_fields_are_plain_tuples() -> None:
    view = View(bytes(range(8))).cast("HBx")
    assert view.tolist() == [(0x100, 2), (0x504, 6)]
    assert type(view[0]) is tuple


@pytest.mark.parametrize("name", ["class", "_x", "a b", "ü", "x.y", "2", "count"])
def test_names_that_are_no_identifiers_still_name_fields(name: str) -> None:
    view = View(bytearray(4)).cast(f"T{{H:{name}:H:other:}}")
    view[name] = 7
    assert view.tolist() == [(7, 0)]
    assert view["other"].tolist() == [0]
    view[0] = {name: 1, "other": 2}
    assert view[0] == (1, 2)


@st.composite
def structures(draw: st.DrawFn, depth: int = 2) -> np.dtype[Any]:
    """Types of structures: nested, with sub-arrays, packed and with the gaps of C."""
    number = st.sampled_from(["<i2", ">i4", "f8", "u1", "?", "c16", ">f4", "q"]).map(np.dtype)
    kind = number | structures(depth - 1) if depth else number
    fields = draw(st.lists(st.tuples(kind, st.sampled_from([(), (), (2,), (2, 3)])), min_size=1, max_size=4))
    return np.dtype([(f"f{n}", kind, shape) for n, (kind, shape) in enumerate(fields)], align=draw(st.booleans()))


@given(structures(), st.integers(0, 3), st.integers(0, 2**32))
def test_random_structures_are_read_and_written_as_by_numpy(dtype: np.dtype[Any], count: int, seed: int) -> None:
    memory = np.random.default_rng(seed).integers(0, 2, dtype.itemsize * count, "u1")
    array = memory.view(dtype)
    try:
        again = np.asarray(memoryview(array))
    except RuntimeError:
        again = None
    # NumPy leaves some gaps out of the formats that it writes, and then reads something else itself.
    assume(again is not None and again.dtype == dtype)

    def plain(value: Any) -> Any:
        if isinstance(value, np.void):
            return tuple(plain(value[name]) for name in value.dtype.names or ())
        return (
            value.tolist() if not (isinstance(value, np.ndarray) and value.dtype.names) else [plain(v) for v in value]
        )

    items = View(array).tolist()
    assert items == [plain(item) for item in array]
    again = np.zeros(count, dtype)
    View(again)[...] = items
    assert [plain(item) for item in again] == items
    for name in dtype.names or ():
        assert_same_field(View(array)[name], array[name], plain)


def assert_same_field(view: View, field: np.ndarray[Any, Any], plain: Any) -> None:
    assert view.shape == field.shape
    assert view.tolist() == plain(field)
    if field.size:
        assert address_of(np.asarray(view)) == address_of(field)


def test_fields_behind_pointers() -> None:
    exporters = pytest.importorskip("_testbuffer")
    items = [(n, 2 * n, n + 100) for n in range(6)]
    flags = exporters.ND_PIL | exporters.ND_WRITABLE
    exporter = exporters.ndarray(items, shape=[2, 3], format="hhB", flags=flags)
    plain = View(exporter)
    assert max(plain.suboffsets) >= 0
    view = plain.cast("T{=h:a:(2)B:b:B:c:}")
    assert view["a"].tolist() == [[0, 1, 2], [3, 4, 5]]
    assert view["c"][::-1, 1:].tolist() == [[104, 105], [101, 102]]
    assert view["b"].shape == (2, 3, 2)
    assert view["b"][1, :, 0].tolist() == [6, 8, 10]
    view["c"] = 7
    view["b"][0, 0] = [1, 1]
    expected = [(n, 2 * n, 7) for n in range(6)]
    expected[0] = (0, 0x101, 7)
    assert plain.tolist() == [expected[:3], expected[3:]]
