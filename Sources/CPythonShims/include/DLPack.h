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
    return (SBExportedTensor *)calloc(1, sizeof(SBExportedTensor));
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
// Fields at addresses that stay, which Swift's `&tensor.pointee.memory` does not promise.
static inline SBOutsideExport *sb_tensor_memory(SBExportedTensor *tensor) { return &tensor->memory; }
static inline SBLegacyTensor *sb_legacy_tensor(SBExportedTensor *tensor) { return &tensor->legacy; }
static inline SBVersionedTensor *sb_versioned_tensor(SBExportedTensor *tensor) { return &tensor->versioned; }

#pragma clang assume_nonnull end

#endif
