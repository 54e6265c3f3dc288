// SPDX-License-Identifier: Apache-2.0

// Exceptions: their types, and the one that is set.
#ifndef SWIFTBUFFER_ERRORS_H
#define SWIFTBUFFER_ERRORS_H

#include "Base.h"

#pragma clang assume_nonnull begin

static inline PyObject *sb_exc_attribute_error(void) { return PyExc_AttributeError; }
static inline PyObject *sb_exc_buffer_error(void) { return PyExc_BufferError; }
static inline PyObject *sb_exc_file_exists_error(void) { return PyExc_FileExistsError; }
static inline PyObject *sb_exc_import_error(void) { return PyExc_ImportError; }
static inline PyObject *sb_exc_index_error(void) { return PyExc_IndexError; }
static inline PyObject *sb_exc_key_error(void) { return PyExc_KeyError; }
static inline PyObject *sb_exc_memory_error(void) { return PyExc_MemoryError; }
static inline PyObject *sb_exc_not_implemented_error(void) { return PyExc_NotImplementedError; }
static inline PyObject *sb_exc_overflow_error(void) { return PyExc_OverflowError; }
static inline PyObject *sb_exc_runtime_error(void) { return PyExc_RuntimeError; }
static inline PyObject *sb_exc_system_error(void) { return PyExc_SystemError; }
static inline PyObject *sb_exc_type_error(void) { return PyExc_TypeError; }
static inline PyObject *sb_exc_value_error(void) { return PyExc_ValueError; }

// Takes the current exception, normalised, out of the thread state; NULL when there is none.
static inline PyObject *_Nullable sb_take_exception(void) {
#if PY_VERSION_HEX >= 0x030C0000
    return PyErr_GetRaisedException();
#else
    PyObject *type, *value, *traceback;
    PyErr_Fetch(&type, &value, &traceback);
    if (type == NULL) {
        return NULL;
    }
    PyErr_NormalizeException(&type, &value, &traceback);
    if (traceback != NULL) {
        PyException_SetTraceback(value, traceback);
        Py_DECREF(traceback);
    }
    Py_DECREF(type);
    return value;
#endif
}

// Puts an exception back; takes over the reference.
static inline void sb_put_exception(PyObject *exception) {
#if PY_VERSION_HEX >= 0x030C0000
    PyErr_SetRaisedException(exception);
#else
    PyErr_Restore(Py_NewRef(Py_TYPE(exception)), exception, PyException_GetTraceback(exception));
#endif
}

#pragma clang assume_nonnull end

#endif
