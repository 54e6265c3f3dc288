// SPDX-License-Identifier: Apache-2.0

// The structures of DLPack 1.3, by which libraries hand tensors to each other. Their layout is fixed by its
// specification (https://dmlc.github.io/dlpack/latest/c_api.html); names and comments are this project's.
#ifndef SWIFTBUFFER_TENSOR_STRUCTURES_H
#define SWIFTBUFFER_TENSOR_STRUCTURES_H

#include "Safe.h"
#include <stdint.h>

#pragma clang assume_nonnull begin

// The version written here. Structures of one major version can be read by all programs that know it.
#define SB_TENSOR_MAJOR 1
#define SB_TENSOR_MINOR 3

// Kinds of devices whose memory this machine's CPU reads: its own, and what drivers share with it.
enum { SB_DEVICE_CPU = 1, SB_DEVICE_CUDA_HOST = 3, SB_DEVICE_ROCM_HOST = 11, SB_DEVICE_CUDA_MANAGED = 13 };

// Kinds of numbers.
enum {
    SB_TENSOR_INT = 0,
    SB_TENSOR_UINT = 1,
    SB_TENSOR_FLOAT = 2,
    SB_TENSOR_BFLOAT = 4,
    SB_TENSOR_COMPLEX = 5,
    SB_TENSOR_BOOL = 6,
    SB_TENSOR_FLOAT8_E3M4 = 7,
    SB_TENSOR_FLOAT8_E4M3 = 8,
    SB_TENSOR_FLOAT8_E4M3B11FNUZ = 9,
    SB_TENSOR_FLOAT8_E4M3FN = 10,
    SB_TENSOR_FLOAT8_E4M3FNUZ = 11,
    SB_TENSOR_FLOAT8_E5M2 = 12,
    SB_TENSOR_FLOAT8_E5M2FNUZ = 13,
    SB_TENSOR_FLOAT8_E8M0FNU = 14
};

// Flags of a versioned tensor.
enum { SB_TENSOR_READ_ONLY = 1, SB_TENSOR_COPIED = 2 };

typedef struct {
    int32_t kind;
    int32_t number;
} SBTensorDevice;

typedef struct {
    uint8_t kind;
    uint8_t bits;   // of one number, both parts of a complex one together
    uint16_t lanes; // numbers in one item
} SBTensorType;

typedef struct SB_SAFE {
    void *_Nullable data;
    SBTensorDevice device;
    int32_t ndim;
    SBTensorType type;
    int64_t *_Nullable shape;
    int64_t *_Nullable strides; // in items; NULL up to version 1.1 for C order
    uint64_t offset;            // bytes from `data` to the first item
} SBTensor;

// A tensor with its owner: without a version, in a capsule named "dltensor".
typedef struct SB_SAFE SBLegacyTensor {
    SBTensor tensor;
    void *_Nullable context;
    void (*_Nullable deleter)(struct SBLegacyTensor *tensor);
} SBLegacyTensor;

// The same with a version, in a capsule named "dltensor_versioned". Of another major version only what stands before
// the flags may be read.
typedef struct SB_SAFE SBVersionedTensor {
    uint32_t major;
    uint32_t minor;
    void *_Nullable context;
    void (*_Nullable deleter)(struct SBVersionedTensor *tensor);
    uint64_t flags;
    SBTensor tensor;
} SBVersionedTensor;

_Static_assert(sizeof(SBTensor) == 32 + 2 * sizeof(void *), "DLTensor is laid out as the specification says");

// Functions that a type offers to C code, in a capsule named "dlpack_exchange_api". Each returns 0, or -1 with an
// exception set; the thread is attached. It lives as long as the process.
typedef struct SBExchangeTable {
    uint32_t major;
    uint32_t minor;
    struct SBExchangeTable *_Nullable previous; // for consumers of an older major version
    // Makes a tensor like `prototype`, of which only the item, the device and the shape count; `fail` says why not.
    int (*_Nullable allocate)(SBTensor *prototype, SBVersionedTensor *_Nullable *_Nonnull result,
                              void *_Nullable context,
                              void (*_Nullable fail)(void *_Nullable context, const char *kind, const char *message));
    int (*_Nullable from_object)(void *object, SBVersionedTensor *_Nullable *_Nonnull result);
    int (*_Nullable to_object)(SBVersionedTensor *tensor, void *_Nullable *_Nonnull result);
    // A description that nothing keeps; may be NULL.
    int (*_Nullable describe)(void *object, SBTensor *result);
    int (*_Nullable stream)(int32_t kind, int32_t number, void *_Nullable *_Nonnull result);
} SBExchangeTable;

#pragma clang assume_nonnull end

#endif
