# SPDX-License-Identifier: Apache-2.0
"""Every request that a consumer can make, and requests as text."""

from __future__ import annotations

from itertools import product

from swiftbuffer import capi

__all__ = ["CONTROL", "NAMED", "ORDERS", "PARTIAL", "REQUESTS", "asks", "is_contested", "request_name"]

ORDERS = {capi.PyBUF_C_CONTIGUOUS: "C", capi.PyBUF_F_CONTIGUOUS: "F", capi.PyBUF_ANY_CONTIGUOUS: "A"}
"""The order of memory that each contiguity flag requests."""

_STRUCTURES = (*ORDERS, capi.PyBUF_INDIRECT)


def _combinations() -> tuple[int, ...]:
    structures = [0, capi.PyBUF_ND]
    for chosen in product((False, True), repeat=len(_STRUCTURES)):
        flags = capi.PyBUF_STRIDES
        for structure, wanted in zip(_STRUCTURES, chosen, strict=True):
            flags |= structure if wanted else 0
        structures.append(flags)
    extras = (0, capi.PyBUF_WRITABLE, capi.PyBUF_FORMAT, capi.PyBUF_WRITABLE | capi.PyBUF_FORMAT)
    return tuple(structure | extra for structure in structures for extra in extras)


REQUESTS = _combinations()
"""Every combination of whole flags: 72 requests."""

PARTIAL = (0x10, 0x20, 0x40, 0x80, 0x100, 0x200, 0x300, 0x400)
"""Single bits that are no flag, READ and WRITE among them: memoryview treats each as SIMPLE.

All are passed to ``PyObject_GetBuffer``, which from CPython 3.13 on refuses READ and WRITE alone itself. ``__buffer__``
passes even these two to the exporter, but ``bytearray`` of 3.13 then grants them without filling in the struct, and
stays locked.
"""

CONTROL = capi.PyBUF_FULL_RO
"""Granted by nearly every exporter: repeated after each request, to test whether the object is locked."""

NAMED = {
    "SIMPLE": capi.PyBUF_SIMPLE,
    "WRITABLE": capi.PyBUF_WRITABLE,
    "CONTIG_RO": capi.PyBUF_CONTIG_RO,
    "CONTIG": capi.PyBUF_CONTIG,
    "STRIDED_RO": capi.PyBUF_STRIDED_RO,
    "STRIDED": capi.PyBUF_STRIDED,
    "RECORDS_RO": capi.PyBUF_RECORDS_RO,
    "RECORDS": capi.PyBUF_RECORDS,
    "C_CONTIGUOUS": capi.PyBUF_C_CONTIGUOUS,
    "F_CONTIGUOUS": capi.PyBUF_F_CONTIGUOUS,
    "ANY_CONTIGUOUS": capi.PyBUF_ANY_CONTIGUOUS,
    "INDIRECT": capi.PyBUF_INDIRECT,
    "FULL_RO": capi.PyBUF_FULL_RO,
    "FULL": capi.PyBUF_FULL,
}
"""The requests that have a name in the C API."""

_BITS = {
    "READ": capi.PyBUF_READ,
    "WRITE": capi.PyBUF_WRITE,
}


def asks(request: int, flag: int) -> bool:
    """Whether a request holds a flag: all its bits."""
    return request & flag == flag


def is_contested(request: int) -> bool:
    """Whether a request has a format and no shape, which memoryview refuses and other exporters grant."""
    return asks(request, capi.PyBUF_FORMAT) and not asks(request, capi.PyBUF_ND)


def request_name(request: int) -> str:
    """A request as in C: ``PyBUF_ND|PyBUF_FORMAT``; bits that are no flag in hexadecimal."""
    parts: list[str] = []
    rest = request
    if asks(rest, capi.PyBUF_STRIDES):
        covered = 0
        for name in ("INDIRECT", "C_CONTIGUOUS", "F_CONTIGUOUS", "ANY_CONTIGUOUS"):
            if asks(rest, NAMED[name]):
                parts.append(name)
                covered |= NAMED[name]
        if not parts:
            parts.append("STRIDES")
            covered = capi.PyBUF_STRIDES
        rest &= ~covered
    elif asks(rest, capi.PyBUF_ND):
        parts.append("ND")
        rest &= ~capi.PyBUF_ND
    for name, bit in (("WRITABLE", capi.PyBUF_WRITABLE), ("FORMAT", capi.PyBUF_FORMAT), *_BITS.items()):
        if rest & bit:
            parts.append(name)
            rest &= ~bit
    if rest:
        parts.append(hex(rest))
    return "|".join(part if part.startswith("0x") else f"PyBUF_{part}" for part in parts or ["SIMPLE"])
