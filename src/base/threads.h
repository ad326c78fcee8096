/* SPDX-License-Identifier: Apache-2.0 */
/* What a pool of threads does (include/corallite/pool.h): jobs.
 *
 * A job is `n` tasks, numbered; each thread takes the next number until none is left. The caller works
 * too. Results must not depend on who does what. Workers spin briefly after a job, then sleep. */
#ifndef CRL_BASE_THREADS_H
#define CRL_BASE_THREADS_H

#include <corallite/pool.h>

/* As crl_pool_threads(), before the system gave fewer. */
int crl_pool_asked(const crl_pool *pool);

/* Calls task(ctx, i, thread) for every i in 0..n-1, thread in 0..threads-1 (0 is the caller), and
 * returns when all are done. `pool` may be NULL: all on the caller. Allocates nothing, but in the child of a fork(), which
 * has the pool and none of its threads: there the first call starts others. */
void crl_pool_run(crl_pool *pool, int n, void (*task)(void *ctx, int i, int thread), void *ctx);

#endif
