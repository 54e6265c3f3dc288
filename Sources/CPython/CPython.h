// The one place that includes Python.h. pyconfig.h comes first, since it sets the feature macros that libc's headers
// read.
#ifndef SWIFTBUFFER_CPYTHON_H
#define SWIFTBUFFER_CPYTHON_H

#include <pyconfig.h>

// Under Python's feature macros the one field of fd_set has another name than in Swift's module Glibc, and Swift refuses
// a program that sees both. So fd_set is declared without them, before Python.h asks for it.
#if defined(__linux__)
#include <features.h>
#pragma push_macro("__USE_XOPEN")
#undef __USE_XOPEN
#include <sys/select.h>
#pragma pop_macro("__USE_XOPEN")
#endif

#define PY_SSIZE_T_CLEAN
#include <Python.h>

#endif
