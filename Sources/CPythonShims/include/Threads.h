// SPDX-License-Identifier: Apache-2.0

// Threads and the interpreters that they run in.
#ifndef SWIFTBUFFER_THREADS_H
#define SWIFTBUFFER_THREADS_H

#include "Base.h"
#include <unistd.h>

#pragma clang assume_nonnull begin

// The thread state by which this thread is attached to an interpreter; NULL where it is not. May be called at any time,
// also after the interpreter has ended.
static inline PyThreadState *_Nullable sb_attached_state(void) {
#if PY_VERSION_HEX >= 0x030D0000
    return PyThreadState_GetUnchecked();
#elif PY_VERSION_HEX >= 0x030C0000
    return _PyThreadState_UncheckedGet();
#else
    // This is the state of the thread that holds the GIL, whichever that is.
    PyThreadState *state = _PyThreadState_UncheckedGet();
    if (state == NULL || state == PyGILState_GetThisThreadState()) {
        return state;
    }
    // A thread of its own state that is not attached, or one that is attached by its second state, to a
    // sub-interpreter. The state of another thread may end meanwhile; its block is one that malloc keeps mapped, and
    // no other thread's identity that is read there is this one's.
    return state->thread_id == PyThread_get_thread_ident() ? state : NULL;
#endif
}
static inline int64_t sb_interpreter_number(PyThreadState *state) {
    return PyInterpreterState_GetID(PyThreadState_GetInterpreter(state));
}
// The number of the interpreter that this thread is attached to; -1 if it is attached to none.
static inline int64_t sb_attached_interpreter(void) {
    PyThreadState *state = sb_attached_state();
    return state == NULL ? -1 : sb_interpreter_number(state);
}
// Whether this thread is attached to an interpreter, which has not ended.
static inline int sb_is_attached_to(PyInterpreterState *interpreter) {
    PyThreadState *state = sb_attached_state();
    return state != NULL && state->interp == interpreter;
}
// An export that code outside of Python holds.
typedef struct {
    Py_buffer buffer;
    void *_Nullable interpreter; // an InterpreterEntry
    PyObject *_Nullable keeper;  // what keeps it, an object of that interpreter
} SBOutsideExport;
// Swift's `&export.pointee.buffer` is a pointer that may dangle; this is not.
static inline Py_buffer *sb_outside_buffer(SBOutsideExport *export) { return &export->buffer; }
// How often this process has been made by a fork of another that had loaded this code.
int sb_fork_count(void);
// Lets other threads run for a moment.
static inline void sb_wait_briefly(void) { usleep(100); }

#pragma clang assume_nonnull end

#endif
