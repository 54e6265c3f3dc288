// SPDX-License-Identifier: Apache-2.0
#include "KernelShims.h"

#include <pthread.h>
#include <stdlib.h>
#include <sys/mman.h>

#define KS_HUGE_PAGE ((size_t)2 << 20)
#define KS_LINE ((size_t)64)

// Blocks below `huge` are rounded up to whole lines, so that a kernel's last aligned line lies in the block. They come
// from malloc, whose address stands in front of the line where the block begins: posix_memalign takes three times as
// long for a small block, and has no counterpart that gives zeros without writing them, as calloc does for large ones.
// Not under AddressSanitizer, which then detects an access to the first byte after the block.
#if __has_feature(address_sanitizer)
#define KS_FROM_MALLOC(count, huge) ((void)(huge), (void)(count), 1)

static void *ks_small(size_t count, _Bool zeroed) {
    void *block = NULL;
    if (posix_memalign(&block, KS_LINE, count ? count : 1) != 0) { return NULL; }
    if (zeroed) { memset(block, 0, count); }
    return block;
}
static void ks_free_small(void *block) { free(block); }
#else
#define KS_FROM_MALLOC(count, huge) ((count) < (huge))
// calloc of glibc takes no block from the thread's own cache, which holds blocks of up to 1 KiB.
#define KS_CACHED ((size_t)1 << 10)

static void *ks_small(size_t count, _Bool zeroed) {
    size_t size = ((count + KS_LINE - 1) & ~(KS_LINE - 1)) + KS_LINE;
    _Bool isCleared = zeroed && size > KS_CACHED;
    char *start = isCleared ? calloc(1, size) : malloc(size);
    if (start == NULL) { return NULL; }
    // malloc aligns to two pointers, so that there is room for one before the next line.
    void **block = (void **)(((uintptr_t)start + KS_LINE) & ~(uintptr_t)(KS_LINE - 1));
    block[-1] = start;
    if (zeroed && !isCleared) { memset(block, 0, size - KS_LINE); }
    return block;
}
static void ks_free_small(void *block) { free(((void **)block)[-1]); }
#endif

void *ks_allocate(intptr_t count, _Bool zeroed, intptr_t huge) {
    if (KS_FROM_MALLOC(count, huge)) { return ks_small((size_t)count, zeroed); }
    if ((size_t)count > (size_t)INTPTR_MAX - 2 * KS_HUGE_PAGE) { return NULL; }
    size_t size = ((size_t)count + KS_HUGE_PAGE - 1) & ~(KS_HUGE_PAGE - 1);
    char *mapped = (char *)mmap(NULL, size + KS_HUGE_PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (mapped == MAP_FAILED) { return NULL; }
    char *block = (char *)(((uintptr_t)mapped + KS_HUGE_PAGE - 1) & ~(uintptr_t)(KS_HUGE_PAGE - 1));
    if (block != mapped) { munmap(mapped, (size_t)(block - mapped)); }
    munmap(block + size, KS_HUGE_PAGE - (size_t)(block - mapped));
#ifdef MADV_HUGEPAGE
    madvise(block, size, MADV_HUGEPAGE);
#endif
    return block;
}

void ks_deallocate(void *block, intptr_t count, intptr_t huge) {
    if (KS_FROM_MALLOC(count, huge)) {
        ks_free_small(block);
    } else {
        munmap(block, ((size_t)count + KS_HUGE_PAGE - 1) & ~(KS_HUGE_PAGE - 1));
    }
}

const char *ks_environment(const char *name) { return getenv(name); }

typedef struct {
    void (*body)(void *context, intptr_t part);
    void *context;
    intptr_t part;
} ks_part;

static void *ks_run_part(void *argument) {
    ks_part *part = (ks_part *)argument;
    part->body(part->context, part->part);
    return NULL;
}

void ks_parallel(intptr_t count, void (*body)(void *context, intptr_t part), void *context) {
    pthread_t threads[KS_MAXIMUM_THREADS];
    _Bool started[KS_MAXIMUM_THREADS];
    ks_part parts[KS_MAXIMUM_THREADS];
    for (intptr_t i = 0; i < count - 1; i++) {
        parts[i] = (ks_part){body, context, i};
        started[i] = pthread_create(&threads[i], NULL, ks_run_part, &parts[i]) == 0;
    }
    body(context, count - 1);
    for (intptr_t i = 0; i < count - 1; i++) {
        if (started[i]) {
            pthread_join(threads[i], NULL);
        } else {
            body(context, i);
        }
    }
}
