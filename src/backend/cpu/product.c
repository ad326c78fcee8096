/* SPDX-License-Identifier: Apache-2.0 */
/* MUL of two 8-bit tensors of one shape. */
#include "backend/cpu/rules.h"
#include "kernels/product8.h"
#include "ops/binary.h"

typedef struct product_step {
    crl_product8 product;
    crl_product8_fn *run;
    const crl_tensor *a, *b;
    crl_tensor *out;
} product_step;

static crl_status run(const crl_step *step, crl_work *work, crl_error *err)
{
    (void)work;
    (void)err;
    const product_step *p = step->params;
    p->run(p->out->data, p->a->data, p->b->data, p->out->bytes, &p->product);
    return CRL_OK;
}

static bool serves(const crl_node *node)
{
    const crl_tensor *out = node->out[0];
    for (int32_t i = 0; i < 2; i++)
        if (node->in[i]->type != out->type || !crl_shape_equal(&node->in[i]->shape, &out->shape)) return false;
    return crl_lower_is_8bit(out) && crl_lower_kernel_type() == CRL_UINT8;
}

crl_status crl_lower_product(crl_lower *l, crl_node *node, bool *taken, crl_error *err)
{
    if (!serves(node)) return CRL_OK;
    const crl_product *q = &((const crl_binary *)node->params)->p.product;
    product_step *p = crl_pile_alloc(&l->schedule->pile, sizeof *p);
    if (!p) return crl_fail_memory(err, "the schedule");
    const int32_t zero = crl_lower_zero(node->out[0]), lift = zero - q->out_zero;
    const crl_requant requant = { .scale = &q->scale, .zero_point = zero, .min = q->min + lift, .max = q->max + lift };
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
    step->run = run;
    step->params = p;
    step->kernel = k.name;
    return crl_step_touches(l->schedule, step, values, 2, values + 2, 1, err);
}
