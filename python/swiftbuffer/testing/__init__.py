# SPDX-License-Identifier: Apache-2.0
"""Exporters to test consumers of buffers with: unusual layouts, refusals, and violations of the protocol.

- :func:`exporters` yields an exporter of each unusual layout, with the values that a correct consumer reads.
- :func:`recorder` wraps an exporter and records each acquisition and release; :func:`failing` refuses chosen requests;
  :func:`broken` breaks a chosen rule of the protocol.
- :class:`ndarray`, :class:`staticarray`, the functions and the ``ND_*`` constants are those of CPython's private
  ``_testbuffer``, which this module can replace.

With pytest, the fixture ``buffer_exporter`` runs a test once for each of :func:`exporters`, and ``buffer_recorder`` is
:func:`recorder` with a check at the end of the test that each buffer was released once.
"""

from swiftbuffer._testing import (
    ND_FORTRAN,
    ND_GETBUF_FAIL,
    ND_GETBUF_UNDEFINED,
    ND_MAX_NDIM,
    ND_PIL,
    ND_REDIRECT,
    ND_SCALAR,
    ND_VAREXPORT,
    ND_WRITABLE,
    cmp_contig,
    get_contiguous,
    get_pointer,
    get_sizeof_void_p,
    is_contiguous,
    ndarray,
    py_buffer_to_contiguous,
    slice_indices,
    staticarray,
)
from swiftbuffer.capi import (
    PyBUF_ANY_CONTIGUOUS,
    PyBUF_C_CONTIGUOUS,
    PyBUF_CONTIG,
    PyBUF_CONTIG_RO,
    PyBUF_F_CONTIGUOUS,
    PyBUF_FORMAT,
    PyBUF_FULL,
    PyBUF_FULL_RO,
    PyBUF_INDIRECT,
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
)
from swiftbuffer.testing._broken import SELF, BrokenExporter, broken
from swiftbuffer.testing._exporters import Exporter, exporters
from swiftbuffer.testing._failing import FailingExporter, failing
from swiftbuffer.testing._recorder import Event, Recorder, recorder
from swiftbuffer.testing._scripted import Request

__all__ = [
    "ND_FORTRAN",
    "ND_GETBUF_FAIL",
    "ND_GETBUF_UNDEFINED",
    "ND_MAX_NDIM",
    "ND_PIL",
    "ND_REDIRECT",
    "ND_SCALAR",
    "ND_VAREXPORT",
    "ND_WRITABLE",
    "SELF",
    "BrokenExporter",
    "Event",
    "Exporter",
    "FailingExporter",
    "PyBUF_ANY_CONTIGUOUS",
    "PyBUF_CONTIG",
    "PyBUF_CONTIG_RO",
    "PyBUF_C_CONTIGUOUS",
    "PyBUF_FORMAT",
    "PyBUF_FULL",
    "PyBUF_FULL_RO",
    "PyBUF_F_CONTIGUOUS",
    "PyBUF_INDIRECT",
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
    "Recorder",
    "Request",
    "broken",
    "cmp_contig",
    "exporters",
    "failing",
    "get_contiguous",
    "get_pointer",
    "get_sizeof_void_p",
    "is_contiguous",
    "ndarray",
    "py_buffer_to_contiguous",
    "recorder",
    "slice_indices",
    "staticarray",
]
