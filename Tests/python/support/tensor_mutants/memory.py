# SPDX-License-Identifier: Apache-2.0
"""DLP131 to DLP152: memory, copies, and tensors that contradict each other."""

from __future__ import annotations

import mmap
from typing import Any

import swiftbuffer
from mutant import Mutant
from tensor_mutants.producer import Producer, both, changed, mutant, numbers, versioned
from tensors import COPIED, READ_ONLY, Legacy, Versioned, managed_in


def writable(managed: Versioned) -> None:
    managed.flags &= ~READ_ONLY


def read_only(managed: Versioned) -> None:
    # What consumers of the older structure get can be written.
    if not managed.flags & COPIED:
        managed.flags |= READ_ONLY


def unmarked(managed: Versioned) -> None:
    managed.flags &= ~COPIED


def marked(managed: Versioned) -> None:
    managed.flags |= COPIED


def protected() -> Any:
    # It refuses consumers of the older structure by itself.
    return swiftbuffer.View(mmap.mmap(-1, 4096, prot=mmap.PROT_READ)).cast("i")


changed("DLP131", versioned(writable), protected)
changed("DLP132", versioned(read_only))
changed("DLP142", versioned(unmarked))
changed("DLP145", versioned(marked))


@mutant("DLP133")
def read_only_differs() -> Mutant:
    class Careful(Producer):
        def capsule(self, **keywords: Any) -> object:
            if keywords["max_version"] in (None, (0, 8)) and not keywords["copy"]:
                raise BufferError("it is read-only")
            return super().capsule(**keywords)

    return both(Careful(None, versioned(read_only)))


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
