"""The flags of a buffer request, as named integers."""

from __future__ import annotations

from enum import IntFlag

__all__ = ["BufferFlags"]


class BufferFlags(IntFlag):
    """The request of a consumer: the flags of ``PyObject_GetBuffer`` and ``__buffer__``.

    Names and values are those of ``inspect.BufferFlags``, which Python has from 3.12 on. A flag of several bits is
    requested only if all of them are set. Source: "Buffer request types" in the C API manual.
    """

    SIMPLE = 0x0
    """Contiguous bytes: neither shape, strides nor format."""
    WRITABLE = 0x1
    """The memory must be writable."""
    FORMAT = 0x4
    """The format of an item; otherwise it is NULL."""
    ND = 0x8
    """The shape. Without strides the memory must be C-contiguous."""
    STRIDES = 0x10 | ND
    """Shape and strides."""

    C_CONTIGUOUS = 0x20 | STRIDES
    """Strides of C-contiguous memory: the last axis varies fastest."""
    F_CONTIGUOUS = 0x40 | STRIDES
    """Strides of F-contiguous memory: the first axis varies fastest."""
    ANY_CONTIGUOUS = 0x80 | STRIDES
    """Strides of C-contiguous or F-contiguous memory."""
    INDIRECT = 0x100 | STRIDES
    """Strides and, for indirect axes, suboffsets."""

    CONTIG = ND | WRITABLE
    """Writable C-contiguous memory, with shape."""
    CONTIG_RO = ND
    """C-contiguous memory, with shape."""
    STRIDED = STRIDES | WRITABLE
    """Writable memory with strides."""
    STRIDED_RO = STRIDES
    """Memory with strides."""
    RECORDS = STRIDES | WRITABLE | FORMAT
    """Writable memory with strides and format."""
    RECORDS_RO = STRIDES | FORMAT
    """Memory with strides and format."""
    FULL = INDIRECT | WRITABLE | FORMAT
    """All fields of writable memory."""
    FULL_RO = INDIRECT | FORMAT
    """All fields."""

    READ = 0x100
    """Not a request: ``PyMemoryView_FromMemory`` and ``PyMemoryView_GetContiguous`` return read-only memory."""
    WRITE = 0x200
    """Not a request: these functions return writable memory."""
