# SPDX-License-Identifier: Apache-2.0
"""Producers of DLPack that break a rule on purpose, by what they change of a right one."""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from typing import Any

import swiftbuffer
from mutant import Mutant, registering
from swiftbuffer import testing
from tensors import NUMBERS, Deleter, Legacy, Versioned, managed_in

MUTANTS: dict[str, Callable[[], Mutant | Any]] = {}
mutant = registering(MUTANTS)
Change = Callable[[Legacy | Versioned], None]
Delete = Callable[[int | None], None]
KEPT: list[object] = []
"""What tensors point to."""


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


def changed(code: str, change: Change, source: Callable[[], Any] | None = None) -> None:
    """Breaks every tensor."""
    MUTANTS[code] = lambda: Producer(source() if source else None, change)


def versioned(change: Callable[[Versioned], None]) -> Change:
    """A change of the newer structure alone, which has flags."""

    def changes(managed: Legacy | Versioned) -> None:
        if isinstance(managed, Versioned):
            change(managed)

    return changes


def field(code: str, source: Callable[[], Any] | None = None, **values: Any) -> None:
    """Breaks fields of every tensor."""

    def change(managed: Legacy | Versioned) -> None:
        for name, value in values.items():
            setattr(managed.tensor, name, value)

    changed(code, change, source)


def answering(code: str, **other: Any) -> None:
    """Answers every call as if it had had other keywords."""

    class Answering(Producer):
        def capsule(self, **keywords: Any) -> object:
            return super().capsule(**keywords | other)

    MUTANTS[code] = Answering


def numbers(*values: int) -> Any:
    array = (ctypes.c_int64 * len(values))(*values)
    KEPT.append(array)
    return ctypes.cast(array, NUMBERS)


def set_deleter(managed: Legacy | Versioned, delete: Callable[[Delete, int | None], None]) -> None:
    """Replaces the deleter by a function, which is called with the one before, and with the structure's address."""
    address = ctypes.cast(managed.deleter, ctypes.c_void_p).value
    assert address
    original = Deleter(address)
    function = Deleter(lambda structure: delete(original, structure))
    KEPT.append(function)
    managed.deleter = function


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
