/* SPDX-License-Identifier: Apache-2.0 */
/* Threads that engines share.
 *
 * An engine starts threads of its own, unless crl_engine_options.pool says whose to use. A program with several engines makes
 * one pool for all of them: they then have as many threads together as the machine has use for, not each.
 *
 * Threads  Any number of threads may run engines of one crl_pool at once, each its own engine: the pool's threads go where there
 *          is work and few of them, and none of the callers waits for another's work. (Past 16 callers at once, the
 *          seventeenth runs alone.) Results are the same bytes as ever. Making and freeing a pool is for one thread.
 * Fork     The child of a fork() has a pool, but none of its threads. Its first run starts others, and freeing it waits for
 *          nobody, even where another thread was running on it in that moment. */
#ifndef CORALLITE_POOL_H
#define CORALLITE_POOL_H

#include <corallite/status.h>

#ifdef __cplusplus
extern "C" {
#endif

enum { CRL_MAX_THREADS = 1024 };

typedef struct crl_pool crl_pool;

/**
 * Starts threads.
 *
 * `threads` counts the one that calls: 1 starts none. 0: what an engine would have: the physical cores that the process may
 * use, less those that are much slower than others, and no more than a cgroup's quota, at most 4.
 *
 * Owner   `*out` is the caller's, for crl_pool_free(); NULL after a failure. Engines borrow it: it has to outlive them.
 * Errors  CRL_ERR_ARGUMENT    `threads` is not 0 to CRL_MAX_THREADS
 *         CRL_ERR_MEMORY
 *         Where the system gives fewer threads, fewer serve, which is no error: see crl_pool_threads().
 */
CRL_API crl_status crl_pool_new(crl_pool **out, int threads, crl_error *err);
CRL_API void crl_pool_free(crl_pool *pool); /* accepts NULL */

/* Threads that serve, with the one that calls; 1 for NULL. */
CRL_API int crl_pool_threads(const crl_pool *pool);

/**
 * Says that the calling thread computes from now on, run after run and what lies in between, until crl_pool_leave().
 *
 * The pool's threads help where there is a CPU that nobody has. Without this a caller between two layers, or between one frame and
 * the next, looks as if its CPU were free, and a thread is woken that it then has to share it with. For programs that run several engines
 * side by side, as servers do; for results it is all the same. Each thread enters once, and leaves before it waits for something.
 *
 * Threads  Any number may be inside. Both accept NULL.
 */
CRL_API void crl_pool_enter(crl_pool *pool);
CRL_API void crl_pool_leave(crl_pool *pool);

#ifdef __cplusplus
}
#endif
#endif
