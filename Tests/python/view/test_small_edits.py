# SPDX-License-Identifier: Apache-2.0
"""Small changes in place, joins, lists of records and fields by lists, which take fast paths, and small arrays, made
of those that have ended: the same results as those of NumPy, of bytes and of the slow paths.
"""

from __future__ import annotations

import gc
import itertools
import pickle
import weakref
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import swiftbuffer as sb
from swiftbuffer import Array, View
from view_layouts import arrays

Numbers = np.ndarray[Any, Any]
RECORD = "T{<I:id:<h:kind:B:flag:<d:value:}"
DTYPE = np.dtype([("id", "<u4"), ("kind", "<i2"), ("flag", "u1"), ("value", "<f8")])


# -- In place ---------------------------------------------------------------------------------------------------------


@given(arrays())
def test_digits_are_those_of_the_bytes(source: Numbers) -> None:
    for memory in (View(source), sb.array(source, order="A")):
        assert memory.hex() == source.tobytes().hex()
        assert memory.hex(":") == source.tobytes().hex(":")


@given(arrays())
def test_bytes_are_swapped_as_numpy_does(source: Numbers) -> None:
    expected = source.byteswap()
    for memory in (sb.array(source, order="A"), View(source.copy(order="K"))):
        assert memory.byteswap() is None
        assert memory.tobytes() == expected.tobytes()


@pytest.mark.parametrize("form", [*"?cbBhHiIqQefdgmM", "Zf", "Zd", "Zg", ">d", "3s", RECORD])
@pytest.mark.parametrize("count", [0, 1, 2, 7, 200])
def test_bytes_are_swapped_in_every_format(form: str, count: int) -> None:
    few = sb.array(bytes(index * 7 % 251 for index in range(count * sb.zeros(1, form).itemsize))).cast(form).copy()
    many = View(bytearray(few.tobytes() * 2)).cast(form, (2, count))[::2] if count else None
    few.byteswap()
    if many is not None:
        many.byteswap()
        assert few.tobytes() == many.tobytes()
    frozen = sb.array(few)
    frozen.freeze()
    with pytest.raises(TypeError, match="read-only"):
        frozen.byteswap()
    with pytest.raises(TypeError, match="argument"):
        few.byteswap(1)


@pytest.mark.parametrize("form", [*"?cbhifdmg", "Zf", "Zd", ">d", "3s", RECORD])
@pytest.mark.parametrize("count", [0, 1, 2, 3, 8, 129])
def test_items_are_reversed_in_every_format(form: str, count: int) -> None:
    size = sb.zeros(1, form).itemsize
    raw = bytes(index * 3 % 251 for index in range(count * size))
    array = sb.array(raw).cast(form).copy()
    exported = memoryview(array)
    array.reverse()
    assert array.tobytes() == b"".join(raw[at : at + size] for at in range(len(raw) - size, -1, -size))
    exported.release()
    array.freeze()
    with pytest.raises(TypeError, match="read-only"):
        array.reverse()


@given(st.lists(st.integers(-5, 5), max_size=6), st.integers(-2, 5))
def test_arrays_repeat_as_lists_do(values: list[int], times: int) -> None:
    array = sb.array(values, "h")
    assert (array * times).tolist() == (times * array).tolist() == values * times
    assert array.tolist() == values
    array *= times
    assert array.tolist() == values * times


def test_many_times_are_refused_as_before() -> None:
    array = sb.array([1, 2], "q")
    for times, error in [(2**62, (OverflowError, MemoryError, ValueError)), (2**70, OverflowError), (1.5, TypeError)]:
        with pytest.raises(error):
            array * times
        with pytest.raises(error):
            array *= times
        assert array.tolist() == [1, 2]


def test_nothing_changes_while_exports_are_outstanding() -> None:
    array = sb.array(range(6), "h")
    changes: list[Any] = [
        lambda: array.__delitem__(0), lambda: array.__delitem__(slice(2, None)), array.clear,
        lambda: array.__imul__(2), lambda: array.__imul__(0), lambda: array.__delitem__(slice(None)),
    ]  # fmt: skip
    for change in changes:
        with memoryview(array), pytest.raises(BufferError, match="1 export outstanding"):
            change()
        assert array.tolist() == [0, 1, 2, 3, 4, 5]
    frozen = sb.array(array, readonly=True)
    for key in (0, slice(1, 3)):
        with pytest.raises(TypeError, match="read-only"):
            del frozen[key]
    view = View(array)
    for key in (0, slice(1, 3), slice(None)):
        with pytest.raises(TypeError, match="cannot delete memory"):
            del view[key]
    assert view.tolist() == [0, 1, 2, 3, 4, 5]
    with pytest.raises(IndexError):
        del sb.array([1])[1]


@given(arrays(), st.data())
def test_one_item_is_numpys(source: Numbers, data: st.DataObject) -> None:
    memory = View(source)
    for number in (data.draw(st.integers(-8, 8)), 2**70):
        try:
            expected = source.item(number)
        except (IndexError, OverflowError):
            with pytest.raises(IndexError):
                memory.item(number)
        else:
            found = memory.item(number)
            assert found == expected or source.dtype.kind in "fc"
            assert np.array_equal(
                np.array(found, source.dtype), np.array(expected), equal_nan=source.dtype.kind in "fc"
            )


# -- Joins ------------------------------------------------------------------------------------------------------------


@given(arrays(), st.integers(1, 9), st.booleans())
def test_few_parts_are_joined_as_numpy_joins_them(source: Numbers, count: int, swaps: bool) -> None:
    makers: list[Any] = [
        lambda: sb.array(source),
        lambda: View(source),
        lambda: source,
        lambda: sb.array(source, order="F"),
    ]
    parts = [makers[index % (len(makers) if swaps else 2)]() for index in range(count)]
    stacked = sb.stack(parts)
    assert (type(stacked), stacked.format) == (Array, View(source).format)
    # NumPy's own results are in native byte order.
    assert (stacked.shape, stacked.tobytes()) == ((count, *source.shape), source.tobytes() * count)
    if source.ndim:
        joined = sb.concatenate(tuple(parts))
        expected = np.concatenate([source] * count)
        assert (joined.shape, joined.tobytes()) == (expected.shape, expected.astype(source.dtype).tobytes())
        assert sb.concatenate(parts, axis=0) == joined


def test_parts_of_different_kinds_are_refused() -> None:
    for parts, error in [
        ([sb.zeros(2, "i"), sb.zeros(2, "f")], TypeError),
        ([sb.zeros(2, "i"), sb.zeros(2, ">i")], TypeError),
        ([sb.zeros((2, 2)), sb.zeros((2, 3))], ValueError),
        ([sb.zeros(2), sb.zeros((2, 2))], ValueError),
        ([sb.zeros(()), sb.zeros(())], ValueError),
        ([], ValueError),
        ([sb.zeros(2), 3], TypeError),
    ]:
        with pytest.raises(error):
            sb.concatenate(parts)
    released = View(bytearray(2))
    released.release()
    held = sb.zeros(2, "B")
    with pytest.raises(ValueError, match="released"):
        sb.concatenate([held, released])
    # What was pinned before is free again.
    held.append(1)
    assert sb.concatenate([held, held]).tolist() == [0, 0, 1] * 2
    held.append(2)


# -- Records ----------------------------------------------------------------------------------------------------------


@given(
    st.lists(
        st.tuples(st.integers(0, 9), st.integers(-9, 9), st.integers(0, 255), st.floats(allow_nan=False)), max_size=5
    )
)
def test_records_of_lists_are_numpys(values: list[tuple[Any, ...]]) -> None:
    made = sb.array(values, RECORD)
    assert made.tobytes() == np.array(values, DTYPE).tobytes()
    again = sb.array(list(made), RECORD)
    assert (again, again.shape, again.format) == (made, (len(values),), RECORD)
    assert sb.array([list(made)], RECORD).shape == (1, len(values))
    assert sb.array(values, RECORD, readonly=True).readonly


def test_lists_that_are_no_records_have_the_errors_of_before() -> None:
    for values, error in [
        ([(1, 2, 3, 4.0), (1, 2, 3)], (TypeError, ValueError)),
        ([(1, 2, 3, 4.0), (1, 2, 300, 4.0)], ValueError),
        ([(1, 2, 3, 4.0), 5], (TypeError, ValueError)),
        ([(1, 2, 3, "4")], TypeError),
    ]:
        for _ in range(2):
            with pytest.raises(error):
                sb.array(values, RECORD)

    class Index:
        def __index__(self) -> int:
            values.append((1, 2, 3, 4.0))
            return 7

    values = [(Index(), 2, 3, 4.0)]
    assert sb.array(values, RECORD).tolist() == [(7, 2, 3, 4.0)]
    assert sb.array((1, 2, 3, 4.0), RECORD).shape == ()


def test_padding_of_records_is_zero() -> None:
    values = [(1, 2.0)] * 3
    expected = np.zeros(3, np.dtype("i1,f8", align=True))
    expected["f0"], expected["f1"] = 1, 2
    for _ in range(3):
        # Memory that an array of as many bytes has left.
        sb.full(48, 255, "B")
        assert sb.array(values, "T{b:a:d:b:}").tobytes() == expected.tobytes()


def test_fields_of_a_list_are_numpys() -> None:
    source = np.zeros(3, DTYPE)
    source["value"] = [1.5, 2.5, 3.5]
    source["id"] = [1, 2, 3]
    names = list(DTYPE.names or ())
    chosen = [list(some) for count in range(1, 5) for some in itertools.combinations(names, count)]
    for memory in (View(source), sb.array(source), sb.array(source.reshape(3, 1))):
        for some in chosen * 2:
            shown = memory[some]
            assert (shown.names, shown.shape, shown.strides) == (tuple(some), memory.shape, memory.strides)
            assert [tuple(record) for record in shown.ravel()] == [tuple(record) for record in source[some].tolist()]
            assert shown.address == memory.address
        for wrong, error in [
            (["value", "id"], ValueError),
            (["id", "id"], ValueError),
            (["none"], KeyError),
            ([1], Exception),
        ]:
            for _ in range(2):
                with pytest.raises(error):
                    memory[wrong]
    array = sb.array(source)
    shown = array[["id", "value"]]
    with pytest.raises(BufferError, match="1 export outstanding"):
        array.append((1, 2, 3, 4.0))
    del shown
    gc.collect()
    array.append((1, 2, 3, 4.0))


def test_a_format_is_read_once_and_means_the_same() -> None:
    texts = [f"T{{i:f{number}:d:value:}}" for number in range(300)] + ["<d", ">d", "int32", "<f4", "3s", "(2,3)h"]
    for text in texts + texts[-40:] + texts[:3]:
        first, second = sb.zeros(1, text), sb.zeros(1, "".join(text))
        assert (first.format, first.itemsize, first.names) == (second.format, second.itemsize, second.names)
        assert first.names == ((f"f{text[5 : text.index(':d')]}", "value") if text.startswith("T") else ())
    for _ in range(2):
        for wrong in ("T{i:a:", "nothing", "i\0"):
            with pytest.raises(ValueError, match="format"):
                sb.zeros(1, wrong)

    class Text(str):
        __slots__ = ()

    assert sb.zeros(1, Text("<d")).format == "<d"


# -- Arrays made of those that have ended -----------------------------------------------------------------------------


@pytest.mark.parametrize("shape", [0, 1, 8, 16, 64, 65, (2, 4), (1, 1, 8), ()])
def test_arrays_are_new_whatever_ended_before(shape: Any) -> None:
    for made in (sb.zeros, lambda shape, form: sb.full(shape, 0, form)):
        for form in "Bdq":
            sb.full(64, 255, "B")
            array = made(shape, form)
            assert array.tobytes() == bytes(array.nbytes)
            other = made(shape, form)
            assert other.address != array.address
            if array.nbytes:
                View(other).cast("B", (other.nbytes,))[...] = 1
            assert array.tobytes() == bytes(array.nbytes)


def test_an_array_that_ended_leaves_nothing_behind() -> None:
    seen: list[Any] = []
    array = sb.array([1, 2], "B")
    reference = weakref.ref(array, lambda _: seen.append(sb.array([3, 4], "B")))
    array.freeze()
    assert hash(array) == hash(b"\1\2")
    del array
    gc.collect()
    assert reference() is None
    assert seen[0].tolist() == [3, 4]
    again = sb.array([5, 6], "B")
    assert not again.readonly
    again[0] = 7
    with pytest.raises((TypeError, ValueError)):
        hash(again)
    again.close()
    del again
    third = sb.array([8, 9], "B")
    third.append(10)
    assert third.tolist() == [8, 9, 10]
    third.reserve(100)
    size = third.__sizeof__()
    del third
    assert sb.array([8, 9], "B").__sizeof__() < size
    # An array that adopts memory has the object of one that had a block.
    adopted = pickle.loads(pickle.dumps(sb.array(b"abc"), 5))
    assert adopted.tobytes() == b"abc"
    del adopted
    assert sb.zeros(3, "B").tobytes() == bytes(3)


def test_arrays_of_many_sizes_end_in_any_order() -> None:
    kept: list[Any] = []
    for turn in range(50):
        for size in (0, 1, 3, 16, 63, 64, 65, 512, 513, 2000):
            array = sb.array(bytes([turn]) * size)
            array.extend(b"x" * (turn % 3))
            kept.append((array, bytes([turn]) * size + b"x" * (turn % 3)))
        for index in range(0, len(kept), 2 + turn % 3):
            assert kept[index][0].tobytes() == kept[index][1]
        del kept[:: 2 + turn % 3]
    assert all(array.tobytes() == expected for array, expected in kept)
