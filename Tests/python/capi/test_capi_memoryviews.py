# SPDX-License-Identifier: Apache-2.0
"""`PyMemoryView_*`, `PyBuffer_FillInfo` and `PyArg_ParseTuple` of `capi`: what is made, kept and refused."""

from __future__ import annotations

import array
import ctypes
import gc
import weakref
from ctypes import byref
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import c_oracle
from swiftbuffer import capi

READ, WRITE, FULL_RO = capi.PyBUF_READ, capi.PyBUF_WRITE, capi.PyBUF_FULL_RO

# -- PyMemoryView_FromObject, _Check, _FromMemory ----------------------------------------------------------------------


def test_from_object_is_memoryview() -> None:
    data = bytearray(b"abc")
    view = capi.PyMemoryView_FromObject(data)
    assert type(view) is memoryview
    assert view.obj is data
    with pytest.raises(TypeError, match="a bytes-like object is required, not 'int'"):
        capi.PyMemoryView_FromObject(3)
    view.release()
    with pytest.raises(ValueError, match="released"):
        capi.PyMemoryView_FromObject(view)


def test_check_knows_memoryviews_from_all_else() -> None:
    view = memoryview(b"")
    assert capi.PyMemoryView_Check(view) is True
    view.release()
    assert capi.PyMemoryView_Check(view) is True
    assert [capi.PyMemoryView_Check(other) for other in (b"", memoryview, None, np.zeros(3))] == [False] * 4


@pytest.mark.parametrize(("flags", "readonly"), [(READ, True), (WRITE, False)])
def test_from_memory_shows_the_memory(flags: int, readonly: bool) -> None:
    memory = ctypes.create_string_buffer(b"abcdef", 6)
    view = capi.PyMemoryView_FromMemory(ctypes.addressof(memory), 6, flags)
    assert (view.tobytes(), view.readonly, view.format, view.obj) == (b"abcdef", readonly, "B", None)
    if not readonly:
        view[0] = ord("X")
        assert memory.raw == b"Xbcdef"
    assert capi.PyMemoryView_GET_BASE(view) is None


@pytest.mark.parametrize(
    ("address", "size", "flags", "error"),
    [
        (0, 0, READ, ValueError),
        (0, 4, READ, ValueError),
        (4096, -1, READ, ValueError),
        (4096, 4, 0, ValueError),
        (4096, 4, READ | WRITE, ValueError),
        (4096, 4, capi.PyBUF_WRITABLE, ValueError),
        (2**64 - 1, 2, READ, ValueError),
        (2**64, 4, READ, OverflowError),
        (-4096, 4, READ, OverflowError),
        (4096, 2**63, READ, OverflowError),
        ("4096", 4, READ, TypeError),
        (None, 4, READ, TypeError),
        (4096, 4, None, TypeError),
    ],
)
def test_from_memory_refuses_what_is_no_memory(address: Any, size: Any, flags: Any, error: type[Exception]) -> None:
    with pytest.raises(error):
        capi.PyMemoryView_FromMemory(address, size, flags)


def test_the_highest_address_is_one() -> None:
    assert capi.PyMemoryView_FromMemory(2**64 - 1, 0, READ).nbytes == 0


# -- PyMemoryView_FromBuffer -------------------------------------------------------------------------------------------

LAYOUTS = {
    "bytes": lambda: bytearray(b"abcdef"),
    "2-d": lambda: np.arange(12, dtype="i2").reshape(3, 4),
    "strided": lambda: np.arange(48, dtype="f8").reshape(6, 8)[::-2, ::3],
    "Fortran": lambda: np.asfortranarray(np.arange(12.0).reshape(3, 4)),
    "0-d": lambda: np.array(2.5),
    "empty": lambda: np.zeros((0, 3)),
    "ctypes": lambda: ((ctypes.c_int * 3) * 2)((1, 2, 3), (4, 5, 6)),
}


@pytest.mark.parametrize("make", LAYOUTS.values(), ids=LAYOUTS.keys())
def test_from_buffer_is_the_memoryview_of_the_exporter(make: Any) -> None:
    obj = make()
    expected = memoryview(obj)
    view = capi.PyMemoryView_FromBuffer(capi.PyObject_GetBuffer(obj, FULL_RO))
    for name in "format itemsize ndim shape strides suboffsets nbytes readonly c_contiguous f_contiguous".split():  # noqa: SIM905
        assert getattr(view, name) == getattr(expected, name), name
    assert view.obj is obj
    assert view.tobytes() == expected.tobytes()
    assert memoryview(view).tobytes("F") == expected.tobytes("F")


@pytest.mark.parametrize("make", LAYOUTS.values(), ids=LAYOUTS.keys())
@pytest.mark.parametrize("flags", [capi.PyBUF_SIMPLE, capi.PyBUF_ND], ids=["SIMPLE", "ND"])
def test_from_buffer_reads_no_shape_that_is_null(make: Any, flags: int) -> None:
    obj = make()
    try:
        buffer = capi.PyObject_GetBuffer(obj, flags)
    except ValueError:
        return  # NumPy's way to refuse what is not contiguous
    data = bytes(memoryview(obj).tobytes("A"))
    view = capi.PyMemoryView_FromBuffer(buffer)
    assert view.nbytes == len(data) if buffer.shape is not None or buffer.ndim else view.nbytes in (len(data), 8)
    assert capi.PyBuffer_ToContiguous(buffer, "C") == data


def test_the_views_of_a_py_buffer_keep_it() -> None:
    data = bytearray(b"abcdef")
    buffer = capi.PyObject_GetBuffer(data, FULL_RO)
    view = capi.PyMemoryView_FromBuffer(buffer)
    part = view[2:4]
    second = capi.PyMemoryView_FromBuffer(buffer)
    with pytest.raises(BufferError, match="2 memoryviews of it are alive"):
        capi.PyBuffer_Release(buffer)
    second.release()
    view.release()
    with pytest.raises(BufferError, match="1 memoryview of it is alive"), buffer:
        pass
    assert buffer.obj is data
    del buffer
    gc.collect()
    with pytest.raises(BufferError):
        data.append(1)
    assert part == b"cd"
    del part
    data.append(1)


def test_views_of_a_dropped_exporter_keep_its_memory() -> None:
    class Own(bytearray):
        pass

    data = Own(b"abcdef")
    gone = weakref.ref(data)
    array_of_it = np.asarray(capi.PyMemoryView_FromBuffer(capi.PyObject_GetBuffer(data, FULL_RO)))
    del data
    gc.collect()
    assert bytes(array_of_it) == b"abcdef"
    assert gone() is not None
    del array_of_it
    assert gone() is None


def test_a_buffer_without_an_address_makes_no_view() -> None:
    (nothing,) = capi.PyArg_ParseTuple((None,), "z*")
    for _ in range(3):
        with pytest.raises(ValueError, match="no address"):
            capi.PyMemoryView_FromBuffer(nothing)
    nothing.release()


def test_a_py_buffer_is_no_exporter_of_its_own() -> None:
    buffer = capi.PyObject_GetBuffer(b"abc", FULL_RO)
    assert capi.PyObject_CheckBuffer(buffer) is False
    with pytest.raises(TypeError):
        memoryview(buffer)  # type: ignore[arg-type]


# -- PyMemoryView_GET_BUFFER, GET_BASE ---------------------------------------------------------------------------------


@pytest.mark.parametrize("make", LAYOUTS.values(), ids=LAYOUTS.keys())
def test_get_buffer_shows_what_is_in_the_memoryview(make: Any) -> None:
    obj = make()
    view = memoryview(obj)
    with capi.PyMemoryView_GET_BUFFER(view) as inside, capi.PyObject_GetBuffer(obj, FULL_RO) as outside:
        assert inside.obj is obj
        assert (inside.buf, inside.len, inside.format) == (outside.buf, outside.len, outside.format)
        assert (inside.shape or (), inside.strides or ()) == (view.shape, view.strides)
        assert capi.PyBuffer_ToContiguous(inside, "C") == view.tobytes()
        with pytest.raises(BufferError):
            view.release()
    view.release()


def test_get_buffer_of_a_slice_is_that_of_the_slice() -> None:
    data = bytearray(range(10))
    with capi.PyMemoryView_GET_BUFFER(memoryview(data)[8:2:-2]) as inside:
        start = capi.PyObject_GetBuffer(data, 0)
        assert inside.buf - start.buf == 8
        assert (inside.shape, inside.strides, inside.len) == ((3,), (-2,), 3)


def test_get_base_is_the_object_behind() -> None:
    data = bytearray(b"abc")
    assert capi.PyMemoryView_GET_BASE(memoryview(data)) is data
    assert capi.PyMemoryView_GET_BASE(memoryview(memoryview(data)[1:]).cast("b")) is data
    held = capi.PyObject_GetBuffer(data, FULL_RO)
    assert capi.PyMemoryView_GET_BASE(capi.PyMemoryView_FromBuffer(held)) is data


@pytest.mark.parametrize("get", [capi.PyMemoryView_GET_BUFFER, capi.PyMemoryView_GET_BASE])
def test_the_macros_are_guarded(get: Any) -> None:
    for other in (b"abc", None, 3, memoryview, np.zeros(3), capi.PyObject_GetBuffer(b"abc", 0)):
        with pytest.raises(TypeError, match="expected a memoryview"):
            get(other)
    view = memoryview(b"abc")
    view.release()
    with pytest.raises(ValueError, match="released"):
        get(view)


# -- PyMemoryView_GetContiguous ----------------------------------------------------------------------------------------


def outcome(body: Any) -> Any:
    try:
        view = body()
        return view.tobytes(), view.shape, view.strides, view.format, view.readonly
    except Exception as error:
        return type(error), str(error)


@pytest.mark.parametrize("make", LAYOUTS.values(), ids=LAYOUTS.keys())
@pytest.mark.parametrize("order", "CFA")
@pytest.mark.parametrize("kind", [READ, WRITE])
def test_get_contiguous_is_that_of_c(make: Any, order: str, kind: int) -> None:
    obj = make()
    ours = outcome(lambda: capi.PyMemoryView_GetContiguous(obj, kind, order))
    assert ours == outcome(lambda: c_oracle.memoryview_get_contiguous(obj, kind, order.encode()))


def test_get_contiguous_copies_only_where_it_must() -> None:
    data = np.arange(12).reshape(3, 4)
    assert capi.PyMemoryView_GetContiguous(data, WRITE, "C").obj is data
    copy = capi.PyMemoryView_GetContiguous(data, READ, "F")
    assert copy.obj is not data
    assert copy.readonly
    with pytest.raises(BufferError):
        capi.PyMemoryView_GetContiguous(data, WRITE, "F")
    with pytest.raises(BufferError, match="not writable"):
        capi.PyMemoryView_GetContiguous(b"abc", WRITE, "C")
    for other in (0, 1, FULL_RO, READ | WRITE, -1):
        with pytest.raises(ValueError, match="buffertype must be PyBUF_READ or PyBUF_WRITE"):
            capi.PyMemoryView_GetContiguous(b"abc", other, "C")
    with pytest.raises(TypeError):
        capi.PyMemoryView_GetContiguous(3, READ, "C")


# -- PyBuffer_FillInfo -------------------------------------------------------------------------------------------------


@given(st.integers(0, 0x3FF), st.booleans(), st.integers(0, 6))
def test_fill_info_answers_as_c_does(flags: int, readonly: bool, count: int) -> None:
    owner = array.array("B", b"abcdef")
    address = owner.buffer_info()[0]

    def theirs() -> Any:
        view = c_oracle.CBuffer()
        c_oracle.fill_info(byref(view), owner, address, count, readonly, flags)
        shown = c_oracle.fields(view)
        ctypes.pythonapi.Py_DecRef(ctypes.py_object(owner))
        return shown

    def ours() -> Any:
        return c_oracle.fields(capi.PyBuffer_FillInfo(owner, address, count, readonly, flags))

    results = []
    for body in (ours, theirs):
        try:
            results.append(body())
        except (BufferError, SystemError) as error:
            results.append(type(error))
    assert results[0] == results[1]


def test_fill_info_keeps_its_object_and_takes_no_export_of_it() -> None:
    class Own(bytearray):
        pass

    owner = Own(b"abc")
    gone = weakref.ref(owner)
    address = capi.PyObject_GetBuffer(owner, 0).buf
    view = capi.PyBuffer_FillInfo(owner, address, 3, True, FULL_RO)
    memory = capi.PyMemoryView_FromBuffer(view)
    assert (view.obj, memory.obj) == (owner, owner)
    assert memory == b"abc"
    memory.release()
    view.release()
    # Its own release function was not called: its count of exports would be below zero, and refuse this.
    owner.append(1)
    view = capi.PyBuffer_FillInfo(owner, address, 3, True, 0)
    del owner
    assert gone() is not None
    view.release()
    assert gone() is None


@pytest.mark.parametrize("readonly", [1, 2, -1, True, "yes"])
def test_every_truth_of_readonly_counts(readonly: Any) -> None:
    assert capi.PyBuffer_FillInfo(None, 4096, 4, readonly, 0).readonly == 1
    with pytest.raises(BufferError):
        capi.PyBuffer_FillInfo(None, 4096, 4, readonly, capi.PyBUF_WRITABLE)
    assert capi.PyBuffer_FillInfo(None, 4096, 4, False, capi.PyBUF_WRITABLE).readonly == 0


def test_fill_info_without_an_object_or_bytes() -> None:
    view = capi.PyBuffer_FillInfo(None, 0, 0, True, FULL_RO)
    assert (view.obj, view.buf, view.len, view.shape, view.strides) == (None, None, 0, (0,), (1,))


@pytest.mark.parametrize(
    ("address", "count", "error"),
    [
        (0, 1, ValueError),
        (4096, -1, ValueError),
        (2**64 - 4, 8, ValueError),
        (-1, 1, OverflowError),
        (2**64, 1, OverflowError),
        (4096, 2**63, OverflowError),
        (b"abc", 3, TypeError),
        (None, 3, TypeError),
        (4096, None, TypeError),
    ],
)
def test_fill_info_refuses_what_is_no_memory(address: Any, count: Any, error: type[Exception]) -> None:
    with pytest.raises(error):
        capi.PyBuffer_FillInfo(None, address, count, True, 0)


# -- PyArg_ParseTuple --------------------------------------------------------------------------------------------------


def test_each_parse_code_takes_its_kinds() -> None:
    data = bytearray(b"abc")
    views = capi.PyArg_ParseTuple((data, "né", None, data), "y*s* z*w*")
    assert [type(view) for view in views] == [capi.Py_buffer] * 4
    assert [view.obj for view in views] == [data, "né", None, data]
    assert [view.len for view in views] == [3, 3, 0, 3]
    assert [view.readonly for view in views] == [0, 1, 1, 0]
    assert [view.buf is None for view in views] == [False, False, True, False]
    assert [capi.PyBuffer_ToContiguous(view, "C") for view in views] == [b"abc", "né".encode(), b"", b"abc"]
    with pytest.raises(BufferError):
        data.append(1)
    for view in views:
        view.release()
    data.append(1)
    assert capi.PyArg_ParseTuple((), "") == ()
    assert len(capi.PyArg_ParseTuple((b"",) * 8, "y*" * 8)) == 8


@pytest.mark.parametrize(
    ("arguments", "codes", "error"),
    [
        (("text",), "y*", TypeError),
        ((None,), "s*", TypeError),
        ((3,), "z*", TypeError),
        ((b"abc",), "w*", TypeError),
        ((b"abc", b"abc"), "y*", TypeError),
        ((b"abc",), "y*y*", TypeError),
        ((memoryview(b"abc")[::2],), "y*", BufferError),
        (("\ud800",), "s*", UnicodeEncodeError),
        ([b"abc"], "y*", TypeError),
        (None, "y*", TypeError),
        ((b"abc",), b"y*", TypeError),
        ((b"abc",), "y", ValueError),
        ((b"abc",), "y#", ValueError),
        ((b"abc",), "*y", ValueError),
        ((b"abc",), "O", ValueError),
        ((b"abc",), "y*|", ValueError),
        ((b"abc",), "y*\0", ValueError),
        ((b"",) * 9, "y*" * 9, ValueError),
    ],
)
def test_arguments_that_do_not_fit_the_codes_are_refused(arguments: Any, codes: Any, error: type[Exception]) -> None:
    with pytest.raises(error):
        capi.PyArg_ParseTuple(arguments, codes)


def test_buffers_acquired_before_a_failure_are_released() -> None:
    data = bytearray(b"abc")
    with pytest.raises(TypeError):
        capi.PyArg_ParseTuple((data, data, 3), "y*w*y*")
    data.append(1)
