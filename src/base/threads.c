/* SPDX-License-Identifier: Apache-2.0 */
/* The pool: one job slot, a counter of tasks for each thread, a generation that wakes the workers.
 *
 *   caller: fill the slot, busy = OPEN, generation++ (wake), take tasks, close, wait for busy == 0
 *   worker: wait for a new generation, join if the job is open (busy++), take tasks until none is left, busy--
 *
 * The caller waits for workers that have joined and for no others: where other programs hold the cores, a worker may
 * wake long after the caller has done all tasks alone.
 *
 * Tasks are dealt out in runs, the first to thread 0: what a thread wrote in one layer lies in its cache when it takes
 * the same part of the next. Who is done helps the others.
 *
 * The child of a fork() has a copy of the pool, but not its threads, and the lock as it happened to be. A counter of
 * forks tells; then nothing that is in the copy is used or waited for, all is set up anew.
 *
 * Waiting is a spin of a few microseconds and then a condition variable: the gap between two layers is
 * shorter than a wake-up, the gap between two frames is not. */
#include "base/threads.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>

#include "base/alloc.h"
#include "base/cpu.h"
#include "base/error.h"

enum { MAX_THREADS = 64, SPINS = 4000, OPEN = 1 << 16 };

/* Tasks of a thread's run that nobody has taken. */
typedef struct run {
    _Alignas(64) atomic_int next;
    int end;
} run;

typedef struct worker {
    crl_pool *pool;
    pthread_t thread;
    int index;
} worker;

struct crl_pool {
    int threads;
    unsigned forks; /* as the counter was when the threads were started */
    void (*task)(void *ctx, int i, int thread);
    void *ctx;
    run runs[MAX_THREADS];
    _Alignas(64) atomic_int busy; /* workers inside the job, and OPEN while others may join */
    _Alignas(64) atomic_uint generation;
    atomic_bool stop;
    pthread_mutex_t lock;
    pthread_cond_t wake, done;
    int started;
    worker workers[MAX_THREADS];
};

static inline void relax(void)
{
#if CRL_ARCH_X86_64
    __builtin_ia32_pause();
#elif CRL_ARCH_ARM64 || CRL_ARCH_ARM32
    __asm__ volatile("yield");
#endif
}

static void work(crl_pool *p, int thread)
{
    for (int t = thread; t < thread + p->threads; t++) {
        run *r = &p->runs[t % p->threads];
        int i;
        while ((i = atomic_fetch_add_explicit(&r->next, 1, memory_order_relaxed)) < r->end) p->task(p->ctx, i, thread);
    }
}

/* false: the job is closed, all its tasks are taken. */
static bool join(crl_pool *p)
{
    int b = atomic_load(&p->busy);
    while (b & OPEN)
        if (atomic_compare_exchange_weak(&p->busy, &b, b + 1)) return true;
    return false;
}

static void *worker_main(void *arg)
{
    worker *w = arg;
    crl_pool *p = w->pool;
    unsigned seen = 0;
    for (;;) {
        for (int s = 0; s < SPINS && atomic_load_explicit(&p->generation, memory_order_acquire) == seen; s++) relax();
        if (atomic_load_explicit(&p->generation, memory_order_acquire) == seen) {
            pthread_mutex_lock(&p->lock);
            while (atomic_load(&p->generation) == seen) pthread_cond_wait(&p->wake, &p->lock);
            pthread_mutex_unlock(&p->lock);
        }
        seen = atomic_load(&p->generation);
        if (atomic_load(&p->stop)) return NULL;
        if (!join(p)) continue;
        work(p, w->index);
        if (atomic_fetch_sub(&p->busy, 1) == 1) {
            /* The lock orders this signal after the caller's decision to sleep. */
            pthread_mutex_lock(&p->lock);
            pthread_cond_signal(&p->done);
            pthread_mutex_unlock(&p->lock);
        }
    }
}

static atomic_uint forks; /* that led to this process since it has pools */
static pthread_once_t watching = PTHREAD_ONCE_INIT;
static bool watched;

static void note_fork(void)
{
    atomic_fetch_add(&forks, 1);
}

static void watch_forks(void)
{
    watched = !pthread_atfork(NULL, NULL, note_fork);
}

static bool is_copy(const crl_pool *p)
{
    return p->forks != atomic_load_explicit(&forks, memory_order_relaxed);
}

/* Starts as many as `threads` says, or as the system gives, and says so there. */
static void start(crl_pool *p)
{
    p->forks = atomic_load(&forks);
    p->started = 0;
    atomic_store(&p->busy, 0);
    atomic_store(&p->generation, 0);
    pthread_mutex_init(&p->lock, NULL);
    pthread_cond_init(&p->wake, NULL);
    pthread_cond_init(&p->done, NULL);
    for (int i = 0; i < p->threads - 1; i++) {
        p->workers[i] = (worker){ .pool = p, .index = i + 1 };
        if (pthread_create(&p->workers[i].thread, NULL, worker_main, &p->workers[i])) break;
        p->started++;
    }
}

static void next_generation(crl_pool *p)
{
    pthread_mutex_lock(&p->lock);
    atomic_fetch_add(&p->generation, 1);
    pthread_cond_broadcast(&p->wake);
    pthread_mutex_unlock(&p->lock);
}

void crl_pool_free(crl_pool *p)
{
    if (!p) return;
    if (is_copy(p)) { /* there is nobody to stop, and destroying a condition may wait for who waited on it */
        crl_free(p);
        return;
    }
    atomic_store(&p->stop, true);
    next_generation(p);
    for (int i = 0; i < p->started; i++) pthread_join(p->workers[i].thread, NULL);
    pthread_cond_destroy(&p->done);
    pthread_cond_destroy(&p->wake);
    pthread_mutex_destroy(&p->lock);
    crl_free(p);
}

crl_status crl_pool_new(crl_pool **out, int threads, crl_error *err)
{
    *out = NULL;
    if (threads < 1 || threads > MAX_THREADS)
        return crl_fail(err, CRL_ERR_ARGUMENT, "%d threads: give 1 to %d", threads, MAX_THREADS);
    pthread_once(&watching, watch_forks);
    crl_pool *p = watched ? crl_alloc_aligned(sizeof *p) : NULL;
    if (!p) return crl_fail_memory(err, "a pool of threads");
    p->threads = threads;
    start(p);
    p->threads = p->started + 1;
    *out = p;
    return CRL_OK;
}

int crl_pool_threads(const crl_pool *p)
{
    return p ? p->threads : 1;
}

void crl_pool_run(crl_pool *p, int n, void (*task)(void *ctx, int i, int thread), void *ctx)
{
    if (!p || p->threads == 1 || n == 1) {
        for (int i = 0; i < n; i++) task(ctx, i, 0);
        return;
    }
    if (is_copy(p)) start(p);
    p->task = task;
    p->ctx = ctx;
    for (int t = 0; t < p->threads; t++) {
        atomic_store_explicit(&p->runs[t].next, (int)((int64_t)t * n / p->threads), memory_order_relaxed);
        p->runs[t].end = (int)((int64_t)(t + 1) * n / p->threads);
    }
    atomic_store(&p->busy, OPEN);
    next_generation(p);
    work(p, 0);
    if (atomic_fetch_sub(&p->busy, OPEN) == OPEN) return; /* nobody is inside, and nobody joins any more */
    for (int s = 0; s < SPINS && atomic_load_explicit(&p->busy, memory_order_acquire); s++) relax();
    if (!atomic_load(&p->busy)) return;
    pthread_mutex_lock(&p->lock);
    while (atomic_load(&p->busy)) pthread_cond_wait(&p->done, &p->lock);
    pthread_mutex_unlock(&p->lock);
}
