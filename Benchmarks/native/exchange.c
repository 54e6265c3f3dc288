// SPDX-License-Identifier: Apache-2.0

// Tensors by the table of DLPack's C functions, in a loop, without Python in between.
#include <Python.h>
#include <time.h>

// What is used here of DLPack 1.3.
typedef struct tensor {
    uint32_t major, minor;
    void *context;
    void (*deleter)(struct tensor *);
} tensor;
typedef struct {
    uint32_t major, minor;
    void *previous, *allocate;
    int (*from_object)(void *object, tensor **result);
} table;

// Nanoseconds of CPU time for each tensor that an object gives and that is ended, over `rounds`; -1 with a Python
// exception set if its library refuses.
double exchange_ns(PyObject *object, Py_ssize_t rounds) {
    struct timespec start, end;
    PyObject *capsule = PyObject_GetAttrString((PyObject *)Py_TYPE(object), "__dlpack_c_exchange_api__");
    const table *functions = capsule ? PyCapsule_GetPointer(capsule, "dlpack_exchange_api") : NULL;
    Py_XDECREF(capsule); // the table lives as long as the process
    if (!functions) return -1;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &start);
    for (Py_ssize_t i = 0; i < rounds; i++) {
        tensor *made;
        if (functions->from_object(object, &made) < 0) return -1;
        made->deleter(made);
    }
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &end);
    return ((end.tv_sec - start.tv_sec) * 1e9 + (double)(end.tv_nsec - start.tv_nsec)) / (double)rounds;
}
