# SPDX-License-Identifier: Apache-2.0
"""Consumers: one for each code of consumers, which breaks that rule and no other, and conforming ones."""

from __future__ import annotations

import array
import ctypes
import hashlib
import io
import struct
import zlib
from collections.abc import Callable
from ctypes import byref, pythonapi
from typing import Any

import swiftbuffer
from c_oracle import CBuffer, get_buffer, release
from mutant import registering
from swiftbuffer import capi

MUTANTS: dict[str, Callable[[Any], object]] = {}
READ_ONLY = {"BUF805"}
"""The codes that need read-only memory."""
mutant = registering(MUTANTS)


def acquired(exporter: object) -> CBuffer:
    view = CBuffer()
    get_buffer(exporter, byref(view), capi.PyBUF_SIMPLE)
    return view


class Window:
    """Memory at an address, without its owner."""

    def __init__(self, address: int, size: int) -> None:
        self.address, self.size = address, size

    def tobytes(self) -> bytes:
        return ctypes.string_at(self.address, self.size)


@mutant("BUF801")
def reads_after_the_release(exporter: object) -> object:
    view = acquired(exporter)
    window = Window(view.buf, view.len)
    release(byref(view))
    return window


kept: list[CBuffer] = []


@mutant("BUF802")
def never_releases(exporter: object) -> object:
    kept.append(acquired(exporter))
    return None


@mutant("BUF803")
def releases_twice(exporter: object) -> object:
    view = acquired(exporter)
    copy = CBuffer.from_buffer_copy(view)
    release(byref(view))
    pythonapi.Py_IncRef(ctypes.py_object(exporter))
    release(byref(copy))
    return None


@mutant("BUF804")
def releases_a_made_up_buffer(exporter: object) -> object:
    view = acquired(exporter)
    made_up = CBuffer(buf=view.buf, obj=view.obj, len=view.len)
    release(byref(made_up))
    return None


@mutant("BUF805")
def writes_read_only_memory(exporter: object) -> object:
    view = acquired(exporter)
    ctypes.memset(view.buf, 1, view.len)
    release(byref(view))
    return None


class WritesLate:
    """Writes through an address when it is read or deleted."""

    def __init__(self, exporter: object, *, when: str) -> None:
        view = acquired(exporter)
        self.address, self.when = view.buf, when
        release(byref(view))

    def tobytes(self) -> bytes:
        if self.when == "read":
            ctypes.memset(self.address, 0, 1)
        return b""

    def __del__(self) -> None:
        if self.when == "deleted":
            ctypes.memset(self.address, 0, 1)


class Interface:
    """Keeps the object and no buffer, as tensors do."""

    def __init__(self, exporter: object) -> None:
        view = acquired(exporter)
        self.exporter, self.address = exporter, view.buf
        release(byref(view))

    def data_ptr(self) -> int:
        return self.address


class AcquiresOnDemand:
    """Keeps the object, and acquires a buffer whenever it needs one."""

    def __init__(self, exporter: Any) -> None:
        self.exporter = exporter
        self.size = len(memoryview(exporter))

    def tobytes(self) -> bytes:
        return bytes(memoryview(self.exporter))


class HoldsInACycle:
    def __init__(self, exporter: Any) -> None:
        self.view, self.me = memoryview(exporter), self


HOLD: dict[str, Callable[[Any], object]] = {
    "memoryview": memoryview,
    "slices of a memoryview": lambda exporter: memoryview(exporter)[3:9:2],
    "View": lambda exporter: swiftbuffer.View(exporter),
    "in a cycle": HoldsInACycle,
    "ctypes.from_buffer": lambda exporter: (ctypes.c_char * 8).from_buffer(exporter),
    "in a list": lambda exporter: [memoryview(exporter)],
}
RELEASE: dict[str, Callable[[Any], object]] = {
    "bytes": bytes,
    "bytearray": bytearray,
    "bytearray.extend": lambda exporter: bytearray().extend(exporter),
    "array.frombytes": lambda exporter: array.array("B").frombytes(exporter),
    "struct.unpack": lambda exporter: struct.unpack_from("<16i", exporter),
    "zlib.crc32": zlib.crc32,
    "sha256": lambda exporter: hashlib.sha256(exporter).hexdigest(),
    "BytesIO.write": lambda exporter: io.BytesIO().write(exporter),
    "BytesIO.readinto": lambda exporter: io.BytesIO(bytes(64)).readinto(exporter),
    "bytes.join": lambda exporter: b",".join([exporter, exporter]),
    "int.from_bytes": lambda exporter: int.from_bytes(memoryview(exporter), "big"),
    "Array": swiftbuffer.array,
    "itself": lambda exporter: memoryview(exporter).obj,
    "acquires on demand": AcquiresOnDemand,
    "an iterator": lambda exporter: iter(memoryview(exporter).tolist()),
}
