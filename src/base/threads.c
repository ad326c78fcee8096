/* SPDX-License-Identifier: Apache-2.0 */
/* The pool: a few slots for jobs, in each a counter of tasks for each thread; a generation that wakes the workers.
 *
 *   caller: take a slot, fill it, busy = OPEN, generation++ (wake), take tasks, close, wait for busy == 0
 *   worker: look for an open job with few inside, join (busy++), take tasks until none is left, busy--, look again;
 *           where no job is open: wait for a new generation
 *
 * A caller waits for workers that have joined its job and for no others: where other programs hold the cores, a worker may
 * wake long after the caller has done all tasks alone. A caller that finds no slot does its tasks alone.
 *
 * Tasks are dealt out in runs, the first to thread 0: what a thread wrote in one layer lies in its cache when it takes
 * the same part of the next. Who is done helps the others.
 *
 * The child of a fork() has a copy of the pool, but not its threads, and the lock as it happened to be. A counter of
 * forks tells; then nothing that is in the copy is used or waited for, all is set up anew.
 *
 * Waiting is a spin and then a condition variable: the gap between two layers is shorter than a wake-up, the gap between
 * two frames is not. A spin lasts about as long as a wake-up takes, so that it never costs more than twice what knowing
 * the future would. Where threads are more than CPUs, those beyond go to sleep at once, and are not woken while there are
 * enough of them awake. */
#include "base/threads.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#include "base/alloc.h"
#include "base/cores.h"
#include "base/cpu.h"
#include "base/error.h"

enum { DEFAULT_MOST = 4, SLOTS = 16, OPEN = 1 << 16, SPIN_NS = 50000 };

/* Tasks of a thread's run that nobody has taken. */
typedef struct run {
    _Alignas(64) atomic_int next;
    int end;
} run;

typedef struct slot {
    _Alignas(64) atomic_bool taken; /* by a caller */
    void (*task)(void *ctx, int i, int thread);
    void *ctx;
    run *runs; /* [threads] */
    pthread_cond_t done;
    _Alignas(64) atomic_uint busy; /* workers inside the job, and OPEN while others may join */
} slot;

typedef struct worker {
    crl_pool *pool;
    pthread_t thread;
    int index;
} worker;

struct crl_pool {
    int asked, threads, started;
    int cpus;
    atomic_uint forks, restarted; /* as the counter was when the threads were started, or somebody began to start them */
    worker *workers;              /* [threads], the first is nobody */
    atomic_int used;              /* slots, of which the first had a job once */
    atomic_int engaged;           /* callers between crl_pool_enter() and crl_pool_leave() */
    _Alignas(64) atomic_uint generation;
    atomic_int asleep;
    atomic_bool stop;
    pthread_mutex_t lock;
    pthread_cond_t wake;
    slot slots[SLOTS];
};

/* ---- waiting ---- */

static atomic_int awake; /* workers of all pools that do not sleep */
static pthread_once_t measuring = PTHREAD_ONCE_INIT;
static int spins; /* looks at a variable that take SPIN_NS */

static inline void relax(void)
{
#if CRL_ARCH_X86_64
    __builtin_ia32_pause();
#elif CRL_ARCH_ARM64 || CRL_ARCH_ARM32
    __asm__ volatile("yield");
#endif
}

/* Looks `most` times whether *word is `value`, or no longer is. */
static bool spin(const atomic_uint *word, unsigned value, bool equal, int most)
{
    for (int s = 0; s < most; s++) {
        if ((atomic_load_explicit(word, memory_order_acquire) == value) == equal) return true;
        relax();
    }
    return (atomic_load_explicit(word, memory_order_acquire) == value) == equal;
}

static int64_t now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

/* A pause takes from 1 to 140 cycles, by processor. The least of a few tries is one that was not interrupted. */
static void measure(void)
{
    enum { LOOKS = 100 };
    int64_t least = INT64_MAX;
    const atomic_uint never = 0;
    for (int i = 0; i < 5; i++) {
        const int64_t start = now();
        spin(&never, 1, true, LOOKS);
        const int64_t took = now() - start;
        if (took < least) least = took;
    }
    spins = (int)((int64_t)SPIN_NS * LOOKS / (least > 0 ? least : 1));
}

/* CPUs that nobody has: no caller of this pool, of which there is at least one, and no worker of any. Who has entered is a caller also
 * between two jobs: it has its CPU, and would wait for a worker that were to share it. */
static int idle_cpus(const crl_pool *p)
{
    int callers = 0;
    const int engaged = atomic_load_explicit(&p->engaged, memory_order_relaxed);
    for (int i = atomic_load_explicit(&p->used, memory_order_relaxed); i-- > 0;)
        callers += (atomic_load_explicit(&p->slots[i].busy, memory_order_relaxed) & OPEN) != 0;
    if (callers < engaged) callers = engaged;
    return p->cpus - (callers ? callers : 1) - atomic_load_explicit(&awake, memory_order_relaxed);
}

static int patience(const crl_pool *p)
{
    return idle_cpus(p) < 0 ? 0 : spins;
}

/* ---- workers ---- */

static void work(crl_pool *p, slot *s, int thread)
{
    for (int t = thread; t < thread + p->threads; t++) {
        run *r = &s->runs[t % p->threads];
        int i;
        while ((i = atomic_fetch_add_explicit(&r->next, 1, memory_order_relaxed)) < r->end) s->task(s->ctx, i, thread);
    }
}

/* false: the job is closed, all its tasks are taken. */
static bool join(slot *s)
{
    unsigned b = atomic_load(&s->busy);
    while (b & OPEN)
        if (atomic_compare_exchange_weak(&s->busy, &b, b + 1)) return true;
    return false;
}

/* The open job with the fewest workers, but for slots of the set `done`; NULL: there is none. */
static slot *find_job(crl_pool *p, unsigned done)
{
    slot *best = NULL;
    unsigned fewest = 0;
    for (int i = atomic_load(&p->used); i-- > 0;) {
        slot *s = &p->slots[i];
        const unsigned inside = atomic_load(&s->busy);
        if (done >> i & 1 || !(inside & OPEN) || (best && inside >= fewest)) continue;
        best = s;
        fewest = inside;
    }
    return best;
}

static void sleep_until_woken(crl_pool *p, unsigned seen)
{
    pthread_mutex_lock(&p->lock);
    atomic_fetch_add(&p->asleep, 1);
    atomic_fetch_sub(&awake, 1);
    while (atomic_load(&p->generation) == seen) pthread_cond_wait(&p->wake, &p->lock);
    atomic_fetch_add(&awake, 1);
    atomic_fetch_sub(&p->asleep, 1);
    pthread_mutex_unlock(&p->lock);
}

static void *worker_main(void *arg)
{
    const worker *w = arg;
    crl_pool *p = w->pool;
    unsigned seen = 0, done = 0; /* slots whose tasks were all taken, as this generation knows them */
    while (!atomic_load(&p->stop)) {
        const unsigned generation = atomic_load(&p->generation); /* before looking: what comes later is news */
        if (generation != seen) done = 0;
        seen = generation;
        slot *s = find_job(p, done);
        if (!s) {
            if (!atomic_load(&p->stop) && !spin(&p->generation, seen, false, patience(p))) sleep_until_woken(p, seen);
            continue;
        }
        if (!join(s)) continue;
        work(p, s, w->index);
        done |= 1u << (s - p->slots);
        if (atomic_fetch_sub(&s->busy, 1) == 1) {
            /* The lock orders this signal after the caller's decision to sleep. */
            pthread_mutex_lock(&p->lock);
            pthread_cond_signal(&s->done);
            pthread_mutex_unlock(&p->lock);
        }
    }
    atomic_fetch_sub(&awake, 1);
    return NULL;
}

/* Wakes at most so many. Whoever goes to sleep says so before the last look at the generation, whoever raises it looks for
 * sleepers after. */
static void next_generation(crl_pool *p, int most)
{
    atomic_fetch_add(&p->generation, 1);
    const int asleep = atomic_load(&p->asleep);
    if (!asleep || most < 1) return;
    pthread_mutex_lock(&p->lock);
    if (most >= asleep) pthread_cond_broadcast(&p->wake);
    for (int i = 0; i < most && most < asleep; i++) pthread_cond_signal(&p->wake);
    pthread_mutex_unlock(&p->lock);
}

/* ---- forks ---- */

static atomic_uint forks; /* that led to this process since it has pools */
static pthread_once_t watching = PTHREAD_ONCE_INIT;
static bool watched;

static void note_fork(void)
{
    atomic_fetch_add(&forks, 1);
    atomic_store(&awake, 0);
}

static void watch_forks(void)
{
    watched = !pthread_atfork(NULL, NULL, note_fork);
}

static bool is_copy(const crl_pool *p)
{
    return atomic_load_explicit(&p->forks, memory_order_acquire) != atomic_load_explicit(&forks, memory_order_relaxed);
}

/* Starts as many as `threads` says, or as the system gives, and says so there. */
static void start(crl_pool *p)
{
    p->started = 0;
    atomic_store(&p->generation, 0);
    atomic_store(&p->used, 0);
    atomic_store(&p->engaged, 0);
    atomic_store(&p->asleep, 0);
    pthread_mutex_init(&p->lock, NULL);
    pthread_cond_init(&p->wake, NULL);
    for (int i = 0; i < SLOTS; i++) {
        atomic_store(&p->slots[i].busy, 0);
        atomic_store(&p->slots[i].taken, false);
        pthread_cond_init(&p->slots[i].done, NULL);
    }
    for (int i = 1; i < p->threads; i++) {
        p->workers[i] = (worker){ .pool = p, .index = i };
        atomic_fetch_add(&awake, 1);
        if (pthread_create(&p->workers[i].thread, NULL, worker_main, &p->workers[i])) {
            atomic_fetch_sub(&awake, 1);
            break;
        }
        p->started++;
    }
}

/* In the child: the first that comes starts the threads, others wait until it has. */
static void restart(crl_pool *p)
{
    const unsigned current = atomic_load(&forks);
    if (atomic_exchange(&p->restarted, current) != current) {
        start(p);
        atomic_store(&p->forks, current);
    }
    while (is_copy(p)) sched_yield();
}

/* ---- pools ---- */

/* The pool and what hangs on it, in one block. */
static crl_pool *allocate(int threads)
{
    size_t runs, workers, bytes;
    if (!crl_size_mul((size_t)threads * SLOTS, sizeof(run), &runs) || !crl_size_mul((size_t)threads, sizeof(worker), &workers) ||
        !crl_size_add(sizeof(crl_pool), runs, &bytes) || !crl_size_add(bytes, workers, &bytes))
        return NULL;
    crl_pool *p = crl_alloc_aligned(bytes);
    if (!p) return NULL;
    run *first = (run *)(void *)(p + 1);
    for (int i = 0; i < SLOTS; i++) p->slots[i].runs = first + (size_t)i * (size_t)threads;
    p->workers = (worker *)(void *)(first + (size_t)SLOTS * (size_t)threads);
    return p;
}

crl_status crl_pool_new(crl_pool **out, int threads, crl_error *err)
{
    *out = NULL;
    if (threads < 0 || threads > CRL_MAX_THREADS)
        return crl_fail(err, CRL_ERR_ARGUMENT, "%d threads: give 1 to %d, or 0 for as many as suit the machine", threads, CRL_MAX_THREADS);
    const int cores = threads ? threads : crl_cores_here();
    if (!threads) threads = cores < DEFAULT_MOST ? cores : DEFAULT_MOST;
    pthread_once(&watching, watch_forks);
    if (threads > 1) pthread_once(&measuring, measure);
    crl_pool *p = watched ? allocate(threads) : NULL;
    if (!p) return crl_fail_memory(err, "a pool of threads");
    p->asked = p->threads = threads;
    p->cpus = threads > 1 ? crl_cpus_here() : 1;
    atomic_store(&p->forks, atomic_load(&forks));
    atomic_store(&p->restarted, atomic_load(&forks));
    start(p);
    p->threads = p->started + 1;
    *out = p;
    return CRL_OK;
}

void crl_pool_free(crl_pool *p)
{
    if (!p) return;
    if (is_copy(p)) { /* there is nobody to stop, and destroying a condition may wait for who waited on it */
        crl_free(p);
        return;
    }
    atomic_store(&p->stop, true);
    next_generation(p, p->threads);
    for (int i = 1; i <= p->started; i++) pthread_join(p->workers[i].thread, NULL);
    for (int i = 0; i < SLOTS; i++) pthread_cond_destroy(&p->slots[i].done);
    pthread_cond_destroy(&p->wake);
    pthread_mutex_destroy(&p->lock);
    crl_free(p);
}

int crl_pool_threads(const crl_pool *p)
{
    return p ? p->threads : 1;
}

int crl_pool_asked(const crl_pool *p)
{
    return p ? p->asked : 1;
}

/* ---- jobs ---- */

void crl_pool_enter(crl_pool *p)
{
    if (!p || p->threads < 2) return;
    if (is_copy(p)) restart(p);
    atomic_fetch_add_explicit(&p->engaged, 1, memory_order_relaxed);
}

void crl_pool_leave(crl_pool *p)
{
    if (p && p->threads > 1) atomic_fetch_sub_explicit(&p->engaged, 1, memory_order_relaxed);
}

static slot *take_slot(crl_pool *p)
{
    for (int i = 0; i < SLOTS; i++) {
        bool free = false;
        if (!atomic_load_explicit(&p->slots[i].taken, memory_order_relaxed) &&
            atomic_compare_exchange_strong(&p->slots[i].taken, &free, true)) {
            int used = atomic_load_explicit(&p->used, memory_order_relaxed);
            while (used <= i && !atomic_compare_exchange_weak(&p->used, &used, i + 1)) { }
            return &p->slots[i];
        }
    }
    return NULL;
}

static void wait_for_workers(crl_pool *p, slot *s)
{
    if (spin(&s->busy, 0, true, patience(p))) return;
    pthread_mutex_lock(&p->lock);
    while (atomic_load(&s->busy)) pthread_cond_wait(&s->done, &p->lock);
    pthread_mutex_unlock(&p->lock);
}

void crl_pool_run(crl_pool *p, int n, void (*task)(void *ctx, int i, int thread), void *ctx)
{
    const bool together = p && p->threads > 1 && n > 1;
    if (together && is_copy(p)) restart(p);
    slot *s = together ? take_slot(p) : NULL;
    if (!s) {
        for (int i = 0; i < n; i++) task(ctx, i, 0);
        return;
    }
    s->task = task;
    s->ctx = ctx;
    for (int t = 0; t < p->threads; t++) {
        atomic_store_explicit(&s->runs[t].next, (int)((int64_t)t * n / p->threads), memory_order_relaxed);
        s->runs[t].end = (int)((int64_t)(t + 1) * n / p->threads);
    }
    atomic_store(&s->busy, OPEN);
    const int idle = idle_cpus(p);
    next_generation(p, idle < n - 1 ? idle : n - 1);
    work(p, s, 0);
    if (atomic_fetch_sub(&s->busy, OPEN) != OPEN) wait_for_workers(p, s); /* else nobody is inside, and nobody joins any more */
    atomic_store_explicit(&s->taken, false, memory_order_release);
}
