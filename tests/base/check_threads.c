/* SPDX-License-Identifier: Apache-2.0 */
/* Checks of src/base: the pool of threads. */
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "areas.h"
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
    crl_pool *none;
    check_that(t, crl_pool_new(&none, 0, NULL) == CRL_ERR_ARGUMENT && !none, "a pool of 0 threads");
}

/* --wrap of the linker: the library's calls come here. */
int __real_pthread_create(pthread_t *thread, const pthread_attr_t *attr, void *(*start)(void *), void *arg);
int __wrap_pthread_create(pthread_t *thread, const pthread_attr_t *attr, void *(*start)(void *), void *arg);

int threads_given = THREADS_PLENTY;

int __wrap_pthread_create(pthread_t *thread, const pthread_attr_t *attr, void *(*start)(void *), void *arg)
{
    return threads_given-- > 0 ? __real_pthread_create(thread, attr, start, arg) : EAGAIN;
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
    static const char *const what[] = { "frees", "uses and frees", "uses without threads and frees", "forks, uses and frees" };
    crl_pool *pool;
    if (!check_that(t, !crl_pool_new(&pool, 4, NULL), "no pool")) return;
    for (int child = 0; child < 4; child++) {
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
            const bool good = child == 0 || (pool_works(pool) && pool_works(pool));
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
        { "pool_serves_with_fewer_threads", pool_serves_with_fewer_threads, false },
    };
    return check_main(argc, argv, cases, sizeof cases / sizeof cases[0]);
}
