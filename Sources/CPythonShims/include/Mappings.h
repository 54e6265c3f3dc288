// SPDX-License-Identifier: Apache-2.0

// Memory that the system maps: files, shared segments, rings. All system calls for memory stand in mappings.c; each
// function returns 0 or a count, or the negated error number.
#ifndef SWIFTBUFFER_MAPPINGS_H
#define SWIFTBUFFER_MAPPINGS_H

#include "Base.h"

#pragma clang assume_nonnull begin

enum { SB_OPEN_READ = 0, SB_OPEN_WRITE = 1, SB_OPEN_CREATE = 2, SB_OPEN_CREATE_NEW = 3 };
enum { SB_MAP_READ = 0, SB_MAP_WRITE = 1, SB_MAP_COPY_ON_WRITE = 2 };
enum {
    SB_ADVICE_NORMAL,
    SB_ADVICE_RANDOM,
    SB_ADVICE_SEQUENTIAL,
    SB_ADVICE_WILL_NEED,
    SB_ADVICE_DONT_NEED,
    SB_ADVICE_HUGE_PAGE,
    SB_ADVICE_NO_HUGE_PAGE
};

// Opens a regular file, without waiting for what is none. Returns the file descriptor, which children do not inherit;
// -EINVAL for anything but a regular file.
int sb_file_open(const char *path, int how);
int sb_error_invalid(void); // EINVAL
void sb_file_close(int file);
int64_t sb_file_size(int file);
int sb_file_set_size(int file, int64_t size);
// Makes room on the disk for a new file, so that writing to its memory cannot fail for want of it.
int sb_file_allocate(int file, int64_t size);
// Writes all the bytes.
int sb_file_write(int file, const void *bytes, Py_ssize_t count, int64_t offset);
int sb_file_remove(const char *path);

// Maps bytes of a file; any offset will do. `*address` is that of the first of them.
int sb_map(int file, int64_t offset, Py_ssize_t count, int how, void *_Nullable *_Nonnull address);
void sb_unmap(void *address, Py_ssize_t count);
// Waits until the bytes of a mapped file have been written to the device.
int sb_map_flush(void *address, Py_ssize_t count);
int sb_map_advise(void *address, Py_ssize_t count, int advice);

// New memory that is mapped twice, so that what leaves its end goes on at its start: 2 * count bytes at `*address`, where
// `count` is a multiple of the page. sb_unmap(*address, 2 * count) ends it.
int sb_map_ring(Py_ssize_t count, void *_Nullable *_Nonnull address);
Py_ssize_t sb_page_size(void);

// Raises an event of the interpreter's audit hooks, as open() does; -1 with an exception set where a hook refuses.
int sb_audit_open(PyObject *path, int how);
// Sets an OSError.
void sb_raise_os_error(int number, PyObject *_Nullable path);
// The path that a str, bytes or os.PathLike is, as bytes of the file system; NULL with an exception set.
PyObject *_Nullable sb_path_bytes(PyObject *path);
PyObject *_Nullable sb_path_text(const char *path, Py_ssize_t count);

#pragma clang assume_nonnull end

#endif
