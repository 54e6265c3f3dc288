// SPDX-License-Identifier: Apache-2.0

// Vectors as wide as those of the CPU that a target is compiled for, and the shuffles that Swift cannot express. Written
// with the compiler's vector extensions, so that the same source becomes SSE2, AVX2, AVX-512 or NEON.
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
    KS_INLINE void ks_tile##size(const char *s, intptr_t row, ks_vector##size *v) {                                    \
        ks_vector##size w[count];                                                                                      \
        _Pragma("clang loop unroll(full)") for (int r = 0; r < count; r++) {                                           \
            v[r] = (ks_vector##size)ks_load_lanes(s + r * row, count * row);                                           \
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
    }                                                                                                                  \
    KS_INLINE void ks_transpose_tile##size(const void *source, intptr_t sourceRow, void *destination,                  \
                                           intptr_t destinationRow) {                                                  \
        ks_vector##size v[count];                                                                                      \
        ks_tile##size((const char *)source, sourceRow, v);                                                             \
        _Pragma("clang loop unroll(full)") for (int k = 0; k < count; k++) {                                           \
            memcpy((char *)destination + k * destinationRow, &v[k], KS_WIDTH);                                         \
        }                                                                                                              \
    }
KS_TRANSPOSE(1, 16)
KS_TRANSPOSE(2, 8)
KS_TRANSPOSE(4, 4)
KS_TRANSPOSE(8, 2)

// Items of 8 and 16 bytes make small tiles; whole lines of four columns at a time unroll the caller's loop.
KS_INLINE void ks_transpose_tiles8(const void *source, intptr_t sourceRow, void *destination, intptr_t destinationRow) {
    _Pragma("clang loop unroll(full)") for (int k = 0; k < 4; k += 2) {
        _Pragma("clang loop unroll(full)") for (int part = 0; part < 64; part += KS_WIDTH) {
            ks_transpose_tile8((const char *)source + 8 * k + part / 8 * sourceRow, sourceRow,
                               (char *)destination + k * destinationRow + part, destinationRow);
        }
    }
}

KS_INLINE void ks_transpose_tiles16(const void *source, intptr_t sourceRow, void *destination,
                                    intptr_t destinationRow) {
    _Pragma("clang loop unroll(full)") for (int k = 0; k < 4; k++) {
        _Pragma("clang loop unroll(full)") for (int part = 0; part < 64; part += KS_WIDTH) {
            ks_vector8 v = ks_load_lanes((const char *)source + 16 * k + part / 16 * sourceRow, sourceRow);
            memcpy((char *)destination + k * destinationRow + part, &v, KS_WIDTH);
        }
    }
}

// Writes one whole line by non-temporal stores. `destination` is aligned to 64 bytes, `source` need not be.
KS_INLINE void ks_stream_line(void *destination, const void *source) {
    ks_vector8 v[64 / KS_WIDTH];
    memcpy(v, source, 64);
    _Pragma("clang loop unroll(full)") for (int i = 0; i < 64 / KS_WIDTH; i++) {
        __builtin_nontemporal_store(v[i], (ks_vector8 *)destination + i);
    }
}

// Orders non-temporal stores before later ones.
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

KS_INLINE void ks_prefetch(const void *p) { __builtin_prefetch(p, 0, 2); }

// Shuffles whose pattern is a rule: `rule(i, n, c)` for every element i of a vector of n, c being a channel.
#define KS_2(f, b, n, c) f(b, n, c), f(b + 1, n, c)
#define KS_4(f, b, n, c) KS_2(f, b, n, c), KS_2(f, b + 2, n, c)
#define KS_8(f, b, n, c) KS_4(f, b, n, c), KS_4(f, b + 4, n, c)
#define KS_16(f, b, n, c) KS_8(f, b, n, c), KS_8(f, b + 8, n, c)
#define KS_32(f, b, n, c) KS_16(f, b, n, c), KS_16(f, b + 16, n, c)
#define KS_64(f, b, n, c) KS_32(f, b, n, c), KS_32(f, b + 32, n, c)
#if KS_WIDTH == 64
#define KS_EACH1(f, c) KS_64(f, 0, 64, c)
#define KS_EACH2(f, c) KS_32(f, 0, 32, c)
#define KS_EACH4(f, c) KS_16(f, 0, 16, c)
#define KS_EACH8(f, c) KS_8(f, 0, 8, c)
#elif KS_WIDTH == 32
#define KS_EACH1(f, c) KS_32(f, 0, 32, c)
#define KS_EACH2(f, c) KS_16(f, 0, 16, c)
#define KS_EACH4(f, c) KS_8(f, 0, 8, c)
#define KS_EACH8(f, c) KS_4(f, 0, 4, c)
#else
#define KS_EACH1(f, c) KS_16(f, 0, 16, c)
#define KS_EACH2(f, c) KS_8(f, 0, 8, c)
#define KS_EACH4(f, c) KS_4(f, 0, 4, c)
#define KS_EACH8(f, c) KS_2(f, 0, 2, c)
#endif

#define KS_REVERSED(i, n, c) (n - 1 - (i))
#define KS_EVERY2(i, n, c) (2 * (i) + c)
#define KS_ZIPPED(i, n, c) (((i) + c * n) / 2 + (((i) & 1) ? n : 0))
// Of three vectors, the first two, then the third.
#define KS_PICK3_AB(i, n, c) (3 * (i) + c < 2 * n ? 3 * (i) + c : -1)
#define KS_PICK3_C(i, n, c) (3 * (i) + c < 2 * n ? (i) : 3 * (i) + c - n)
// Here c numbers the result: element i of it is channel (i + c*n) % 3.
#define KS_ZIP3_AB(i, n, c)                                                                                            \
    (((i) + c * n) % 3 == 2 ? -1 : ((i) + c * n) / 3 + (((i) + c * n) % 3 == 1 ? n : 0))
#define KS_ZIP3_C(i, n, c) (((i) + c * n) % 3 == 2 ? ((i) + c * n) / 3 + n : (i))

#define KS_SHUFFLE(size, a, b, rule, c) __builtin_shufflevector(a, b, KS_EACH##size(rule, c))

#define KS_SHUFFLES(size)                                                                                              \
    KS_INLINE ks_vector##size ks_load##size(const char *p, intptr_t index) {                                           \
        ks_vector##size v;                                                                                             \
        memcpy(&v, p + index * KS_WIDTH, KS_WIDTH);                                                                    \
        return v;                                                                                                      \
    }                                                                                                                  \
    /* Non-temporal stores need `p` aligned to the vector's width. */                                                  \
    KS_INLINE void ks_put##size(char *p, intptr_t index, ks_vector##size v, _Bool streaming) {                         \
        if (streaming) {                                                                                               \
            __builtin_nontemporal_store(v, (ks_vector##size *)(p + index * KS_WIDTH));                                 \
        } else {                                                                                                       \
            memcpy(p + index * KS_WIDTH, &v, KS_WIDTH);                                                                \
        }                                                                                                              \
    }                                                                                                                  \
    /* One vector of results from the vector that ends at `end`, backwards. */                                         \
    KS_INLINE void ks_reverse##size(const void *end, void *d, _Bool streaming) {                                       \
        ks_vector##size v = ks_load##size((const char *)end, -1);                                                      \
        ks_put##size((char *)d, 0, KS_SHUFFLE(size, v, v, KS_REVERSED, 0), streaming);                                 \
    }                                                                                                                  \
    /* One vector of every second, third and fourth item. */                                                           \
    KS_INLINE void ks_every2_##size(const void *s, void *d, _Bool streaming) {                                         \
        const char *p = (const char *)s;                                                                               \
        ks_put##size((char *)d, 0, KS_SHUFFLE(size, ks_load##size(p, 0), ks_load##size(p, 1), KS_EVERY2, 0),           \
                     streaming);                                                                                       \
    }                                                                                                                  \
    KS_INLINE void ks_every3_##size(const void *s, void *d, _Bool streaming) {                                         \
        const char *p = (const char *)s;                                                                               \
        ks_vector##size v = KS_SHUFFLE(size, ks_load##size(p, 0), ks_load##size(p, 1), KS_PICK3_AB, 0);                \
        ks_put##size((char *)d, 0, KS_SHUFFLE(size, v, ks_load##size(p, 2), KS_PICK3_C, 0), streaming);                \
    }                                                                                                                  \
    KS_INLINE void ks_every4_##size(const void *s, void *d, _Bool streaming) {                                         \
        const char *p = (const char *)s;                                                                               \
        ks_vector##size a = KS_SHUFFLE(size, ks_load##size(p, 0), ks_load##size(p, 1), KS_EVERY2, 0);                  \
        ks_vector##size b = KS_SHUFFLE(size, ks_load##size(p, 2), ks_load##size(p, 3), KS_EVERY2, 0);                  \
        ks_put##size((char *)d, 0, KS_SHUFFLE(size, a, b, KS_EVERY2, 0), streaming);                                   \
    }                                                                                                                  \
    /* A vector of items for each of 2, 3 or 4 channels, `row` bytes apart, from items that alternate. */              \
    KS_INLINE void ks_split2_##size(const void *s, void *d, intptr_t row) {                                            \
        ks_vector##size a = ks_load##size((const char *)s, 0), b = ks_load##size((const char *)s, 1);                  \
        ks_put##size((char *)d, 0, KS_SHUFFLE(size, a, b, KS_EVERY2, 0), 0);                                           \
        ks_put##size((char *)d + row, 0, KS_SHUFFLE(size, a, b, KS_EVERY2, 1), 0);                                     \
    }                                                                                                                  \
    KS_INLINE void ks_split3_##size(const void *s, void *d, intptr_t row) {                                            \
        ks_vector##size a = ks_load##size((const char *)s, 0), b = ks_load##size((const char *)s, 1),                  \
                        c = ks_load##size((const char *)s, 2);                                                         \
        ks_put##size((char *)d, 0,                                                                                     \
                     KS_SHUFFLE(size, KS_SHUFFLE(size, a, b, KS_PICK3_AB, 0), c, KS_PICK3_C, 0), 0);                   \
        ks_put##size((char *)d + row, 0,                                                                               \
                     KS_SHUFFLE(size, KS_SHUFFLE(size, a, b, KS_PICK3_AB, 1), c, KS_PICK3_C, 1), 0);                   \
        ks_put##size((char *)d + 2 * row, 0,                                                                           \
                     KS_SHUFFLE(size, KS_SHUFFLE(size, a, b, KS_PICK3_AB, 2), c, KS_PICK3_C, 2), 0);                   \
    }                                                                                                                  \
    KS_INLINE void ks_split4_##size(const void *s, void *d, intptr_t row) {                                            \
        const char *p = (const char *)s;                                                                               \
        ks_vector##size a = ks_load##size(p, 0), b = ks_load##size(p, 1), c = ks_load##size(p, 2),                     \
                        e = ks_load##size(p, 3);                                                                       \
        ks_vector##size even0 = KS_SHUFFLE(size, a, b, KS_EVERY2, 0), even1 = KS_SHUFFLE(size, c, e, KS_EVERY2, 0);    \
        ks_vector##size odd0 = KS_SHUFFLE(size, a, b, KS_EVERY2, 1), odd1 = KS_SHUFFLE(size, c, e, KS_EVERY2, 1);      \
        ks_put##size((char *)d, 0, KS_SHUFFLE(size, even0, even1, KS_EVERY2, 0), 0);                                   \
        ks_put##size((char *)d + row, 0, KS_SHUFFLE(size, odd0, odd1, KS_EVERY2, 0), 0);                               \
        ks_put##size((char *)d + 2 * row, 0, KS_SHUFFLE(size, even0, even1, KS_EVERY2, 1), 0);                         \
        ks_put##size((char *)d + 3 * row, 0, KS_SHUFFLE(size, odd0, odd1, KS_EVERY2, 1), 0);                           \
    }                                                                                                                  \
    /* The inverse: items that alternate from a vector of each channel. */                                             \
    KS_INLINE void ks_join2_##size(const void *s, intptr_t row, void *d, _Bool streaming) {                            \
        const char *p = (const char *)s;                                                                               \
        ks_vector##size a = ks_load##size(p, 0), b = ks_load##size(p + row, 0);                                        \
        ks_put##size((char *)d, 0, KS_SHUFFLE(size, a, b, KS_ZIPPED, 0), streaming);                                   \
        ks_put##size((char *)d, 1, KS_SHUFFLE(size, a, b, KS_ZIPPED, 1), streaming);                                   \
    }                                                                                                                  \
    KS_INLINE void ks_join3_##size(const void *s, intptr_t row, void *d, _Bool streaming) {                            \
        const char *p = (const char *)s;                                                                               \
        ks_vector##size a = ks_load##size(p, 0), b = ks_load##size(p + row, 0), c = ks_load##size(p + 2 * row, 0);     \
        ks_put##size((char *)d, 0,                                                                                     \
                     KS_SHUFFLE(size, KS_SHUFFLE(size, a, b, KS_ZIP3_AB, 0), c, KS_ZIP3_C, 0), streaming);             \
        ks_put##size((char *)d, 1,                                                                                     \
                     KS_SHUFFLE(size, KS_SHUFFLE(size, a, b, KS_ZIP3_AB, 1), c, KS_ZIP3_C, 1), streaming);             \
        ks_put##size((char *)d, 2,                                                                                     \
                     KS_SHUFFLE(size, KS_SHUFFLE(size, a, b, KS_ZIP3_AB, 2), c, KS_ZIP3_C, 2), streaming);             \
    }                                                                                                                  \
    KS_INLINE void ks_join4_##size(const void *s, intptr_t row, void *d, _Bool streaming) {                            \
        const char *p = (const char *)s;                                                                               \
        ks_vector##size a = ks_load##size(p, 0), b = ks_load##size(p + row, 0), c = ks_load##size(p + 2 * row, 0),     \
                        e = ks_load##size(p + 3 * row, 0);                                                             \
        ks_vector##size ac0 = KS_SHUFFLE(size, a, c, KS_ZIPPED, 0), ac1 = KS_SHUFFLE(size, a, c, KS_ZIPPED, 1);        \
        ks_vector##size be0 = KS_SHUFFLE(size, b, e, KS_ZIPPED, 0), be1 = KS_SHUFFLE(size, b, e, KS_ZIPPED, 1);        \
        ks_put##size((char *)d, 0, KS_SHUFFLE(size, ac0, be0, KS_ZIPPED, 0), streaming);                               \
        ks_put##size((char *)d, 1, KS_SHUFFLE(size, ac0, be0, KS_ZIPPED, 1), streaming);                               \
        ks_put##size((char *)d, 2, KS_SHUFFLE(size, ac1, be1, KS_ZIPPED, 0), streaming);                               \
        ks_put##size((char *)d, 3, KS_SHUFFLE(size, ac1, be1, KS_ZIPPED, 1), streaming);                               \
    }
KS_SHUFFLES(1)
KS_SHUFFLES(2)
KS_SHUFFLES(4)
KS_SHUFFLES(8)

// Transposes a square tile of whole vectors into `v`, which has room for KS_WIDTH / size of them.
#define KS_SQUARE(size, count)                                                                                         \
    KS_INLINE void ks_square##size(const char *s, intptr_t row, ks_vector##size *v) {                                  \
        ks_vector##size w[count];                                                                                      \
        _Pragma("clang loop unroll(full)") for (int r = 0; r < count; r++) { memcpy(&v[r], s + r * row, KS_WIDTH); }   \
        _Pragma("clang loop unroll(full)") for (int stage = 1; stage < count; stage *= 2) {                            \
            _Pragma("clang loop unroll(full)") for (int k = 0; k < count / 2; k++) {                                   \
                w[2 * k] = KS_SHUFFLE(size, v[k], v[k + count / 2], KS_ZIPPED, 0);                                     \
                w[2 * k + 1] = KS_SHUFFLE(size, v[k], v[k + count / 2], KS_ZIPPED, 1);                                 \
            }                                                                                                          \
            _Pragma("clang loop unroll(full)") for (int k = 0; k < count; k++) { v[k] = w[k]; }                        \
        }                                                                                                              \
    }
KS_SQUARE(4, (KS_WIDTH / 4))
KS_SQUARE(8, (KS_WIDTH / 8))

// 64 / size source rows become a whole line of each of `count` destination rows. Non-temporal stores need a destination
// aligned to lines. `tile` transposes as many rows as a vector has items.
#define KS_WHOLE_LINES(size, count, tile)                                                                                    \
    KS_INLINE void ks_lines##size(const void *source, intptr_t sourceRow, void *destination, intptr_t destinationRow,  \
                                  _Bool streaming) {                                                                   \
        _Pragma("clang loop unroll(full)") for (int part = 0; part < 64; part += KS_WIDTH) {                           \
            ks_vector##size v[count];                                                                                  \
            tile((const char *)source + part / size * sourceRow, sourceRow, v);                                        \
            _Pragma("clang loop unroll(full)") for (int k = 0; k < count; k++) {                                       \
                ks_put##size((char *)destination + k * destinationRow + part, 0, v[k], streaming);                     \
            }                                                                                                          \
        }                                                                                                              \
    }
KS_WHOLE_LINES(1, 16, ks_tile1)
KS_WHOLE_LINES(2, 8, ks_tile2)
KS_WHOLE_LINES(4, (KS_WIDTH / 4), ks_square4)
KS_WHOLE_LINES(8, (KS_WIDTH / 8), ks_square8)

// The same for items of 16 bytes and four destination rows.
KS_INLINE void ks_lines16(const void *source, intptr_t sourceRow, void *destination, intptr_t destinationRow,
                          _Bool streaming) {
    _Pragma("clang loop unroll(full)") for (int k = 0; k < 4; k++) {
        _Pragma("clang loop unroll(full)") for (int part = 0; part < 64; part += KS_WIDTH) {
            ks_vector8 v = ks_load_lanes((const char *)source + 16 * k + part / 16 * sourceRow, sourceRow);
            ks_put8((char *)destination + k * destinationRow + part, 0, v, streaming);
        }
    }
}

// Items of 3/4 of the size of a vector's elements: 16 bytes hold `count` of them and 4 more bytes. They are widened to
// elements, transposed and packed again: `count` times as many source rows as a vector has lanes become 3/4 KS_WIDTH bytes
// of each of `count` destination rows. With `back`, the 4 additional bytes are read before the items, not after them.
#define KS_SPREAD(i, size, unit, from) ((i) % unit < size ? (i) / 16 * 16 + from + (i) % 16 / unit * size + (i) % unit : -1)
#define KS_CLOSE(i, size, unit) ((i) % 16 < 12 ? (i) / 16 * 16 + (i) % 16 / size * unit + (i) % 16 % size : -1)
#define KS_SPREAD3(i, n, c) KS_SPREAD(i, 3, 4, c)
#define KS_SPREAD6(i, n, c) KS_SPREAD(i, 6, 8, c)
#define KS_SPREAD12(i, n, c) KS_SPREAD(i, 12, 16, c)
#define KS_CLOSE3(i, n, c) KS_CLOSE(i, 3, 4)
#define KS_CLOSE6(i, n, c) KS_CLOSE(i, 6, 8)
#define KS_JOIN_LANES(i, n, c) ((i) < n / 4 * 3 ? (i) / 3 * 4 + (i) % 3 : -1)

#define KS_THREE_QUARTERS(size, count, vector, zip)                                                                    \
    KS_INLINE void ks_transpose_tile##size(const void *source, intptr_t sourceRow, void *destination,                  \
                                           intptr_t destinationRow, _Bool back) {                                      \
        vector v[count], w[count];                                                                                     \
        _Pragma("clang loop unroll(full)") for (int r = 0; r < count; r++) {                                           \
            const char *s = (const char *)source + r * sourceRow - (back ? 4 : 0);                                     \
            ks_vector1 bytes = (ks_vector1)ks_load_lanes(s, count * sourceRow);                                        \
            v[r] = back ? (vector)KS_SHUFFLE(1, bytes, bytes, KS_SPREAD##size, 4)                                      \
                        : (vector)KS_SHUFFLE(1, bytes, bytes, KS_SPREAD##size, 0);                                     \
        }                                                                                                              \
        _Pragma("clang loop unroll(full)") for (int stage = 1; stage < count; stage *= 2) {                            \
            _Pragma("clang loop unroll(full)") for (int k = 0; k < count / 2; k++) {                                   \
                w[2 * k] = __builtin_shufflevector(v[k], v[k + count / 2],                                             \
                                                   KS_LANES(zip, 0, count, KS_WIDTH * count / 16));                    \
                w[2 * k + 1] = __builtin_shufflevector(v[k], v[k + count / 2],                                         \
                                                       KS_LANES(zip, count / 2, count, KS_WIDTH * count / 16));        \
            }                                                                                                          \
            _Pragma("clang loop unroll(full)") for (int k = 0; k < count; k++) { v[k] = w[k]; }                        \
        }                                                                                                              \
        _Pragma("clang loop unroll(full)") for (int k = 0; k < count; k++) {                                           \
            ks_vector1 bytes = (ks_vector1)v[k];                                                                       \
            ks_vector4 closed = (ks_vector4)KS_SHUFFLE(1, bytes, bytes, KS_CLOSE##size, 0);                            \
            closed = KS_SHUFFLE(4, closed, closed, KS_JOIN_LANES, 0);                                                  \
            memcpy((char *)destination + k * destinationRow, &closed, KS_WIDTH / 4 * 3);                               \
        }                                                                                                              \
    }
KS_THREE_QUARTERS(3, 4, ks_vector4, KS_ZIP4)
KS_THREE_QUARTERS(6, 2, ks_vector8, KS_ZIP8)

KS_INLINE void ks_transpose_tile12(const void *source, intptr_t sourceRow, void *destination, intptr_t destinationRow,
                                   _Bool back) {
    (void)destinationRow;
    ks_vector4 v = (ks_vector4)ks_load_lanes((const char *)source - (back ? 4 : 0), sourceRow);
    ks_vector1 bytes = (ks_vector1)v;
    if (back) { v = (ks_vector4)KS_SHUFFLE(1, bytes, bytes, KS_SPREAD12, 4); }
    v = KS_SHUFFLE(4, v, v, KS_JOIN_LANES, 0);
    memcpy(destination, &v, KS_WIDTH / 4 * 3);
}

// Whether the CPU has an instruction that reorders bytes, which the baseline of x86-64 lacks.
KS_INLINE _Bool ks_shuffles_bytes(void) {
#if defined(__x86_64__) && !defined(__SSSE3__)
    return 0;
#else
    return 1;
#endif
}

// Records in `differences`, KS_WIDTH bytes, whether the transposed items of a tile (as for ks_lines) differ from another
// block: they stay zero as long as none does. `number` is the type that vectors are compared as.
#define KS_DIFFERING(name, size, count, tile, number)                                                                  \
    typedef number ks_numbers_##name __attribute__((ext_vector_type(KS_WIDTH / size)));                                \
    KS_INLINE void ks_differing_##name(const void *source, intptr_t sourceRow, const void *other, intptr_t otherRow,   \
                                       void *differences) {                                                            \
        ks_vector##size found = ks_load##size((const char *)differences, 0);                                           \
        _Pragma("clang loop unroll(full)") for (int part = 0; part < 64; part += KS_WIDTH) {                           \
            ks_vector##size v[count];                                                                                  \
            tile((const char *)source + part / size * sourceRow, sourceRow, v);                                        \
            _Pragma("clang loop unroll(full)") for (int k = 0; k < count; k++) {                                       \
                ks_vector##size w = ks_load##size((const char *)other + k * otherRow + part, 0);                       \
                found |= (ks_vector##size)((ks_numbers_##name)v[k] != (ks_numbers_##name)w);                           \
            }                                                                                                          \
        }                                                                                                              \
        ks_put##size((char *)differences, 0, found, 0);                                                                \
    }
KS_DIFFERING(u8, 1, 16, ks_tile1, uint8_t)
KS_DIFFERING(u16, 2, 8, ks_tile2, uint16_t)
KS_DIFFERING(u32, 4, (KS_WIDTH / 4), ks_square4, uint32_t)
KS_DIFFERING(u64, 8, (KS_WIDTH / 8), ks_square8, uint64_t)
KS_DIFFERING(f32, 4, (KS_WIDTH / 4), ks_square4, float)
KS_DIFFERING(f64, 8, (KS_WIDTH / 8), ks_square8, double)

KS_INLINE _Bool ks_any(const void *differences) {
    ks_vector8 v = ks_load8((const char *)differences, 0);
    return __builtin_reduce_or(v) != 0;
}

// Lines for destinations that are not aligned. The last line of each row is carried over to the next call in `carried`;
// joined with the new one it makes an aligned line, which is written by a non-temporal store. The first call for a row
// writes its line directly. What is carried over after the last call is not written.
#if defined(__AVX512VBMI__)
#define KS_JOINS 1
#define KS_IDENTITY(i, n, c) (i)
KS_INLINE void ks_join_line(char *p, ks_vector8 v, char *carried, _Bool first) {
    if (first) {
        memcpy(p, &v, 64);
    } else {
        uintptr_t offset = (uintptr_t)p & 63;
        ks_vector8 before;
        memcpy(&before, carried, 64);
        typedef char bytes __attribute__((vector_size(64)));
        bytes index = (bytes)((ks_vector1){KS_EACH1(KS_IDENTITY, 0)} + (uint8_t)(64 - offset));
        ks_vector8 line = (ks_vector8)__builtin_ia32_vpermi2varqi512((bytes)before, index, (bytes)v);
        __builtin_nontemporal_store(line, (ks_vector8 *)(p - offset));
    }
    memcpy(carried, &v, 64);
}
#else
#define KS_JOINS 0
KS_INLINE void ks_join_line(char *p, ks_vector8 v, char *carried, _Bool first) {
    (void)p, (void)v, (void)carried, (void)first;
}
#endif
KS_INLINE _Bool ks_joins(void) { return KS_JOINS; }

#define KS_JOINED(size, count, tile)                                                                                   \
    KS_INLINE void ks_joined_lines##size(const void *source, intptr_t sourceRow, void *destination,                    \
                                         intptr_t destinationRow, void *carried, _Bool first) {                        \
        ks_vector##size v[count];                                                                                      \
        tile((const char *)source, sourceRow, v);                                                                      \
        _Pragma("clang loop unroll(full)") for (int k = 0; k < count; k++) {                                           \
            ks_join_line((char *)destination + k * destinationRow, (ks_vector8)v[k], (char *)carried + 64 * k, first); \
        }                                                                                                              \
    }
KS_JOINED(1, 16, ks_tile1)
KS_JOINED(2, 8, ks_tile2)
KS_JOINED(4, (KS_WIDTH / 4), ks_square4)
KS_JOINED(8, (KS_WIDTH / 8), ks_square8)

KS_INLINE void ks_joined_lines16(const void *source, intptr_t sourceRow, void *destination, intptr_t destinationRow,
                                 void *carried, _Bool first) {
    _Pragma("clang loop unroll(full)") for (int k = 0; k < 4; k++) {
        ks_vector8 v = ks_load_lanes((const char *)source + 16 * k, sourceRow);
        ks_join_line((char *)destination + k * destinationRow, v, (char *)carried + 64 * k, first);
    }
}

#pragma clang assume_nonnull end

#endif
