/* SPDX-License-Identifier: Apache-2.0 */
/* ADD and SUB of two 8-bit tensors: an affine function where one is found at load, else the definition in vectors
 * (kernels/blend.h). */
#include "backend/cpu/rules.h"
#include "kernels/blend.h"
#include "kernels/pair8.h"
#include "ops/binary.h"

typedef struct sum_step {
    crl_pair8 pair;
    crl_blend_u8_fn *blend; /* NULL: sum */
    crl_blend_sum_u8_fn *sum;
    crl_blend constants;
    crl_blend_target target;
    int32_t fa[256], fb[256]; /* of target */
    const crl_tensor *a, *b;
    crl_tensor *out;
    int32_t tasks;
    size_t chunks_per_task;
} sum_step;

static void sum_of(uint8_t *out, const uint8_t *a, const uint8_t *b, size_t n, const void *params)
{
    const sum_step *p = params;
    if (p->blend)
        p->blend(out, a, b, n, &p->constants);
    else
        p->sum(out, a, b, n, &p->target);
}

static void run_task(void *ctx, int i, int thread)
{
    (void)thread;
    const sum_step *p = ctx;
    const size_t first = (size_t)i * p->chunks_per_task, left = p->pair.chunks - first;
    const size_t end = first + (left < p->chunks_per_task ? left : p->chunks_per_task);
    crl_pair8_run(&p->pair, p->out->data, p->a->data, p->b->data, first, end, sum_of, p);
}

static crl_status run(const crl_step *step, crl_work *work, crl_error *err)
{
    (void)err;
    crl_pool_run(work->pool, ((const sum_step *)step->params)->tasks, run_task, (void *)(uintptr_t)step->params);
    return CRL_OK;
}

/* Both scaled inputs, by their bytes in kernel form. */
static void find_target(sum_step *p, const crl_node *node)
{
    const crl_sum *q = &((const crl_binary *)node->params)->p.sum;
    const int32_t za = crl_lower_zero(node->in[0]), zb = crl_lower_zero(node->in[1]);
    const int32_t zero = crl_lower_zero(node->out[0]), lift = zero - q->out_zero;
    for (int32_t i = 0; i < 256; i++) {
        const int32_t b = crl_scale_apply((i - zb) * (1 << q->left), q->b_scale);
        p->fa[i] = crl_scale_apply((i - za) * (1 << q->left), q->a_scale);
        p->fb[i] = q->subtract ? -b : b;
    }
    p->target = (crl_blend_target){ p->fa, p->fb, q->out_scale, zero, q->min + lift, q->max + lift };
}

crl_status crl_lower_sum(crl_lower *l, crl_node *node, bool *taken, crl_error *err)
{
    const crl_tensor *out = node->out[0];
    /* Kernels take unsigned bytes; elsewhere the kernel form is another. */
    if (!crl_lower_is_8bit(out) || crl_lower_kernel_type() != CRL_UINT8) return CRL_OK;
    sum_step *p = crl_pile_alloc(&l->schedule->pile, sizeof *p);
    if (!p) return crl_fail_memory(err, "the schedule");
    find_target(p, node);
    crl_blend_kernels k;
    crl_blend_kernels_init(&k, l->cpu);
    p->sum = k.sum;
    if (crl_blend_fit(&p->constants, &p->target, &k))
        p->blend = k.u8;
    else if (!crl_blend_sum_fits(&p->target))
        return CRL_OK;
    *taken = true;
    const int32_t values[3] = { crl_lower_read(l, node->in[0], CRL_FORM_KERNEL, err),
                                crl_lower_read(l, node->in[1], CRL_FORM_KERNEL, err),
                                crl_lower_write(l, out, CRL_FORM_KERNEL, err) };
    if (values[0] < 0 || values[1] < 0 || values[2] < 0) return CRL_ERR_MEMORY;
    crl_step *step = crl_schedule_add_step(l->schedule, node, err);
    if (!step) return CRL_ERR_MEMORY;
    p->a = crl_lower_tensor_of(l, values[0]);
    p->b = crl_lower_tensor_of(l, values[1]);
    p->out = crl_lower_tensor_of(l, values[2]);
    crl_pair8_init(&p->pair, &((const crl_binary *)node->params)->plan);
    /* An output costs about as much as 16 multiplications of a matrix product. */
    p->tasks = crl_lower_share(l, (uint64_t)out->bytes * 16, p->pair.chunks, &p->chunks_per_task);
    step->run = run;
    step->params = p;
    step->kernel = p->blend ? k.name : k.sum_name;
    return crl_step_touches(l->schedule, step, values, 2, values + 2, 1, err);
}
