# SPDX-License-Identifier: Apache-2.0
"""The memory of ctypes objects, which `from_memory` accepts as an address."""

from __future__ import annotations

import ctypes
from _ctypes import CFuncPtr


def memory_of(obj: object) -> tuple[int, int | None, object]:
    """The memory that a ctypes object has or points at.

    Returns its address; its size, or None for a pointer; and an object whose buffer describes the items, or None for
    bytes.
    """
    if isinstance(obj, ctypes._Pointer):
        # `contents` of a pointer that is not null is an object at its address; the memory is not read.
        return _target(obj), None, obj.contents if obj else None
    if isinstance(obj, (ctypes.c_void_p, ctypes.c_char_p, ctypes.c_wchar_p)):
        return _target(obj), None, None
    if isinstance(obj, CFuncPtr):
        raise TypeError("address must be that of memory, not of a function")
    if type(obj).__name__ == "CArgObject":
        raise TypeError("byref() has no readable address: pass the object itself, or pointer() of it")
    # No `try` around the functions of ctypes: if memory runs out, CPython 3.11 never leaves the handler.
    if not isinstance(obj, (ctypes.Array, ctypes.Structure, ctypes.Union, ctypes._SimpleCData)):
        kind = type(obj).__name__
        raise TypeError(f"address must be an int, or a ctypes pointer, array or structure, not {kind}")
    size = ctypes.sizeof(obj)
    return ctypes.addressof(obj), size, obj if size else None


def _target(pointer: ctypes._CData) -> int:
    """The address in a pointer. Read from its memory: `cast` would call a foreign function."""
    return ctypes.c_void_p.from_buffer(pointer).value or 0
