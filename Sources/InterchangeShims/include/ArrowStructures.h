// SPDX-License-Identifier: Apache-2.0

// The structures of Arrow's C data interface, by which libraries hand columns to each other. Their layout is fixed by
// its specification (https://arrow.apache.org/docs/format/CDataInterface.html); names and comments are this project's.
#ifndef SWIFTBUFFER_ARROW_STRUCTURES_H
#define SWIFTBUFFER_ARROW_STRUCTURES_H

#include "Safe.h"
#include <stdint.h>

#pragma clang assume_nonnull begin

// What the items are. A structure whose `release` is NULL has been released, or moved.
typedef struct SB_SAFE SBArrowSchema {
    const char *_Nullable format;
    const char *_Nullable name;
    const char *_Nullable metadata;
    int64_t flags;
    int64_t child_count;
    struct SBArrowSchema *_Nullable *_Nullable children;
    struct SBArrowSchema *_Nullable dictionary;
    void (*_Nullable release)(struct SBArrowSchema *schema);
    void *_Nullable context;
} SBArrowSchema;

// Where the items are.
typedef struct SB_SAFE SBArrowArray {
    int64_t length;
    int64_t null_count; // -1 where it has not been counted
    int64_t offset;     // items before the first one
    int64_t buffer_count;
    int64_t child_count;
    const void *_Nullable *_Nullable buffers; // the validity bits, then the items
    struct SBArrowArray *_Nullable *_Nullable children;
    struct SBArrowArray *_Nullable dictionary;
    void (*_Nullable release)(struct SBArrowArray *array);
    void *_Nullable context;
} SBArrowArray;

// Items may be missing, as in what other libraries make; ours never are.
enum { SB_ARROW_NULLABLE = 2 };

#pragma clang assume_nonnull end

#endif
