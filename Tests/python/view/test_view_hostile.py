# SPDX-License-Identifier: Apache-2.0
"""Exporters and arguments that misbehave: an exception or the right answer, never a crash or foreign memory."""

from __future__ import annotations

import ctypes
import gc
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import numpy as np
import pytest

from acting import Acting
from inconsistent import memoryview_of
from swiftbuffer import View, array, zeros

needs_buffer_methods = pytest.mark.skipif(sys.version_info < (3, 12), reason="__buffer__ is PEP 688, since 3.12")


USES: list[Callable[[View, Any], object]] = [
    lambda view, x: view[x],
    lambda view, x: view[x:],
    lambda view, x: view[x, x],
    lambda view, x: view[..., x],
    lambda view, x: view[x : x + 0 if isinstance(x, int) else x],
    lambda view, x: view.__setitem__(x, 1),
    lambda view, x: view.__setitem__(slice(x, None), 1),
    lambda view, x: view.__setitem__((0, 0), x),
    lambda view, x: view.__setitem__(slice(None), x),
    lambda view, x: view.__setitem__(slice(None), [[x] * 4] * 3),
    lambda view, x: view.reshape((12, 1 if x is None else x)),
    lambda view, x: view.cast("B", [x]),
    lambda view, x: view.as_strided((x,), (x,)),
    lambda view, x: view.transpose(x, 1),
    lambda view, x: view.squeeze(x),
    lambda view, x: view.broadcast_to((x, 3, 4)),
    lambda view, x: view.index(b"abcd", x),
    lambda view, x: view.hex(":", x),
    lambda view, x: view.fill(x),
    lambda view, x: view.count(x),
    lambda view, x: x in view,
    lambda view, x: view == x,
]


@pytest.mark.parametrize("use", range(len(USES)))
@pytest.mark.parametrize("value", [0, 1, -1, 5])
def test_an_index_that_releases_the_view(use: int, value: int) -> None:
    memory = bytearray(12)
    view = View(memory).cast("B", (3, 4))

    def act() -> None:
        view.release()
        # Nothing else holds the exporter then, unless the operation does: the memory moves if it may.
        try:
            memory.extend(bytes(1 << 16))
            memory.clear()
        except BufferError:
            pass

    with suppress(ValueError, IndexError, TypeError, BufferError):
        USES[use](view, Acting(act, value))
    assert memory in (bytearray(), bytearray(12), bytearray(b"\1" + bytes(11))) or len(memory) == 12


@pytest.mark.parametrize("use", range(len(USES)))
def test_an_index_that_raises(use: int) -> None:
    def fail() -> None:
        raise ZeroDivisionError

    view = View(bytearray(12)).cast("B", (3, 4))
    with suppress(ZeroDivisionError, TypeError):
        USES[use](view, Acting(fail))
    view.release()


def test_an_index_that_resizes_an_array() -> None:
    memory = zeros(4, "B")
    assert memory.tolist() == [0, 0, 0, 0]
    with pytest.raises(IndexError):
        memory[Acting(lambda: memory.resize(0), 3)]
    memory = zeros(4, "B")
    with pytest.raises(IndexError):
        memory[3] = Acting(lambda: memory.resize(0), 3)
    with pytest.raises(ValueError, match="4 items to a slice of 1"):
        memory[Acting(lambda: memory.resize(1), 0) : 4] = b"abcd"


def test_a_comparison_that_releases_the_view() -> None:
    class Equal:
        def __init__(self, view: View) -> None:
            self.view = view

        def __eq__(self, other: object) -> bool:
            self.view.release()
            return False

        __hash__ = None  # type: ignore[assignment]

    for use in [lambda v, x: x in v, lambda v, x: v.count(x), lambda v, x: v.index(x)]:
        view = View(bytearray(4))
        with pytest.raises(ValueError, match="released"):
            use(view, Equal(view))


def test_a_finalizer_that_releases_the_view_of_which_a_part_is_taken() -> None:
    """Up to CPython 3.11 the collector runs whenever an object is made."""

    class Garbage:
        def __init__(self, view: View) -> None:
            self.view = view
            self.cycle = self

        def __del__(self) -> None:
            self.view.release()

    thresholds = gc.get_threshold()
    # No view is idle, so that one is made.
    used = [View(b"abc") for _ in range(3)]
    for threshold in range(1, 8):
        exporter = bytearray(b"abcdef" * 100)
        view = View(exporter)
        gc.collect()
        Garbage(view)
        gc.set_threshold(threshold)
        try:
            part = view[1:9]
        except ValueError:
            continue
        finally:
            gc.set_threshold(*thresholds)
        with pytest.raises(BufferError):
            exporter.append(1)
        assert part.obj is exporter
        assert part.tobytes() == b"bcdefabc"
    assert len(used) == 3


def test_sequences_that_change_while_they_are_read() -> None:
    view = View(bytearray(4))
    values: list[Any] = [1, 2, 3, 4]
    values[1] = Acting(values.clear, 2)
    with suppress(ValueError, IndexError, RuntimeError, TypeError):
        view[...] = values
    assert len(view) == 4


# -- Exporters written in Python (PEP 688) -----------------------------------------------------------------------------


@needs_buffer_methods
@pytest.mark.parametrize("answer", [None, 5, b"abc", bytearray(3), "memoryview"])
def test_a_buffer_method_that_returns_something_else(answer: object) -> None:
    class Exporter:
        def __buffer__(self, flags: int) -> Any:
            return answer

    with pytest.raises(TypeError):
        View(Exporter())  # type: ignore[arg-type]


@needs_buffer_methods
def test_a_buffer_method_that_raises() -> None:
    class Exporter:
        def __buffer__(self, flags: int) -> memoryview:
            raise ZeroDivisionError

    view = View(bytearray(3))
    for use in [View, view.copy_from, view.copy_to, lambda x: view.__setitem__(..., x)]:
        with pytest.raises(ZeroDivisionError):
            use(Exporter())
    assert view != Exporter()


@needs_buffer_methods
def test_a_buffer_method_that_answers_something_new_each_time() -> None:
    class Exporter:
        count = 0

        def __buffer__(self, flags: int) -> memoryview:
            self.count += 1
            return memoryview(bytes(range(self.count)))

    exporter = Exporter()
    views = [View(exporter) for _ in range(5)]
    assert [view.tolist() for view in views] == [list(range(n + 1)) for n in range(5)]
    assert [view[1:].nbytes for view in views] == list(range(5))
    view = View(bytearray(7))
    view[...] = np.zeros(7, "B")
    for _ in range(5):
        try:
            view.copy_from(exporter)
        except ValueError:
            continue
    assert view == exporter or exporter.count > 7


@needs_buffer_methods
def test_a_buffer_method_that_releases_the_view_that_asked() -> None:
    for use in [
        lambda view, x: view.__setitem__(..., x),
        lambda view, x: view.copy_from(x),
        lambda view, x: view.copy_to(x),
        lambda view, x: view == x,
    ]:
        memory = bytearray(3)
        view = View(memory)

        class Exporter:
            def __buffer__(self, flags: int) -> memoryview:
                view.release()  # noqa: B023
                memory.clear()  # noqa: B023
                return memoryview(bytearray(3))

        with suppress(ValueError, BufferError):
            assert not use(view, Exporter())


@needs_buffer_methods
def test_a_release_method_that_raises() -> None:
    seen: list[Any] = []
    hook, sys.unraisablehook = sys.unraisablehook, seen.append
    try:

        class Exporter:
            def __buffer__(self, flags: int) -> memoryview:
                return memoryview(b"abc")

            def __release_buffer__(self, view: memoryview) -> None:
                raise ZeroDivisionError

        view = View(Exporter())
        part = view[1:]
        view.release()
        assert part.tolist() == [98, 99]
        assert seen == []
        del part
        gc.collect()
        assert [type(each.exc_value) for each in seen] == [ZeroDivisionError]
    finally:
        sys.unraisablehook = hook
        seen.clear()


@needs_buffer_methods
def test_a_release_method_sees_each_buffer_once() -> None:
    class Exporter:
        out = 0

        def __buffer__(self, flags: int) -> memoryview:
            self.out += 1
            return memoryview(b"abc")

        def __release_buffer__(self, view: memoryview) -> None:
            self.out -= 1

    exporter = Exporter()
    with View(exporter) as view:
        parts = [view[n:] for n in range(3)]
        assert exporter.out == 1
    assert exporter.out == 1
    del parts
    assert exporter.out == 0


# -- Exporters written in C --------------------------------------------------------------------------------------------


def test_exporters_with_many_dimensions() -> None:
    exporters = pytest.importorskip("_testbuffer")
    view = View(exporters.ndarray([5], shape=[1] * 64, format="B"))
    assert view.ndim == 64
    assert view[(0,) * 64] == 5
    with pytest.raises((ValueError, BufferError), match="64"):
        View(exporters.ndarray([5], shape=[1] * 128, format="B"))


def test_ctypes_answers_without_strides() -> None:
    memory = ((ctypes.c_int * 3) * 2)((1, 2, 3), (4, 5, 6))
    view = View(memory)
    assert (view.shape, view.strides) == ((2, 3), (12, 4))
    assert view.tolist() == [[1, 2, 3], [4, 5, 6]]
    view[:, ::-1] = [[1, 2, 3], [4, 5, 6]]
    assert list(memory[1]) == [6, 5, 4]

    class Point(ctypes.Structure):
        _fields_ = (("x", ctypes.c_int16), ("y", ctypes.c_double))

    points = (Point * 2)((1, 2.5), (3, 4.5))
    view = View(points)
    try:
        assert view["y"].tolist() == [2.5, 4.5]
    except NotImplementedError:
        # Up to CPython 3.11 its formats describe other offsets than it has, which the sizes show.
        assert sys.version_info < (3, 12)


@pytest.mark.parametrize("legacy", [False, True])
def test_exporters_that_ignore_flags_or_have_no_owner(legacy: bool) -> None:
    exporters = pytest.importorskip("_testbuffer")
    exporter = exporters.staticarray(legacy_mode=legacy)
    view = View(exporter)
    assert view.tolist() == list(range(12))
    assert (view.obj is None) == legacy
    assert view[::5].tolist() == [0, 5, 10]
    view.release()


@pytest.mark.parametrize("undefined", [False, True])
def test_exporters_that_refuse(undefined: bool) -> None:
    exporters = pytest.importorskip("_testbuffer")
    flags = exporters.ND_GETBUF_FAIL | (exporters.ND_GETBUF_UNDEFINED if undefined else 0)
    exporter = exporters.ndarray([1, 2, 3], shape=[3], format="B", flags=flags)
    for _ in range(3):
        with pytest.raises(BufferError):
            View(exporter)
    view = View(bytearray(3))
    with pytest.raises(BufferError):
        view[...] = exporter
    assert view != exporter


@pytest.mark.parametrize(
    ("length", "itemsize", "format_", "shape"),
    [
        (12, 1, b"B", (13,)),
        (12, 1, b"B", (3, 5)),
        (12, 4, b"B", (12,)),
        (12, 1, b"B", (-12,)),
        (12, 1, b"B", (-3, -4)),
        (0, 8, b"d", (2**61, 2**3)),
        (0, 1, b"B", (2**32, 2**32)),
        (16, 0, b"B", (16,)),
        (-8, 8, b"d", (-1,)),
        (12, -1, b"B", (12,)),
    ],
)
def test_descriptions_that_contradict_themselves_are_refused(
    length: int, itemsize: int, format_: bytes, shape: tuple[int, ...]
) -> None:
    exporter = memoryview_of(length, itemsize, format_, shape)
    with pytest.raises((BufferError, ValueError, OverflowError)):
        View(exporter)


@pytest.mark.parametrize(
    ("format_", "itemsize"), [(b"i", 1), (b"d", 4), (b"B", 4), (b"T{i:x:}", 2), (b"", 4), (b"!?", 4)]
)
def test_items_of_another_size_than_the_format_says_are_not_read(format_: bytes, itemsize: int) -> None:
    view = View(memoryview_of(16, itemsize, format_, (16 // itemsize,)))
    for use in [view.tolist, lambda: view[0], lambda: view.__setitem__(0, 1), lambda: view.fill(0), lambda: view["x"]]:
        with pytest.raises(NotImplementedError):
            use()
    assert view.tobytes() == bytes(range(16))
    assert view.cast("B").tolist() == list(range(16))
    assert "cannot be read" in repr(view)
    assert view.nbytes == 16


def test_no_format_means_bytes() -> None:
    view = View(memoryview_of(12, 1, None, (3, 4), (4, 1)))
    assert (view.format, view.tolist()[0]) == ("B", [0, 1, 2, 3])


# -- Threads -----------------------------------------------------------------------------------------------------------


def test_threads_that_use_and_release_one_view_never_lose_it() -> None:
    data = bytearray(range(64))
    failures: list[BaseException] = []
    barrier = threading.Barrier(6)
    shared: list[View] = []

    def read(view: View) -> None:
        part = view[8:40:2]
        assert part.tolist() == list(range(8, 40, 2))
        assert view.cast("I", (4, 4))[1, 1] == int.from_bytes(bytes(range(20, 24)), sys.byteorder)
        assert sum(view) == sum(range(64))
        assert view[-1] == 63
        memoryview(view)[1:].release()
        # Not `data`: without a GIL CPython 3.13 loses exports of a bytearray that threads acquire at once.
        view == bytes(range(64))  # noqa: B015

    def work() -> None:
        try:
            for round_ in range(60):
                if barrier.wait(30) == 0:
                    shared.append(View(data))
                barrier.wait(30)
                view = shared[round_]
                for _ in range(8):
                    try:
                        read(view)
                        if round_ % 2:
                            view.release()
                    except (ValueError, BufferError) as error:
                        # Another thread released it, or reads it.
                        if "released" not in str(error) and "export" not in str(error):
                            raise
        except BaseException as error:
            failures.append(error)
            barrier.abort()

    threads = [threading.Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert failures == []
    for view in shared:
        view.release()
    data.append(0)


def test_one_iterator_shared_by_threads_gives_each_item_at_most_twice() -> None:
    items = iter(View(array(list(range(2000)), "i")))
    seen: list[int] = []
    threads = [threading.Thread(target=lambda: seen.extend(items)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert set(seen) == set(range(2000))
