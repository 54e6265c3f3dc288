# SPDX-License-Identifier: Apache-2.0
"""One producer of DLPack for each code of the checker, which breaks that rule and no other."""

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
from swiftbuffer import testing
from tensors import COPIED, NUMBERS, READ_ONLY, Deleter, Legacy, Versioned, managed_in, new_capsule

MUTANTS: dict[str, Callable[[], Mutant | Any]] = {}
Change = Callable[[Legacy | Versioned], None]
_kept: list[object] = []


def mutant(code: str) -> Callable[[Callable[[], Any]], Callable[[], Any]]:
    def decorate(make: Callable[[], Any]) -> Callable[[], Any]:
        MUTANTS[code] = make
        return make

    return decorate


class Producer:
    """Hands out the tensors of a right producer, changed."""

    def __init__(self, source: Any = None, change: Change | None = None) -> None:
        self.source = swiftbuffer.array([[1, 2, 3], [4, 5, 6]], "i") if source is None else source
        self.change = change

    def __dlpack__(
        self, *, stream: Any = None, max_version: Any = None, dl_device: Any = None, copy: Any = None
    ) -> object:
        capsule = self.capsule(stream=stream, max_version=max_version, dl_device=dl_device, copy=copy)
        if self.change is not None:
            self.change(managed_in(capsule))
        return capsule

    def capsule(self, **keywords: Any) -> object:
        return self.source.__dlpack__(**keywords)

    def __dlpack_device__(self) -> tuple[int, int]:
        return 1, 0


def changed(code: str, change: Callable[[Legacy | Versioned], None], source: Callable[[], Any] | None = None) -> None:
    MUTANTS[code] = lambda: Producer(source() if source else None, change)


def field(code: str, source: Callable[[], Any] | None = None, **values: Any) -> None:
    """Breaks fields of every tensor."""

    def change(managed: Legacy | Versioned) -> None:
        for name, value in values.items():
            setattr(managed.tensor, name, value)

    changed(code, change, source)


def numbers(*values: int) -> Any:
    array = (ctypes.c_int64 * len(values))(*values)
    _kept.append(array)
    return ctypes.cast(array, NUMBERS)


# -- DLP10 -----------------------------------------------------------------------------------------------------------


@mutant("DLP101")
def no_capsule() -> Any:
    class Pointers(Producer):
        def capsule(self, **keywords: Any) -> object:
            capsule = super().capsule(**keywords)
            return managed_in if keywords["copy"] is False else capsule

    return Pointers()


@mutant("DLP102")
def device_unknown() -> Any:
    class Placeless(Producer):
        def __dlpack_device__(self) -> Any:
            return "cpu", 0

    return Placeless()


@mutant("DLP103")
def keyword_unknown() -> Any:
    class Old:
        def __init__(self) -> None:
            self.source = swiftbuffer.zeros((2, 3), "i")

        def __dlpack__(self, *, stream: Any = None, max_version: Any = None, dl_device: Any = None) -> object:
            return self.source.__dlpack__(stream=stream, max_version=max_version, dl_device=dl_device)

        def __dlpack_device__(self) -> tuple[int, int]:
            return 1, 0

    return Old()


@mutant("DLP104")
def version_ignored() -> Any:
    class New(Producer):
        def capsule(self, **keywords: Any) -> object:
            return super().capsule(**keywords | {"max_version": (1, 0)})

    return New()


@mutant("DLP105")
def version_declined() -> Any:
    class Old(Producer):
        def capsule(self, **keywords: Any) -> object:
            return super().capsule(**keywords | {"max_version": None})

    return Old()


@mutant("DLP106")
def newer_refused() -> Any:
    class Exact(Producer):
        def capsule(self, **keywords: Any) -> object:
            if keywords["max_version"] not in (None, (0, 8), (1, 0)):
                raise BufferError("only DLPack 1.0")
            return super().capsule(**keywords)

    return Exact()


@mutant("DLP107")
def capsule_reused() -> Any:
    class Keeping(Producer):
        calls = 0
        kept: object = None
        last: object = None

        def capsule(self, **keywords: Any) -> object:
            # The second of two calls in a row gets what the first got.
            self.calls = self.calls + 1 if self.last == keywords else 0
            self.last = keywords
            if keywords["max_version"] == (1, 3) and self.calls == 1 and keywords["copy"] is None:
                return self.kept
            made = super().capsule(**keywords)
            self.kept = made
            return made

    return Keeping()


# -- DLP11, DLP12 ----------------------------------------------------------------------------------------------------


@mutant("DLP111")
def flags_undefined() -> Any:
    def change(managed: Legacy | Versioned) -> None:
        if isinstance(managed, Versioned):
            managed.flags |= 1 << 5

    return Producer(None, change)


field("DLP112", ndim=-1)
field("DLP113", shape=None)
field("DLP114", shape=numbers(2, -3))
field("DLP116", shape=numbers(1 << 40, 1 << 40))
field("DLP117", lanes=0)
field("DLP118", data=None)
field("DLP119", data=4096, source=lambda: swiftbuffer.zeros((0, 3), "i"))
# Of fewer items, so that the last one is in the memory of a copy too.
field("DLP121", byte_offset=2, shape=numbers(1, 3))
field("DLP122", strides=numbers(1 << 44, 1))


@mutant("DLP115")
def strides_missing() -> Any:
    def change(managed: Legacy | Versioned) -> None:
        if isinstance(managed, Versioned):
            managed.tensor.strides = None

    return Producer(None, change)


def elsewhere(managed: Legacy | Versioned) -> None:
    managed.tensor.device[:] = (3, 0)


changed("DLP123", elsewhere)


# -- DLP13 -----------------------------------------------------------------------------------------------------------


@mutant("DLP131")
def write_protected() -> Any:
    # It refuses consumers of the older structure by itself.
    source = swiftbuffer.View(mmap.mmap(-1, 4096, prot=mmap.PROT_READ)).cast("i")

    def change(managed: Legacy | Versioned) -> None:
        if isinstance(managed, Versioned):
            managed.flags &= ~READ_ONLY

    return Producer(source, change)


@mutant("DLP132")
def read_only_hidden() -> Any:
    def change(managed: Legacy | Versioned) -> None:
        # What consumers of the older structure get can be written.
        if isinstance(managed, Versioned) and not managed.flags & COPIED:
            managed.flags |= READ_ONLY

    return Producer(None, change)


class Both(testing.BrokenExporter):
    """A buffer, and tensors of the same memory."""

    producer: Producer

    def __dlpack__(self, **keywords: Any) -> object:
        return self.producer.__dlpack__(**keywords)

    def __dlpack_device__(self) -> tuple[int, int]:
        return 1, 0


def both(producer: Producer) -> Mutant:
    """An exporter of the memory that the tensors show."""
    exporter = Both(producer.source, moves=False, release="right")
    exporter.producer = producer
    return Mutant(exporter)


@mutant("DLP133")
def read_only_differs() -> Any:
    def change(managed: Legacy | Versioned) -> None:
        if isinstance(managed, Versioned) and not managed.flags & COPIED:
            managed.flags |= READ_ONLY

    class Careful(Producer):
        def capsule(self, **keywords: Any) -> object:
            if keywords["max_version"] in (None, (0, 8)) and not keywords["copy"]:
                raise BufferError("it is read-only")
            return super().capsule(**keywords)

    return both(Careful(None, change))


# -- DLP14 -----------------------------------------------------------------------------------------------------------


@mutant("DLP141")
def copy_shared() -> Any:
    class Sharing(Producer):
        def capsule(self, **keywords: Any) -> object:
            made = super().capsule(**keywords | {"copy": None})
            managed = managed_in(made)
            if keywords["copy"] and isinstance(managed, Versioned):
                managed.flags |= COPIED
            return made

    return Sharing()


@mutant("DLP142")
def copy_unmarked() -> Any:
    def change(managed: Legacy | Versioned) -> None:
        if isinstance(managed, Versioned):
            managed.flags &= ~COPIED

    return Producer(None, change)


@mutant("DLP143")
def copy_forbidden() -> Any:
    class Copying(Producer):
        def capsule(self, **keywords: Any) -> object:
            if keywords["copy"] is False:
                keywords["copy"] = True
            return super().capsule(**keywords)

    return Copying()


@mutant("DLP144")
def copy_differs() -> Any:
    class Forgetful(Producer):
        def capsule(self, **keywords: Any) -> object:
            if not keywords["copy"]:
                return super().capsule(**keywords)
            return swiftbuffer.zeros((2, 3), "i").__dlpack__(**keywords)

    return Forgetful()


@mutant("DLP145")
def shared_marked() -> Any:
    def change(managed: Legacy | Versioned) -> None:
        if isinstance(managed, Versioned):
            managed.flags |= COPIED

    return Producer(None, change)


# -- DLP15 -----------------------------------------------------------------------------------------------------------


@mutant("DLP151")
def tensors_differ() -> Any:
    flat = numbers(3, 2)
    strides = numbers(2, 1)

    def change(managed: Legacy | Versioned) -> None:
        if isinstance(managed, Legacy):
            managed.tensor.shape, managed.tensor.strides = flat, strides

    class Old(Producer):
        def capsule(self, **keywords: Any) -> object:
            if keywords["copy"]:
                raise BufferError("no copies")
            return super().capsule(**keywords)

    return Old(None, change)


@mutant("DLP152")
def buffer_differs() -> Any:
    producer = Producer()
    shown = both(producer)
    producer.source = swiftbuffer.array([[1, 2, 3], [4, 5, 6]], "i")
    return shown


# -- DLP16 -----------------------------------------------------------------------------------------------------------


@mutant("DLP161")
def capsule_leaks() -> Any:
    class Leaking(Producer):
        def capsule(self, **keywords: Any) -> object:
            capsule = without_destructor(super().capsule(**keywords))
            managed = managed_in(capsule)
            original = ctypes.cast(managed.deleter, ctypes.c_void_p).value
            # What the tensor keeps until its deleter is called.
            holders = [self]

            def delete(address: int) -> None:
                holders.clear()
                Deleter(original)(address)

            function = Deleter(delete)
            _kept.append(function)
            managed.deleter = function
            return capsule

    return Leaking()


def without_destructor(capsule: object) -> object:
    managed = managed_in(capsule)
    _kept.append(capsule)
    name = b"dltensor" if isinstance(managed, Legacy) else b"dltensor_versioned"
    return new_capsule(managed, name)


@mutant("DLP162")
def consumed_capsule_deletes() -> Any:
    class Eager(Producer):
        def capsule(self, **keywords: Any) -> object:
            return with_destructor(without_destructor(super().capsule(**keywords)), always=True)

    return Eager()


def with_destructor(capsule: object, *, always: bool) -> object:
    """The tensor in a capsule whose destructor looks at its name, or does not."""
    managed = managed_in(capsule)
    name = b"dltensor" if isinstance(managed, Legacy) else b"dltensor_versioned"
    return new_capsule(managed, name, lambda found: always or found == name)


@mutant("DLP163")
def deleter_raises() -> Any:
    def change(managed: Legacy | Versioned) -> None:
        original = ctypes.cast(managed.deleter, ctypes.c_void_p).value
        assert original

        def delete(address: int | None) -> None:
            Deleter(original)(address)
            raise RuntimeError("from the deleter")

        function = Deleter(delete)
        _kept.append(function)
        managed.deleter = function

    return Producer(None, change)


@mutant("DLP164")
def reference_leak() -> Any:
    class Leaking(Producer):
        def capsule(self, **keywords: Any) -> object:
            _kept.append(self)
            return super().capsule(**keywords)

    return Leaking()


@mutant("DLP165")
def tensors_dependent() -> Any:
    shape, kept = numbers(2, 3), numbers(2, 3)

    def change(managed: Legacy | Versioned) -> None:
        original = ctypes.cast(managed.deleter, ctypes.c_void_p).value
        assert original
        ctypes.memmove(shape, kept, 16)
        managed.tensor.shape = shape

        def delete(address: int | None) -> None:
            # All tensors share one shape, which ends with the first.
            shape[0] = -7
            Deleter(original)(address)

        function = Deleter(delete)
        _kept.append(function)
        managed.deleter = function

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


# -- DLP17, DLP19 ----------------------------------------------------------------------------------------------------


@mutant("DLP171")
def wrong_exception() -> Any:
    class Blunt(Producer):
        def capsule(self, **keywords: Any) -> object:
            if keywords["copy"]:
                raise NotImplementedError("no copies")
            return super().capsule(**keywords)

    return Blunt()


@mutant("DLP172")
def device_request_ignored() -> Any:
    class Anywhere(Producer):
        def capsule(self, **keywords: Any) -> object:
            return super().capsule(**keywords | {"dl_device": None})

    return Anywhere()


@mutant("DLP173")
def stream_accepted() -> Any:
    class Streaming(Producer):
        def capsule(self, **keywords: Any) -> object:
            return super().capsule(**keywords | {"stream": None})

    return Streaming()


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
