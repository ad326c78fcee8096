/* SPDX-License-Identifier: Apache-2.0 */
/* RESIZE_NEAREST_NEIGHBOR of any type: positions are found here, pixels are moved while running. */
#include "kernels/nearest.h"

#include "backend/cpu/rules.h"
#include "kernels/resize.h"

typedef struct nearest_step {
    crl_nearest nearest;
    const crl_tensor *in;
    crl_tensor *out;
    size_t rows, rows_per_task;
    int32_t tasks;
} nearest_step;

static void run_task(void *ctx, int i, int thread)
{
    (void)thread;
    const nearest_step *p = ctx;
    const size_t first = (size_t)i * p->rows_per_task, left = p->rows - first;
    crl_nearest_rows(p->out->data, p->in->data, &p->nearest, first, first + (left < p->rows_per_task ? left : p->rows_per_task));
}

static crl_status run(const crl_step *step, crl_work *work, crl_error *err)
{
    (void)err;
    crl_pool_run(work->pool, ((const nearest_step *)step->params)->tasks, run_task, (void *)(uintptr_t)step->params);
    return CRL_OK;
}

static int32_t *positions(crl_lower *l, int32_t in, int32_t out, const crl_resize *r)
{
    int32_t *list = crl_pile_array(&l->schedule->pile, (size_t)out, sizeof *list);
    for (int32_t i = 0; list && i < out; i++) list[i] = crl_resize_nearest_at(i, in, out, r);
    return list;
}

crl_status crl_lower_resize_nearest(crl_lower *l, crl_node *node, bool *taken, crl_error *err)
{
    const crl_tensor *in = node->in[0], *out = node->out[0];
    const crl_resize *r = node->params;
    if (!out->bytes) return CRL_OK;
    *taken = true;
    const crl_form form = crl_lower_form(l, in);
    const int32_t from = crl_lower_read(l, in, form, err), to = crl_lower_write(l, out, form, err);
    if (from < 0 || to < 0) return CRL_ERR_MEMORY;
    nearest_step *p = crl_pile_alloc(&l->schedule->pile, sizeof *p);
    crl_step *step = crl_schedule_add_step(l->schedule, node, err);
    const int32_t *down = positions(l, r->in_h, r->out_h, r), *across = positions(l, r->in_w, r->out_w, r);
    if (!p || !step || !down || !across) return crl_fail_memory(err, "the schedule");
    *p = (nearest_step){ .nearest = { (size_t)r->channels * crl_type_bytes(in->type), r->in_h, r->in_w, r->out_h, r->out_w, down, across },
                         .in = crl_lower_tensor_of(l, from), .out = crl_lower_tensor_of(l, to),
                         .rows = (size_t)r->batch * (size_t)r->out_h };
    /* A byte costs about as much as 8 multiplications of a matrix product. */
    p->tasks = crl_lower_share(l, (uint64_t)out->bytes * 8, p->rows, &p->rows_per_task);
    step->run = run;
    step->params = p;
    step->kernel = "nearest";
    return crl_step_touches(l->schedule, step, &from, 1, &to, 1, err);
}
