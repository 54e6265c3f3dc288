# SPDX-License-Identifier: Apache-2.0
"""What the everyday works are done with: the same items as an object of each library, at several sizes."""

from __future__ import annotations

import array
import collections
import copy
import ctypes
import functools
import mmap
import operator
import pickle
import struct
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing import shared_memory
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import native
import swiftbuffer
from results import OURS, C

try:
    import numpy as numpy  # named twice: others take it from here
except ImportError:  # a CPython for which NumPy has no wheel yet
    numpy = None  # type: ignore[assignment]

ARRAY, LIST, STRUCT, BYTES, MEMORYVIEW, NUMPY = "array.array", "list", "struct", "bytes", "memoryview", "NumPy"
MMAP, SHARED_MEMORY, DEQUE = "mmap", "shared_memory", "deque"
# In the order of the table's columns.
PEERS = (C, ARRAY, LIST, STRUCT, BYTES, MEMORYVIEW, MMAP, SHARED_MEMORY, DEQUE, NUMPY)
SIZES = (0, 1, 16, 1000)

RECORD = struct.Struct("<IhBd")
RECORD_FORMAT = "T{<I:id:<h:kind:B:flag:<d:value:}"
RECORD_TYPE = [("id", "<u4"), ("kind", "<i2"), ("flag", "u1"), ("value", "<f8")]
# A matrix of about as many items.
SHAPES = {0: (0, 0), 1: (1, 1), 16: (4, 4), 1000: (25, 40)}
Values = list[Any]


@dataclass(frozen=True)
class Subject:
    """A kind of items: their format for each library, and so many of them."""

    format: str
    values: Callable[[int], Values]
    dtype: Any = None
    native: bool = True  # whether array.array and memoryview know the format
    dimensions: int = 1
    in_file: bool = False
    queued: bool = False


def _matrix(size: int) -> Values:
    rows, columns = SHAPES[size]
    return [[float(row * columns + column) for column in range(columns)] for row in range(rows)]


SUBJECTS = {
    "ints": Subject("q", lambda size: list(range(size))),
    "queued ints": Subject("q", lambda size: list(range(size)), queued=True),
    "mapped ints": Subject("q", lambda size: list(range(size)), in_file=True),
    "floats": Subject("d", lambda size: [index * 0.5 for index in range(size)]),
    "bytes": Subject("B", lambda size: [index % 251 for index in range(size)]),
    "big-endian floats": Subject(">d", lambda size: [index * 0.5 for index in range(size)], native=False),
    "matrix": Subject("d", _matrix, dimensions=2),
    "records": Subject(
        RECORD_FORMAT, lambda size: [(index, 1, 2, index * 0.5) for index in range(size)], RECORD_TYPE, native=False
    ),
}


def names(subject: str, who: str, size: int, of: str) -> dict[str, Any] | None:
    """The names that a work's statement may use; None if the library has no such object.

    `x` and `y` are two equal objects of it, writable; `values` their items as a list; `n` their number, `i` the index
    of one in the middle; `item` its value; `raw` the bytes. `of` says whether ours is an Array or a View.
    """
    kind = SUBJECTS[subject]
    values = kind.values(size)
    shape: tuple[int, ...] = SHAPES[size] if kind.dimensions == 2 else (size,)
    ours = swiftbuffer.array(values, kind.format) if size else swiftbuffer.zeros(shape, kind.format)
    raw = ours.tobytes()

    def make() -> Any:
        if kind.in_file:
            return _mapped(who, _file(raw), kind)
        if kind.queued:
            return collections.deque() if who == DEQUE else swiftbuffer.ring(max(size, 1), kind.format)
        if who == OURS:
            return ours.copy() if of == "Array" else swiftbuffer.View(bytearray(raw)).cast(kind.format, shape)
        if who == C:
            known = _memoryview(raw, kind, shape)
            return None if known is None else native.module("view").View(known)
        if who == ARRAY:
            return array.array(kind.format, values) if kind.native and kind.dimensions == 1 else None
        if who == LIST:
            return copy.deepcopy(values)
        if who == MEMORYVIEW:
            return _memoryview(raw, kind, shape)
        if who == NUMPY:
            return _numpy(values, kind, shape)
        # The others work on the memory as it is.
        return bytearray(raw)

    x = make()
    if x is None:
        return None
    flat = values if kind.dimensions == 1 else [value for row in values for value in row]
    return {
        "x": x,
        "y": make(),
        "values": values,
        "numbers": array.array(kind.format, values) if kind.native and kind.dimensions == 1 else None,
        "raw": raw,
        "n": size,
        "i": size // 2,
        "item": flat[size // 2] if flat else None,
        "shape": shape,
        "rows": shape[0],
        "columns": shape[-1],
        "format": kind.format,
        "dtype": kind.dtype or kind.format,
        "record": RECORD,
        "interface": _interface(values, kind, shape),
        "path": _file(raw) if kind.in_file else None,
        "address": ctypes.addressof(_anchor(raw)),
        # A name that a statement assigns would be another one, of its own.
        "iadd": operator.iadd,
        "imul": operator.imul,
        "np": numpy,
        "shared_memory": shared_memory,
        "sb": swiftbuffer,
        "C": native.module("view") if who == C else None,
        **{module.__name__: module for module in (array, copy, ctypes, mmap, pickle, struct)},
    }


_anchors: dict[bytes, Any] = {}


def _anchor(raw: bytes) -> Any:
    """Memory with an address, which stays."""
    return _anchors.setdefault(raw, ctypes.create_string_buffer(raw or b"\0", max(len(raw), 1)))


@functools.cache
def _folder() -> tempfile.TemporaryDirectory[str]:
    """Removed when the process ends."""
    return tempfile.TemporaryDirectory(prefix="everyday-")


@functools.cache
def _file(raw: bytes) -> str:
    """A file of so many bytes."""
    path = Path(_folder().name, str(len(raw)))
    path.write_bytes(raw)
    return str(path)


def _mapped(who: str, path: str, kind: Subject) -> Any:
    if who == OURS:
        return swiftbuffer.map_file(path, kind.format, mode="r+")
    if who == NUMPY:
        return None if numpy is None else numpy.memmap(path, kind.format, "r+")
    with Path(path).open("r+b") as file:
        return mmap.mmap(file.fileno(), 0)


def _memoryview(raw: bytes, kind: Subject, shape: tuple[int, ...]) -> Any:
    # memoryview refuses shapes with zeros.
    if not kind.native or (kind.dimensions > 1 and not raw):
        return None
    view: Any = memoryview(bytearray(raw))
    return view.cast(kind.format) if kind.dimensions == 1 else view.cast(kind.format, shape)


def _numpy(values: Values, kind: Subject, shape: tuple[int, ...]) -> Any:
    if numpy is None:
        return None
    made = numpy.array(values, kind.dtype or kind.format)
    # A reshaped array is a view, and cannot be resized.
    return made if made.shape == shape else made.reshape(shape)


def _interface(values: Values, kind: Subject, shape: tuple[int, ...]) -> Any:
    """An object that says where its memory is, and has no buffer."""
    memory = _numpy(values, kind, shape)
    return None if memory is None else SimpleNamespace(__array_interface__=memory.__array_interface__, memory=memory)


def plain(value: Any) -> Any:
    """An answer as Python's own objects, so that those of different libraries can be compared."""
    if isinstance(value, (str, bytes, int, float, type(None))):
        return value
    if isinstance(value, bytearray):
        return bytes(value)
    if isinstance(value, tuple):
        return tuple(plain(item) for item in value)
    if isinstance(value, list):
        return [plain(item) for item in value]
    if type(value).__name__ == "void":
        return tuple(value.item())
    if hasattr(value, "tolist"):
        return plain(value.tolist())
    return value
