# SPDX-License-Identifier: Apache-2.0
"""One exporter for each code of the checker, which breaks that rule and no other."""

from __future__ import annotations

import array
import ctypes
import gc
import mmap
import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from ctypes import CFUNCTYPE, POINTER, PYFUNCTYPE, c_char_p, c_int, c_uint, c_void_p, py_object, pythonapi
from typing import Any

import swiftbuffer
from c_oracle import CBuffer
from mutant import Mutant, made, registering
from swiftbuffer import _testing, capi, testing
from swiftbuffer._check.requests import PARTIAL, REQUESTS
from swiftbuffer.testing import BrokenExporter, Request, broken

ND, FORMAT, WRITABLE, STRIDES = capi.PyBUF_ND, capi.PyBUF_FORMAT, capi.PyBUF_WRITABLE, capi.PyBUF_STRIDES
C, F, ANY, INDIRECT = (
    capi.PyBUF_C_CONTIGUOUS,
    capi.PyBUF_F_CONTIGUOUS,
    capi.PyBUF_ANY_CONTIGUOUS,
    capi.PyBUF_INDIRECT,
)


MUTANTS: dict[str, Callable[[], Mutant | Any]] = {}
mutant = registering(MUTANTS)


def make(code: str) -> Mutant:
    return made(MUTANTS[code]())


def line() -> swiftbuffer.Array:
    """One axis, which is C-contiguous and F-contiguous."""
    return swiftbuffer.zeros((8,), "B")


def fortran() -> swiftbuffer.Array:
    return swiftbuffer.zeros((3, 4), "i", order="F")


def strided() -> swiftbuffer.View:
    return swiftbuffer.View(swiftbuffer.zeros((6, 8), "i"))[::2, ::2]


def unless(*flags: int) -> Callable[[Request], bool]:
    """Matches requests without any of these flags."""
    return lambda request: not any(request.asks(flag) for flag in flags)


def is_contested(request: Request) -> bool:
    return request.asks(FORMAT) and not request.asks(ND)


def simply(code: str, source: Callable[[], Any] | None = None, **rule: Any) -> None:
    MUTANTS[code] = lambda: broken(source() if source else None, **rule)


# -- BUF1 ------------------------------------------------------------------------------------------------------------

simply("BUF102", line, obj=None, when={STRIDES})
simply("BUF103", line, shape=None, when=ND)
simply("BUF104", line, shape=(8,), when=unless(ND))
simply("BUF105", line, strides=None, when=STRIDES)
simply("BUF106", line, strides=(1,), when=unless(STRIDES))
simply("BUF107", line, suboffsets=(-1,), when=unless(INDIRECT))
simply("BUF108", line, suboffsets=(-1,), when=INDIRECT)
simply("BUF109", line, format=None, when=FORMAT | ND)
simply("BUF110", line, format="B", when=unless(FORMAT))
simply("BUF111", ndim=65)
simply("BUF112", line, shape=(-8,), when=ND)
simply("BUF113", len=40)
simply("BUF114", format="h", when=FORMAT)
simply("BUF115", lambda: swiftbuffer.zeros((), "d"), shape=(), when=ND)
simply("BUF117", format="no?", when=FORMAT)


class _Slot(ctypes.Structure):
    _fields_ = (("slot", c_int), ("function", c_void_p))


class _Spec(ctypes.Structure):
    _fields_ = (
        ("name", c_char_p),
        ("basicsize", c_int),
        ("itemsize", c_int),
        ("flags", c_uint),
        ("slots", POINTER(_Slot)),
    )


GETBUFFER, RELEASEBUFFER = 1, 2
_kept: list[object] = []


def derive(base: type, **slots: Any) -> type:
    """A type whose slots are C functions, which a class written in Python cannot have."""
    numbers = {"getbuffer": GETBUFFER, "releasebuffer": RELEASEBUFFER}
    table = (_Slot * (len(slots) + 1))(
        *((numbers[name], ctypes.cast(function, c_void_p)) for name, function in slots.items())
    )
    default_and_base = 1 << 18 | 1 << 10
    spec = _Spec(b"mutants.Derived", 0, 0, default_and_base, table)
    _kept.extend((table, spec, slots))
    create = pythonapi.PyType_FromSpecWithBases
    create.restype, create.argtypes = py_object, (c_void_p, py_object)
    created = create(ctypes.addressof(spec), (base,))
    assert isinstance(created, type)
    return created


memory = (ctypes.c_ubyte * 8)()
sizes = (ctypes.c_ssize_t * 2)(8, 1)


def fills(**changed: int | None) -> type:
    """A type that fills in all fields for every request, with the values given; None leaves a field unfilled."""
    address = ctypes.addressof(sizes)
    values: dict[str, int | None] = {
        "buf": ctypes.addressof(memory),
        "len": 8,
        "itemsize": 1,
        "readonly": 0,
        "ndim": 1,
        "shape": address,
        "strides": address + 8,
        "suboffsets": 0,
        "format": 0,
    } | changed

    @PYFUNCTYPE(c_int, py_object, c_void_p, c_int)
    def getbuffer(exporter: object, view: int, _flags: int) -> int:
        for name, value in values.items():
            if value is not None:
                place = view + getattr(CBuffer, name).offset
                kind = c_int if name in ("readonly", "ndim") else ctypes.c_ssize_t
                kind.from_address(place).value = value
        ctypes.c_ssize_t.from_address(view + CBuffer.obj.offset).value = id(exporter)
        pythonapi.Py_IncRef(py_object(exporter))
        return 0

    class Base:
        pass

    return derive(Base, getbuffer=getbuffer)


@mutant("BUF101")
def field_unfilled() -> Any:
    return fills(suboffsets=None)()


@mutant("BUF116")
def array_unreadable() -> Any:
    return fills(shape=8)()


# -- BUF2 ------------------------------------------------------------------------------------------------------------

simply("BUF201", fortran, accept=True, when=C)
simply("BUF202", accept=True, when=F)
simply("BUF203", strided, accept=True, when=lambda request: request.asks(ANY) and unless(C, F)(request))
simply("BUF204", strided, accept=True, when=lambda request: unless(STRIDES)(request) and not is_contested(request))
simply("BUF206", buf=64)


@mutant("BUF205")
def suboffsets_hidden() -> Any:
    rows = [array.array("B", bytes(range(4))) for _ in range(2)]
    table = array.array("Q", [row.buffer_info()[0] for row in rows])
    source = swiftbuffer.zeros((2, 4), "B")
    _kept.extend((rows, table))
    exporter = broken(source, buf=table.buffer_info()[0])
    exporter.also(strides=(8, 1), when=STRIDES).also(suboffsets=(0, -1), when=INDIRECT)
    for order in (C, F, ANY):
        exporter.also(order, error=BufferError("not contiguous"))
    return exporter.also(unless(STRIDES), error=BufferError("not contiguous"))


# -- BUF3 ------------------------------------------------------------------------------------------------------------

simply("BUF301", error=ValueError("not Fortran"), when=F)
simply("BUF302", error=BufferError("not Fortran"), obj=testing.SELF, when=F)
simply("BUF303", line, status=-1, obj=None, when={F})
simply("BUF305", status=1, obj=None, when={STRIDES})
simply("BUF306", error=BufferError("later"), when=lambda r: r.flags == STRIDES and r.number > 78)
simply("BUF307", error=BufferError("no C order today"), when={C})


@mutant("BUF304")
def exception_left() -> Any:
    class Careless(BrokenExporter):
        def _respond(self, request: Request, token: int) -> Any:
            answer = super()._respond(request, token)
            return answer._replace(error=BufferError("a leftover")) if request.flags == STRIDES else answer

    return Careless(line(), moves=False, release="right")


# -- BUF4 ------------------------------------------------------------------------------------------------------------


def writable(request: Request) -> bool:
    return request.asks(WRITABLE) and not is_contested(request)


def read_only() -> swiftbuffer.View:
    return swiftbuffer.View(b"12345678")


simply("BUF401", read_only, accept=True, readonly=1, when=writable)
simply("BUF402", line, readonly=1, when=lambda request: request.asks(FORMAT) and unless(WRITABLE)(request))
simply("BUF403", read_only, readonly=0)
simply("BUF404", read_only, readonly=2)


@mutant("BUF405")
def write_protected() -> Any:
    source = swiftbuffer.View(mmap.mmap(-1, 4096, prot=mmap.PROT_READ))
    return broken(source, accept=True, when=writable).also(readonly=0)


# -- BUF5 ------------------------------------------------------------------------------------------------------------


@mutant("BUF501")
def memory_differs() -> Any:
    plain, formatted = line(), line()
    return broken(lambda request: formatted if request.asks(FORMAT) else plain)


simply("BUF502", shape=(4, 3), strides=(12, 4), when=lambda r: r.asks(STRIDES) and unless(FORMAT)(r))


@mutant("BUF503")
def answer_changes() -> Any:
    exporter: BrokenExporter

    def spoil(_: Request) -> bool:
        if exporter.exports > 30:
            first = min(exporter._live.values(), key=lambda request: request.number)
            ctypes.c_ssize_t.from_address(first.address + CBuffer.itemsize.offset).value = 2
        return False

    exporter = broken(line(), len=8, when=spoil)
    return exporter


simply("BUF504", line, leak=True)


@mutant("BUF505")
def reference_stolen() -> Any:
    def steal(_request: Request | None, _address: int) -> None:
        pythonapi.Py_DecRef(py_object(exporter))

    exporter = broken(line(), release=steal)
    for _ in range(100_000):
        pythonapi.Py_IncRef(py_object(exporter))
    return exporter


simply("BUF506", line, release="address")


@mutant("BUF507")
def export_leak() -> Any:
    exporter = broken(line())

    def resize(_: object) -> None:
        if exporter._requests:
            raise BufferError("locked by an earlier export")

    return Mutant(exporter, {"resize": resize})


@mutant("BUF508")
def resized_while_exported() -> Any:
    return Mutant(broken(line(), moves=True), {"resize": lambda exporter: exporter.move()})


@mutant("BUF509")
def freed_while_exported() -> Any:
    libc = ctypes.CDLL(None)
    libc.mmap.restype, libc.mmap.argtypes = c_void_p, (c_void_p, ctypes.c_size_t, c_int, c_int, c_int, ctypes.c_long)
    libc.munmap.argtypes = (c_void_p, ctypes.c_size_t)
    address = libc.mmap(None, 4096, mmap.PROT_READ | mmap.PROT_WRITE, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS, -1, 0)
    view = swiftbuffer.View(swiftbuffer.from_memory(address, 4096, readonly=False))
    return Mutant(broken(view), {"close": lambda _: libc.munmap(address, 4096)})


@mutant("BUF510")
def exclusive() -> Any:
    exporter: BrokenExporter = broken(line())
    return exporter.also(lambda _: exporter.exports > 0, error=BufferError("one at a time"))


simply(
    "BUF511",
    line,
    error=BufferError("not from here"),
    when=lambda _: threading.current_thread() is not threading.main_thread(),
)


@mutant("BUF512")
def release_raises() -> Any:
    # Called with an exporter, which is not an exception class, this C function sets SystemError.
    raises = CFUNCTYPE(None, py_object, c_void_p)(("PyErr_SetNone", pythonapi))
    # bytearray itself has this deviation.
    return Mutant(derive(bytearray, releasebuffer=raises)(b"12345678"), {"ignore": {"BUF703"}})


@mutant("BUF513")
def refusal_locks() -> Any:
    locked = False

    def lock(request: Request) -> bool:
        nonlocal locked
        locked = locked or is_contested(request)
        return locked

    return broken(line(), when=lock, error=BufferError("in use"))


def _fail(_request: Request | None, _address: int) -> None:
    raise ValueError("cannot unlock")


simply("BUF514", line, release=_fail)

# -- BUF6 ------------------------------------------------------------------------------------------------------------

if sys.version_info >= (3, 12):

    def _called_from_python(_: Request) -> bool:
        frame = sys._getframe()
        while frame := frame.f_back:  # type: ignore[assignment]
            if frame.f_code.co_name == "ask":
                return False
            if frame.f_code.co_name == "dunder":
                return True
        return False

    simply("BUF602", line, len=4, shape=None, when=_called_from_python)

    @mutant("BUF601")
    def dunder_missing() -> Any:
        def forget(_: Request) -> bool:
            # As if the slots had been filled in after the type was made. Runs in the child process.
            names = gc.get_referents(vars(_testing.ScriptedExporter))[0]
            if names.pop("__buffer__", None):
                pythonapi.PyType_Modified(py_object(_testing.ScriptedExporter))
            return False

        return broken(line(), len=8, when=forget)


# -- BUF7 ------------------------------------------------------------------------------------------------------------

simply("BUF701", ndim=2, when=unless(ND))
simply("BUF702", itemsize=1, when=unless(ND))
simply("BUF703", accept=True, when=is_contested)
simply("BUF704", line, shape=(8,), when=lambda request: request.flags in PARTIAL and request.flags & 0x10)

# -- BUF9 ------------------------------------------------------------------------------------------------------------

CONDEMNED = REQUESTS[17]


@mutant("BUF901")
def crash() -> Any:
    return broken(line(), len=8, when=lambda r: r.flags == CONDEMNED and bool(os.kill(os.getpid(), signal.SIGSEGV)))


@mutant("BUF902")
def hang() -> Any:
    return Mutant(
        broken(line(), len=8, when=lambda request: request.flags == CONDEMNED and bool(time.sleep(60))),
        {"timeout": 1.0},
    )
