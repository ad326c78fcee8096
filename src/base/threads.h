/* SPDX-License-Identifier: Apache-2.0 */
/* A pool of threads that share one job at a time.
 *
 * A job is `n` tasks, numbered; each thread takes the next number until none is left. The caller works
 * too. Results must not depend on who does what. Workers spin briefly after a job, then sleep. */
#ifndef CRL_BASE_THREADS_H
#define CRL_BASE_THREADS_H

#include <corallite/status.h>

typedef struct crl_pool crl_pool;

/* `threads` counts the caller: 1 makes a pool without workers. Where the system gives fewer, fewer serve.
 * Errors: MEMORY, ARGUMENT (not 1..64). */
crl_status crl_pool_new(crl_pool **out, int threads, crl_error *err);
void crl_pool_free(crl_pool *pool); /* accepts NULL */
int crl_pool_threads(const crl_pool *pool); /* 1 for NULL */

/* Calls task(ctx, i, thread) for every i in 0..n-1, thread in 0..threads-1 (0 is the caller), and
 * returns when all are done. `pool` may be NULL: all on the caller. Allocates nothing, but in the child of a fork(), which
 * has the pool and none of its threads: there the first call starts others. */
void crl_pool_run(crl_pool *pool, int n, void (*task)(void *ctx, int i, int thread), void *ctx);

#endif
