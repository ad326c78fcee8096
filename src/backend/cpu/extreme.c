/* SPDX-License-Identifier: Apache-2.0 */
/* MAXIMUM and MINIMUM of two 8-bit tensors: the order of bytes is that of the numbers in kernel form. */
#include "backend/cpu/rules.h"
#include "kernels/pair8.h"
#include "ops/binary.h"

typedef struct extreme_step {
    crl_pair8 pair;
    crl_pair8_fn *run;
    const crl_tensor *a, *b;
    crl_tensor *out;
    int32_t tasks;
    size_t chunks_per_task;
} extreme_step;

static void run_task(void *ctx, int i, int thread)
{
    (void)thread;
    const extreme_step *p = ctx;
    const size_t first = (size_t)i * p->chunks_per_task, left = p->pair.chunks - first;
    const size_t end = first + (left < p->chunks_per_task ? left : p->chunks_per_task);
    crl_pair8_run(&p->pair, p->out->data, p->a->data, p->b->data, first, end, p->run, NULL);
}

static crl_status run(const crl_step *step, crl_work *work, crl_error *err)
{
    (void)err;
    crl_pool_run(work->pool, ((const extreme_step *)step->params)->tasks, run_task, (void *)(uintptr_t)step->params);
    return CRL_OK;
}

crl_status crl_lower_extreme(crl_lower *l, crl_node *node, bool *taken, crl_error *err)
{
    const crl_binary *def = node->params;
    const crl_pair op = def->p.pairwise.op;
    if (!crl_lower_is_8bit(node->out[0]) || (op != CRL_PAIR_MAX && op != CRL_PAIR_MIN)) return CRL_OK;
    *taken = true;
    const int32_t values[3] = { crl_lower_read(l, node->in[0], CRL_FORM_KERNEL, err),
                                crl_lower_read(l, node->in[1], CRL_FORM_KERNEL, err),
                                crl_lower_write(l, node->out[0], CRL_FORM_KERNEL, err) };
    if (values[0] < 0 || values[1] < 0 || values[2] < 0) return CRL_ERR_MEMORY;
    extreme_step *p = crl_pile_alloc(&l->schedule->pile, sizeof *p);
    crl_step *step = crl_schedule_add_step(l->schedule, node, err);
    if (!p || !step) return crl_fail_memory(err, "the schedule");
    crl_pair8_init(&p->pair, &def->plan);
    p->run = op == CRL_PAIR_MAX ? crl_pair8_max : crl_pair8_min;
    p->a = crl_lower_tensor_of(l, values[0]);
    p->b = crl_lower_tensor_of(l, values[1]);
    p->out = crl_lower_tensor_of(l, values[2]);
    /* An output costs about as much as 8 multiplications of a matrix product. */
    p->tasks = crl_lower_share(l, (uint64_t)node->out[0]->bytes * 8, p->pair.chunks, &p->chunks_per_task);
    step->run = run;
    step->params = p;
    step->kernel = "pair8";
    return crl_step_touches(l->schedule, step, values, 2, values + 2, 1, err);
}
