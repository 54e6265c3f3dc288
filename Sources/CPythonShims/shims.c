// SPDX-License-Identifier: Apache-2.0
#define _GNU_SOURCE 1
#include "CPythonShims.h"

#include <pthread.h>

PyObject *_Nullable swiftbuffer_byte_values[256];

// -- Forks -----------------------------------------------------------------------------------------------------------

// Held for reading by work without the GIL, for writing by a fork: one that asks comes before work that has not begun.
#define WAITING_FORK_FIRST PTHREAD_RWLOCK_WRITER_NONRECURSIVE_INITIALIZER_NP
static pthread_rwlock_t detached_work = WAITING_FORK_FIRST;
static _Thread_local int holds_detached_work = 0;
static int forks = 0;

void sb_begin_detached_work(void) {
    pthread_rwlock_rdlock(&detached_work);
    holds_detached_work = 1;
}
void sb_end_detached_work(void) {
    holds_detached_work = 0;
    pthread_rwlock_unlock(&detached_work);
}

int sb_fork_count(void) { return forks; }

int sb_pause_detached_work(void) {
    if (!holds_detached_work) {
        return 0;
    }
    sb_end_detached_work();
    return 1;
}

static int drop(void *object) {
    Py_DECREF((PyObject *)object);
    return 0;
}

void sb_drop_later(PyObject *object, int64_t interpreter) {
    // The main interpreter has number 0. If it has ended, or its queue is full, the object is left as it is.
    if (interpreter == 0 && Py_IsInitialized()) {
        (void)Py_AddPendingCall(drop, object);
    }
}

static void before_fork(void) {
    // Work that forks by itself does not wait for itself.
    if (holds_detached_work) {
        pthread_rwlock_unlock(&detached_work);
    }
    pthread_rwlock_wrlock(&detached_work);
}
static void after_fork_in_parent(void) {
    pthread_rwlock_unlock(&detached_work);
    if (holds_detached_work) {
        pthread_rwlock_rdlock(&detached_work);
    }
}
static void after_fork_in_child(void) {
    forks++;
    // The lock knows its holder by a number that is another in the child.
    detached_work = (pthread_rwlock_t)WAITING_FORK_FIRST;
    if (holds_detached_work) {
        pthread_rwlock_rdlock(&detached_work);
    }
}
__attribute__((constructor)) static void watch_forks(void) {
    pthread_atfork(before_fork, after_fork_in_parent, after_fork_in_child);
}

// -- Records -------------------------------------------------------------------------------------------------------

#ifndef Py_TRASHCAN_BEGIN // from 3.14 on the caller of a deallocator looks after the depth of the stack
#define Py_TRASHCAN_BEGIN(object, deallocator) {
#define Py_TRASHCAN_END }
#endif

static void free_record(PyObject *self) {
    PyTypeObject *type = Py_TYPE(self);
    for (Py_ssize_t index = Py_SIZE(self); --index >= 0;) {
        Py_XDECREF(PyTuple_GET_ITEM(self, index));
    }
    type->tp_free(self);
    Py_DECREF(type);
}

static void deallocate_record(PyObject *self) {
    PyTypeObject *type = Py_TYPE(self);
    // Only if Python code has given the class a finalizer. Of a derived class, CPython has called it.
    if (type->tp_finalize != NULL && type->tp_dealloc == deallocate_record
        && PyObject_CallFinalizerFromDealloc(self) < 0) {
        return;
    }
    // One that was never tracked is no deeper than its format.
    if (!PyObject_GC_IsTracked(self)) {
        free_record(self);
        return;
    }
    PyObject_GC_UnTrack(self);
    Py_TRASHCAN_BEGIN(self, deallocate_record)
    free_record(self);
    Py_TRASHCAN_END
}

void sb_own_record_class(PyTypeObject *type) { type->tp_dealloc = deallocate_record; }
