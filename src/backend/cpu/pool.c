/* SPDX-License-Identifier: Apache-2.0 */
/* AVERAGE_POOL_2D and MAX_POOL_2D of 8-bit pictures. */
#include "backend/cpu/rules.h"
#include "kernels/pool.h"
#include "kernels/pool8.h"

enum { MOST_TAPS = 32767 };

typedef struct pool_step {
    crl_pool8 pool;
    crl_pool8_fn *run;
    const crl_tensor *in;
    crl_tensor *out;
    size_t rows, rows_per_task;
    int32_t tasks;
} pool_step;

static void run_task(void *ctx, int i, int thread)
{
    (void)thread;
    const pool_step *p = ctx;
    const size_t first = (size_t)i * p->rows_per_task, left = p->rows - first;
    const size_t end = first + (left < p->rows_per_task ? left : p->rows_per_task);
    p->run(p->out->data, p->in->data, &p->pool, (int32_t)first, (int32_t)end);
}

static crl_status run(const crl_step *step, crl_work *work, crl_error *err)
{
    (void)err;
    crl_pool_run(work->pool, ((const pool_step *)step->params)->tasks, run_task, (void *)(uintptr_t)step->params);
    return CRL_OK;
}

crl_status crl_lower_pool(crl_lower *l, crl_node *node, bool *taken, crl_error *err)
{
    const crl_pool2d *def = node->params;
    const crl_window *w = &def->window;
    const uint64_t taps = (uint64_t)w->filter_h * (uint64_t)w->filter_w, rows = (uint64_t)w->batch * (uint64_t)w->out_h;
    if (!crl_lower_is_8bit(node->in[0]) || taps > MOST_TAPS || rows > INT32_MAX || !node->out[0]->bytes) return CRL_OK;
    *taken = true;
    const int32_t from = crl_lower_read(l, node->in[0], CRL_FORM_KERNEL, err);
    const int32_t to = crl_lower_write(l, node->out[0], CRL_FORM_KERNEL, err);
    if (from < 0 || to < 0) return CRL_ERR_MEMORY;
    pool_step *p = crl_pile_alloc(&l->schedule->pile, sizeof *p);
    crl_step *step = crl_schedule_add_step(l->schedule, node, err);
    if (!p || !step) return crl_fail_memory(err, "the schedule");
    crl_pool8_kernels k;
    crl_pool8_kernels_init(&k, l->cpu);
    const int32_t lift = crl_lower_flips(node->in[0]) ? 128 : 0;
    *p = (pool_step){ .pool = { *w, lift, def->min + lift, def->max + lift }, .in = crl_lower_tensor_of(l, from),
                      .run = node->def->code == CRL_OP_MAX_POOL_2D ? k.max : k.average,
                      .out = crl_lower_tensor_of(l, to), .rows = (size_t)rows };
    /* A tap costs about as much as 16 multiplications of a matrix product. */
    p->tasks = crl_lower_share(l, (uint64_t)node->out[0]->bytes * taps * 16, p->rows, &p->rows_per_task);
    step->run = run;
    step->params = p;
    step->kernel = k.name;
    return crl_step_touches(l->schedule, step, &from, 1, &to, 1, err);
}
