/* SPDX-License-Identifier: Apache-2.0 */
/* Checks of src/base: the pool of threads. */
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "areas.h"
#include "base/cores.h"
#include "base/given.h"
#include "base/threads.h"
#include "check.h"

typedef struct pool_job {
    atomic_int done[1000];
    atomic_int bad_thread;
    int threads;
} pool_job;

static void mark(void *ctx, int i, int thread)
{
    pool_job *job = ctx;
    atomic_fetch_add(&job->done[i], 1);
    if (thread < 0 || thread >= job->threads) atomic_store(&job->bad_thread, 1);
}

static void pool_does_every_task_once(check *t, unsigned cpu)
{
    (void)cpu;
    for (int threads = 1; threads <= 4; threads++) {
        crl_pool *pool;
        if (!check_that(t, !crl_pool_new(&pool, threads, NULL), "no pool")) return;
        for (int round = 0; round < 400; round++) {
            static pool_job job;
            memset(&job, 0, sizeof job);
            job.threads = threads;
            const int n = check_range(t, 0, 1000);
            crl_pool_run(pool, n, mark, &job);
            for (int i = 0; i < 1000; i++)
                if (!check_that(t, job.done[i] == (i < n), "task %d of %d ran %d times", i, n, job.done[i])) break;
            check_that(t, !job.bad_thread, "a thread number is out of range");
        }
        crl_pool_free(pool);
    }
    crl_pool *pool;
    check_that(t, crl_pool_new(&pool, -1, NULL) == CRL_ERR_ARGUMENT && !pool, "a pool of -1 threads");
    check_that(t, crl_pool_new(&pool, CRL_MAX_THREADS + 1, NULL) == CRL_ERR_ARGUMENT && !pool, "a pool of too many threads");
    check_that(t, !crl_pool_new(&pool, 0, NULL) && crl_pool_threads(pool) >= 1 && crl_pool_threads(pool) <= 4, "threads by default");
    crl_pool_free(pool);
}

/* A caller of its own: rounds of jobs on a pool that others use, too. */
typedef struct caller {
    pthread_t thread;
    crl_pool *pool;
    int rounds, tasks, wrong;
    pool_job job;
} caller;

static void *call_often(void *arg)
{
    caller *c = arg;
    for (int round = 0; round < c->rounds; round++) {
        memset(&c->job, 0, sizeof c->job);
        c->job.threads = crl_pool_threads(c->pool);
        crl_pool_run(c->pool, c->tasks, mark, &c->job);
        for (int i = 0; i < 1000; i++) c->wrong += c->job.done[i] != (i < c->tasks);
        c->wrong += c->job.bad_thread;
    }
    return NULL;
}

/* More callers than there are slots. */
static void pool_serves_many_callers(check *t, unsigned cpu)
{
    (void)cpu;
    enum { CALLERS = 20 };
    static caller callers[CALLERS];
    crl_pool *pool;
    if (!check_that(t, !crl_pool_new(&pool, 4, NULL), "no pool")) return;
    for (int i = 0; i < CALLERS; i++) {
        callers[i] = (caller){ .pool = pool, .rounds = 200, .tasks = check_range(t, 0, 60) };
        if (!check_that(t, !pthread_create(&callers[i].thread, NULL, call_often, &callers[i]), "no caller")) return;
    }
    for (int i = 0; i < CALLERS; i++) {
        pthread_join(callers[i].thread, NULL);
        check_that(t, !callers[i].wrong, "caller %d of %d: %d tasks were not done once", i, CALLERS, callers[i].wrong);
    }
    crl_pool_free(pool);
}

typedef struct long_job {
    crl_pool *pool;
    atomic_int begun;
    atomic_bool over;
} long_job;

static void last_long(void *ctx, int i, int thread)
{
    (void)i;
    (void)thread;
    long_job *job = ctx;
    atomic_fetch_add(&job->begun, 1);
    while (!atomic_load(&job->over)) sched_yield();
}

static void *run_long(void *arg)
{
    crl_pool_run(((long_job *)arg)->pool, 4, last_long, arg);
    return NULL;
}

/* While one caller's tasks have the threads of the pool, another's are done nevertheless. */
static void pool_makes_nobody_wait(check *t, unsigned cpu)
{
    (void)cpu;
    static caller quick;
    long_job job = { 0 };
    pthread_t thread;
    if (!check_that(t, !crl_pool_new(&job.pool, 4, NULL), "no pool")) return;
    if (!check_that(t, !pthread_create(&thread, NULL, run_long, &job), "no caller")) return;
    /* As many as there are CPUs for. */
    for (int i = 0; i < 1000 || !atomic_load(&job.begun); i++) sched_yield();
    quick = (caller){ .pool = job.pool, .rounds = 50, .tasks = 40 };
    call_often(&quick);
    check_that(t, !quick.wrong && !job.over, "%d tasks were not done once", quick.wrong);
    atomic_store(&job.over, true);
    pthread_join(thread, NULL);
    crl_pool_free(job.pool);
}

/* --wrap of the linker: the library's calls come here. */
int __real_pthread_create(pthread_t *thread, const pthread_attr_t *attr, void *(*start)(void *), void *arg);
int __wrap_pthread_create(pthread_t *thread, const pthread_attr_t *attr, void *(*start)(void *), void *arg);

atomic_int threads_given = THREADS_PLENTY;

int __wrap_pthread_create(pthread_t *thread, const pthread_attr_t *attr, void *(*start)(void *), void *arg)
{
    return atomic_fetch_sub(&threads_given, 1) > 0 ? __real_pthread_create(thread, attr, start, arg) : EAGAIN;
}

static bool pool_works(crl_pool *pool)
{
    static pool_job job;
    memset(&job, 0, sizeof job);
    job.threads = 4;
    crl_pool_run(pool, 1000, mark, &job);
    for (int i = 0; i < 1000; i++)
        if (job.done[i] != 1) return false;
    return !job.bad_thread;
}

/* Long enough for who is woken to come. */
static void count_helpers(void *ctx, int i, int thread)
{
    struct timespec start, now;
    (void)i;
    if (thread) atomic_fetch_add((atomic_int *)ctx, 1);
    clock_gettime(CLOCK_MONOTONIC, &start);
    do clock_gettime(CLOCK_MONOTONIC, &now);
    while ((now.tv_sec - start.tv_sec) * 1000000000LL + now.tv_nsec - start.tv_nsec < 1000000);
}

/* Who has entered has a CPU, also while he is in no job: once the workers are asleep, jobs are done by their callers alone. */
static void pool_wakes_nobody_for_cpus_that_are_taken(check *t, unsigned cpu)
{
    (void)cpu;
    enum { ENOUGH = 5 };
    crl_pool *pool;
    if (!check_that(t, !crl_pool_new(&pool, 4, NULL), "no pool")) return;
    const int cpus = crl_cpus_here();
    int alone = 0;
    for (int i = 0; i < cpus; i++) crl_pool_enter(pool);
    for (int round = 0; round < 200 && alone < ENOUGH; round++) { /* on a busy machine they take a while until they sleep */
        atomic_int helped = 0;
        crl_pool_run(pool, 8, count_helpers, &helped);
        alone = helped ? 0 : alone + 1;
        if (helped) sched_yield();
    }
    check_that(t, alone == ENOUGH, "%d jobs in a row without a worker", alone);
    for (int i = 0; i < cpus; i++) crl_pool_leave(pool);
    check_that(t, pool_works(pool), "and with workers again");
    crl_pool_free(pool);
    crl_pool_enter(NULL);
    crl_pool_leave(NULL);
}

static void pool_serves_with_fewer_threads(check *t, unsigned cpu)
{
    (void)cpu;
    for (int given = 0; given < 3; given++) {
        crl_pool *pool;
        crl_error err = { .text = "" };
        threads_given = given;
        check_that(t, !crl_pool_new(&pool, 4, &err), "%s", err.text);
        threads_given = THREADS_PLENTY;
        check_that(t, crl_pool_threads(pool) == given + 1, "%d threads, the system gave %d", crl_pool_threads(pool), given);
        check_that(t, pool && pool_works(pool), "%d threads do not do every task once", given + 1);
        crl_pool_free(pool);
    }
}

#if !defined(__SANITIZE_THREAD__) /* which allows no threads in the child of a process that has some */
/* Children free the pool, use it and free it, use it without threads. One that hangs is ended by its alarm. */
static void pool_goes_through_fork(check *t, unsigned cpu)
{
    (void)cpu;
    const char *emulator = getenv("MESON_EXE_WRAPPER");
    if (emulator && strstr(emulator, "qemu")) {
        check_skip(t, "qemu-user ends when a process of several threads forks");
        return;
    }
    static const char *const what[] = { "frees", "uses and frees", "uses without threads and frees", "forks, uses and frees",
                                       "uses in two threads and frees" };
    crl_pool *pool;
    if (!check_that(t, !crl_pool_new(&pool, 4, NULL), "no pool")) return;
    for (int child = 0; child < 5; child++) {
        check_that(t, pool_works(pool), "the parent's pool");
        pid_t pid = fork();
        if (!pid) {
            alarm(20);
            if (child == 3 && (pid = fork())) {
                int status;
                waitpid(pid, &status, 0);
                _exit(status != 0);
            }
            if (child == 2) threads_given = 0;
            bool good = child == 0 || child == 4 || (pool_works(pool) && pool_works(pool));
            if (child == 4) {
                static caller callers[2];
                for (int i = 0; i < 2; i++) callers[i] = (caller){ .pool = pool, .rounds = 50, .tasks = 40 };
                good = !pthread_create(&callers[0].thread, NULL, call_often, &callers[0]);
                call_often(&callers[1]);
                good = good && !pthread_join(callers[0].thread, NULL) && !callers[0].wrong && !callers[1].wrong;
            }
            crl_pool_free(pool);
            _exit(good ? 0 : 1);
        }
        int status = -1;
        waitpid(pid, &status, 0);
        check_that(t, status == 0, "a child that %s the pool ends with status %#x", what[child], (unsigned)status);
    }
    check_that(t, pool_works(pool), "the parent's pool, after its children");
    crl_pool_free(pool);
}
#endif

int area_threads(int argc, char **argv)
{
    static const check_case cases[] = {
        { "pool_does_every_task_once", pool_does_every_task_once, false },
#if !defined(__SANITIZE_THREAD__)
        { "pool_goes_through_fork", pool_goes_through_fork, false },
#endif
        { "pool_makes_nobody_wait", pool_makes_nobody_wait, false },
        { "pool_serves_many_callers", pool_serves_many_callers, false },
        { "pool_wakes_nobody_for_cpus_that_are_taken", pool_wakes_nobody_for_cpus_that_are_taken, false },
        { "pool_serves_with_fewer_threads", pool_serves_with_fewer_threads, false },
    };
    return check_main(argc, argv, cases, sizeof cases / sizeof cases[0]);
}
