// SPDX-License-Identifier: Apache-2.0

// The structure of memoryviews, and the owner of their memory.
#ifndef SWIFTBUFFER_BUFFERS_H
#define SWIFTBUFFER_BUFFERS_H

#include "Base.h"

#pragma clang assume_nonnull begin

// Makes a memoryview, fresh from PyMemoryView_FromBuffer and with no other reference, the owner of what its memory
// belongs to. The C function itself drops `obj`, so that nothing would keep the memory alive. Takes over a reference
// to `keeper`, whose bf_releasebuffer is called when the last view of the memory ends; `exporter` is shown as `obj`.
static inline void sb_memoryview_adopt(PyObject *view, PyObject *keeper, PyObject *_Nullable exporter) {
    ((PyMemoryViewObject *)view)->mbuf->master.obj = keeper;
    ((PyMemoryViewObject *)view)->view.obj = exporter;
}

// Up to eight buffers of a tuple of arguments. The codes decide how many are filled in; the rest are not used.
static inline int sb_parse_buffers(PyObject *tuple, const char *codes, Py_buffer *_Nonnull const *_Nonnull b) {
    return PyArg_ParseTuple(tuple, codes, b[0], b[1], b[2], b[3], b[4], b[5], b[6], b[7]);
}

// What `len` gives for a memoryview without dimensions: 1 up to 3.11, and TypeError (here -1) since 3.12.
static inline Py_ssize_t sb_memoryview_length_of_scalar(void) { return PY_VERSION_HEX < 0x030C0000 ? 1 : -1; }

#pragma clang assume_nonnull end

#endif
