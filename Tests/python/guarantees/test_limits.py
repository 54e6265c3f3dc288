# SPDX-License-Identifier: Apache-2.0
"""As many dimensions, as large a shape, and as much memory as there can be."""

from __future__ import annotations

import ctypes
import mmap
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import swiftbuffer as sb
from swiftbuffer import View, capi, testing

LAST = 2**63 - 1
MOST = 64
# 16 items, on four axes among 64.
LONG = tuple(2 if axis % 16 == 5 else 1 for axis in range(MOST))

Use = Callable[[Any], object]


def nested(values: list[Any], shape: tuple[int, ...]) -> Any:
    """The values as nested lists, by arithmetic of the test's own."""
    for length in reversed(shape):
        values = [values[start : start + length] for start in range(0, len(values), length)]
    return values[0]


# -- 64 dimensions -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("order", ["C", "F"])
def test_all_operations_with_64_dimensions(order: Any) -> None:
    made = sb.array(nested(list(range(16)), LONG), "i", order=order)
    view = View(made)
    expected = nested(list(range(16)), LONG)
    assert made.shape == view.shape == LONG
    assert made.ndim == MOST
    assert made.tolist() == view.tolist() == memoryview(view).tolist() == expected
    assert view == made
    assert view.copy() == made
    assert sb.array(view) == made
    assert sb.array(expected, "i") == made
    assert list(view.cast("B").cast("i")) if order == "C" else view.f_contiguous
    assert np.asarray(view).ravel().tolist() == list(range(16))
    assert view.T.shape == LONG[::-1]
    assert view == view.T.T
    assert view.transpose(tuple(range(MOST))).strides == view.strides
    assert view[(0,) * MOST] == 0
    assert view[tuple(length - 1 for length in LONG)] == 15
    assert view[(0,) * (MOST - 1)].ndim == 1
    assert view[0].ndim == MOST - 1
    assert view[(slice(None, None, -1),) * MOST].copy().reshape((16,)).tolist() == list(range(15, -1, -1))
    assert view.squeeze().shape == (2, 2, 2, 2)
    assert view.squeeze().broadcast_to((*LONG[:60], 2, 2, 2, 2)).ndim == MOST
    assert view.astype(">d").tolist() == expected
    assert repr(view)
    assert view._repr_html_() is not None
    assert view.tobytes("C") == bytes(sb.array(range(16), "i"))
    assert len(pickled(made))
    assert sum(1 for _ in view) == 1
    view[...] = made.tolist()
    view[...] = made.copy()
    made.copy().copy_to(view)
    view.fill(7)
    assert set(made.tobytes("A")[::4]) == {7}
    with capi.PyObject_GetBuffer(made, capi.PyBUF_FULL_RO) as buffer:
        assert buffer.shape == LONG
        assert capi.PyBuffer_IsContiguous(buffer, order)
        assert len(capi.PyBuffer_ToContiguous(buffer, "F")) == 64
    assert sb.check(made).ok


def pickled(array: sb.Array) -> bytes:
    import pickle

    data = pickle.dumps(array, 5)
    assert pickle.loads(data) == array
    return data


@pytest.mark.parametrize(
    "use",
    [
        lambda view: view[None],
        lambda view: view[..., None],
        lambda view: view.reshape((1, *LONG)),
        lambda view: view.broadcast_to((1, *LONG)),
        lambda view: view.as_strided((1,) * 65, (0,) * 65),
        lambda view: view.cast("B").cast("i", (*LONG, 1)),
        lambda view: sb.array([view.tolist()]),
        lambda _: sb.zeros((1,) * 65),
        lambda view: sb.array(view, "(1)i").tolist(),
        lambda _: capi.PyBuffer_FillContiguousStrides((1,) * 65, 4, "C"),
    ],
)
def test_a_65th_dimension_is_refused(use: Use) -> None:
    view = View(sb.array(nested(list(range(16)), LONG), "i"))
    with pytest.raises((ValueError, TypeError)):
        use(view)
    assert view.ndim == MOST


# -- Shapes near 2**63 -------------------------------------------------------------------------------------------------

EMPTY = [(LAST, 0), (0, LAST), (2**31, 2**31, 0), (0, 2**62, 2), (1, LAST, 0, 1)]


@pytest.mark.parametrize("shape", EMPTY)
def test_shapes_near_the_last_integer_without_items(shape: tuple[int, ...]) -> None:
    """Whatever has no items works, or says that its strides are beyond all memory; nothing walks 2**63 rows."""
    try:
        view = View(sb.zeros(0, "B")).cast("B", shape)
    except (OverflowError, ValueError, TypeError) as error:
        assert str(error)  # noqa: PT017
    else:
        consume(view)
    try:
        made = sb.zeros(shape, "B")
    except OverflowError:
        return
    assert made.shape == shape
    assert made.nbytes == 0
    consume(View(made))
    consume(made)


def consume(memory: Any) -> None:
    assert memory.tobytes() == b"" == bytes(memoryview(memory).tobytes())
    assert memory.hex() == ""
    assert memory == memory.copy()
    assert memory.astype("b").nbytes == 0
    assert repr(memory)
    assert memory.T.shape == memory.shape[::-1]
    memory[...] = 5
    memory.fill(5)
    memory.copy_from(memory.copy())
    assert memory[::-1, ..., ::2].nbytes == 0
    assert 3 not in memory.reshape((0,))
    with pytest.raises((IndexError, ValueError)):
        memory[(0,) * memory.ndim]
    if memory.shape[0] == 0:
        assert memory.tolist() == [] == list(memory)


OVERFLOWING = [
    (2**62, 2),
    (2**32, 2**32),
    (2**31,) * 3,
    (3, 2**62),
    (LAST, 2),
    (LAST, LAST),
    (2**21,) * 3,
    (1, LAST, 3),
]


@pytest.mark.parametrize("shape", OVERFLOWING)
@pytest.mark.parametrize("format_", ["B", "d", "0s", "5s"])
def test_products_that_overflow_are_refused(shape: tuple[int, ...], format_: str) -> None:
    source = View(bytes(40)).cast(format_) if format_ != "0s" else View(sb.zeros(1, "0s"))
    uses: list[Callable[[], Any]] = [
        lambda: source.cast(format_, shape) if format_ == "B" else source.cast("B").cast(format_, shape),
        lambda: source.reshape(shape),
        lambda: source.as_strided(shape, (8,) * len(shape)),
        lambda: sb.zeros(shape, format_).tobytes(),
        lambda: sb.empty(shape, format_).tolist(),
        lambda: View(testing.broken(bytes(40), shape=shape, ndim=len(shape), strides=None)),
        lambda: sb.array(testing.broken(bytes(40), shape=shape, ndim=len(shape), strides=None)),
    ]
    for use in uses:
        if format_ == "0s" and use in (uses[3], uses[4]):
            # Items without bytes: there may be as many as an integer counts.
            continue
        with pytest.raises((OverflowError, ValueError, BufferError, MemoryError)):
            use()


@pytest.mark.parametrize("shape", [(2**62,), (2**40, 2**22), (LAST,)])
def test_a_stride_of_zero_repeats_one_item_nearly_2_63_times(shape: tuple[int, ...]) -> None:
    """Memory that is not there need not be counted: strides of 0."""
    view = View(b"a").broadcast_to(shape)
    assert view.nbytes == np.prod(shape, dtype=object)
    assert view[(-1,) * len(shape)] == 97
    assert view[(0,) * len(shape)] == 97
    assert view[(slice(-3, None),) * len(shape)].tolist() == nested([97] * 3 ** len(shape), (3,) * len(shape))
    assert view[(slice(None, None, 2**61),) * len(shape)].nbytes <= 4
    assert "97" in repr(view)
    for use in [view.tobytes, view.tolist, view.copy, view.hex, lambda: view.astype("d")]:
        with pytest.raises((MemoryError, OverflowError)):
            use()  # type: ignore[operator]
    with pytest.raises(OverflowError):
        view[None].broadcast_to((3, *shape)).broadcast_to((4, 3, *shape))


@pytest.mark.parametrize(
    ("start", "stop", "step"),
    [(LAST, -LAST, -LAST), (-LAST - 1, LAST, LAST), (None, None, -LAST - 1), (2**70, None, -(2**70))],
)
def test_slices_at_the_ends_of_the_integers(start: int | None, stop: int | None, step: int | None) -> None:
    data = bytes(range(10))
    view = View(data)
    assert view[start:stop:step].tolist() == list(data[start:stop:step])
    assert sb.array(view)[start:stop:step].tolist() == list(data[start:stop:step])


# -- Items without bytes -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("format_", ["0s", "T{}", "(0)i"])
@pytest.mark.parametrize("shape", [(), (3,), (0,), (2, 3), (2, 0)])
def test_items_of_no_bytes(format_: str, shape: tuple[int, ...]) -> None:
    made = sb.zeros(shape, format_)
    view = View(made)
    assert (view.itemsize, view.nbytes, view.shape) == (0, 0, shape)
    assert view.tobytes() == b""
    assert memoryview(view).nbytes == 0
    assert view.copy() == view
    assert view.tolist() == made.tolist()
    assert repr(view)
    assert view.T.shape == shape[::-1]
    if shape:
        assert view[::-1].shape == shape
        assert len(list(view)) == shape[0]
        assert view[...].reshape((-1,)).ndim == 1 if 0 not in shape else True
    view[...] = view.copy()
    with pytest.raises((ValueError, TypeError, ZeroDivisionError)):
        view.cast("B", (1,))


# -- More than 4 GiB ---------------------------------------------------------------------------------------------------

SIZE = (4 << 30) + (1 << 20)
# Beyond what 32 bits count, in bytes.
FAR = (4 << 30) + 12_345


@pytest.fixture
def giant() -> Iterator[mmap.mmap]:
    """More than 4 GiB of addresses, of which only what is touched is memory."""
    free = os.sysconf("SC_AVPHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    limit = Path("/sys/fs/cgroup/memory.max")
    if limit.exists() and limit.read_text().strip().isdigit():
        free = min(free, int(limit.read_text()) - int(Path("/sys/fs/cgroup/memory.current").read_text()))
    if ctypes.sizeof(ctypes.c_void_p) < 8 or free < 2 << 30:
        pytest.skip(f"{free >> 20} MiB of memory are free, and this test takes some of 2048")
    try:
        memory = mmap.mmap(-1, SIZE)
    except OSError as error:
        pytest.skip(f"no room for addresses: {error}")
    yield memory
    memory.close()


def test_more_than_four_gibibytes(giant: mmap.mmap) -> None:
    giant[FAR] = 7
    giant[SIZE - 1] = 9
    with View(giant) as view:
        assert len(view) == view.nbytes == SIZE
        assert (view[FAR], view[-1], view[FAR - 1], view[FAR & 0xFFFFFFFF]) == (7, 9, 0, 0)
        view[FAR + 2] = 11
        assert giant[FAR + 2] == 11
        part = view[FAR - 2 : FAR + 4]
        assert part.tobytes() == b"\0\0\7\0\x0b\0"
        assert part.tolist() == [0, 0, 7, 0, 11, 0]
        assert part == bytes([0, 0, 7, 0, 11, 0])
        assert part.copy() == part
        assert part[::-1].tobytes() == b"\0\x0b\0\7\0\0"
        part[...] = b"abcdef"
        assert giant[FAR - 2 : FAR + 4] == b"abcdef"
        assert view[FAR - 2 :].index(ord("c")) == 2
        assert view[FAR - 2 :].count(ord("d")) == 1
        part.fill(0)
        # Strides and rows longer than 32 bits, over the same few pages.
        rows = view.as_strided((2, 4), (4 << 30, 1))
        rows[1] = b"wxyz"
        assert rows.tolist() == [[0] * 4, list(b"wxyz")]
        assert rows.T.copy().tobytes() == b"\0w\0x\0y\0z"
        assert view[4 << 30] == ord("w")
        assert rows.tobytes("F") == b"\0w\0x\0y\0z"
        assert view[:: 4 << 30].tolist() == [0, ord("w")]
        assert view[-1 :: -(4 << 30)].tolist() == [
            9,
            view[-1 - (4 << 30)],
        ]
        words = view.cast("Q")
        assert len(words) == SIZE // 8
        assert words[-1] == 9 << 56
        grid = view.cast("B", (SIZE >> 20, 1 << 20))
        assert grid.shape[0] == 4097
        assert grid[4096, (1 << 20) - 1] == 9
        assert grid[-1, 0:4].tobytes() == b"wxyz"
        with capi.PyObject_GetBuffer(grid, capi.PyBUF_FULL_RO) as buffer:
            assert buffer.len == SIZE
            assert capi.PyBuffer_GetPointer(buffer, [4096, 5]) == buffer.buf + (4 << 30) + 5
        del words, grid, rows, part


def test_an_array_of_more_than_four_gibibytes(giant: mmap.mmap) -> None:  # noqa: ARG001 (for its look at free memory)
    """Zeros straight from the system are there before they are memory."""
    made = sb.zeros((SIZE // 8,), "Q")
    made[FAR // 8] = 2**64 - 1
    assert made[FAR // 8] == 2**64 - 1
    assert made[FAR // 8 - 1] == 0
    assert made.nbytes == SIZE
    assert made[FAR // 8 : FAR // 8 + 2].tobytes() == b"\xff" * 8 + bytes(8)
    assert np.asarray(made)[FAR // 8] == 2**64 - 1
    assert memoryview(made)[FAR // 8] == 2**64 - 1
    made.resize(10)
    assert made.tolist() == [0] * 10
