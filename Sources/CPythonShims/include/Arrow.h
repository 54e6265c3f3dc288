// SPDX-License-Identifier: Apache-2.0

// Arrays of Arrow that this package hands out, with all that they refer to.
#ifndef SWIFTBUFFER_ARROW_H
#define SWIFTBUFFER_ARROW_H

#include "../../InterchangeShims/include/InterchangeShims.h"
#include "References.h"
#include "Threads.h"
#include <stdlib.h>

#pragma clang assume_nonnull begin

// A schema of ours: one structure for each axis beyond the first, and that of the items, each held by its context. A
// consumer may move a child out of its parent, so all of them end the block together.
typedef struct {
    Py_ssize_t references; // atomic
    int count;
    struct {
        SBArrowSchema schema;
        SBArrowSchema *_Nullable child;
        char format[32];
    } levels[];
} SBExportedSchema;

// An array of ours, likewise.
typedef struct {
    Py_ssize_t references; // atomic
    int count;
    SBOutsideExport memory;
    struct {
        SBArrowArray array;
        SBArrowArray *_Nullable child;
        const void *_Nullable buffers[2];
    } levels[];
} SBExportedArrowArray;

static inline SBExportedSchema *_Nullable sb_new_schema(int count) {
    SBExportedSchema *block = (SBExportedSchema *)calloc(1, sizeof *block + (size_t)count * sizeof block->levels[0]);
    if (block != NULL) {
        block->references = block->count = count;
    }
    return block;
}
static inline SBExportedArrowArray *_Nullable sb_new_arrow_array(int count) {
    SBExportedArrowArray *block =
        (SBExportedArrowArray *)calloc(1, sizeof *block + (size_t)count * sizeof block->levels[0]);
    if (block != NULL) {
        block->references = block->count = count;
    }
    return block;
}

// Room for a format, 32 characters.
static inline char *sb_schema_format(SBExportedSchema *block, int level) { return block->levels[level].format; }
// Fills in a level; the first of them moves to a block of its own.
static inline void sb_link_schema(SBExportedSchema *block, int level,
                                  void (*release)(SBArrowSchema *schema)) {
    int is_last = level == block->count - 1;
    block->levels[level].child = is_last ? NULL : &block->levels[level + 1].schema;
    block->levels[level].schema = (SBArrowSchema){
        .format = block->levels[level].format,
        .name = level == 0 ? "" : "item",
        .flags = SB_ARROW_NULLABLE,
        .child_count = !is_last,
        .children = is_last ? NULL : &block->levels[level].child,
        .release = release,
        .context = block,
    };
}
static inline void sb_link_arrow_array(SBExportedArrowArray *block, int level, int64_t length,
                                       const void *_Nullable items, void (*release)(SBArrowArray *array)) {
    int is_last = level == block->count - 1;
    block->levels[level].child = is_last ? NULL : &block->levels[level + 1].array;
    block->levels[level].buffers[1] = items;
    block->levels[level].array = (SBArrowArray){
        .length = length,
        .buffer_count = is_last ? 2 : 1,
        .child_count = !is_last,
        .buffers = block->levels[level].buffers,
        .children = is_last ? NULL : &block->levels[level].child,
        .release = release,
        .context = block,
    };
}
static inline SBArrowSchema *sb_schema(SBExportedSchema *block, int level) { return &block->levels[level].schema; }
static inline SBArrowArray *sb_arrow_array(SBExportedArrowArray *block, int level) {
    return &block->levels[level].array;
}
static inline SBOutsideExport *sb_arrow_memory(SBExportedArrowArray *block) { return &block->memory; }
static inline void sb_free_schema(SBExportedSchema *block) { free(block); }
static inline void sb_free_arrow_array(SBExportedArrowArray *block) { free(block); }

// The structure in a capsule, which a consumer moves out of it.
static inline SBArrowSchema *_Nullable sb_moved_schema(SBArrowSchema *schema) {
    SBArrowSchema *moved = (SBArrowSchema *)malloc(sizeof *moved);
    if (moved != NULL) {
        *moved = *schema;
        schema->release = NULL;
    }
    return moved;
}
static inline SBArrowArray *_Nullable sb_moved_arrow_array(SBArrowArray *array) {
    SBArrowArray *moved = (SBArrowArray *)malloc(sizeof *moved);
    if (moved != NULL) {
        *moved = *array;
        array->release = NULL;
    }
    return moved;
}
// Frees a structure that has not been handed out, and releases nothing.
static inline void sb_free_moved_arrow_array(SBArrowArray *array) { free(array); }
static inline void sb_end_schema(SBArrowSchema *schema) {
    if (schema->release != NULL) {
        schema->release(schema);
    }
    free(schema);
}
static inline void sb_end_arrow_array(SBArrowArray *array) {
    if (array->release != NULL) {
        array->release(array);
    }
    free(array);
}
// What the release functions of ours begin with: releases the child, unless a consumer has moved it, and marks the
// structure. Returns the block if this was the last structure of it.
static inline SBExportedSchema *_Nullable sb_release_schema(SBArrowSchema *schema) {
    SBExportedSchema *block = (SBExportedSchema *)schema->context;
    SBArrowSchema *child = schema->child_count > 0 ? schema->children[0] : NULL;
    if (child != NULL && child->release != NULL) {
        child->release(child);
    }
    schema->release = NULL;
    return __atomic_sub_fetch(&block->references, 1, __ATOMIC_ACQ_REL) == 0 ? block : NULL;
}
static inline SBExportedArrowArray *_Nullable sb_release_arrow_array(SBArrowArray *array) {
    SBExportedArrowArray *block = (SBExportedArrowArray *)array->context;
    SBArrowArray *child = array->child_count > 0 ? array->children[0] : NULL;
    if (child != NULL && child->release != NULL) {
        child->release(child);
    }
    array->release = NULL;
    return __atomic_sub_fetch(&block->references, 1, __ATOMIC_ACQ_REL) == 0 ? block : NULL;
}

#pragma clang assume_nonnull end

#endif
