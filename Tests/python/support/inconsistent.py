# SPDX-License-Identifier: Apache-2.0
"""Memoryviews that contradict themselves: CPython makes a memoryview of any `Py_buffer`, without checking it."""

from __future__ import annotations

import ctypes
from typing import Any

import c_oracle

MEMORY = ctypes.create_string_buffer(bytes(range(64)), 64)
from_buffer = c_oracle.function("PyMemoryView_FromBuffer", ctypes.py_object, c_oracle.view_pointer)
# A memoryview made from a buffer does not own the strings and arrays that it points to.
_kept: list[Any] = []


def memoryview_of(length: int, itemsize: int, format_: bytes | None, shape: Any, strides: Any = None) -> memoryview:
    """A memoryview of 64 bytes that passes on what is given here, whether it fits or not."""
    words = ctypes.c_ssize_t * max(len(shape), 1)
    buffer = c_oracle.CBuffer(
        buf=ctypes.addressof(MEMORY),
        len=length,
        itemsize=itemsize,
        ndim=len(shape),
        format=format_,
        shape=words(*shape),
        strides=None if strides is None else words(*strides),
    )
    view: memoryview = from_buffer(ctypes.byref(buffer))
    _kept.append((buffer, view))
    return view
