// SPDX-License-Identifier: Apache-2.0

// The one place that includes Python.h. sys/select.h comes first: pyconfig.h sets feature macros under which fd_set has
// other members than in Swift's own module of libc, and one program cannot have both. features.h, which it brings, has
// by then set the macros that pyconfig.h sets too, and forgets nothing when they are undefined again.
#ifndef SWIFTBUFFER_CPYTHON_H
#define SWIFTBUFFER_CPYTHON_H

#include <sys/select.h>

#undef _POSIX_C_SOURCE
#undef _XOPEN_SOURCE

#include <pyconfig.h>

#define PY_SSIZE_T_CLEAN
#include <Python.h>

#endif
