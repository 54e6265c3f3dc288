# SPDX-License-Identifier: Apache-2.0
"""Arrow's structures as ctypes has them: producers that say whatever a test wants, and raw consumers."""

from __future__ import annotations

import ctypes
from collections.abc import Sequence
from typing import Any


class Schema(ctypes.Structure):
    pass


class Array(ctypes.Structure):
    pass


ReleaseSchema = ctypes.CFUNCTYPE(None, ctypes.POINTER(Schema))
ReleaseArray = ctypes.CFUNCTYPE(None, ctypes.POINTER(Array))
Schema._fields_ = (
    ("format", ctypes.c_char_p),
    ("name", ctypes.c_char_p),
    ("metadata", ctypes.c_char_p),
    ("flags", ctypes.c_int64),
    ("n_children", ctypes.c_int64),
    ("children", ctypes.POINTER(ctypes.POINTER(Schema))),
    ("dictionary", ctypes.POINTER(Schema)),
    ("release", ctypes.c_void_p),
    ("private_data", ctypes.c_void_p),
)
Array._fields_ = (
    ("length", ctypes.c_int64),
    ("null_count", ctypes.c_int64),
    ("offset", ctypes.c_int64),
    ("n_buffers", ctypes.c_int64),
    ("n_children", ctypes.c_int64),
    ("buffers", ctypes.POINTER(ctypes.c_void_p)),
    ("children", ctypes.POINTER(ctypes.POINTER(Array))),
    ("dictionary", ctypes.POINTER(Array)),
    ("release", ctypes.c_void_p),
    ("private_data", ctypes.c_void_p),
)

_api = ctypes.pythonapi
_api.PyCapsule_New.restype = ctypes.py_object
_api.PyCapsule_New.argtypes = [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_void_p]
_api.PyCapsule_GetPointer.restype = ctypes.c_void_p
_api.PyCapsule_GetPointer.argtypes = [ctypes.py_object, ctypes.c_char_p]


class Level:
    """One level of a producer's array; the last one has the items."""

    def __init__(
        self,
        code: str,
        length: int,
        *,
        offset: int = 0,
        null_count: int = 0,
        buffers: Sequence[Any] = (None,),
        n_children: int | None = None,
        n_buffers: int | None = None,
    ) -> None:
        self.format, self.length, self.offset, self.null_count = code.encode(), length, offset, null_count
        self.buffers = buffers
        self.n_children, self.n_buffers = n_children, n_buffers


class Producer:
    """An object with `__arrow_c_array__`; `released` counts the calls of the array's release function."""

    def __init__(self, *levels: Level, names: tuple[bytes, bytes] = (b"arrow_schema", b"arrow_array")) -> None:
        self.released = 0
        self.names = names

        def release_array(array: Any) -> None:
            self.released += 1
            array.contents.release = None

        self._release = ReleaseArray(release_array)
        self._release_schema = ReleaseSchema(lambda _: None)
        self._kept: list[Any] = [levels]
        below: tuple[Any, Any] | None = None
        for level in reversed(levels):
            schema = Schema(format=level.format, name=b"")
            schema.release = ctypes.cast(self._release_schema, ctypes.c_void_p)
            array = Array(level.length, level.null_count, level.offset)
            array.release = ctypes.cast(self._release, ctypes.c_void_p)
            addresses = [
                None if buffer is None else buffer if isinstance(buffer, int) else ctypes.addressof(buffer)
                for buffer in level.buffers
            ]
            array.n_buffers = len(addresses) if level.n_buffers is None else level.n_buffers
            array.buffers = (ctypes.c_void_p * len(addresses))(*addresses)
            if below:
                schema.n_children = array.n_children = 1 if level.n_children is None else level.n_children
                schema.children = (ctypes.POINTER(Schema) * 1)(ctypes.pointer(below[0]))
                array.children = (ctypes.POINTER(Array) * 1)(ctypes.pointer(below[1]))
            below = (schema, array)
            self._kept.append(below)
        assert below
        self.schema, self.array = below

    def __arrow_c_array__(self, requested_schema: object = None) -> tuple[object, object]:
        return tuple(
            _api.PyCapsule_New(ctypes.addressof(thing), name, None)
            for thing, name in zip((self.schema, self.array), self.names, strict=True)
        )  # type: ignore[return-value]


class Consumer:
    """The array in a capsule, moved out of it as consumers do."""

    def __init__(self, capsule: object) -> None:
        self._kept = capsule
        source = Array.from_address(_api.PyCapsule_GetPointer(capsule, b"arrow_array"))
        self.array = Array()
        ctypes.pointer(self.array)[0] = source
        source.release = None

    @property
    def release(self) -> int:
        """The address of the release function; 0 once it has been called."""
        return self.array.release or 0

    @property
    def argument(self) -> ctypes.c_void_p:
        return ctypes.c_void_p(ctypes.addressof(self.array))

    def end(self) -> None:
        """Calls the release function as ctypes calls C: without the GIL."""
        ReleaseArray(self.release)(self.array)
