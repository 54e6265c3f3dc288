#ifndef SWIFTBUFFER_SHIMS_H
#define SWIFTBUFFER_SHIMS_H
#include "../../CPython/CPython.h"
static inline PyObject *sb_none(void) { return Py_None; }
#endif
