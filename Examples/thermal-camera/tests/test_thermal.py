# SPDX-License-Identifier: Apache-2.0
"""The module as its users see it."""

from __future__ import annotations

import gc
import inspect
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import numpy as np
import pytest
from thermal import Frame


def test_memoryview_shows_the_description() -> None:
    view = memoryview(Frame(2, 3))
    assert (view.shape, view.strides, view.format, view.itemsize) == ((2, 3), (12, 4), "f", 4)
    assert (view.readonly, view.c_contiguous, view.nbytes) == (False, True, 24)
    assert view.tolist() == [[0, 0, 0], [0, 0, 0]]


def test_numpy_shares_the_memory() -> None:
    frame = Frame(2, 2)
    first, second = np.asarray(frame), np.asarray(frame)
    assert np.shares_memory(first, second)
    first[1, 0] = 36.6
    assert frame.hottest() == pytest.approx(36.6)


def test_pictures_are_loaded_into_the_shared_memory() -> None:
    frame = Frame(3, 2)
    shared = np.asarray(frame)
    raw = np.array([[27315, 27415, 30000], [30000, 31015, 27315]], dtype="uint16").T
    frame.load(raw)
    assert shared == pytest.approx(raw / 100 - 273.15, abs=1e-4)
    frame.load(raw[::-1].astype(">u2"))
    assert shared == pytest.approx(raw[::-1] / 100 - 273.15, abs=1e-4)


@pytest.mark.parametrize(
    ("picture", "error", "message"),
    [
        (np.zeros((2, 2), "int16"), BufferError, "raw: items of UInt16"),
        (np.zeros(4, "uint16"), ValueError, r"raw has shape \[4\], the frame \[2, 2\]"),
        (np.zeros((2, 3), "uint16"), ValueError, r"raw has shape \[2, 3\]"),
        (4, TypeError, "raw: a bytes-like"),
    ],
)
def test_other_pictures_are_refused(picture: object, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        Frame(2, 2).load(picture)


def test_resize_is_refused_while_the_memory_is_shared() -> None:
    frame = Frame(2, 2)
    array = np.asarray(frame)
    view = memoryview(frame)
    with pytest.raises(
        BufferError, match=r"Existing exports of data: object cannot be re-sized \(2 exports outstanding"
    ):
        frame.resize(4, 4)
    view.release()
    del array
    gc.collect()
    frame.resize(4, 4)
    assert memoryview(frame).shape == (4, 4)


def test_memory_outlives_the_frame_for_as_long_as_it_is_used() -> None:
    frame = Frame(100, 100)
    array = np.asarray(frame)
    array[:] = 5
    del frame
    gc.collect()
    assert array.sum() == 50_000


def test_references_are_released() -> None:
    frame = Frame(2, 2)
    before = sys.getrefcount(frame), sys.getrefcount(Frame)
    for _ in range(1000):
        memoryview(frame).release()
        Frame(1, 1)
    assert (sys.getrefcount(frame), sys.getrefcount(Frame)) == before


def test_threads_see_whole_pictures_while_others_resize() -> None:
    frame = Frame(1, 1)

    def look(_: int) -> bool:
        try:
            with memoryview(frame) as view:
                return view.nbytes == 4 * view.shape[0] * view.shape[1] and not any(map(any, view.tolist()))
        except BufferError:
            return True

    def grow(size: int) -> bool:
        with suppress(BufferError, RuntimeError):
            frame.resize(size % 50 + 1, size % 7 + 1)
        return True

    with ThreadPoolExecutor(4) as pool:
        looks = pool.map(look, range(4000))
        changes = pool.map(grow, range(4000))
        assert all(looks)
        assert all(changes)
    frame.resize(1, 1)


@pytest.mark.parametrize(("height", "width"), [(-1, 2), (2, -1)])
def test_negative_sizes_are_refused(height: int, width: int) -> None:
    with pytest.raises(ValueError, match="negative"):
        Frame(height, width)


@pytest.mark.parametrize(("height", "width"), [(2**40, 2**40), (2**50, 2**5)])
def test_sizes_beyond_memory_are_refused(height: int, width: int) -> None:
    with pytest.raises((MemoryError, OverflowError)):
        Frame(height, width)


def test_arguments_are_checked() -> None:
    with pytest.raises(TypeError, match=r"Frame\(\) missing required argument 'width'"):
        Frame(1)
    with pytest.raises(TypeError, match="unexpected keyword"):
        Frame(height=1, breadth=2)
    assert memoryview(Frame(width=2, height=1)).shape == (1, 2)
    assert Frame(0, 0).hottest() is None


def test_a_failed_call_changes_nothing() -> None:
    frame = Frame(2, 2)
    with pytest.raises(ValueError, match="negative"):
        frame.resize(-1, 2)
    assert memoryview(frame).shape == (2, 2)


@pytest.mark.skipif(sys.version_info < (3, 12), reason="before 3.12 all interpreters have one GIL")
def test_each_interpreter_has_a_type_of_its_own() -> None:
    interpreters = pytest.importorskip("_interpreters" if sys.version_info >= (3, 13) else "_xxsubinterpreters")
    code = (
        f"import sys; sys.path[:] = {sys.path!r}; import thermal; assert memoryview(thermal.Frame(2, 3)).nbytes == 24"
    )
    for _ in range(2):
        other = interpreters.create()
        assert interpreters.run_string(other, code) is None
        interpreters.destroy(other)


def test_signatures_are_shown() -> None:
    assert str(inspect.signature(Frame.resize)) == "(self, /, height, width)"
    assert str(inspect.signature(Frame)) == "(height, width)"
