// SPDX-License-Identifier: Apache-2.0

// The ways in which this machine can move contiguous bytes, with one thread or two. The fastest of them is the limit
// that work on memory larger than the caches is held against.

#include "vectors.h"

#include <pthread.h>

enum { CHUNK = 4096, AHEAD = 1024, STREAMS = 4 };

typedef void (*mover)(char *to, const char *from, ptrdiff_t count);

static void prefetch(const char *from, ptrdiff_t count) {
    for (ptrdiff_t i = 0; i < count; i += LINE) __builtin_prefetch(from + i, 0, 0);
}

static void by_memcpy(char *to, const char *from, ptrdiff_t count) { memcpy(to, from, count); }

static void by_streaming(char *to, const char *from, ptrdiff_t count) { stream_bytes(to, from, count); }

static void by_streaming_ahead(char *to, const char *from, ptrdiff_t count) {
    ptrdiff_t i = to_next_line(to);
    if (i > count) i = count;
    memcpy(to, from, i);
    for (; i + LINE <= count; i += LINE) {
        // An address past the end is harmless: a prefetch never faults.
        __builtin_prefetch(from + i + AHEAD, 0, 0);
        stream_line(to + i, from + i);
    }
    memcpy(to + i, from + i, count - i);
}

// The next chunk is asked for while one is moved.
static void in_chunks(mover move, char *to, const char *from, ptrdiff_t count) {
    for (ptrdiff_t i = 0; i < count; i += CHUNK) {
        ptrdiff_t now = count - i < CHUNK ? count - i : CHUNK, rest = count - i - now;
        prefetch(from + i + now, rest < CHUNK ? rest : CHUNK);
        move(to + i, from + i, now);
    }
}

static void by_memcpy_ahead(char *to, const char *from, ptrdiff_t count) { in_chunks(by_memcpy, to, from, count); }

#if defined(__x86_64__)
static void by_movsb(char *to, const char *from, ptrdiff_t count) {
    __asm__ volatile("rep movsb" : "+D"(to), "+S"(from), "+c"(count) : : "memory");
}

static void by_movsb_ahead(char *to, const char *from, ptrdiff_t count) { in_chunks(by_movsb, to, from, count); }
#endif

// Lines of four neighbouring pages in turn: the memory works on several of its rows, and the prefetchers on all pages.
static void by_streaming_pages(char *to, const char *from, ptrdiff_t count) {
    ptrdiff_t i = to_next_line(to);
    if (i > count) i = count;
    memcpy(to, from, i);
    for (; i + STREAMS * CHUNK <= count; i += STREAMS * CHUNK)
        for (ptrdiff_t line = 0; line < CHUNK; line += LINE)
            for (ptrdiff_t page = 0; page < STREAMS * CHUNK; page += CHUNK)
                stream_line(to + i + page + line, from + i + page + line);
    stream_bytes(to + i, from + i, count - i);
}

static const struct {
    const char *name;
    mover move;
} WAYS[] = {
    {"memcpy", by_memcpy},
    {"memcpy, prefetched", by_memcpy_ahead},
#if defined(__x86_64__)
    {"rep movsb", by_movsb},
    {"rep movsb, prefetched", by_movsb_ahead},
    {"non-temporal stores", by_streaming},
    {"non-temporal stores, prefetched", by_streaming_ahead},
    {"non-temporal stores, four pages in turn", by_streaming_pages},
#else
    // Lines with ordinary stores, as the compiler makes them.
    {"lines", by_streaming},
    {"lines, prefetched", by_streaming_ahead},
    {"lines, four pages in turn", by_streaming_pages},
#endif
};

// The name of a way, or NULL where there are no more.
const char *way_name(int way) {
    return way >= 0 && way < (int)(sizeof WAYS / sizeof *WAYS) ? WAYS[way].name : NULL;
}

typedef struct {
    mover move;
    char *to;
    const char *from;
    ptrdiff_t count;
} part;

static void *run(void *argument) {
    const part *p = argument;
    p->move(p->to, p->from, p->count);
    stream_end();
    return NULL;
}

// With two threads each moves one half. Returns 0, or an error of pthread_create.
int move(int way, char *to, const char *from, ptrdiff_t count, int threads) {
    ptrdiff_t half = threads > 1 ? count / 2 / LINE * LINE : 0;
    part first = {WAYS[way].move, to, from, half}, second = {WAYS[way].move, to + half, from + half, count - half};
    pthread_t other;
    if (half) {
        int error = pthread_create(&other, NULL, run, &first);
        if (error) return error;
    }
    run(&second);
    return half ? pthread_join(other, NULL) : 0;
}
