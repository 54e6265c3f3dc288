# SPDX-License-Identifier: Apache-2.0
"""The flags of a buffer request, as named integers."""

from __future__ import annotations

from enum import IntFlag

from swiftbuffer import _core

__all__ = ["BufferFlags"]


class BufferFlags(IntFlag):
    """The request of a consumer: the flags of ``PyObject_GetBuffer`` and ``__buffer__``.

    Names and values are those of ``inspect.BufferFlags``, which Python has from 3.12 on. A flag of several bits is
    requested only if all of them are set. Source: "Buffer request types" in the C API manual.
    """

    SIMPLE = _core.PyBUF_SIMPLE
    """Contiguous bytes: neither shape, strides nor format."""
    WRITABLE = _core.PyBUF_WRITABLE
    """The memory must be writable."""
    FORMAT = _core.PyBUF_FORMAT
    """The format of an item; otherwise it is NULL."""
    ND = _core.PyBUF_ND
    """The shape. Without strides the memory must be C-contiguous."""
    STRIDES = _core.PyBUF_STRIDES
    """Shape and strides."""

    C_CONTIGUOUS = _core.PyBUF_C_CONTIGUOUS
    """Strides of C-contiguous memory: the last axis varies fastest."""
    F_CONTIGUOUS = _core.PyBUF_F_CONTIGUOUS
    """Strides of F-contiguous memory: the first axis varies fastest."""
    ANY_CONTIGUOUS = _core.PyBUF_ANY_CONTIGUOUS
    """Strides of C-contiguous or F-contiguous memory."""
    INDIRECT = _core.PyBUF_INDIRECT
    """Strides and, for indirect axes, suboffsets."""

    CONTIG = _core.PyBUF_CONTIG
    """Writable C-contiguous memory, with shape."""
    CONTIG_RO = _core.PyBUF_CONTIG_RO
    """C-contiguous memory, with shape."""
    STRIDED = _core.PyBUF_STRIDED
    """Writable memory with strides."""
    STRIDED_RO = _core.PyBUF_STRIDED_RO
    """Memory with strides."""
    RECORDS = _core.PyBUF_RECORDS
    """Writable memory with strides and format."""
    RECORDS_RO = _core.PyBUF_RECORDS_RO
    """Memory with strides and format."""
    FULL = _core.PyBUF_FULL
    """All fields of writable memory."""
    FULL_RO = _core.PyBUF_FULL_RO
    """All fields."""

    READ = _core.PyBUF_READ
    """Not a request: ``PyMemoryView_FromMemory`` and ``PyMemoryView_GetContiguous`` return read-only memory."""
    WRITE = _core.PyBUF_WRITE
    """Not a request: these functions return writable memory."""
