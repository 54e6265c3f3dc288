// SPDX-License-Identifier: Apache-2.0

// References as CPython's functions take and return them.
//
// A struct of one pointer is passed and returned as the pointer is (System V, AAPCS64), so that a function which is
// declared with these types fits CPython's tables of slots and methods. In Swift they are types of their own, which no
// safe code can dereference; so a slot that only hands its arguments on needs no unsafe expression.
#ifndef SWIFTBUFFER_REFERENCES_H
#define SWIFTBUFFER_REFERENCES_H

#include "Base.h"
#include "../../InterchangeShims/include/Safe.h"

#pragma clang assume_nonnull begin

// A borrowed reference: an object that the caller keeps alive.
typedef struct SB_SAFE {
    PyObject *pointer;
} SBObject;

// A borrowed reference, or NULL.
typedef struct SB_SAFE {
    PyObject *_Nullable pointer;
} SBOptionalObject;

// Whether a field has a reference, which CPython may drop on another thread.
SB_HOT int sb_is_set(const SBOptionalObject *field) { return __atomic_load_n(&field->pointer, __ATOMIC_ACQUIRE) != NULL; }

// What a function returns: a new reference, or NULL with an exception set.
typedef struct SB_SAFE {
    PyObject *_Nullable pointer;
} SBResult;

// The arguments of a call by METH_FASTCALL: borrowed references, as many as the call says.
typedef struct SB_SAFE {
    PyObject *_Nullable const *_Nullable pointer;
} SBArguments;

_Static_assert(sizeof(SBObject) == sizeof(void *), "a reference is passed as a pointer");

// Drops a reference to an object of an interpreter that this thread is not attached to, as soon as that can be.
void sb_drop_later(PyObject *object, int64_t interpreter);

#pragma clang assume_nonnull end

#endif
