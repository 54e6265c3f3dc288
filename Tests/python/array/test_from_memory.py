# SPDX-License-Identifier: Apache-2.0
"""`from_memory`: memory with an owner that is kept, and a release function that is called once."""

from __future__ import annotations

import array
import contextlib
import ctypes
import gc
import os
import subprocess
import sys
import textwrap
import threading
import weakref
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import c_oracle
from swiftbuffer import View, capi, from_memory


class Block:
    """Memory at an address, and a count of its releases."""

    def __init__(self, content: bytes = b"abcdef") -> None:
        self.memory = ctypes.create_string_buffer(content, len(content))
        self.address = ctypes.addressof(self.memory)
        self.releases = 0

    def release(self) -> None:
        self.releases += 1


def test_the_memory_itself_is_seen() -> None:
    block = Block()
    view = from_memory(block.address, 6)
    assert type(view) is memoryview
    assert view == b"abcdef"
    block.memory[0] = b"X"
    assert view[0] == ord("X")
    assert np.asarray(view).__array_interface__["data"] == (block.address, True)


@given(st.binary(max_size=100), st.booleans())
def test_the_default_view_describes_itself_as_bytes_do(content: bytes, readonly: bool) -> None:
    block = Block(content)
    view = from_memory(block.address, len(content), readonly=readonly)
    plain = memoryview(content if readonly else bytearray(content))
    names = "format itemsize ndim shape strides suboffsets nbytes readonly c_contiguous f_contiguous contiguous"
    for name in names.split():
        assert getattr(view, name) == getattr(plain, name), name
    assert view == plain
    assert view.tolist() == list(content)


@pytest.mark.parametrize("flags", range(0x200))
def test_requests_are_answered_as_of_a_memoryview(flags: int) -> None:
    block = Block()
    for readonly in (True, False):
        ours = from_memory(block.address, 6, readonly=readonly).obj
        plain = memoryview(b"abcdef" if readonly else bytearray(b"abcdef"))
        answers: list[Any] = []
        for exporter in (ours, plain):
            try:
                with capi.PyObject_GetBuffer(exporter, flags) as view:
                    answers.append(c_oracle.fields(view) | {"buf": None})
            except (BufferError, SystemError) as error:
                answers.append(type(error))
        assert answers[0] == answers[1]


def test_writable_memory_is_written_through_the_view() -> None:
    block = Block()
    view = from_memory(block.address, 6, readonly=False)
    view[1:3] = b"XY"
    assert block.memory.raw == b"aXYdef"
    with pytest.raises(TypeError, match="read-only"):
        from_memory(block.address, 6)[0] = 1


def test_release_is_called_when_the_last_export_ends() -> None:
    block = Block()
    view = from_memory(block.address, 6, release=block.release)
    part = view[2:]
    array_of_it = np.asarray(part)
    held = capi.PyObject_GetBuffer(view, capi.PyBUF_FULL_RO)
    del view, part
    held.release()
    gc.collect()
    assert block.releases == 0
    assert bytes(array_of_it) == b"cdef"
    del array_of_it
    assert block.releases == 1


def test_release_is_called_by_releasing_the_view() -> None:
    block = Block()
    with from_memory(block.address, 6, release=block.release) as view:
        assert block.releases == 0
    assert block.releases == 1
    view.release()
    del view
    assert block.releases == 1


def test_the_owner_lives_as_long_as_the_view() -> None:
    class Owner:
        pass

    owner = Owner()
    gone = weakref.ref(owner)
    view = from_memory(Block().address, 0, owner=owner)
    del owner
    gc.collect()
    assert gone() is not None
    view.release()
    assert gone() is None


def test_the_owner_is_there_while_release_runs() -> None:
    class Owner:
        pass

    owner = Owner()
    seen: list[bool] = []
    gone = weakref.ref(owner)
    view = from_memory(Block().address, 0, owner=owner, release=lambda: seen.append(gone() is not None))
    del owner
    view.release()
    assert seen == [True]
    assert gone() is None


def test_an_error_in_release_is_reported_and_goes_no_further(monkeypatch: pytest.MonkeyPatch) -> None:
    reported: list[Any] = []
    monkeypatch.setattr(sys, "unraisablehook", lambda report: reported.append((report.exc_type, report.object)))

    def fail() -> None:
        raise LookupError("no such memory")

    block = Block()
    from_memory(block.address, 6, release=fail).release()
    assert reported == [(LookupError, fail)]
    # An exception on its way stays what it is.
    with pytest.raises(KeyError, match="first"):
        _raise_while_dropping(from_memory(block.address, 6, release=fail))
    assert len(reported) == 2


def _raise_while_dropping(view: memoryview) -> None:
    views = iter([view])
    del view
    for _ in views:
        raise KeyError("first")


def test_release_may_use_everything_again() -> None:
    blocks = [Block() for _ in range(3)]

    def again() -> None:
        gc.collect()
        blocks[0].release()
        if blocks[0].releases < 3:
            from_memory(blocks[0].address, 6, release=again).release()

    from_memory(blocks[0].address, 6, release=again).release()
    assert blocks[0].releases == 3


@pytest.mark.parametrize(
    ("address", "size", "error"),
    [
        (0, 1, ValueError),
        (4096, -1, ValueError),
        (0, -1, ValueError),
        (2**64 - 1, 2, ValueError),
        (2**64, 1, OverflowError),
        (-1, 1, OverflowError),
        (4096, 2**63, OverflowError),
        (4096.0, 1, TypeError),
        ("4096", 1, TypeError),
        (4096, "1", TypeError),
        (None, 1, TypeError),
    ],
)
def test_arguments_that_are_not_memory_are_refused(address: Any, size: Any, error: type[Exception]) -> None:
    block = Block()
    with pytest.raises(error):
        from_memory(address, size, release=block.release)
    gc.collect()
    assert block.releases == 0


def test_a_release_function_must_be_callable() -> None:
    with pytest.raises(TypeError, match="release must be callable, not int"):
        from_memory(4096, 0, release=3)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="positional"):
        from_memory(4096, 0, True)  # type: ignore[misc]


def test_no_bytes_at_a_null_address() -> None:
    block = Block()
    view = from_memory(0, 0, release=block.release)
    assert (view.nbytes, bytes(view)) == (0, b"")
    view.release()
    assert block.releases == 1


# -- Garbage -----------------------------------------------------------------------------------------------------------


class Cyclic(Block):
    """Holds the view of its own memory, and is its owner or its release function."""

    log: list[int]
    view: memoryview | capi.Py_buffer

    def release(self) -> None:
        self.log.append(self.memory.raw[0])


@pytest.mark.parametrize("through", ["owner", "release", "both"])
@pytest.mark.parametrize("kind", ["view", "Py_buffer", "both"])
def test_cycles_are_collected_and_released_once(through: str, kind: str) -> None:
    log: list[int] = []
    cycle = Cyclic()
    cycle.log = log
    other = Cyclic()
    other.log = log
    view = from_memory(
        cycle.address,
        6,
        owner=cycle if through != "release" else None,
        release=cycle.release if through != "owner" else other.release,
    )
    cycle.view = view if kind == "view" else capi.PyObject_GetBuffer(view, 0)
    if kind == "both":
        cycle.more = capi.PyMemoryView_FromBuffer(cycle.view)  # type: ignore[attr-defined]
    gone = weakref.ref(cycle)
    del cycle, view
    gc.collect()
    assert gone() is None
    assert log == [ord("a")]


def test_a_finalizer_called_by_hand_releases_nothing() -> None:
    block = Block()
    view = from_memory(block.address, 6, release=block.release)
    getattr(view.obj, "__del__", lambda: None)()
    assert block.releases == 0
    assert bytes(view) == b"abcdef"
    view.release()
    assert block.releases == 1


def test_a_release_function_that_is_a_closure_over_the_view() -> None:
    log: list[str] = []
    block = Block()

    def make() -> None:
        def release() -> None:
            log.append(type(view).__name__)

        view = from_memory(block.address, 6, release=release)

    make()
    gc.collect()
    assert log == ["memoryview"]


# -- ctypes objects and shapes -----------------------------------------------------------------------------------------


def floats() -> Any:
    return (ctypes.c_float * 6)(*range(6))


POINTERS: dict[str, Any] = {
    "POINTER": lambda memory: ctypes.cast(memory, ctypes.POINTER(ctypes.c_float)),
    "pointer": lambda memory: ctypes.pointer(ctypes.c_float.from_buffer(memory)),
    "c_void_p": lambda memory: ctypes.cast(memory, ctypes.c_void_p),
    "c_char_p": lambda memory: ctypes.cast(memory, ctypes.c_char_p),
    "array": lambda memory: memory,
    "int": ctypes.addressof,
    "__index__": lambda memory: np.intp(ctypes.addressof(memory)),
}


@pytest.mark.parametrize("kind", POINTERS)
def test_every_kind_of_address_gives_the_same_bytes(kind: str) -> None:
    memory = floats()
    view = from_memory(POINTERS[kind](memory), 24)
    assert type(view) is memoryview
    assert view.tobytes() == bytes(memory)


@pytest.mark.parametrize("kind", POINTERS)
@pytest.mark.parametrize("order", ["C", "F"])
def test_a_shape_and_a_format_give_a_view(kind: str, order: Any) -> None:
    memory = floats()
    view = from_memory(POINTERS[kind](memory), shape=(2, 3), format="f", order=order, readonly=False)
    assert type(view) is View
    expected = np.arange(6, dtype="f").reshape((2, 3), order=order)
    assert view.tolist() == expected.tolist()
    assert (view.shape, view.format, view.strides) == ((2, 3), "f", expected.strides)
    view[1, 2] = 9.5
    assert 9.5 in list(memory)
    assert memoryview(view)[1, 2] == 9.5


def test_pointers_and_arrays_know_their_items() -> None:
    memory = floats()
    assert from_memory(POINTERS["POINTER"](memory), shape=3).tolist() == [0.0, 1.0, 2.0]
    assert from_memory(memory, shape=(3, 2)).format == "f"
    whole = from_memory(memory)
    assert (type(whole), whole.shape, whole.format, whole.readonly) == (View, (6,), "f", True)
    grid = ((ctypes.c_int16 * 3) * 2)((1, 2, 3), (4, 5, 6))
    assert from_memory(grid).tolist() == [[1, 2, 3], [4, 5, 6]]
    assert from_memory(ctypes.c_double(2.5)).tolist() == 2.5
    assert from_memory(POINTERS["c_void_p"](memory), shape=24).tobytes() == bytes(memory)
    assert from_memory(memory, format="<H").tobytes() == bytes(memory)
    assert from_memory(ctypes.addressof(memory), 24, format=">f").shape == (6,)


def test_structures_of_ctypes_are_records() -> None:
    class Point(ctypes.Structure):
        _fields_ = (("x", ctypes.c_int32), ("y", ctypes.c_double))

    points = (Point * 2)((1, 2.5), (3, 4.5))
    assert from_memory(points).tolist() == [(1, 2.5), (3, 4.5)]
    assert from_memory(ctypes.pointer(points[1]), shape=1)[0].y == 4.5


@given(
    st.lists(st.integers(0, 3), min_size=0, max_size=3),
    st.lists(st.integers(-12, 12), min_size=3, max_size=3),
    st.integers(0, 23),
)
def test_strides_reach_what_numpy_reaches_or_are_refused(shape: list[int], strides: list[int], first: int) -> None:
    memory = (ctypes.c_uint8 * 24)(*range(24))
    strides = strides[: len(shape)]
    lowest = first + sum(min(0, (n - 1) * s) for n, s in zip(shape, strides, strict=True))
    highest = first + sum(max(0, (n - 1) * s) for n, s in zip(shape, strides, strict=True))
    part = (ctypes.c_uint8 * (24 - first)).from_buffer(memory, first)
    fits = 0 in shape or (lowest >= first and highest < 24)
    if not fits:
        with pytest.raises(ValueError, match="asked for"):
            from_memory(part, shape=shape, strides=strides)
    if 0 in shape or (lowest >= 0 and highest < 24):
        # An integer or a pointer tells no bounds.
        view = from_memory(ctypes.addressof(memory) + first, shape=shape, strides=strides, owner=memory)
        expected = np.lib.stride_tricks.as_strided(
            np.frombuffer(memory, "B", offset=first), tuple(shape), tuple(strides)
        )
        assert view.tolist() == expected.tolist()


def test_the_ctypes_object_is_the_owner_unless_another_is_given() -> None:
    memory = floats()
    gone = weakref.ref(memory)
    view = from_memory(memory)
    assert memory in gc.get_referents(view.obj)
    del memory
    gc.collect()
    assert gone() is not None
    assert view[5] == 5.0
    view.release()
    assert gone() is None
    memory, owner = floats(), Block()
    view = from_memory(memory, owner=owner)
    assert owner in gc.get_referents(view.obj)
    assert memory not in gc.get_referents(view.obj)


def test_a_pointer_keeps_what_it_points_at() -> None:
    pointer = ctypes.pointer(ctypes.c_double(7.25))
    view = from_memory(pointer, shape=())
    del pointer
    gc.collect()
    assert view.tolist() == 7.25


def test_release_is_called_when_the_last_view_of_items_ends() -> None:
    block = Block()
    view = from_memory(block.address, shape=(2, 3), format="B", release=block.release)
    part = view[1:]
    held = memoryview(part)
    view.release()
    part.release() if not held.nbytes else held.release()
    assert block.releases == 0
    part.release()
    assert block.releases == 1


@pytest.mark.parametrize(
    ("arguments", "keywords", "error", "text"),
    [
        ((0,), {"shape": 3}, ValueError, "the address of 3 bytes cannot be null"),
        ((ctypes.POINTER(ctypes.c_int)(),), {"shape": 3}, ValueError, "cannot be null"),
        ((ctypes.c_void_p(),), {"shape": 3}, ValueError, "cannot be null"),
        ((ctypes.c_char_p(),), {"size": 3}, ValueError, "cannot be null"),
        ((4096,), {}, TypeError, "needs size, in bytes, or shape"),
        ((ctypes.pointer(ctypes.c_int()),), {}, TypeError, "needs size, in bytes, or shape"),
        ((4096, 3), {"shape": 3}, TypeError, "not both"),
        ((4096, 3), {"strides": 3}, TypeError, "strides need a shape"),
        ((4096, 10), {"format": "i"}, ValueError, "10 bytes are not a multiple of itemsize 4"),
        ((4096,), {"shape": -1}, ValueError, "cannot be negative"),
        ((4096,), {"shape": (2, 2), "strides": (1,)}, ValueError, "one a dimension"),
        ((4096,), {"shape": 2, "strides": -8000}, ValueError, "before the address"),
        ((2**64 - 8,), {"shape": 9}, ValueError, "behind the address"),
        ((4096,), {"shape": 2**62, "format": "q"}, OverflowError, "does not fit"),
        ((floats(), 25), {}, ValueError, "the c_float_Array_6 has 24 bytes"),
        ((floats(),), {"shape": 7}, ValueError, "bytes 0 up to 28 asked for"),
        ((floats(),), {"shape": 2, "strides": -4}, ValueError, "bytes -4 up to 4 asked for"),
        ((ctypes.byref(ctypes.c_int()), 4), {}, TypeError, r"byref\(\) has no readable address"),
        ((ctypes.CFUNCTYPE(None)(lambda: None), 4), {}, TypeError, "not of a function"),
        (("x", 4), {}, TypeError, "address must be an int, or a ctypes pointer, array or structure, not str"),
        ((bytearray(4), 4), {}, TypeError, "not bytearray"),
        ((1.5, 4), {}, TypeError, "not float"),
        ((4096,), {"shape": 1, "format": "("}, ValueError, "format"),
    ],
)
def test_memory_that_cannot_be_is_refused(
    arguments: tuple[Any, ...], keywords: dict[str, Any], error: type[Exception], text: str
) -> None:
    block = Block()
    with pytest.raises(error, match=text):
        from_memory(*arguments, **keywords, release=block.release)
    assert block.releases == 0


def test_no_items_need_no_address() -> None:
    for place in [0, ctypes.c_void_p(), ctypes.POINTER(ctypes.c_int)()]:
        assert from_memory(place, shape=(0, 3), format="i").tolist() == []


# -- Processes, threads, interpreters ----------------------------------------------------------------------------------


def run(code: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": ":".join(filter(None, sys.path))}
    return subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code)], env=environment, capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize("place", ["kept", "sys.kept", "cycle[0:1]"])
@pytest.mark.parametrize("failing", [False, True])
def test_release_at_the_end_of_the_interpreter(place: str, failing: bool) -> None:
    result = run(
        f"""
        import ctypes, os, sys
        import swiftbuffer
        memory = ctypes.create_string_buffer(8)
        cycle = []
        cycle.append(cycle)
        def release(write=os.write):
            write(1, b"released")
            if {failing}:
                raise OSError
        view = swiftbuffer.from_memory(ctypes.addressof(memory), 8, owner=memory, release=release)
        {place} = [view, cycle]
        """
    )
    assert (result.returncode, result.stdout) == (0, "released"), result.stderr
    assert "Fatal" not in result.stderr
    assert failing or not result.stderr


@pytest.mark.skipif(sys.version_info < (3, 12), reason="modules declare what interpreters they bear from 3.12 on")
def test_interpreters_of_their_own() -> None:
    result = run(
        """
        import sys
        import swiftbuffer
        if sys.version_info >= (3, 13):
            import _interpreters as interpreters
        else:
            import _xxsubinterpreters as interpreters
        code = '''
        from swiftbuffer import View, capi, from_memory
        memory = capi.PyObject_GetBuffer(bytearray(b"abc"), capi.PyBUF_SIMPLE)
        log = []
        view = from_memory(memory.buf, 3, owner=memory, release=lambda: log.append(1))
        inside = capi.PyMemoryView_GET_BUFFER(view)
        assert capi.PyBuffer_ToContiguous(inside, "C") == b"abc"
        inside.release()
        view.release()
        assert log == [1]
        import os
        kept = from_memory(memory.buf, 3, owner=memory, release=lambda write=os.write: write(1, b"at its end "))
        '''
        import textwrap
        for _ in range(3):
            interpreter = interpreters.create()
            failed = interpreters.run_string(interpreter, textwrap.dedent(code))
            assert failed is None, failed
            interpreters.destroy(interpreter)
        print("done")
        """
    )
    assert result.returncode == 0, result.stderr
    assert result.stdout == 3 * "at its end " + "done\n"


def test_threads_release_each_block_once() -> None:
    blocks = [Block() for _ in range(200)]
    views = [from_memory(block.address, 6, release=block.release) for block in blocks]
    start = threading.Barrier(4)

    def drop(first: int) -> None:
        start.wait()
        for view in views[first::4]:
            view[1:].release()
            view.release()

    threads = [threading.Thread(target=drop, args=(first,)) for first in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [block.releases for block in blocks] == [1] * 200


def test_views_of_foreign_memory_leave_no_memory_behind() -> None:
    block = Block()
    address, owner, release = block.address, [], array.array("B").tobytes

    def one() -> None:
        from_memory(address, 6, owner=owner, release=release)[1:].release()

    def refused() -> None:
        with contextlib.suppress(ValueError):
            from_memory(address, -1, owner=owner, release=release)

    c_oracle.assert_no_growth(one, owner, release)
    c_oracle.assert_no_growth(refused, owner, release)
