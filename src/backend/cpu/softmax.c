/* SPDX-License-Identifier: Apache-2.0 */
/* SOFTMAX from 8 bits to 8 bits. */
#include "backend/cpu/rules.h"
#include "backend/cpu/spread.h"
#include "kernels/softmax8.h"
#include "kernels/softmax_chip.h"

typedef struct softmax_step {
    crl_spread spread; /* of rows */
    crl_softmax8 softmax;
    crl_softmax_chip_kernels k;
    crl_softmax_chip chip; /* instead, in the arithmetic of the Edge TPU */
} softmax_step;

static void units(const void *params, size_t first, size_t end)
{
    const softmax_step *p = params;
    const size_t at = first * p->softmax.depth;
    crl_softmax8_run((uint8_t *)p->spread.out->data + at, (const uint8_t *)p->spread.in->data + at, end - first, &p->softmax);
}

static void units_on_chip(const void *params, size_t first, size_t end)
{
    const softmax_step *p = params;
    crl_softmax_chip_rows(p->spread.out->data, p->spread.in->data, &p->chip, &p->k, first, end);
}

crl_status crl_lower_softmax(crl_lower *l, crl_node *node, bool *taken, crl_error *err)
{
    const crl_tensor *in = node->in[0], *out = node->out[0];
    const crl_softmax *s = node->params;
    if (!crl_lower_is_8bit(in) || in->type != out->type || !in->bytes) return CRL_OK;
    *taken = true;
    crl_step *step;
    softmax_step *p = crl_spread_add(l, node, in, NULL, s->chip ? CRL_FORM_RAW : crl_lower_form(l, in),
                                     s->chip ? CRL_FORM_RAW : CRL_FORM_KERNEL, sizeof *p, &step, err);
    if (!p) return CRL_ERR_MEMORY;
    crl_softmax8_init(&p->softmax, s, p->spread.in->type == CRL_INT8, p->spread.out->type == CRL_INT8, l->cpu);
    /* A byte costs about as much as 64 multiplications of a matrix product. */
    crl_softmax_chip_kernels_init(&p->k, l->cpu);
    if (s->chip) p->chip = *s->chip;
    crl_spread_share(&p->spread, l, s->chip ? units_on_chip : units, s->rows, 1, (uint64_t)in->bytes * 64);
    step->kernel = s->chip ? p->k.name : p->softmax.name;
    step->weight_bytes = sizeof p->softmax.exp;
    return CRL_OK;
}
