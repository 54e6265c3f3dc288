// SPDX-License-Identifier: Apache-2.0

// PyObject_GetBuffer and PyBuffer_Release in a loop, without Python in between.
#include <Python.h>
#include <time.h>

// Nanoseconds for each pair over `rounds`; -1 with a Python exception set if the exporter refuses.
double acquire_release_ns(PyObject *exporter, int flags, Py_ssize_t rounds) {
    struct timespec start, end;
    Py_buffer view;
    clock_gettime(CLOCK_MONOTONIC, &start);
    for (Py_ssize_t i = 0; i < rounds; i++) {
        if (PyObject_GetBuffer(exporter, &view, flags) < 0) return -1;
        PyBuffer_Release(&view);
    }
    clock_gettime(CLOCK_MONOTONIC, &end);
    return ((end.tv_sec - start.tv_sec) * 1e9 + (double)(end.tv_nsec - start.tv_nsec)) / (double)rounds;
}
