# SPDX-License-Identifier: Apache-2.0

# cython: language_level=3, boundscheck=False, wraparound=False
from cpython.buffer cimport PyBUF_FORMAT, PyBUF_ND, PyBUF_STRIDES
from libc.stdlib cimport calloc, free

cdef char *FORMAT = "d"

cdef class Numbers:
    cdef double *data
    cdef Py_ssize_t size, stride, exports

    def __cinit__(self, Py_ssize_t count):
        self.size = count
        self.stride = 8
        self.data = <double *>calloc(max(count, 1), 8)

    def __dealloc__(self):
        free(self.data)

    def first(self):
        return self.data[0] if self.size else 0

    @property
    def count(self):
        return self.size

    def load(self, const double[::1] raw, double scale=1.0):
        self.data[0] = raw[0] * scale

    def __getbuffer__(self, Py_buffer *view, int flags):
        view.buf = self.data
        view.obj = self
        view.len = 8 * self.size
        view.itemsize = 8
        view.readonly = 0
        view.ndim = 1
        view.format = FORMAT if flags & PyBUF_FORMAT else NULL
        view.shape = &self.size if flags & PyBUF_ND else NULL
        view.strides = &self.stride if flags & PyBUF_STRIDES == PyBUF_STRIDES else NULL
        view.suboffsets = NULL
        view.internal = NULL
        self.exports += 1

    def __releasebuffer__(self, Py_buffer *view):
        self.exports -= 1


def area(Py_ssize_t a, Py_ssize_t b=1):
    return a * b


def first_of(const double[::1] samples):
    return samples[0] if samples.shape[0] else 0
