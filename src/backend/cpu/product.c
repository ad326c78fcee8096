/* SPDX-License-Identifier: Apache-2.0 */
/* MUL of two 8-bit tensors. */
#include "backend/cpu/layer.h"
#include "backend/cpu/rules.h"
#include "backend/cpu/spread.h"
#include "kernels/pair8.h"
#include "kernels/product8.h"
#include "ops/binary.h"

typedef struct product_step {
    crl_spread spread; /* of the chunks of the pair */
    crl_pair8 pair;
    crl_product8 product;
    crl_product8_fn *run;
} product_step;

static void product_of(uint8_t *out, const uint8_t *a, const uint8_t *b, size_t n, const void *params)
{
    const product_step *p = params;
    p->run(out, a, b, n, &p->product);
}

static void units(const void *params, size_t first, size_t end)
{
    const product_step *p = params;
    crl_pair8_run(&p->pair, p->spread.out->data, p->spread.in->data, p->spread.other->data, first, end, product_of, p);
}

crl_status crl_lower_product(crl_lower *l, crl_node *node, bool *taken, crl_error *err)
{
    if (!crl_lower_is_8bit(node->out[0])) return CRL_OK;
    if (((const crl_binary *)node->params)->by_channel) return crl_lower_affine(l, node, taken, err);
    const crl_product *q = &((const crl_binary *)node->params)->p.product;
    const crl_requant requant = crl_layer_requant(&q->out, node->out[0]);
    crl_product8 product;
    if (!crl_product8_init(&product, crl_lower_zero(node->in[0]), crl_lower_zero(node->in[1]), &requant, l->cpu)) return CRL_OK;
    *taken = true;
    crl_step *step;
    product_step *p = crl_spread_add(l, node, node->in[0], node->in[1], CRL_FORM_KERNEL, CRL_FORM_KERNEL, sizeof *p, &step, err);
    if (!p) return CRL_ERR_MEMORY;
    crl_product8_kernels k;
    crl_product8_kernels_init(&k, l->cpu);
    p->product = product;
    p->run = k.u8;
    crl_pair8_init(&p->pair, &((const crl_binary *)node->params)->plan);
    /* An output costs about as much as 32 multiplications of a matrix product. */
    crl_spread_share(&p->spread, l, units, p->pair.chunks, 1, (uint64_t)node->out[0]->bytes * 32);
    step->kernel = k.name;
    return CRL_OK;
}
