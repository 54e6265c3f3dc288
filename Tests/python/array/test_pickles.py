# SPDX-License-Identifier: Apache-2.0
"""Pickles: an Array comes back over the memory that its pickle brings, without a copy where that can be.

What comes back is compared with the NumPy array behind the memory, and its address with that of the buffer. Bad input
raises, and leaves no export behind.
"""

from __future__ import annotations

import ctypes
import gc
import mmap
import pickle
import weakref
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import c_oracle
import swiftbuffer as sb
from inconsistent import memoryview_of
from swiftbuffer import Array, View
from view_layouts import address_of, arrays

restore: Any = sb._core._restore  # type: ignore[attr-defined]
ITEMS = [3, 1, 4, 1, 5, 9, 2, 6]
BYTES = np.array(ITEMS, "<i4").tobytes()


def taken_apart(memory: Any) -> tuple[bytes, list[pickle.PickleBuffer]]:
    buffers: list[pickle.PickleBuffer] = []
    return pickle.dumps(memory, 5, buffer_callback=buffers.append), buffers


def brought(memory: Any, bring: Callable[[memoryview], Any]) -> tuple[Any, Any]:
    """What is loaded of a pickle whose buffer `bring` carries elsewhere, and that buffer."""
    data, buffers = taken_apart(memory)
    carried = bring(buffers[0].raw())
    return pickle.loads(data, buffers=[carried]), carried


def address(buffer: Any) -> int:
    return address_of(np.frombuffer(buffer, "B"))


# -- Out of band ------------------------------------------------------------------------------------------------------


@given(arrays(), st.sampled_from([bytes, bytearray, lambda raw: memoryview(bytearray(raw))]))
def test_memory_is_adopted_whatever_layout_and_format_it_had(source: Any, bring: Any) -> None:
    result, buffer = brought(View(source), bring)
    assert isinstance(result, Array)
    assert (result.format, result.shape, result.tolist()) == (View(source).format, source.shape, source.tolist())
    flags = np.asarray(result).flags
    assert (result.c_contiguous, result.f_contiguous) == (flags.c_contiguous, flags.f_contiguous)
    if source.size:
        assert result.address == address(buffer)
    assert result.readonly == memoryview(buffer).readonly or not source.flags.writeable


@pytest.mark.parametrize("order", ["C", "F"])
def test_the_order_of_the_memory_stays(order: Any) -> None:
    source = np.asarray(np.arange(24, dtype=">i2").reshape(2, 3, 4), order=order)
    result, buffer = brought(sb.array(source, order=order), bytearray)
    assert (result.c_contiguous, result.f_contiguous) == (order == "C", order == "F")
    assert np.array_equal(np.asarray(result), source)
    assert result.address == address(buffer)


@pytest.mark.parametrize("order", ["C", "F"])
def test_the_memory_that_travels_is_contiguous_as_carriers_read_it(order: Any) -> None:
    """Carriers such as Dask take `memoryview(buffer)` for bytes in C order, whatever its strides."""
    source = np.asarray(np.arange(24, dtype="h").reshape(2, 3, 4), order=order)
    for memory in (sb.array(source, order=order), View(source), View(source)[:, ::2]):
        data, buffers = taken_apart(memory)
        carried = bytearray(memoryview(buffers[0]).tobytes())
        assert pickle.loads(data, buffers=[carried]).tolist() == memory.tolist()


def test_a_writable_buffer_is_shared_until_the_array_grows() -> None:
    array, buffer = brought(sb.array(ITEMS, "i"), bytearray)
    array[0] = 77
    assert int.from_bytes(buffer[:4], "little", signed=True) == 77
    with pytest.raises(BufferError):
        buffer.append(0)
    array.append(7)
    assert array.tolist() == [77, *ITEMS[1:], 7]
    array[0] = 5
    assert int.from_bytes(buffer[:4], "little", signed=True) == 77
    buffer.append(0)


def test_a_read_only_buffer_gives_a_read_only_array() -> None:
    for bring in (bytes, lambda raw: memoryview(bytearray(raw)).toreadonly()):
        array, buffer = brought(sb.array(ITEMS, "i"), bring)
        assert array.readonly
        assert array.tolist() == ITEMS
        assert array.address == address(buffer)
        with pytest.raises(TypeError, match="read-only"):
            array[0] = 1


def test_a_read_only_array_stays_so_over_a_writable_buffer() -> None:
    array, buffer = brought(sb.array(ITEMS, "i", readonly=True), bytearray)
    assert array.readonly
    assert array.address == address(buffer)
    assert restore(bytearray(BYTES), "i", (8,), "C", True, 4).readonly


def test_the_process_that_made_the_pickle_gets_the_same_memory() -> None:
    array = sb.array(ITEMS, "i")
    data, buffers = taken_apart(array)
    again = pickle.loads(data, buffers=buffers)
    assert type(again) is Array
    assert again.address == array.address
    again[0] = 8
    assert array[0] == 8
    del buffers
    with pytest.raises(BufferError, match="1 export outstanding"):
        array.append(1)
    del again
    gc.collect()
    array.append(1)


def test_views_with_gaps_come_back_as_what_they_show() -> None:
    source = np.arange(40, dtype="i").reshape(5, 8)
    for part in (source[::2, ::-3], source[:, 0], source[1:1], source.T[2:4]):
        result, buffer = brought(View(part), bytearray)
        assert result.tolist() == part.tolist()
        assert len(buffer) == part.nbytes
        assert not result.readonly


@pytest.mark.parametrize("format_", ["T{<h:x:(2)B:y:}", "Zd", "3s", "w", "e", "T{i:x:", "d"])
def test_formats_stay_readable_or_not(format_: str) -> None:
    source = c_memory(format_)
    for loaded in (brought(source, bytearray)[0], pickle.loads(pickle.dumps(source, 5))):
        assert (loaded.format, loaded.itemsize, loaded.shape) == (source.format, source.itemsize, source.shape)
        assert loaded.tobytes() == source.tobytes()


def c_memory(format_: str) -> Any:
    try:
        return View(bytearray(range(48))).cast(format_)
    except ValueError:
        return View(memoryview_of(48, 8, format_.encode(), (6,)))


def test_large_memory_is_loaded_in_the_time_of_small_memory() -> None:
    data, _ = taken_apart(sb.zeros(1 << 23, "d"))
    mapped = mmap.mmap(-1, 1 << 26)
    array = pickle.loads(data, buffers=[mapped])
    # Nothing has been touched: not a page of it is resident.
    assert array.address == address(mapped)
    assert (array.shape, array[12345], array.readonly) == ((1 << 23,), 0.0, False)
    del array
    mapped.close()


# -- In band ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
@pytest.mark.parametrize("readonly", [False, True])
def test_in_band_pickles_keep_whether_they_can_be_written(protocol: int, readonly: bool) -> None:
    array = sb.array(ITEMS, "i", readonly=readonly)
    again = pickle.loads(pickle.dumps(array, protocol))
    assert type(again) is Array
    assert (again.tolist(), again.readonly) == (ITEMS, readonly)
    if readonly:
        assert hash(again) == hash(array)
        assert pickle.loads(pickle.dumps({array: 1}, protocol)) == {array: 1}
    else:
        again.append(7)
        assert again.tolist() == [*ITEMS, 7]


def test_in_band_copies_share_nothing() -> None:
    array = sb.array(ITEMS, "i")
    data = pickle.dumps([array, array[2:], array], 5)
    first, second = pickle.loads(data), pickle.loads(data)
    assert first[0] is first[2]
    first[0][2] = 99
    assert (first[1][0], second[0].tolist(), array.tolist()) == (4, ITEMS, ITEMS)


@pytest.mark.parametrize("readonly", [False, True])
def test_pickles_of_earlier_versions_are_read(readonly: bool) -> None:
    """Their last argument but one was always a bool, and bytes were brought for writable arrays too."""
    for data in (BYTES, bytearray(BYTES)):
        array = restore(data, "i", (8,), "C", readonly, 4)
        assert (array.tolist(), array.readonly) == (ITEMS, readonly)
        array = restore(data, "i", (8,), "C", readonly)
        assert (array.tolist(), array.readonly) == (ITEMS, readonly)
        if not readonly:
            array.append(1)
            array[0] = 9
    assert np.array(ITEMS, "<i4").tobytes() == BYTES
    array = pickle.loads(
        b"\x80\x04cswiftbuffer._core\n_restore\n(C\x04\x01\x00\x02\x00X\x02\x00\x00\x00<hK\x02\x85X\x01\x00\x00\x00C"
        b"\x89K\x02tR."
    )
    assert (array.tolist(), array.format, array.readonly) == ([1, 2], "<h", False)


# -- Hashes -----------------------------------------------------------------------------------------------------------


def test_the_hash_is_offered_where_nobody_else_can_write() -> None:
    array = sb.array(ITEMS, "i", readonly=True)
    mine, theirs = hash(array), "cannot hash memory that another object may change"
    for bring in (bytes, memoryview, lambda raw: memoryview(bytes(raw)), lambda raw: View(bytes(raw)).obj):
        loaded, _ = brought(array, bring)
        assert hash(loaded) == mine
    # The array itself: frozen, with memory of its own.
    data, buffers = taken_apart(array)
    assert hash(pickle.loads(data, buffers=buffers)) == mine
    for bring in (bytearray, lambda raw: memoryview(bytearray(raw)).toreadonly(), lambda raw: np.frombuffer(raw, "i")):
        loaded, _ = brought(array, bring)
        with pytest.raises(TypeError, match=theirs):
            hash(loaded)
        loaded.freeze()
        assert hash(loaded) == mine
    # Read-only, but writable by another name.
    block = bytearray(BYTES)
    shared = sb._core._adopt(memoryview(block).toreadonly())  # type: ignore[attr-defined]
    loaded = pickle.loads(data, buffers=[shared])
    with pytest.raises(TypeError, match=theirs):
        hash(loaded)
    block[0] += 1
    assert loaded[0] == ITEMS[0] + 1


# -- Bad input --------------------------------------------------------------------------------------------------------


class Cyclic(bytearray):
    array: Any


BAD: dict[str, tuple[Callable[[bytearray], Any], Any, str]] = {
    "too short": (lambda b: memoryview(b)[:31], ValueError, "the pickle has 32 bytes .* buffer has 31 bytes"),
    "too long": (lambda b: memoryview(b + b"x"), ValueError, "32 bytes .* 33 bytes"),
    "empty": (lambda _: b"", ValueError, "32 bytes .* 0 bytes"),
    "every second byte": (lambda b: memoryview(b * 2)[::2], BufferError, "not contiguous"),
    "backwards": (lambda b: memoryview(b)[::-1], BufferError, "not contiguous"),
    "repeated": (lambda b: np.broadcast_to(np.frombuffer(b, "B")[:8], (4, 8)), BufferError, "not contiguous"),
    "objects": (lambda _: np.zeros(4, "O"), NotImplementedError, "items of format 'O'"),
    "objects in structures": (
        lambda _: np.zeros(2, [("a", "O"), ("b", "i8")]), NotImplementedError, "references in it would not be counted",
    ),
    "py_object": (lambda _: (ctypes.py_object * 4)(1, 2, 3, 4), NotImplementedError, "would not be counted"),
    "no buffer": (lambda _: 5, TypeError, "bytes-like object"),
    "None": (lambda _: None, TypeError, "bytes-like object"),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD)
def test_a_bad_buffer_is_refused_and_released(name: str) -> None:
    make, error, text = BAD[name]
    block = bytearray(BYTES)
    for state in (None, True, False):
        with pytest.raises(error, match=text):
            restore(make(block), "i", (8,), "C", state, 4)
    data, _ = taken_apart(sb.array(ITEMS, "i"))
    with pytest.raises(error, match=text):
        pickle.loads(data, buffers=[make(block)])
    block.append(0)


@pytest.mark.parametrize(
    ("state", "error"),
    [
        (("i", (9,), "C", None, 4), ValueError),
        (("i", (-8,), "C", None, 4), ValueError),
        (("i", (2**62, 2**62), "C", None, 4), (ValueError, OverflowError)),
        (("i", (2**80,), "C", None, 4), (ValueError, OverflowError)),
        (("i", (1,) * 65, "C", None, 4), ValueError),
        (("i", "8", "C", None, 4), TypeError),
        (("i", (8.0,), "C", None, 4), TypeError),
        (("i", (8,), "X", None, 4), ValueError),
        (("i", (8,), 1, None, 4), TypeError),
        (("T{", (8,), "C", None), ValueError),
        (("O", (4,), "C", None, 8), NotImplementedError),
        ((5, (8,), "C", None, 4), TypeError),
        (("i", (8,), "C", None, -4), (ValueError, TypeError)),
        (("i", (8,), "C", None, 3), ValueError),
        (("i", (8,), "C", None, 2**70), OverflowError),
        (("i", (8,), "C", np.zeros(2), 4), ValueError),
    ],
)
def test_a_state_that_lies_is_refused(state: tuple[Any, ...], error: Any) -> None:
    block = bytearray(BYTES)
    for exporter in (block, BYTES):
        with pytest.raises(error):
            restore(exporter, *state)
    block.append(0)


def test_pickles_without_their_buffer_are_refused() -> None:
    data, _ = taken_apart(sb.array(ITEMS, "i"))
    with pytest.raises(pickle.UnpicklingError):
        pickle.loads(data)
    with pytest.raises(pickle.UnpicklingError):
        pickle.loads(data, buffers=[])


def test_nothing_leaks() -> None:
    array = sb.array(ITEMS, "i")
    data, _ = taken_apart(array)
    inside = pickle.dumps(array, 5)
    block = bytearray(BYTES)

    def loaded() -> None:
        pickle.loads(data, buffers=[block])
        pickle.loads(inside)
        pickle.loads(data, buffers=[BYTES]).tolist()

    def refused() -> None:
        with pytest.raises(ValueError, match="31 bytes"):
            pickle.loads(data, buffers=[BYTES[1:]])

    c_oracle.assert_no_growth(loaded, block, BYTES, rounds=10_000)
    c_oracle.assert_no_growth(refused, BYTES, rounds=3_000)
    block.append(0)


def test_a_cycle_through_the_buffer_is_collected() -> None:
    data, _ = taken_apart(sb.array(ITEMS, "i"))
    block = Cyclic(BYTES)
    block.array = pickle.loads(data, buffers=[block])
    seen: list[int] = []
    weakref.finalize(block, seen.append, 1)
    del block
    gc.collect()
    assert seen == [1]
