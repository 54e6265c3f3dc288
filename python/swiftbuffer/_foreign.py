"""What ctypes objects tell of memory: what stands behind the address that `from_memory` takes."""

from __future__ import annotations

import ctypes
from _ctypes import CFuncPtr


def memory_of(obj: object) -> tuple[int, int | None, object]:
    """The address of the memory that a ctypes object is or points at; its size, None behind a pointer; and an object
    whose buffer describes the items, or None for bytes."""
    if isinstance(obj, ctypes._Pointer):
        # Of a pointer that is not null, `contents` is an object at the address; nothing there is read.
        return _target(obj), None, obj.contents if obj else None
    if isinstance(obj, (ctypes.c_void_p, ctypes.c_char_p, ctypes.c_wchar_p)):
        return _target(obj), None, None
    if isinstance(obj, CFuncPtr):
        raise TypeError("address must be that of memory, not of a function")
    if type(obj).__name__ == "CArgObject":
        raise TypeError("byref() does not tell its address: give the object itself, or pointer() of it")
    # No `try` around the functions of ctypes: CPython 3.11 never leaves a handler for which it finds no memory.
    if not isinstance(obj, (ctypes.Array, ctypes.Structure, ctypes.Union, ctypes._SimpleCData)):
        kind = type(obj).__name__
        raise TypeError(f"address must be an int, or a ctypes pointer, array or structure, not {kind}")
    size = ctypes.sizeof(obj)
    return ctypes.addressof(obj), size, obj if size else None


def _target(pointer: ctypes._CData) -> int:
    """The address in the memory of a pointer itself: `cast` would be a call of a foreign function."""
    return ctypes.c_void_p.from_buffer(pointer).value or 0
