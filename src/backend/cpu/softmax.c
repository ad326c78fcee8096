/* SPDX-License-Identifier: Apache-2.0 */
/* SOFTMAX from 8 bits to 8 bits. */
#include "backend/cpu/rules.h"
#include "kernels/softmax8.h"

typedef struct softmax_step {
    crl_softmax8 softmax;
    const crl_tensor *in;
    crl_tensor *out;
    size_t rows, rows_per_task;
    int32_t tasks;
} softmax_step;

static void run_task(void *ctx, int i, int thread)
{
    (void)thread;
    const softmax_step *p = ctx;
    const size_t first = (size_t)i * p->rows_per_task, left = p->rows - first, at = first * p->softmax.depth;
    crl_softmax8_run((uint8_t *)p->out->data + at, (const uint8_t *)p->in->data + at,
                     left < p->rows_per_task ? left : p->rows_per_task, &p->softmax);
}

static crl_status run(const crl_step *step, crl_work *work, crl_error *err)
{
    (void)err;
    crl_pool_run(work->pool, ((const softmax_step *)step->params)->tasks, run_task, (void *)(uintptr_t)step->params);
    return CRL_OK;
}

crl_status crl_lower_softmax(crl_lower *l, crl_node *node, bool *taken, crl_error *err)
{
    const crl_tensor *in = node->in[0], *out = node->out[0];
    const crl_softmax *s = node->params;
    if (!crl_lower_is_8bit(in) || in->type != out->type || !in->bytes) return CRL_OK;
    *taken = true;
    const int32_t from = crl_lower_read(l, in, crl_lower_form(l, in), err);
    const int32_t to = crl_lower_write(l, out, CRL_FORM_KERNEL, err);
    if (from < 0 || to < 0) return CRL_ERR_MEMORY;
    softmax_step *p = crl_pile_alloc(&l->schedule->pile, sizeof *p);
    crl_step *step = crl_schedule_add_step(l->schedule, node, err);
    if (!p || !step) return crl_fail_memory(err, "the schedule");
    p->in = crl_lower_tensor_of(l, from);
    p->out = crl_lower_tensor_of(l, to);
    crl_softmax8_init(&p->softmax, s, p->in->type == CRL_INT8, p->out->type == CRL_INT8, l->cpu);
    p->rows = s->rows;
    /* A byte costs about as much as 64 multiplications of a matrix product. */
    p->tasks = crl_lower_share(l, (uint64_t)in->bytes * 64, p->rows, &p->rows_per_task);
    step->run = run;
    step->params = p;
    step->kernel = p->softmax.name;
    step->weight_bytes = sizeof p->softmax.exp;
    return crl_step_touches(l->schedule, step, &from, 1, &to, 1, err);
}
