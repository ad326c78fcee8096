/* SPDX-License-Identifier: Apache-2.0 */
/* MUL of two 8-bit tensors. */
#include "backend/cpu/layer.h"
#include "backend/cpu/rules.h"
#include "kernels/pair8.h"
#include "kernels/product8.h"
#include "ops/binary.h"

typedef struct product_step {
    crl_pair8 pair;
    crl_product8 product;
    crl_product8_fn *run;
    const crl_tensor *a, *b;
    crl_tensor *out;
    int32_t tasks;
    size_t chunks_per_task;
} product_step;

static void product_of(uint8_t *out, const uint8_t *a, const uint8_t *b, size_t n, const void *params)
{
    const product_step *p = params;
    p->run(out, a, b, n, &p->product);
}

static void run_task(void *ctx, int i, int thread)
{
    (void)thread;
    const product_step *p = ctx;
    const size_t first = (size_t)i * p->chunks_per_task, left = p->pair.chunks - first;
    const size_t end = first + (left < p->chunks_per_task ? left : p->chunks_per_task);
    crl_pair8_run(&p->pair, p->out->data, p->a->data, p->b->data, first, end, product_of, p);
}

static crl_status run(const crl_step *step, crl_work *work, crl_error *err)
{
    (void)err;
    crl_pool_run(work->pool, ((const product_step *)step->params)->tasks, run_task, (void *)(uintptr_t)step->params);
    return CRL_OK;
}

crl_status crl_lower_product(crl_lower *l, crl_node *node, bool *taken, crl_error *err)
{
    if (!crl_lower_is_8bit(node->out[0])) return CRL_OK;
    const crl_product *q = &((const crl_binary *)node->params)->p.product;
    product_step *p = crl_pile_alloc(&l->schedule->pile, sizeof *p);
    if (!p) return crl_fail_memory(err, "the schedule");
    const crl_requant requant = crl_layer_requant(&q->out, node->out[0]);
    if (!crl_product8_init(&p->product, crl_lower_zero(node->in[0]), crl_lower_zero(node->in[1]), &requant, l->cpu)) return CRL_OK;
    *taken = true;
    const int32_t values[3] = { crl_lower_read(l, node->in[0], CRL_FORM_KERNEL, err),
                                crl_lower_read(l, node->in[1], CRL_FORM_KERNEL, err),
                                crl_lower_write(l, node->out[0], CRL_FORM_KERNEL, err) };
    if (values[0] < 0 || values[1] < 0 || values[2] < 0) return CRL_ERR_MEMORY;
    crl_step *step = crl_schedule_add_step(l->schedule, node, err);
    if (!step) return CRL_ERR_MEMORY;
    crl_product8_kernels k;
    crl_product8_kernels_init(&k, l->cpu);
    p->run = k.u8;
    p->a = crl_lower_tensor_of(l, values[0]);
    p->b = crl_lower_tensor_of(l, values[1]);
    p->out = crl_lower_tensor_of(l, values[2]);
    crl_pair8_init(&p->pair, &((const crl_binary *)node->params)->plan);
    /* An output costs about as much as 32 multiplications of a matrix product. */
    p->tasks = crl_lower_share(l, (uint64_t)node->out[0]->bytes * 32, p->pair.chunks, &p->chunks_per_task);
    step->run = run;
    step->params = p;
    step->kernel = k.name;
    return crl_step_touches(l->schedule, step, values, 2, values + 2, 1, err);
}
