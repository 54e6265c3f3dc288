// SPDX-License-Identifier: Apache-2.0

// Strided copies, images between pixels and planes, conversions, comparisons and fresh memory, by hand: the baseline
// beside which the package's own are shown. Each `way` is 0 for ordinary stores, 1 for non-temporal stores.

#include "vectors.h"

#include <stdlib.h>
#include <sys/mman.h>

enum { BLOCK = 4096 };

// -- Every second item, and backwards ----------------------------------------------------------------------------

// Every second item of as many whole vectors as there are; returns how many items that makes.
#if WIDE
#define SECONDS(size, halve)                                                              \
    static inline ptrdiff_t seconds_##size(char *d, const char *s, ptrdiff_t n) {         \
        ptrdiff_t i = 0;                                                                  \
        for (; i + LINE / size <= n; i += LINE / size) {                                  \
            __m256i a = halve(_mm512_loadu_si512(s + 2 * i * size));                      \
            __m256i b = halve(_mm512_loadu_si512(s + 2 * i * size + LINE));               \
            _mm512_storeu_si512(d + i * size, _mm512_inserti64x4(_mm512_castsi256_si512(a), b, 1)); \
        }                                                                                 \
        return i;                                                                         \
    }
SECONDS(1, _mm512_cvtepi16_epi8)
SECONDS(2, _mm512_cvtepi32_epi16)
SECONDS(4, _mm512_cvtepi64_epi32)
#else
#define seconds_1(d, s, n) 0
#define seconds_2(d, s, n) 0
#define seconds_4(d, s, n) 0
#endif
#define seconds_8(d, s, n) 0

// A loop for each step that is timed, so that the compiler can make vectors of it. The last vector of every second item
// ends one item before that of the memory.
#define STRIDED(type, size)                                                                          \
    static void strided_##size(type *restrict d, const type *restrict s, ptrdiff_t n, ptrdiff_t step) { \
        if (step == 2)                                                                               \
            for (ptrdiff_t i = seconds_##size((char *)d, (const char *)s, n - 1); i < n; i++) d[i] = s[2 * i]; \
        else if (step == -1)                                                                         \
            for (ptrdiff_t i = 0; i < n; i++) d[i] = s[-i];                                          \
        else                                                                                         \
            for (ptrdiff_t i = 0; i < n; i++) d[i] = s[i * step];                                    \
    }
STRIDED(uint8_t, 1)
STRIDED(uint16_t, 2)
STRIDED(uint32_t, 4)
STRIDED(uint64_t, 8)

static void strided_any(void *d, const void *s, ptrdiff_t n, int size, ptrdiff_t step) {
    switch (size) {
        case 1: strided_1(d, s, n, step); break;
        case 2: strided_2(d, s, n, step); break;
        case 4: strided_4(d, s, n, step); break;
        default: strided_8(d, s, n, step); break;
    }
}

// `from` is the address of the first item that is taken.
void strided(char *to, const char *from, ptrdiff_t count, int size, ptrdiff_t step, int way) {
    if (!way) {
        strided_any(to, from, count, size, step);
        return;
    }
    char block[BLOCK] __attribute__((aligned(LINE)));
    for (ptrdiff_t i = 0; i < count; i += BLOCK / size) {
        ptrdiff_t now = count - i < BLOCK / size ? count - i : BLOCK / size;
        strided_any(block, from + i * size * step, now, size, step);
        stream_bytes(to + i * size, block, now * size);
    }
    stream_end();
}

// -- Images of three 8-bit channels ------------------------------------------------------------------------------

#if WIDE && defined(__AVX512VBMI__)

// Where each byte of a result comes from, among 192: two vectors by one permutation, the third by another.
typedef struct {
    __m512i first, third;
    __mmask64 from_third;
} route;

static route route_of(const uint8_t *places) {
    uint8_t first[LINE], third[LINE];
    route r = {.from_third = 0};
    for (int j = 0; j < LINE; j++) {
        int late = places[j] >= 2 * LINE;
        first[j] = late ? 0 : places[j];
        third[j] = late ? places[j] - 2 * LINE : 0;
        r.from_third |= (uint64_t)late << j;
    }
    r.first = _mm512_loadu_si512(first);
    r.third = _mm512_loadu_si512(third);
    return r;
}

static inline __m512i routed(route r, __m512i a, __m512i b, __m512i c) {
    return _mm512_mask_permutexvar_epi8(_mm512_permutex2var_epi8(a, r.first, b), r.from_third, r.third, c);
}

static inline void put(uint8_t *to, __m512i line, int stream) {
    if (stream) _mm512_stream_si512((__m512i *)to, line);
    else _mm512_storeu_si512(to, line);
}

// Reads and writes three vectors a turn, which lie `in` and `out` bytes apart.
static inline ptrdiff_t shuffle3(
    uint8_t *to, const uint8_t *from, ptrdiff_t count, int to_planes, ptrdiff_t plane, int stream
) {
    uint8_t places[3][LINE];
    for (int k = 0; k < 3; k++)
        for (int j = 0; j < LINE; j++) {
            int byte = LINE * k + j;
            places[k][j] = to_planes ? 3 * j + k : byte % 3 * LINE + byte / 3;
        }
    const route r0 = route_of(places[0]), r1 = route_of(places[1]), r2 = route_of(places[2]);
    const ptrdiff_t in = to_planes ? LINE : plane, out = to_planes ? plane : LINE;
    ptrdiff_t i = 0;
    for (; i + LINE <= count; i += LINE) {
        const uint8_t *s = from + (to_planes ? 3 * i : i);
        uint8_t *d = to + (to_planes ? i : 3 * i);
        __m512i a = _mm512_loadu_si512(s), b = _mm512_loadu_si512(s + in), c = _mm512_loadu_si512(s + 2 * in);
        put(d, routed(r0, a, b, c), stream);
        put(d + out, routed(r1, a, b, c), stream);
        put(d + 2 * out, routed(r2, a, b, c), stream);
    }
    return i;
}

#else

static inline ptrdiff_t shuffle3(
    uint8_t *to, const uint8_t *from, ptrdiff_t count, int to_planes, ptrdiff_t plane, int stream
) {
    (void)to, (void)from, (void)count, (void)to_planes, (void)plane, (void)stream;
    return 0;
}

#endif

// `count` pixels of three bytes to three planes.
void to_planes(uint8_t *to, const uint8_t *from, ptrdiff_t count, int way) {
    int aligned = !(((uintptr_t)to | (uintptr_t)count) & (LINE - 1));
    ptrdiff_t i = way && aligned ? shuffle3(to, from, count, 1, count, 1) : shuffle3(to, from, count, 1, count, 0);
    for (; i < count; i++)
        for (int k = 0; k < 3; k++) to[k * count + i] = from[3 * i + k];
    stream_end();
}

// Three planes to `count` pixels.
void from_planes(uint8_t *to, const uint8_t *from, ptrdiff_t count, int way) {
    int aligned = !((uintptr_t)to & (LINE - 1));
    ptrdiff_t i = way && aligned ? shuffle3(to, from, count, 0, count, 1) : shuffle3(to, from, count, 0, count, 0);
    for (; i < count; i++)
        for (int k = 0; k < 3; k++) to[3 * i + k] = from[k * count + i];
    stream_end();
}

// -- Conversions -------------------------------------------------------------------------------------------------

typedef void (*converter)(void *to, const void *from, ptrdiff_t count);

#define CONVERT(name, source, result)                                                       \
    static void name(void *to, const void *from, ptrdiff_t count) {                         \
        result *restrict d = to;                                                            \
        const source *restrict s = from;                                                    \
        for (ptrdiff_t i = 0; i < count; i++) d[i] = (result)s[i];                          \
    }
CONVERT(i2_f4, int16_t, float)
CONVERT(u1_f4, uint8_t, float)
CONVERT(f8_f4, double, float)

#if WIDE
static void f2_f4(void *to, const void *from, ptrdiff_t count) {
    float *d = to;
    const uint16_t *s = from;
    ptrdiff_t i = 0;
    for (; i + 16 <= count; i += 16)
        _mm512_storeu_ps(d + i, _mm512_cvtph_ps(_mm256_loadu_si256((const __m256i *)(s + i))));
    for (; i < count; i++) d[i] = _mm_cvtss_f32(_mm_cvtph_ps(_mm_cvtsi32_si128(s[i])));
}
static void f4_f2(void *to, const void *from, ptrdiff_t count) {
    uint16_t *d = to;
    const float *s = from;
    ptrdiff_t i = 0;
    for (; i + 16 <= count; i += 16)
        _mm256_storeu_si256((__m256i *)(d + i), _mm512_cvtps_ph(_mm512_loadu_ps(s + i), _MM_FROUND_CUR_DIRECTION));
    for (; i < count; i++) d[i] = _mm_extract_epi16(_mm_cvtps_ph(_mm_set_ss(s[i]), _MM_FROUND_CUR_DIRECTION), 0);
}
#elif defined(__FLT16_MANT_DIG__)
CONVERT(f2_f4, _Float16, float)
CONVERT(f4_f2, float, _Float16)
#endif

static const struct {
    const char *name;
    converter convert;
    int from_size, to_size;
} CONVERSIONS[] = {
    {"i2 f4", i2_f4, 2, 4},
    {"u1 f4", u1_f4, 1, 4},
    {"f8 f4", f8_f4, 8, 4},
#if WIDE || defined(__FLT16_MANT_DIG__)
    {"f2 f4", f2_f4, 2, 4},
    {"f4 f2", f4_f2, 4, 2},
#endif
};

// The number of a conversion, by the names of its two types; -1 where there is none.
int conversion(const char *name) {
    for (int i = 0; i < (int)(sizeof CONVERSIONS / sizeof *CONVERSIONS); i++)
        if (!strcmp(CONVERSIONS[i].name, name)) return i;
    return -1;
}

void convert(int which, char *to, const char *from, ptrdiff_t count, int way) {
    converter f = CONVERSIONS[which].convert;
    ptrdiff_t from_size = CONVERSIONS[which].from_size, to_size = CONVERSIONS[which].to_size;
    if (!way) {
        f(to, from, count);
        return;
    }
    char block[BLOCK] __attribute__((aligned(LINE)));
    for (ptrdiff_t i = 0; i < count; i += BLOCK / to_size) {
        ptrdiff_t now = count - i < BLOCK / to_size ? count - i : BLOCK / to_size;
        f(block, from + i * from_size, now);
        stream_bytes(to + i * to_size, block, now * to_size);
    }
    stream_end();
}

// -- Comparisons -------------------------------------------------------------------------------------------------

// Blocks without a branch inside, which the compiler makes vectors of. NaN equals nothing.
#define EQUAL(name, second)                                                        \
    int name(const double *a, const second *b, ptrdiff_t count) {                  \
        ptrdiff_t i = 0;                                                           \
        for (; i + 64 <= count; i += 64) {                                         \
            int different = 0;                                                     \
            for (int k = 0; k < 64; k++) different |= !(a[i + k] == (double)b[i + k]); \
            if (different) return 0;                                               \
        }                                                                          \
        for (; i < count; i++)                                                     \
            if (!(a[i] == (double)b[i])) return 0;                                 \
        return 1;                                                                  \
    }

#if WIDE
#define LOAD_double(p) _mm512_loadu_pd(p)
#define LOAD_float(p) _mm512_cvtps_pd(_mm256_loadu_ps(p))
#undef EQUAL
#define EQUAL(name, second)                                                                              \
    int name(const double *a, const second *b, ptrdiff_t count) {                                        \
        ptrdiff_t i = 0;                                                                                 \
        for (; i + 32 <= count; i += 32) {                                                               \
            __mmask8 equal = 0xff;                                                                       \
            for (int k = 0; k < 32; k += 8)                                                              \
                equal &= _mm512_cmp_pd_mask(_mm512_loadu_pd(a + i + k), LOAD_##second(b + i + k), _CMP_EQ_OQ); \
            if (equal != 0xff) return 0;                                                                 \
        }                                                                                                \
        for (; i < count; i++)                                                                           \
            if (!(a[i] == (double)b[i])) return 0;                                                       \
        return 1;                                                                                        \
    }
#endif

EQUAL(equal_f8_f8, double)
EQUAL(equal_f8_f4, float)

int contains_byte(const char *memory, int byte, ptrdiff_t count) { return memchr(memory, byte, count) != NULL; }

// -- New memory --------------------------------------------------------------------------------------------------

// A copy in new memory, which is given back: from malloc, or (way 1) from the system, on huge pages.
void fresh_copy(const char *from, ptrdiff_t count, int way) {
    if (!way) {
        char *copy = malloc(count);
        memcpy(copy, from, count);
        __asm__ volatile("" : : "r"(copy) : "memory");
        free(copy);
        return;
    }
    const size_t huge = 2 << 20, size = ((size_t)count + 2 * huge - 1) / huge * huge;
    char *start = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (start == MAP_FAILED) return;
    char *copy = (char *)(((uintptr_t)start + huge - 1) & ~(uintptr_t)(huge - 1));
#if defined(MADV_HUGEPAGE)
    madvise(copy, size - (copy - start), MADV_HUGEPAGE);
#endif
    memcpy(copy, from, count);
    __asm__ volatile("" : : "r"(copy) : "memory");
    munmap(start, size);
}
