/* SPDX-License-Identifier: Apache-2.0 */
/* Runs of units as tasks of the pool. */
#include "backend/cpu/spread.h"

static void run_task(void *ctx, int i, int thread)
{
    (void)thread;
    const crl_spread *s = ctx;
    const size_t first = (size_t)i * s->per_task, left = s->n - first;
    s->units(s, first, first + (left < s->per_task ? left : s->per_task));
}

crl_status crl_spread_run(const crl_step *step, crl_work *work, crl_error *err)
{
    (void)err;
    const crl_spread *s = step->params;
    crl_pool_run(work->pool, s->tasks, run_task, (void *)(uintptr_t)s); /* it is not written to */
    return CRL_OK;
}

void *crl_spread_add(crl_lower *l, const crl_node *node, const crl_tensor *in, const crl_tensor *other, crl_form in_form,
                     crl_form out_form, size_t bytes, crl_step **step, crl_error *err)
{
    const int32_t from[2] = { crl_lower_read(l, in, in_form, err), crl_lower_read(l, other, in_form, err) };
    const int32_t to = crl_lower_write(l, node->out[0], out_form, err);
    if (from[0] < 0 || from[1] < (other ? 0 : -1) || to < 0) return NULL;
    crl_spread *s = crl_pile_alloc(&l->schedule->pile, bytes);
    *step = crl_schedule_add_step(l->schedule, node, err);
    if (!s || !*step) return crl_fail_memory(err, "the schedule"), NULL;
    s->in = crl_lower_tensor_of(l, from[0]);
    s->other = other ? crl_lower_tensor_of(l, from[1]) : NULL;
    s->out = crl_lower_tensor_of(l, to);
    (*step)->run = crl_spread_run;
    (*step)->params = s;
    return crl_step_touches(l->schedule, *step, from, 2, &to, 1, err) ? NULL : s;
}

void crl_spread_share(crl_spread *s, const crl_lower *l, crl_spread_fn *units, size_t n, size_t least, uint64_t work)
{
    s->units = units;
    s->n = n;
    s->tasks = crl_lower_share(l, work, n / least + (n % least != 0), &s->per_task);
    s->per_task *= least;
}
