"""The flags of a buffer request, as named integers."""

from __future__ import annotations

from enum import IntFlag

__all__ = ["BufferFlags"]


class BufferFlags(IntFlag):
    """What a consumer asks of an exporter: the flags of ``PyObject_GetBuffer`` and ``__buffer__``.

    The names and values of ``inspect.BufferFlags``, which Python has from 3.12 on. A flag of several bits is asked for
    only when all of them are set. Source: "Buffer request types" in the C API manual.
    """

    SIMPLE = 0x0
    """Contiguous bytes: neither shape, strides nor format."""
    WRITABLE = 0x1
    """The memory must be writable."""
    FORMAT = 0x4
    """The format of an item; without it the format is NULL."""
    ND = 0x8
    """The shape; without strides the memory must be in C order."""
    STRIDES = 0x10 | ND
    """Shape and strides."""

    C_CONTIGUOUS = 0x20 | STRIDES
    """Strides, in C order: the last axis varies fastest."""
    F_CONTIGUOUS = 0x40 | STRIDES
    """Strides, in Fortran order: the first axis varies fastest."""
    ANY_CONTIGUOUS = 0x80 | STRIDES
    """Strides, in C or Fortran order."""
    INDIRECT = 0x100 | STRIDES
    """Strides and, where pointers are followed, suboffsets."""

    CONTIG = ND | WRITABLE
    """Writable memory in C order."""
    CONTIG_RO = ND
    """Memory in C order."""
    STRIDED = STRIDES | WRITABLE
    """Writable memory with strides."""
    STRIDED_RO = STRIDES
    """Memory with strides."""
    RECORDS = STRIDES | WRITABLE | FORMAT
    """Writable memory with strides and format."""
    RECORDS_RO = STRIDES | FORMAT
    """Memory with strides and format."""
    FULL = INDIRECT | WRITABLE | FORMAT
    """Everything, writable."""
    FULL_RO = INDIRECT | FORMAT
    """Everything."""

    READ = 0x100
    """No request: makes ``PyMemoryView_FromMemory`` and ``PyMemoryView_GetContiguous`` give read-only memory."""
    WRITE = 0x200
    """No request: makes them give writable memory."""
