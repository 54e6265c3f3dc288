// SPDX-License-Identifier: Apache-2.0

// Tensors of DLPack that this package hands out, with all that they refer to.
#ifndef SWIFTBUFFER_DLPACK_H
#define SWIFTBUFFER_DLPACK_H

#include "../../InterchangeShims/include/InterchangeShims.h"
#include "References.h"
#include "Threads.h"
#include <stdlib.h>

#pragma clang assume_nonnull begin

// Beside the capsule, which keeps the pointer.
static inline const char *sb_exchange_table_name(void) { return "dlpack_exchange_api"; }

// A tensor of ours with all that it refers to. It is freed without Python.
typedef struct {
    union {
        SBLegacyTensor legacy;
        SBVersionedTensor versioned;
    };
    SBOutsideExport memory;
    int64_t *_Nullable more; // room for the numbers of more than four dimensions
    int64_t numbers[8];
} SBExportedTensor;

static inline SBExportedTensor *_Nullable sb_new_tensor(void) {
    // Not calloc, which has no blocks ready. All other fields are written before they are read.
    SBExportedTensor *tensor = (SBExportedTensor *)malloc(sizeof(SBExportedTensor));
    if (tensor != NULL) {
        tensor->more = NULL;
        tensor->memory.interpreter = NULL;
    }
    return tensor;
}
// Room for shape and strides, `ndim` numbers each; NULL without memory.
static inline int64_t *_Nullable sb_tensor_numbers(SBExportedTensor *tensor, Py_ssize_t ndim) {
    if (ndim <= 4) {
        return tensor->numbers;
    }
    tensor->more = (int64_t *)calloc((size_t)ndim, 2 * sizeof(int64_t));
    return tensor->more;
}
static inline void sb_free_tensor(SBExportedTensor *tensor) {
    free(tensor->more);
    free(tensor);
}
// The descriptions in tensors of other libraries, where they stand.
static inline const SBTensor *sb_legacy_contents(const SBLegacyTensor *tensor) { return &tensor->tensor; }
static inline const SBTensor *sb_versioned_contents(const SBVersionedTensor *tensor) { return &tensor->tensor; }
// Describes memory in a new tensor, field by field: copies of the whole structures wait for their parts.
static inline void sb_fill_tensor(SBTensor *tensor, void *_Nullable data, Py_ssize_t ndim, SBTensorType type,
                                  int64_t *numbers) {
    tensor->data = data;
    tensor->device.kind = SB_DEVICE_CPU;
    tensor->device.number = 0;
    tensor->ndim = (int32_t)ndim;
    tensor->type = type;
    tensor->shape = numbers;
    tensor->strides = numbers + ndim;
    tensor->offset = 0;
}
static inline void sb_fill_legacy(SBExportedTensor *block, void (*deleter)(SBLegacyTensor *tensor)) {
    block->legacy.context = block;
    block->legacy.deleter = deleter;
}
static inline void sb_fill_versioned(SBExportedTensor *block, uint64_t flags,
                                     void (*deleter)(SBVersionedTensor *tensor)) {
    block->versioned.major = SB_TENSOR_MAJOR;
    block->versioned.minor = SB_TENSOR_MINOR;
    block->versioned.context = block;
    block->versioned.deleter = deleter;
    block->versioned.flags = flags;
}
// Fields at addresses that stay, which Swift's `&tensor.pointee.memory` does not promise.
static inline SBOutsideExport *sb_tensor_memory(SBExportedTensor *tensor) { return &tensor->memory; }
static inline SBTensor *sb_legacy_description(SBExportedTensor *tensor) { return &tensor->legacy.tensor; }
static inline SBTensor *sb_versioned_description(SBExportedTensor *tensor) { return &tensor->versioned.tensor; }
static inline SBLegacyTensor *sb_legacy_tensor(SBExportedTensor *tensor) { return &tensor->legacy; }
static inline SBVersionedTensor *sb_versioned_tensor(SBExportedTensor *tensor) { return &tensor->versioned; }

#pragma clang assume_nonnull end

#endif
