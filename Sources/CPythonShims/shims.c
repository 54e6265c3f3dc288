#define _GNU_SOURCE 1
#include "CPythonShims.h"

#include <pthread.h>

PyObject *_Nullable swiftbuffer_byte_values[256];

// -- Forks -----------------------------------------------------------------------------------------------------------

// Held for reading by work without the GIL, for writing by a fork: one that asks comes before work that has not begun.
#define WAITING_FORK_FIRST PTHREAD_RWLOCK_WRITER_NONRECURSIVE_INITIALIZER_NP
static pthread_rwlock_t detached_work = WAITING_FORK_FIRST;
static _Thread_local int holds_detached_work = 0;
static int forks = 0;

void sb_begin_detached_work(void) {
    pthread_rwlock_rdlock(&detached_work);
    holds_detached_work = 1;
}
void sb_end_detached_work(void) {
    holds_detached_work = 0;
    pthread_rwlock_unlock(&detached_work);
}

int sb_fork_count(void) { return forks; }

int sb_pause_detached_work(void) {
    if (!holds_detached_work) {
        return 0;
    }
    sb_end_detached_work();
    return 1;
}

static void before_fork(void) {
    // Work that forks by itself does not wait for itself.
    if (holds_detached_work) {
        pthread_rwlock_unlock(&detached_work);
    }
    pthread_rwlock_wrlock(&detached_work);
}
static void after_fork_in_parent(void) {
    pthread_rwlock_unlock(&detached_work);
    if (holds_detached_work) {
        pthread_rwlock_rdlock(&detached_work);
    }
}
static void after_fork_in_child(void) {
    forks++;
    // The lock knows its holder by a number that is another in the child.
    detached_work = (pthread_rwlock_t)WAITING_FORK_FIRST;
    if (holds_detached_work) {
        pthread_rwlock_rdlock(&detached_work);
    }
}
__attribute__((constructor)) static void watch_forks(void) {
    pthread_atfork(before_fork, after_fork_in_parent, after_fork_in_child);
}
