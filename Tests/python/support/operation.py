# SPDX-License-Identifier: Apache-2.0
"""Operations of the public surface, each with what it works on: to be tried while memory is short, and for leaks.

`memory_operations.py` and `library_operations.py` fill the table, `operations.py` has it whole.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import swiftbuffer as sb
from swiftbuffer import testing

Operation = Callable[[], object]
# Makes new objects to work on: the operation, and the exporters whose exports it must leave at none.
Setup = Callable[[], tuple[Operation, list[Any]]]

RECORD = "T{i:a:(2)h:b:T{d:x:}:c:}"
OPERATIONS: dict[str, Setup] = {}
# Operations written in Python. Memory does not run out for them: CPython up to 3.12 may never leave a handler then.
IN_PYTHON: set[str] = set()


def on_memory(name: str, use: Callable[[Any], object], kinds: str = "view array strided indirect records") -> None:
    """Registers one operation on each kind of memory that it is for."""
    for kind in kinds.split():
        OPERATIONS[f"{name} ({kind})"] = lambda kind=kind: of_kind(kind, use)


def of_kind(kind: str, use: Callable[[Any], object]) -> tuple[Operation, list[Any]]:
    if kind == "array":
        memory = sb.array([1.5, 2.5, 3.5, 4.5], "d")
        return partial(use, memory), [memory]
    if kind == "records":
        memory = sb.array([(1, [2, 3], (4.5,)), (5, [6, 7], (8.5,))], RECORD)
        return partial(use, memory), [memory]
    if kind == "view":
        base = bytearray(range(12))
        view = sb.View(base)
        return partial(use, view), [view, base]
    if kind == "strided":
        base = bytearray(range(48))
        view = sb.View(base).cast("i", (3, 4))[::-1, ::2]
        return partial(use, view), [view, base]
    if kind == "indirect":
        flags = testing.ND_PIL | testing.ND_WRITABLE
        view = sb.View(testing.ndarray(list(range(6)), (2, 3), format="i", flags=flags))
        return partial(use, view), [view]
    raise ValueError(kind)


def alone(name: str, setup: Setup) -> None:
    OPERATIONS[name] = setup


def fields(buffer: Any) -> object:
    """What a Py_buffer says, without addresses, and its release."""
    with buffer:
        return (
            buffer.len,
            buffer.itemsize,
            buffer.ndim,
            buffer.shape,
            buffer.strides,
            buffer.suboffsets,
            buffer.format,
            buffer.readonly,
            buffer.buf is not None,
            buffer.obj is not None,
        )


def check_free(exporters: list[Any]) -> None:
    """No exports of these are outstanding."""
    for exporter in exporters:
        if isinstance(exporter, bytearray):
            exporter.append(0)
        elif isinstance(exporter, sb.View):
            exporter.release()
        elif exporter.ndim == 1 and not exporter.readonly:
            exporter.resize(exporter.shape[0] + 1)
