// SPDX-License-Identifier: Apache-2.0

// Transposes of matrices with items of 1, 2, 4, 8 and 16 bytes, by hand: the baseline beside which the package is
// shown. The tiles are for AVX-512; elsewhere the compiler makes what it can of blocks.

#include "vectors.h"

#include <stdlib.h>

// How a transpose goes about it. The benchmark tries all and keeps the fastest.
enum {
    STREAM = 1,   // whole lines by non-temporal stores; only where every row of the result begins on a line
    COLUMNS = 2,  // down the source's columns, not along its rows
    SCRATCH = 4,  // each tile's source is first copied to the stack
    STAGED = 8,   // blocks are transposed into scratch memory, from which rows are streamed: any alignment
    ACROSS = 16,  // staged, with the source's rows in order
    CARRY = 32,   // along rows, each row of the result carrying over what does not fill a line: any alignment
    SIZE = 8,     // from this bit on: how large blocks are, in tiles or in units of 256
};

typedef struct {
    const char *from;
    char *to;
    ptrdiff_t from_stride, to_stride;  // of rows, in bytes
    ptrdiff_t rows, columns;           // of the source
} matrix;

#define ALWAYS static inline __attribute__((always_inline))

ALWAYS const char *source(const matrix *m, ptrdiff_t r, ptrdiff_t c, int size) {
    return m->from + r * m->from_stride + c * size;
}
ALWAYS char *target(const matrix *m, ptrdiff_t r, ptrdiff_t c, int size) { return m->to + c * m->to_stride + r * size; }

// What tiles leave over.
ALWAYS void item_by_item(const matrix *m, ptrdiff_t r0, ptrdiff_t r1, ptrdiff_t c0, ptrdiff_t c1, int size) {
    for (ptrdiff_t r = r0; r < r1; r++)
        for (ptrdiff_t c = c0; c < c1; c++) memcpy(target(m, r, c, size), source(m, r, c, size), size);
}

#if WIDE

// Sixteen bytes of each of four rows.
ALWAYS __m512i four_rows(const char *p, ptrdiff_t stride) {
    __m512i v = _mm512_castsi128_si512(_mm_loadu_si128((const __m128i *)p));
    v = _mm512_inserti32x4(v, _mm_loadu_si128((const __m128i *)(p + stride)), 1);
    v = _mm512_inserti32x4(v, _mm_loadu_si128((const __m128i *)(p + 2 * stride)), 2);
    return _mm512_inserti32x4(v, _mm_loadu_si128((const __m128i *)(p + 3 * stride)), 3);
}
ALWAYS __m512i low(__m512i a, __m512i b, int size) {
    return size == 1   ? _mm512_unpacklo_epi8(a, b)
           : size == 2 ? _mm512_unpacklo_epi16(a, b)
           : size == 4 ? _mm512_unpacklo_epi32(a, b)
                       : _mm512_unpacklo_epi64(a, b);
}
ALWAYS __m512i high(__m512i a, __m512i b, int size) {
    return size == 1   ? _mm512_unpackhi_epi8(a, b)
           : size == 2 ? _mm512_unpackhi_epi16(a, b)
           : size == 4 ? _mm512_unpackhi_epi32(a, b)
                       : _mm512_unpackhi_epi64(a, b);
}

// A square of 64 bytes a side: in each quarter, rows are interleaved with the row half the lane away until they are
// columns.
ALWAYS void tile(const char *s, ptrdiff_t ss, char *d, ptrdiff_t ds, int size, int stream) {
    const int lane = 16 / size;
#pragma GCC unroll 4
    for (int quarter = 0; quarter < 4; quarter++) {
        __m512i a[16], b[16];
#pragma GCC unroll 16
        for (int j = 0; j < lane; j++) a[j] = four_rows(s + j * ss + 16 * quarter, lane * ss);
#pragma GCC unroll 4
        for (int step = 1; step < lane; step *= 2) {
#pragma GCC unroll 8
            for (int i = 0; i < lane / 2; i++) {
                b[2 * i] = low(a[i], a[i + lane / 2], size);
                b[2 * i + 1] = high(a[i], a[i + lane / 2], size);
            }
#pragma GCC unroll 16
            for (int i = 0; i < lane; i++) a[i] = b[i];
        }
#pragma GCC unroll 16
        for (int j = 0; j < lane; j++) {
            char *line = d + (quarter * lane + j) * ds;
            if (stream) _mm512_stream_si512((__m512i *)line, a[j]);
            else _mm512_storeu_si512(line, a[j]);
        }
    }
}

// A tile is 4 KiB, so that a call for each costs nothing; inlined everywhere they would take long to compile.
typedef void (*tiler)(const char *s, ptrdiff_t ss, char *d, ptrdiff_t ds);

#define TILE(size, stream)                                                                                       \
    static __attribute__((noinline)) void tile_##size##_##stream(const char *s, ptrdiff_t ss, char *d, ptrdiff_t ds) { \
        tile(s, ss, d, ds, size, stream);                                                                        \
    }
#define TILES(size) TILE(size, 0) TILE(size, 1)
TILES(1) TILES(2) TILES(4) TILES(8) TILES(16)

ALWAYS tiler tiler_for(int size, int stream) {
    static const tiler tilers[5][2] = {
        {tile_1_0, tile_1_1}, {tile_2_0, tile_2_1}, {tile_4_0, tile_4_1}, {tile_8_0, tile_8_1}, {tile_16_0, tile_16_1},
    };
    return tilers[__builtin_ctz(size)][stream];
}

ALWAYS void scratch_tile(tiler tile, const char *s, ptrdiff_t ss, char *d, ptrdiff_t ds, int size) {
    char copy[LINE * LINE] __attribute__((aligned(LINE)));
    for (int r = 0; r < LINE / size; r++) _mm512_store_si512(copy + LINE * r, _mm512_loadu_si512(s + r * ss));
    tile(copy, LINE, d, ds);
}

ALWAYS void by_tiles(const matrix *m, int size, int stream, int way) {
    const ptrdiff_t n = LINE / size, rows = m->rows / n * n, columns = m->columns / n * n;
    const int blocks = way >> SIZE;
    const ptrdiff_t block = blocks ? blocks * n : PTRDIFF_MAX / 2;
    const int down = way & COLUMNS;
    const tiler move = tiler_for(size, stream);
    const ptrdiff_t outer = down ? rows : columns;
    for (ptrdiff_t b = 0; b < outer; b += block) {
        ptrdiff_t end = outer - b < block ? outer : b + block;
        // Down the columns within a band of rows, or along the rows within a band of columns.
        for (ptrdiff_t i = 0; i < (down ? columns : rows); i += n)
            for (ptrdiff_t j = b; j < end; j += n) {
                ptrdiff_t r = down ? j : i, c = down ? i : j;
                const char *s = source(m, r, c, size);
                char *d = target(m, r, c, size);
                if (way & SCRATCH) scratch_tile(move, s, m->from_stride, d, m->to_stride, size);
                else move(s, m->from_stride, d, m->to_stride);
            }
    }
    item_by_item(m, 0, rows, columns, m->columns, size);
    item_by_item(m, rows, m->rows, 0, m->columns, size);
}

ALWAYS void stage(const matrix *m, char *staged, ptrdiff_t r, ptrdiff_t c, ptrdiff_t length, int size) {
    const ptrdiff_t n = LINE / size, stride = length + LINE, most = length / size;
    ptrdiff_t rows = m->rows - r < most ? m->rows - r : most, columns = m->columns - c < n ? m->columns - c : n, k = 0;
    if (columns == n)
        for (; k + n <= rows; k += n)
            tiler_for(size, 0)(source(m, r + k, c, size), m->from_stride, staged + k * size, stride);
    for (; k < rows; k++)
        for (ptrdiff_t j = 0; j < columns; j++)
            memcpy(staged + j * stride + k * size, source(m, r + k, c + j, size), size);
    for (ptrdiff_t j = 0; j < columns; j++) stream_bytes(target(m, r, c + j, size), staged + j * stride, rows * size);
}

ALWAYS void by_stages(const matrix *m, int size, int way) {
    const ptrdiff_t n = LINE / size, length = (way >> SIZE ? way >> SIZE : 4) * 256, rows = length / size;
    char *staged = aligned_alloc(LINE, LINE * (length + LINE));
    if (way & ACROSS) {
        for (ptrdiff_t r = 0; r < m->rows; r += rows)
            for (ptrdiff_t c = 0; c < m->columns; c += n) stage(m, staged, r, c, length, size);
    } else {
        for (ptrdiff_t c = 0; c < m->columns; c += n)
            for (ptrdiff_t r = 0; r < m->rows; r += rows) stage(m, staged, r, c, length, size);
    }
    free(staged);
}

// Joins the carried bytes of one row of the result with the next 64, and streams the line that is full.
ALWAYS void carry_line(char *carried, char *to, const char *next, int first) {
    ptrdiff_t held = (uintptr_t)to & (LINE - 1);
    _mm512_storeu_si512(carried + held, _mm512_load_si512(next));
    __m512i line = _mm512_load_si512(carried), rest = _mm512_load_si512(carried + LINE);
    // What stands before the first item of the row is not ours.
    if (first) _mm512_mask_storeu_epi8(to - held, ~0ull << held, line);
    else _mm512_stream_si512((__m512i *)(to - held), line);
    _mm512_store_si512(carried, rest);
}

ALWAYS void by_carrying(const matrix *m, int size, int way) {
    const ptrdiff_t n = LINE / size, rows = m->rows / n * n, columns = m->columns / n * n;
    const ptrdiff_t width = (way >> SIZE ? way >> SIZE : 16) * 256;
    char *carried = aligned_alloc(LINE, width * 2 * LINE);
    char square[LINE * LINE] __attribute__((aligned(LINE)));
    const tiler move = tiler_for(size, 0);
    for (ptrdiff_t band = 0; band < columns; band += width) {
        ptrdiff_t end = columns - band < width ? columns : band + width;
        for (ptrdiff_t r = 0; r < rows; r += n)
            for (ptrdiff_t c = band; c < end; c += n) {
                const char *s = source(m, r, c, size);
                if (way & SCRATCH) scratch_tile(move, s, m->from_stride, square, LINE, size);
                else move(s, m->from_stride, square, LINE);
                for (ptrdiff_t j = 0; j < n; j++)
                    carry_line(carried + (c + j - band) * 2 * LINE, target(m, r, c + j, size), square + LINE * j, !r);
            }
        for (ptrdiff_t c = band; rows && c < end; c++) {
            char *to = target(m, rows, c, size);
            ptrdiff_t held = (uintptr_t)to & (LINE - 1);
            if (held) memcpy(to - held, carried + (c - band) * 2 * LINE, held);
        }
    }
    free(carried);
    item_by_item(m, 0, rows, columns, m->columns, size);
    item_by_item(m, rows, m->rows, 0, m->columns, size);
}

ALWAYS void by_any(const matrix *m, int size, int way) {
    int aligned = !(((uintptr_t)m->to | (uintptr_t)m->to_stride) & (LINE - 1));
    if (way & CARRY) by_carrying(m, size, way);
    else if (way & STAGED) by_stages(m, size, way);
    else if (way & STREAM && aligned) by_tiles(m, size, 1, way);
    else by_tiles(m, size, 0, way);
}

#else

ALWAYS void by_any(const matrix *m, int size, int way) {
    const ptrdiff_t block = way >> SIZE ? (way >> SIZE) * (LINE / size) : LINE;
    for (ptrdiff_t c = 0; c < m->columns; c += block)
        for (ptrdiff_t r = 0; r < m->rows; r += block) {
            ptrdiff_t rows = m->rows - r < block ? m->rows : r + block;
            ptrdiff_t columns = m->columns - c < block ? m->columns : c + block;
            item_by_item(m, r, rows, c, columns, size);
        }
}

#endif

#define FOR_SIZE(size)                                                                                     \
    static __attribute__((noinline)) void transpose_##size(const matrix *m, int way) { by_any(m, size, way); }
FOR_SIZE(1)
FOR_SIZE(2)
FOR_SIZE(4)
FOR_SIZE(8)
FOR_SIZE(16)

// `count` matrices that follow each other without gaps, each to its transpose. Returns whether the size is known.
int transpose(char *to, const char *from, ptrdiff_t count, ptrdiff_t rows, ptrdiff_t columns, int size, int way) {
    for (ptrdiff_t i = 0; i < count; i++) {
        ptrdiff_t start = i * rows * columns * size;
        matrix m = {from + start, to + start, columns * size, rows * size, rows, columns};
        switch (size) {
            case 1: transpose_1(&m, way); break;
            case 2: transpose_2(&m, way); break;
            case 4: transpose_4(&m, way); break;
            case 8: transpose_8(&m, way); break;
            case 16: transpose_16(&m, way); break;
            default: return 0;
        }
    }
    stream_end();
    return 1;
}
