// SPDX-License-Identifier: Apache-2.0

// Exporters: the record that describes memory once, and the count of outstanding exports.
#ifndef SWIFTBUFFER_EXPORTS_H
#define SWIFTBUFFER_EXPORTS_H

#include "Base.h"
#include <sched.h>

#pragma clang assume_nonnull begin

// The export record: memory described once. Whatever exports begins with it, and one getbuffer reads it.
typedef struct {
    char *_Nullable address;
    Py_ssize_t length; // in bytes: the product of shape and itemsize, or more (a resized ctypes object)
    Py_ssize_t itemsize;
    const char *format;     // never NULL
    Py_ssize_t *_Nullable shape; // ndim entries each, or NULL when ndim is 0
    Py_ssize_t *_Nullable strides;
    Py_ssize_t *_Nullable suboffsets; // NULL unless one of them is >= 0
    int ndim;
    uint8_t readonly;
    uint8_t contiguity; // SB_C_CONTIGUOUS | SB_F_CONTIGUOUS
    uint8_t scalar;     // the item as a BufferLayout.Scalar, or SB_NO_SCALAR
    uint8_t swapped;    // that scalar's bytes are in the other order
    Py_ssize_t exports; // see below; the last field, so that the description before it can be replaced as one block
} SBRecord;

enum { SB_C_CONTIGUOUS = 1, SB_F_CONTIGUOUS = 2, SB_NO_SCALAR = 255 };

// What every exporting object begins with, and all that getbuffer and releasebuffer know of it.
typedef struct {
    PyObject_VAR_HEAD
    SBRecord record;
} SBExporter;

// `exports` counts the outstanding exports in its lower half: while there are any, the memory must not move. In its upper
// half it counts short reads by other threads, which a change waits for. A negative value means that the memory is
// changing (SB_CHANGING: others wait; SB_SUSPENDED: they are refused, since the change may run Python code) or released
// for good (SB_CLOSED).
//
// Under the GIL no thread reads while another changes the memory, so reads are not counted, and the count is a plain
// integer: an atomic one would make acquiring and releasing three times as expensive.
#define SB_CHANGING ((Py_ssize_t)-1)
#define SB_CLOSED ((Py_ssize_t)-2)
#define SB_SUSPENDED ((Py_ssize_t)-3)

SB_HOT Py_ssize_t sb_changing(void) { return SB_CHANGING; }
SB_HOT Py_ssize_t sb_closed(void) { return SB_CLOSED; }
SB_HOT Py_ssize_t sb_suspended(void) { return SB_SUSPENDED; }

#ifdef Py_GIL_DISABLED

#define SB_ONE_READ ((Py_ssize_t)1 << 32)

// Adds to the count; 0 when the memory is closed or suspended. Waits while it changes.
SB_HOT int sb_add_exports(SBRecord *record, Py_ssize_t amount) {
    Py_ssize_t count = __atomic_load_n(&record->exports, __ATOMIC_RELAXED);
    for (;;) {
        if (count <= SB_CLOSED) {
            return 0;
        }
        if (count == SB_CHANGING) {
            sched_yield();
            count = __atomic_load_n(&record->exports, __ATOMIC_RELAXED);
        } else if (__atomic_compare_exchange_n(&record->exports, &count, count + amount, 1, __ATOMIC_ACQUIRE,
                                               __ATOMIC_RELAXED)) {
            return 1;
        }
    }
}

SB_HOT int sb_retain_export(SBRecord *record) { return sb_add_exports(record, 1); }
SB_HOT void sb_release_export(SBRecord *record) { __atomic_fetch_sub(&record->exports, 1, __ATOMIC_RELEASE); }
SB_HOT int sb_begin_read(SBRecord *record) { return sb_add_exports(record, SB_ONE_READ); }
SB_HOT void sb_end_read(SBRecord *record) { __atomic_fetch_sub(&record->exports, SB_ONE_READ, __ATOMIC_RELEASE); }

// Sets the count to one of the three states, after reads have ended; 0 while exports are outstanding, and when the memory
// is closed or suspended.
SB_HOT int sb_stop_exports(SBRecord *record, Py_ssize_t state) {
    for (;;) {
        Py_ssize_t count = 0;
        if (__atomic_compare_exchange_n(&record->exports, &count, state, 0, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED)) {
            return 1;
        }
        if (count <= SB_CLOSED || (count > 0 && (count & (SB_ONE_READ - 1)) != 0)) {
            return 0;
        }
        sched_yield();
    }
}

SB_HOT void sb_resume_exports(SBRecord *record) { __atomic_store_n(&record->exports, 0, __ATOMIC_RELEASE); }

SB_HOT Py_ssize_t sb_export_count(const SBRecord *record) {
    Py_ssize_t count = __atomic_load_n(&record->exports, __ATOMIC_ACQUIRE);
    return count < 0 ? count : count & (SB_ONE_READ - 1);
}

#else

SB_HOT int sb_retain_export(SBRecord *record) {
    if (record->exports < 0) {
        return 0;
    }
    record->exports++;
    return 1;
}
SB_HOT void sb_release_export(SBRecord *record) { record->exports--; }
SB_HOT int sb_begin_read(SBRecord *record) { return record->exports >= 0; }
SB_HOT void sb_end_read(SBRecord *record) { (void)record; }
SB_HOT int sb_stop_exports(SBRecord *record, Py_ssize_t state) {
    if (record->exports != 0) {
        return 0;
    }
    record->exports = state;
    return 1;
}
SB_HOT void sb_resume_exports(SBRecord *record) { record->exports = 0; }
SB_HOT Py_ssize_t sb_export_count(const SBRecord *record) { return record->exports; }

#endif

// Replaces the description of memory, and leaves the count alone, which other threads may read at the same time.
static inline void sb_redescribe(SBRecord *record, SBRecord description) {
    __builtin_memcpy(record, &description, __builtin_offsetof(SBRecord, exports));
}

// Swift's `&object.pointee.field` is a pointer that may dangle; this is not.
SB_HOT SBRecord *sb_record(PyObject *object) { return &((SBExporter *)object)->record; }

// What a consumer that reads every format of this library leaves in `view->internal` before its request. Others leave
// anything else there: exporters are shown small floats (bfloat16 and those of one byte) by this mark alone. No address
// is this number.
#define SB_READS_ALL_FORMATS ((void *)(uintptr_t)0x5342726561647321u)

SB_HOT int sb_reads_all_formats(const Py_buffer *view) { return view->internal == SB_READS_ALL_FORMATS; }

// `PyObject_GetBuffer` for consumers that read every format.
SB_HOT int sb_acquire_buffer(PyObject *exporter, Py_buffer *view, int flags) {
    view->internal = SB_READS_ALL_FORMATS;
    int status = PyObject_GetBuffer(exporter, view, flags);
    // Not every exporter writes the field. The mark must not stay in memory that another request may find it in.
    if (view->internal == SB_READS_ALL_FORMATS) {
        view->internal = NULL;
    }
    return status;
}

// Called by getbuffer when it refuses: sets BufferError. Written in Swift, out of line, since it allocates.
__attribute__((cold, swift_attr("@_noLocks"))) void swiftbuffer_refuse(PyObject *exporter, int flags, int refusal);

#pragma clang assume_nonnull end

#endif
