# SPDX-License-Identifier: Apache-2.0
"""DLP161 to DLP167, DLP191 and DLP192: the end of tensors, and of processes."""

from __future__ import annotations

import ctypes
import mmap
import os
import signal
import time
from collections.abc import Callable
from typing import Any

import swiftbuffer
from mutant import Mutant
from tensor_mutants.producer import KEPT, Delete, Producer, changed, mutant, numbers, set_deleter
from tensors import Legacy, Versioned, managed_in, new_capsule


@mutant("DLP161")
def capsule_leaks() -> Any:
    class Leaking(Producer):
        def capsule(self, **keywords: Any) -> object:
            capsule = recapsuled(super().capsule(**keywords))
            # What the tensor keeps until its deleter is called.
            holders = [self]

            def delete(original: Delete, address: int | None) -> None:
                holders.clear()
                original(address)

            set_deleter(managed_in(capsule), delete)
            return capsule

    return Leaking()


def recapsuled(capsule: object, deletes: Callable[[bytes], bool] | None = None) -> object:
    """The tensor in another capsule, whose destructor calls the deleter if `deletes` says so."""
    managed = managed_in(capsule)
    KEPT.append(capsule)
    return new_capsule(managed, b"dltensor" if isinstance(managed, Legacy) else b"dltensor_versioned", deletes)


@mutant("DLP162")
def consumed_capsule_deletes() -> Any:
    class Eager(Producer):
        def capsule(self, **keywords: Any) -> object:
            return recapsuled(super().capsule(**keywords), lambda _: True)

    return Eager()


def deleter_raises(managed: Legacy | Versioned) -> None:
    def delete(original: Delete, address: int | None) -> None:
        original(address)
        raise RuntimeError("from the deleter")

    set_deleter(managed, delete)


changed("DLP163", deleter_raises)


@mutant("DLP164")
def reference_leak() -> Any:
    class Leaking(Producer):
        def capsule(self, **keywords: Any) -> object:
            KEPT.append(self)
            return super().capsule(**keywords)

    return Leaking()


@mutant("DLP165")
def tensors_dependent() -> Any:
    shape, kept = numbers(2, 3), numbers(2, 3)

    def delete(original: Delete, address: int | None) -> None:
        # All tensors share one shape, which ends with the first.
        shape[0] = -7
        original(address)

    def change(managed: Legacy | Versioned) -> None:
        ctypes.memmove(shape, kept, 16)
        managed.tensor.shape = shape
        set_deleter(managed, delete)

    return Producer(None, change)


@mutant("DLP166")
def freed_while_held() -> Any:
    libc = ctypes.CDLL(None)
    libc.mmap.restype = ctypes.c_void_p
    libc.mmap.argtypes = (ctypes.c_void_p, ctypes.c_size_t, *[ctypes.c_int] * 3, ctypes.c_long)
    libc.munmap.argtypes = (ctypes.c_void_p, ctypes.c_size_t)
    address = libc.mmap(None, 4096, mmap.PROT_READ | mmap.PROT_WRITE, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS, -1, 0)
    source = swiftbuffer.View(swiftbuffer.from_memory(address, 4096, readonly=False))
    return Mutant(Producer(source), {"close": lambda _: libc.munmap(address, 4096)})


@mutant("DLP167")
def stays_locked() -> Any:
    class Counting(Producer):
        calls = 0

        def capsule(self, **keywords: Any) -> object:
            self.calls += 1
            return super().capsule(**keywords)

    producer = Counting()

    def resize(_: object) -> None:
        if producer.calls:
            raise BufferError("locked by an earlier tensor")

    return Mutant(producer, {"resize": resize})


class Condemned(Producer):
    """Acts at one call."""

    act: Callable[[], object]

    def capsule(self, **keywords: Any) -> object:
        if keywords["copy"] is False and keywords["max_version"] == (1, 0):
            self.act()
        return super().capsule(**keywords)


@mutant("DLP191")
def crash() -> Any:
    producer = Condemned()
    producer.act = lambda: os.kill(os.getpid(), signal.SIGSEGV)
    return producer


@mutant("DLP192")
def hang() -> Any:
    producer = Condemned()
    producer.act = lambda: time.sleep(60)
    return Mutant(producer, {"timeout": 1.0})
