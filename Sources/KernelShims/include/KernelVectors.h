// Vectors as wide as the CPU that a target is compiled for, and the shuffles that Swift has no words for. Written with
// the compiler's vector extensions, so that the same text is SSE2, AVX2, AVX-512 or NEON.
#ifndef KERNEL_VECTORS_H
#define KERNEL_VECTORS_H

#include "KernelBase.h"

#if defined(__AVX512BW__)
#define KS_WIDTH 64
#elif defined(__AVX2__)
#define KS_WIDTH 32
#else
#define KS_WIDTH 16
#endif

#pragma clang assume_nonnull begin

#define KS_VECTOR(name, element) typedef element name __attribute__((ext_vector_type(KS_WIDTH / sizeof(element))))
KS_VECTOR(ks_vector1, uint8_t);
KS_VECTOR(ks_vector2, uint16_t);
KS_VECTOR(ks_vector4, uint32_t);
KS_VECTOR(ks_vector8, uint64_t);
typedef uint64_t ks_lane __attribute__((ext_vector_type(2)));
typedef uint64_t ks_line __attribute__((ext_vector_type(8)));

KS_INLINE intptr_t ks_vector_width(void) { return KS_WIDTH; }

// Interleaving the low and the high halves of every 16-byte lane of two vectors. `b` is the lane's first element,
// `n` the number of elements in a vector.
#define KS_ZIP8(b, n) b, b + n
#define KS_ZIP4(b, n) KS_ZIP8(b, n), KS_ZIP8(b + 1, n)
#define KS_ZIP2(b, n) KS_ZIP4(b, n), KS_ZIP4(b + 2, n)
#define KS_ZIP1(b, n) KS_ZIP2(b, n), KS_ZIP2(b + 4, n)
#if KS_WIDTH == 64
#define KS_LANES(zip, first, step, n) zip(first, n), zip(first + step, n), zip(first + 2 * step, n), zip(first + 3 * step, n)
#elif KS_WIDTH == 32
#define KS_LANES(zip, first, step, n) zip(first, n), zip(first + step, n)
#else
#define KS_LANES(zip, first, step, n) zip(first, n)
#endif

// A vector whose lanes are 16 bytes from every `step` bytes.
KS_INLINE ks_vector8 ks_load_lanes(const char *p, intptr_t step) {
    ks_lane a, b, c, d;
    memcpy(&a, p, 16);
#if KS_WIDTH == 64
    memcpy(&b, p + step, 16);
    memcpy(&c, p + 2 * step, 16);
    memcpy(&d, p + 3 * step, 16);
    return __builtin_shufflevector(__builtin_shufflevector(a, b, 0, 1, 2, 3), __builtin_shufflevector(c, d, 0, 1, 2, 3),
                                   0, 1, 2, 3, 4, 5, 6, 7);
#elif KS_WIDTH == 32
    memcpy(&b, p + step, 16);
    (void)c, (void)d;
    return __builtin_shufflevector(a, b, 0, 1, 2, 3);
#else
    (void)b, (void)c, (void)d, (void)step;
    return a;
#endif
}

// Transposes one tile: 16 bytes of each of KS_WIDTH / size source rows become KS_WIDTH bytes of each of 16 / size
// destination rows. Interleaving rows k and k + count/2, log2(count) times over, is a transposition.
#define KS_TRANSPOSE(size, count)                                                                                      \
    KS_INLINE void ks_transpose_tile##size(const void *source, intptr_t sourceRow, void *destination,                  \
                                           intptr_t destinationRow) {                                                  \
        const char *s = (const char *)source;                                                                          \
        char *d = (char *)destination;                                                                                 \
        ks_vector##size v[count], w[count];                                                                            \
        _Pragma("clang loop unroll(full)") for (int r = 0; r < count; r++) {                                           \
            v[r] = (ks_vector##size)ks_load_lanes(s + r * sourceRow, count * sourceRow);                               \
        }                                                                                                              \
        _Pragma("clang loop unroll(full)") for (int stage = 1; stage < count; stage *= 2) {                            \
            _Pragma("clang loop unroll(full)") for (int k = 0; k < count / 2; k++) {                                   \
                w[2 * k] = __builtin_shufflevector(v[k], v[k + count / 2],                                             \
                                                   KS_LANES(KS_ZIP##size, 0, count, KS_WIDTH / size));                 \
                w[2 * k + 1] = __builtin_shufflevector(v[k], v[k + count / 2],                                         \
                                                       KS_LANES(KS_ZIP##size, count / 2, count, KS_WIDTH / size));     \
            }                                                                                                          \
            _Pragma("clang loop unroll(full)") for (int k = 0; k < count; k++) { v[k] = w[k]; }                        \
        }                                                                                                              \
        _Pragma("clang loop unroll(full)") for (int k = 0; k < count; k++) {                                           \
            memcpy(d + k * destinationRow, &v[k], KS_WIDTH);                                                           \
        }                                                                                                              \
    }
KS_TRANSPOSE(1, 16)
KS_TRANSPOSE(2, 8)
KS_TRANSPOSE(4, 4)
KS_TRANSPOSE(8, 2)

KS_INLINE void ks_transpose_tile16(const void *source, intptr_t sourceRow, void *destination, intptr_t destinationRow) {
    ks_vector8 v = ks_load_lanes((const char *)source, sourceRow);
    memcpy(destination, &v, KS_WIDTH);
    (void)destinationRow;
}

// Writes one whole line past the caches. `destination` is aligned to 64 bytes, `source` need not be.
KS_INLINE void ks_stream_line(void *destination, const void *source) {
    ks_vector8 v[64 / KS_WIDTH];
    memcpy(v, source, 64);
    _Pragma("clang loop unroll(full)") for (int i = 0; i < 64 / KS_WIDTH; i++) {
        __builtin_nontemporal_store(v[i], (ks_vector8 *)destination + i);
    }
}

// Orders what was streamed before what is written afterwards.
KS_INLINE void ks_stream_fence(void) {
#if defined(__x86_64__)
    __builtin_ia32_sfence();
#else
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
#endif
}

KS_INLINE void ks_copy_line(void *destination, const void *source) {
    ks_vector8 v[64 / KS_WIDTH];
    memcpy(v, source, 64);
    memcpy(destination, v, 64);
}

KS_INLINE void ks_prefetch(const void *p) { __builtin_prefetch(p, 0, 3); }

#pragma clang assume_nonnull end

#endif
