# SPDX-License-Identifier: Apache-2.0
"""The C API called through ctypes: what CPython itself answers, to compare with."""

from __future__ import annotations

import ctypes
import os
import resource
import sys
from ctypes import POINTER, byref, c_char, c_char_p, c_int, c_ssize_t, c_void_p, py_object
from pathlib import Path
from typing import Any


class CBuffer(ctypes.Structure):
    """The C struct ``Py_buffer``."""

    _fields_ = (
        ("buf", c_void_p),
        ("obj", c_void_p),
        ("len", c_ssize_t),
        ("itemsize", c_ssize_t),
        ("readonly", c_int),
        ("ndim", c_int),
        ("format", c_char_p),
        ("shape", POINTER(c_ssize_t)),
        ("strides", POINTER(c_ssize_t)),
        ("suboffsets", POINTER(c_ssize_t)),
        ("internal", c_void_p),
    )


def function(name: str, result: Any, *parameters: Any) -> Any:
    found = ctypes.pythonapi[name]
    found.restype, found.argtypes = result, parameters
    return found


view_pointer = POINTER(CBuffer)
get_buffer = function("PyObject_GetBuffer", c_int, py_object, view_pointer, c_int)
release = function("PyBuffer_Release", None, view_pointer)
is_contiguous = function("PyBuffer_IsContiguous", c_int, view_pointer, c_char)
get_pointer = function("PyBuffer_GetPointer", c_void_p, view_pointer, POINTER(c_ssize_t))
to_contiguous = function("PyBuffer_ToContiguous", c_int, c_char_p, view_pointer, c_ssize_t, c_char)
from_contiguous = function("PyBuffer_FromContiguous", c_int, view_pointer, c_char_p, c_ssize_t, c_char)
copy_data = function("PyObject_CopyData", c_int, py_object, py_object)
fill_strides = function(
    "PyBuffer_FillContiguousStrides", None, c_int, POINTER(c_ssize_t), POINTER(c_ssize_t), c_int, c_char
)
fill_info = function("PyBuffer_FillInfo", c_int, view_pointer, py_object, c_void_p, c_ssize_t, c_int, c_int)
size_from_format = function("PyBuffer_SizeFromFormat", c_ssize_t, c_char_p)
memoryview_get_contiguous = function("PyMemoryView_GetContiguous", py_object, py_object, c_int, c_char)


def sizes(values: Any) -> Any:
    return (c_ssize_t * len(values))(*values)


class Acquired:
    """A buffer acquired through ctypes, for the length of a `with` block."""

    def __init__(self, obj: object, flags: int) -> None:
        self.view = CBuffer()
        get_buffer(obj, byref(self.view), flags)

    def __enter__(self) -> CBuffer:
        return self.view

    def __exit__(self, *_: object) -> None:
        release(byref(self.view))


def fields(view: Any) -> dict[str, Any]:
    """What both a CBuffer and a swiftbuffer Py_buffer show, in the same terms; `internal` is the exporter's own."""

    def axes(values: Any) -> Any:
        return tuple(values[: view.ndim]) if values else values if values == () else None

    form = view.format
    return {
        "buf": view.buf,
        "len": view.len,
        "itemsize": view.itemsize,
        "readonly": view.readonly,
        "ndim": view.ndim,
        "format": form.decode() if isinstance(form, bytes) else form,
        "shape": axes(view.shape),
        "strides": axes(view.strides),
        "suboffsets": axes(view.suboffsets),
    }


def resident_bytes() -> int:
    """The memory of this process."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()


class Malloc(ctypes.Structure):
    """What `mallinfo2` of glibc answers."""

    _fields_ = [
        *((name, ctypes.c_size_t) for name in ["arena", "ordblks", "smblks", "hblks", "hblkhd", "usmblks", "fsmblks"]),
        *((name, ctypes.c_size_t) for name in ["used", "free", "top"]),
    ]


def bytes_of_malloc() -> int:
    """What malloc has handed out and not been given back."""
    function = ctypes.CDLL(None).mallinfo2
    function.restype = Malloc
    info = function()
    return int(info.used + info.hblkhd)


# AddressSanitizer keeps what was freed, to see it used again: then only references can be counted.
KEEPS_WHAT_IS_FREED = "libclang_rt.asan" in os.environ.get("LD_PRELOAD", "")


def assert_no_growth(operation: Any, *watched: object, rounds: int = 100_000, limit: int = 1_500_000) -> None:
    """Runs `operation` many times: neither the memory of the process nor the references to `watched` may grow.

    What leaks does so every time, where a process may also take memory for a reason of its own: only one that has grown
    in each of three runs fails.
    """
    if KEEPS_WHAT_IS_FREED:
        rounds, limit = rounds // 100, sys.maxsize
    for _ in range(rounds // 10):
        operation()
    counts = [sys.getrefcount(obj) for obj in watched]
    grown: list[int] = []
    for _ in range(3):
        before = resident_bytes()
        for _ in range(rounds):
            operation()
        grown.append(resident_bytes() - before)
        if grown[-1] < limit:
            break
    assert [sys.getrefcount(obj) for obj in watched] == counts
    assert grown[-1] < limit, f"{grown} bytes more after {rounds} rounds each"
