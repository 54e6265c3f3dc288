// SPDX-License-Identifier: Apache-2.0

// What the other files share: the widest vectors that the compiler was allowed to use, and lines of memory written past
// the caches ("non-temporal" stores), which do not read the line first.
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

// 64-byte vectors with operations on bytes: the loops written for them are left out elsewhere.
#if defined(__AVX512F__) && defined(__AVX512BW__) && defined(__AVX512VL__)
#define WIDE 1
#else
#define WIDE 0
#endif

enum { LINE = 64 };

// One whole line to an address that is a multiple of 64.
static inline void stream_line(char *to, const char *from) {
#if WIDE
    _mm512_stream_si512((__m512i *)to, _mm512_loadu_si512(from));
#elif defined(__AVX2__)
    _mm256_stream_si256((__m256i *)to, _mm256_loadu_si256((const __m256i *)from));
    _mm256_stream_si256((__m256i *)to + 1, _mm256_loadu_si256((const __m256i *)from + 1));
#elif defined(__x86_64__)
    for (int i = 0; i < 4; i++) _mm_stream_si128((__m128i *)to + i, _mm_loadu_si128((const __m128i *)from + i));
#else
    memcpy(to, from, LINE);
#endif
}

// Orders streamed lines before whatever is written next.
static inline void stream_end(void) {
#if defined(__x86_64__)
    _mm_sfence();
#endif
}

static inline ptrdiff_t to_next_line(const void *p) { return -(uintptr_t)p & (LINE - 1); }

// Any run of bytes: what does not fill a line at either end is stored as usual.
static inline void stream_bytes(char *to, const char *from, ptrdiff_t count) {
    ptrdiff_t head = to_next_line(to), i;
    if (head > count) head = count;
    memcpy(to, from, head);
    for (i = head; i + LINE <= count; i += LINE) stream_line(to + i, from + i);
    memcpy(to + i, from + i, count - i);
}
