"""Every request that a consumer can make, and how requests are written."""

from __future__ import annotations

from itertools import product

from swiftbuffer import capi

__all__ = ["CONTROL", "NAMED", "ORDERS", "PARTIAL", "REQUESTS", "asks", "is_contested", "spell"]

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
"""Every combination of the flags, each flag whole: 72 requests."""

PARTIAL = (0x10, 0x20, 0x40, 0x80, 0x100, 0x200, 0x300, 0x400)
"""Bits that are no flag by themselves, READ and WRITE among them: the reference takes each for SIMPLE.

All are asked through ``PyObject_GetBuffer``, which from 3.13 on answers READ and WRITE alone by itself. ``__buffer__``
would hand even those two to the exporter, but there ``bytearray`` of 3.13 grants them with a struct that it left
unfilled, and stays locked for ever.
"""

CONTROL = capi.PyBUF_FULL_RO
"""What nearly every exporter grants: asked again after each request, to see whether the object is free again."""

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
    """Whether it is a format without a shape, which memoryview refuses and others grant."""
    return asks(request, capi.PyBUF_FORMAT) and not asks(request, capi.PyBUF_ND)


def spell(request: int) -> str:
    """A request as C code writes it: ``PyBUF_ND|PyBUF_FORMAT``; bits that are no flag in hexadecimal."""
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
