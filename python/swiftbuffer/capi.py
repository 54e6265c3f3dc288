# SPDX-License-Identifier: Apache-2.0
"""CPython's C API of buffers and memoryviews, under its C names.

Each function calls the C function of its name, after the checks that C leaves to its callers: wrong types, released
views, unknown orders, negative sizes, too many indices and null addresses raise exceptions. A ``Py_buffer`` has the
fields that the exporter filled in; after its first release, further calls do nothing::

    from swiftbuffer import capi

    with capi.PyObject_GetBuffer(bytearray(8), capi.PyBUF_FULL_RO) as view:
        print(hex(view.buf), view.shape, view.strides)

Whether an address is valid, and for how long, cannot be checked: ``PyBuffer_FillInfo``, ``PyMemoryView_FromMemory`` and
``from_memory`` use it as C does.

Source: "Buffer Protocol" and "MemoryView objects" in the C API manual.
"""

from swiftbuffer._core import (
    Py_buffer,
    PyArg_ParseTuple,
    PyBUF_ANY_CONTIGUOUS,
    PyBUF_C_CONTIGUOUS,
    PyBUF_CONTIG,
    PyBUF_CONTIG_RO,
    PyBUF_F_CONTIGUOUS,
    PyBUF_FORMAT,
    PyBUF_FULL,
    PyBUF_FULL_RO,
    PyBUF_INDIRECT,
    PyBUF_MAX_NDIM,
    PyBUF_ND,
    PyBUF_READ,
    PyBUF_RECORDS,
    PyBUF_RECORDS_RO,
    PyBUF_SIMPLE,
    PyBUF_STRIDED,
    PyBUF_STRIDED_RO,
    PyBUF_STRIDES,
    PyBUF_WRITABLE,
    PyBUF_WRITE,
    PyBUF_WRITEABLE,
    PyBuffer_FillContiguousStrides,
    PyBuffer_FillInfo,
    PyBuffer_FromContiguous,
    PyBuffer_GetPointer,
    PyBuffer_IsContiguous,
    PyBuffer_Release,
    PyBuffer_SizeFromFormat,
    PyBuffer_ToContiguous,
    PyMemoryView_Check,
    PyMemoryView_FromBuffer,
    PyMemoryView_FromMemory,
    PyMemoryView_FromObject,
    PyMemoryView_GET_BASE,
    PyMemoryView_GET_BUFFER,
    PyMemoryView_GetContiguous,
    PyObject_CheckBuffer,
    PyObject_CopyData,
    PyObject_CopyToObject,
    PyObject_GetBuffer,
)

__all__ = [
    "PyArg_ParseTuple",
    "PyBUF_ANY_CONTIGUOUS",
    "PyBUF_CONTIG",
    "PyBUF_CONTIG_RO",
    "PyBUF_C_CONTIGUOUS",
    "PyBUF_FORMAT",
    "PyBUF_FULL",
    "PyBUF_FULL_RO",
    "PyBUF_F_CONTIGUOUS",
    "PyBUF_INDIRECT",
    "PyBUF_MAX_NDIM",
    "PyBUF_ND",
    "PyBUF_READ",
    "PyBUF_RECORDS",
    "PyBUF_RECORDS_RO",
    "PyBUF_SIMPLE",
    "PyBUF_STRIDED",
    "PyBUF_STRIDED_RO",
    "PyBUF_STRIDES",
    "PyBUF_WRITABLE",
    "PyBUF_WRITE",
    "PyBUF_WRITEABLE",
    "PyBuffer_FillContiguousStrides",
    "PyBuffer_FillInfo",
    "PyBuffer_FromContiguous",
    "PyBuffer_GetPointer",
    "PyBuffer_IsContiguous",
    "PyBuffer_Release",
    "PyBuffer_SizeFromFormat",
    "PyBuffer_ToContiguous",
    "PyMemoryView_Check",
    "PyMemoryView_FromBuffer",
    "PyMemoryView_FromMemory",
    "PyMemoryView_FromObject",
    "PyMemoryView_GET_BASE",
    "PyMemoryView_GET_BUFFER",
    "PyMemoryView_GetContiguous",
    "PyObject_CheckBuffer",
    "PyObject_CopyData",
    "PyObject_CopyToObject",
    "PyObject_GetBuffer",
    "Py_buffer",
]
