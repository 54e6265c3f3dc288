// SPDX-License-Identifier: Apache-2.0

// The structs of Array, View, their lease and iterator, and the lock that a call holds.
#ifndef SWIFTBUFFER_STRUCTURES_H
#define SWIFTBUFFER_STRUCTURES_H

#include "Base.h"
#include "Exports.h"
#include "References.h"

#pragma clang assume_nonnull begin

// An Array or a View: memory with a shape, where it comes from, and what is remembered of it.
typedef struct {
    PyObject_VAR_HEAD
    SBRecord record;
    void *_Nullable item;             // the parsed format, retained by Swift; NULL until it is asked for
    PyObject *_Nullable owner;        // of a View: the lease on its exporter's buffer
    PyObject *_Nullable weak_references;
    void *_Nullable memory;           // of an Array: a BufferMemory, retained by Swift; NULL where the array owns its block
    Py_ssize_t capacity;              // of an Array: the bytes at the record's address that items may take
    Py_ssize_t reserved;              // of an Array: the capacity that stays however few items there are
    Py_hash_t hash;                   // -1 until it is asked for
    Py_ssize_t dimensions[];          // shape, strides and suboffsets, as the record points at them
} SBMemory;

// The lock of one object, held while a call uses what the object holds. The GIL makes it needless.
#ifdef Py_GIL_DISABLED
typedef PyCriticalSection SBSection;
SB_HOT void sb_begin_section(SBSection *section, PyObject *object) { PyCriticalSection_Begin(section, object); }
SB_HOT void sb_end_section(SBSection *section) { PyCriticalSection_End(section); }
#else
typedef struct {
    void *_Nullable nothing; // a pointer, since Swift marks structs with pointers as unsafe, and so both alike
} SBSection;
SB_HOT void sb_begin_section(SBSection *section, PyObject *object) { (void)section, (void)object; }
SB_HOT void sb_end_section(SBSection *section) { (void)section; }
#endif

// How many calls use the Swift value of an object; -1 while one changes it. Each of them returns 0 where it would use a
// value that another call changes, or change one that another call uses.
#ifdef Py_GIL_DISABLED
SB_HOT int sb_begin_reading(Py_ssize_t *users) {
    Py_ssize_t count = __atomic_load_n(users, __ATOMIC_RELAXED);
    do {
        if (count < 0) {
            return 0;
        }
    } while (!__atomic_compare_exchange_n(users, &count, count + 1, 1, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED));
    return 1;
}
SB_HOT void sb_end_reading(Py_ssize_t *users) { __atomic_fetch_sub(users, 1, __ATOMIC_RELEASE); }
SB_HOT int sb_begin_changing(Py_ssize_t *users) {
    Py_ssize_t count = 0;
    return __atomic_compare_exchange_n(users, &count, -1, 0, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED);
}
SB_HOT void sb_end_changing(Py_ssize_t *users) { __atomic_store_n(users, 0, __ATOMIC_RELEASE); }
SB_HOT Py_ssize_t sb_users(const Py_ssize_t *users) { return __atomic_load_n(users, __ATOMIC_ACQUIRE); }
#else
SB_HOT int sb_begin_reading(Py_ssize_t *users) {
    if (*users < 0) {
        return 0;
    }
    ++*users;
    return 1;
}
SB_HOT void sb_end_reading(Py_ssize_t *users) { --*users; }
SB_HOT int sb_begin_changing(Py_ssize_t *users) {
    if (*users != 0) {
        return 0;
    }
    *users = -1;
    return 1;
}
SB_HOT void sb_end_changing(Py_ssize_t *users) { *users = 0; }
SB_HOT Py_ssize_t sb_users(const Py_ssize_t *users) { return *users; }
#endif

// The next number of an iterator that several threads may share: each gets another one.
SB_HOT Py_ssize_t sb_take_number(Py_ssize_t *next) {
#ifdef Py_GIL_DISABLED
    return __atomic_fetch_add(next, 1, __ATOMIC_RELAXED);
#else
    return (*next)++;
#endif
}
// The same while it is below a limit; the limit, and the number as it is, otherwise, so that it cannot overflow.
SB_HOT Py_ssize_t sb_next_number(Py_ssize_t *next, Py_ssize_t limit) {
#ifdef Py_GIL_DISABLED
    if (__atomic_load_n(next, __ATOMIC_RELAXED) >= limit) {
        return limit;
    }
    Py_ssize_t number = sb_take_number(next);
    return number < limit ? number : limit;
#else
    Py_ssize_t number = *next;
    if (number >= limit) {
        return limit;
    }
    *next = number + 1;
    return number;
#endif
}
SB_HOT Py_ssize_t sb_look_at_number(const Py_ssize_t *next) { return __atomic_load_n(next, __ATOMIC_RELAXED); }

// The one acquisition of an exporter's buffer that all views of it share.
typedef struct {
    PyObject_VAR_HEAD
    Py_buffer buffer;
    void *_Nullable item; // the parsed format that the exporter means, retained by Swift; NULL until it is needed
} SBLease;

// An exporter of memory that others keep, and what they keep it by; NULL for what there is none of.
typedef struct {
    PyObject_VAR_HEAD
    SBRecord record;
    void *_Nullable text;             // what the record's format stands in, retained by Swift
    void *_Nullable memory;           // a BufferMemory, retained by Swift
    SBOptionalObject owner, companion; // Python objects, a reference to each
    void *_Nullable structure;        // of another library's, ended by `end`, which is set with it
    void (*_Nullable end)(void *structure);
    Py_ssize_t dimensions[];          // shape, strides and suboffsets, as the record points at them
} SBForeignMemory;

// An iterator over the first axis of an SBMemory.
typedef struct {
    PyObject_HEAD
    PyObject *_Nullable memory; // NULL while the iterator is idle
    Py_ssize_t next;
    Py_ssize_t count; // the length when iteration began
    uint8_t plain;    // the record's scalar where items are native scalars of one axis without pointers, or SB_NO_SCALAR
} SBIterator;

// Clears all fields that are not the record, of an object that is being made.
SB_HOT void sb_clear_fields(SBMemory *memory) {
    memory->item = NULL;
    memory->owner = NULL;
    memory->weak_references = NULL;
    memory->memory = NULL;
    memory->capacity = 0;
    memory->reserved = 0;
    memory->hash = -1;
}
SB_HOT Py_ssize_t *sb_dimensions(SBMemory *memory) { return memory->dimensions; }
SB_HOT Py_hash_t sb_remembered_hash(SBMemory *memory) { return __atomic_load_n(&memory->hash, __ATOMIC_RELAXED); }
SB_HOT void sb_remember_hash(SBMemory *memory, Py_hash_t hash) {
    __atomic_store_n(&memory->hash, hash, __ATOMIC_RELAXED);
}
// Read as CPython changes it: a reference to an object may be dropped by another thread while the object ends.
SB_HOT int sb_has_weak_references(SBMemory *memory) {
    return __atomic_load_n(&memory->weak_references, __ATOMIC_ACQUIRE) != NULL;
}
SB_HOT SBIterator *sb_iterator(PyObject *object) { return (SBIterator *)object; }
SB_HOT Py_buffer *sb_lease_buffer(PyObject *lease) { return &((SBLease *)lease)->buffer; }
SB_HOT void *_Nullable *_Nonnull sb_lease_item(PyObject *lease) { return &((SBLease *)lease)->item; }
SB_HOT void *_Nullable *_Nonnull sb_item(SBMemory *memory) { return &memory->item; }
static inline Py_ssize_t sb_weak_reference_offset(void) { return offsetof(SBMemory, weak_references); }

SB_HOT SBForeignMemory *sb_foreign(PyObject *object) { return (SBForeignMemory *)object; }
SB_HOT Py_ssize_t *sb_foreign_dimensions(SBForeignMemory *memory) { return memory->dimensions; }
// Clears all fields of an object that is being made.
SB_HOT void sb_clear_foreign(SBForeignMemory *memory) {
    __builtin_memset(&memory->record, 0, sizeof *memory - __builtin_offsetof(SBForeignMemory, record));
}

// Remembers a parsed format at `slot` unless another thread, or Python code that ran meanwhile, was first; returns what
// is remembered.
static inline void *sb_remember_item(void *_Nullable *_Nonnull slot, void *item) {
#ifdef Py_GIL_DISABLED
    void *expected = NULL;
    return __atomic_compare_exchange_n(slot, &expected, item, 0, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE) ? item : expected;
#else
    if (*slot == NULL) {
        *slot = item;
    }
    return *slot;
#endif
}
SB_HOT void *_Nullable sb_remembered_item(void *_Nullable *_Nonnull slot) {
    return __atomic_load_n(slot, __ATOMIC_ACQUIRE);
}

#pragma clang assume_nonnull end

#endif
