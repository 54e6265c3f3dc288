// SPDX-License-Identifier: Apache-2.0

// Integers of 24 bits, which no register holds: KS_WIDTH / 4 of them at a time from and to integers of 32 bits.
#ifndef KERNEL_INTEGERS24_H
#define KERNEL_INTEGERS24_H

#include "KernelVectors.h"

#pragma clang assume_nonnull begin

typedef int32_t ks_signed4 __attribute__((ext_vector_type(KS_WIDTH / 4)));
typedef float ks_float4 __attribute__((ext_vector_type(KS_WIDTH / 4)));

// Whether the functions for whole vectors can be used: they move bytes within lanes, in little-endian order.
KS_INLINE _Bool ks_has_integers24(void) {
    return __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ && ks_shuffles_bytes();
}

// One integer; `big` says that its first byte is the most significant one.
KS_INLINE uint32_t ks_load24(const void *source, _Bool big) {
    const uint8_t *p = (const uint8_t *)source;
    return big ? (uint32_t)p[0] << 16 | (uint32_t)p[1] << 8 | p[2] : (uint32_t)p[2] << 16 | (uint32_t)p[1] << 8 | p[0];
}
KS_INLINE void ks_store24(void *destination, uint32_t value, _Bool big) {
    uint8_t *p = (uint8_t *)destination;
    p[big ? 2 : 0] = (uint8_t)value;
    p[1] = (uint8_t)(value >> 8);
    p[big ? 0 : 2] = (uint8_t)(value >> 16);
}

// Bytes of integers to the upper three bytes of each lane of 32 bits, and back from the lower three.
#define KS_UPPER24(i, n, c) ((i) % 4 == 0 ? -1 : (i) / 16 * 16 + (i) % 16 / 4 * 3 + (i) % 4 - 1)
#define KS_LOWER24(i, n, c) ((i) % 16 < 12 ? (i) / 16 * 16 + (i) % 16 / 3 * 4 + (i) % 16 % 3 : -1)

// Bytes that are read for one vector: the last lane reads four more than it needs.
KS_INLINE intptr_t ks_reach24(void) { return KS_WIDTH / 4 * 3 + 4; }

KS_INLINE ks_vector4 ks_wide24(const void *source, _Bool isSigned) {
    ks_vector1 bytes = (ks_vector1)ks_load_lanes((const char *)source, 12);
    ks_vector4 v = (ks_vector4)KS_SHUFFLE(1, bytes, bytes, KS_UPPER24, 0);
    return isSigned ? (ks_vector4)((ks_signed4)v >> 8) : v >> 8;
}

KS_INLINE void ks_widen24(const void *source, void *destination, _Bool isSigned) {
    ks_put4((char *)destination, 0, ks_wide24(source, isSigned), 0);
}

// Every integer of 24 bits is a float.
KS_INLINE void ks_float24(const void *source, void *destination, _Bool isSigned) {
    ks_float4 v = __builtin_convertvector((ks_signed4)ks_wide24(source, isSigned), ks_float4);
    memcpy(destination, &v, KS_WIDTH);
}

KS_INLINE void ks_narrow24(const void *source, void *destination) {
    ks_vector1 bytes = ks_load1((const char *)source, 0);
    ks_vector4 closed = (ks_vector4)KS_SHUFFLE(1, bytes, bytes, KS_LOWER24, 0);
    closed = KS_SHUFFLE(4, closed, closed, KS_JOIN_LANES, 0);
    memcpy(destination, &closed, KS_WIDTH / 4 * 3);
}

// The same integers with their bytes swapped. Everything is read before anything is written.
#define KS_SWAPPED24(i, n, c) ((i) % 16 < 12 ? (i) / 16 * 16 + (i) % 16 / 3 * 3 + 2 - (i) % 16 % 3 : -1)
KS_INLINE void ks_swap24(const void *source, void *destination) {
    ks_vector1 bytes = (ks_vector1)ks_load_lanes((const char *)source, 12);
    ks_vector4 swapped = (ks_vector4)KS_SHUFFLE(1, bytes, bytes, KS_SWAPPED24, 0);
    swapped = KS_SHUFFLE(4, swapped, swapped, KS_JOIN_LANES, 0);
    memcpy(destination, &swapped, KS_WIDTH / 4 * 3);
}

#pragma clang assume_nonnull end

#endif
