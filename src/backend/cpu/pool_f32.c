/* SPDX-License-Identifier: Apache-2.0 */
/* AVERAGE_POOL_2D and MAX_POOL_2D of floats. */
#include "backend/cpu/rules.h"
#include "kernels/pool_f32.h"

typedef struct pool_step {
    const crl_pool2d *pool;
    crl_pool_f32_fn *run;
    const crl_tensor *in;
    crl_tensor *out;
    int32_t rows, tasks;
} pool_step;

static void run_task(void *ctx, int i, int thread)
{
    (void)thread;
    const pool_step *p = ctx;
    p->run(p->out->data, p->in->data, p->pool, crl_lower_task_start(i, p->tasks, p->rows),
           crl_lower_task_start(i + 1, p->tasks, p->rows));
}

static crl_status run(const crl_step *step, crl_work *work, crl_error *err)
{
    (void)err;
    crl_pool_run(work->pool, ((const pool_step *)step->params)->tasks, run_task, (void *)(uintptr_t)step->params);
    return CRL_OK;
}

crl_status crl_lower_pool_f32(crl_lower *l, crl_node *node, bool *taken, crl_error *err)
{
    if (node->in[0]->type != CRL_FLOAT32 || !node->out[0]->bytes) return CRL_OK;
    const crl_pool2d *pool = node->params;
    const crl_window *w = &pool->window;
    crl_pool_f32_kernels k;
    crl_pool_f32_kernels_init(&k, l->cpu, w->out_c);
    if (!k.name || (int64_t)w->batch * w->out_h > INT32_MAX) return CRL_OK;
    *taken = true;
    const int32_t from = crl_lower_read(l, node->in[0], CRL_FORM_RAW, err);
    const int32_t to = crl_lower_write(l, node->out[0], CRL_FORM_RAW, err);
    if (from < 0 || to < 0) return CRL_ERR_MEMORY;
    pool_step *p = crl_pile_alloc(&l->schedule->pile, sizeof *p);
    crl_step *step = crl_schedule_add_step(l->schedule, node, err);
    if (!p || !step) return crl_fail_memory(err, "the schedule");
    *p = (pool_step){ .pool = pool, .run = node->def->code == CRL_OP_MAX_POOL_2D ? k.max : k.average,
                      .in = crl_lower_tensor_of(l, from), .out = crl_lower_tensor_of(l, to), .rows = w->batch * w->out_h };
    /* A tap of a float costs about as much as 8 multiplications of a matrix product of bytes. */
    const uint64_t taps = (uint64_t)w->filter_h * (uint64_t)w->filter_w;
    p->tasks = crl_lower_tasks(l, (uint64_t)crl_shape_count(&node->out[0]->shape) * taps * 8, p->rows);
    step->run = run;
    step->params = p;
    step->kernel = k.name;
    return crl_step_touches(l->schedule, step, &from, 1, &to, 1, err);
}
