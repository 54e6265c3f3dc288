// SPDX-License-Identifier: Apache-2.0
#define _GNU_SOURCE 1
#include "CPythonShims.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

// -- Files -----------------------------------------------------------------------------------------------------------

static int flags_of(int how) {
    switch (how) {
    case SB_OPEN_READ: return O_RDONLY;
    case SB_OPEN_WRITE: return O_RDWR;
    case SB_OPEN_CREATE: return O_RDWR | O_CREAT;
    default: return O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW;
    }
}

int sb_file_open(const char *path, int how) {
    int file;
    do {
        // A segment is its user's alone. O_NONBLOCK: a named pipe is refused below, not waited for.
        file = open(path, flags_of(how) | O_CLOEXEC | O_NONBLOCK | O_NOCTTY, how == SB_OPEN_CREATE_NEW ? 0600 : 0666);
    } while (file < 0 && errno == EINTR);
    if (file < 0) {
        return -errno;
    }
    struct stat status;
    int error = 0;
    if (fstat(file, &status) != 0) {
        error = errno;
    } else if (!S_ISREG(status.st_mode)) {
        error = S_ISDIR(status.st_mode) ? EISDIR : EINVAL;
    }
    if (error != 0) {
        close(file);
        return -error;
    }
    return file;
}

int sb_error_invalid(void) { return EINVAL; }

void sb_file_close(int file) { close(file); }

int64_t sb_file_size(int file) {
    struct stat status;
    return fstat(file, &status) != 0 ? -errno : status.st_size;
}

int sb_file_set_size(int file, int64_t size) {
    int result;
    do {
        result = ftruncate(file, size);
    } while (result != 0 && errno == EINTR);
    return result != 0 ? -errno : 0;
}

int sb_file_allocate(int file, int64_t size) {
    int error;
    do {
        error = posix_fallocate(file, 0, size);
    } while (error == EINTR);
    return -error;
}

int sb_file_write(int file, const void *bytes, Py_ssize_t count, int64_t offset) {
    while (count > 0) {
        ssize_t written = pwrite(file, bytes, (size_t)count, offset);
        if (written < 0 && errno == EINTR) {
            continue;
        }
        if (written <= 0) {
            return written < 0 ? -errno : -ENOSPC;
        }
        bytes = (const char *)bytes + written;
        count -= written;
        offset += written;
    }
    return 0;
}

int sb_file_remove(const char *path) { return unlink(path) != 0 ? -errno : 0; }

// -- Mappings --------------------------------------------------------------------------------------------------------

// The bytes between the start of a page and an address or offset: mappings begin at pages.
static size_t bytes_into_page(uint64_t place) { return (size_t)(place & ((uint64_t)sysconf(_SC_PAGESIZE) - 1)); }

int sb_map(int file, int64_t offset, Py_ssize_t count, int how, void **address) {
    size_t before = bytes_into_page((uint64_t)offset);
    if (count <= 0 || __builtin_add_overflow(count, (Py_ssize_t)before, &count)) {
        return -ENOMEM;
    }
    int protection = how == SB_MAP_READ ? PROT_READ : PROT_READ | PROT_WRITE;
    int flags = how == SB_MAP_COPY_ON_WRITE ? MAP_PRIVATE : MAP_SHARED;
    char *start = mmap(NULL, (size_t)count, protection, flags, file, offset - (int64_t)before);
    if (start == MAP_FAILED) {
        return -errno;
    }
    *address = start + before;
    return 0;
}

void sb_unmap(void *address, Py_ssize_t count) {
    size_t before = bytes_into_page((uintptr_t)address);
    munmap((char *)address - before, (size_t)count + before);
}

int sb_map_flush(void *address, Py_ssize_t count) {
    size_t before = bytes_into_page((uintptr_t)address);
    return msync((char *)address - before, (size_t)count + before, MS_SYNC) != 0 ? -errno : 0;
}

int sb_map_advise(void *address, Py_ssize_t count, int advice) {
    static const int advices[] = {MADV_NORMAL,   MADV_RANDOM,   MADV_SEQUENTIAL, MADV_WILLNEED,
                                  MADV_DONTNEED, MADV_HUGEPAGE, MADV_NOHUGEPAGE};
    size_t before = bytes_into_page((uintptr_t)address);
    return madvise((char *)address - before, (size_t)count + before, advices[advice]) != 0 ? -errno : 0;
}

Py_ssize_t sb_page_size(void) { return sysconf(_SC_PAGESIZE); }

int sb_map_ring(Py_ssize_t count, void **address) {
    int file = memfd_create("swiftbuffer.ring", MFD_CLOEXEC);
    if (file < 0) {
        return -errno;
    }
    // The size is accounted for as that of other memory; its pages are taken when they are written.
    int error = ftruncate(file, count) != 0 ? errno : 0;
    // Both halves replace one reservation, so that nothing else can be mapped behind the first.
    char *start = MAP_FAILED;
    if (error == 0) {
        start = mmap(NULL, 2 * (size_t)count, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
        error = start == MAP_FAILED ? errno : 0;
    }
    for (int half = 0; half < 2 && error == 0; half++) {
        void *place = start + half * count;
        if (mmap(place, (size_t)count, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, file, 0) == MAP_FAILED) {
            error = errno;
        }
    }
    close(file);
    if (error != 0) {
        if (start != MAP_FAILED) {
            munmap(start, 2 * (size_t)count);
        }
        return -error;
    }
    *address = start;
    return 0;
}

// -- Python ----------------------------------------------------------------------------------------------------------

int sb_audit_open(PyObject *path, int how) { return PySys_Audit("open", "Osi", path, NULL, flags_of(how) | O_CLOEXEC); }

void sb_raise_os_error(int number, PyObject *path) {
    errno = number;
    PyErr_SetFromErrnoWithFilenameObject(PyExc_OSError, path);
}

PyObject *sb_path_bytes(PyObject *path) {
    PyObject *bytes = NULL;
    return PyUnicode_FSConverter(path, &bytes) ? bytes : NULL;
}

PyObject *sb_path_text(const char *path, Py_ssize_t count) { return PyUnicode_DecodeFSDefaultAndSize(path, count); }
