// The one place that includes Python.h. The order matters: pyconfig.h sets the feature macros that libc's headers
// read, and sys/select.h declares fd_set before Python.h, so that it is one type beside `import Glibc`.
#ifndef SWIFTBUFFER_CPYTHON_H
#define SWIFTBUFFER_CPYTHON_H

#include <pyconfig.h>

#include <sys/select.h>

#define PY_SSIZE_T_CLEAN
#include <Python.h>

#endif
