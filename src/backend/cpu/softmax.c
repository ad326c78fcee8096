/* SPDX-License-Identifier: Apache-2.0 */
/* SOFTMAX from 8 bits to 8 bits. */
#include "backend/cpu/rules.h"
#include "backend/cpu/spread.h"
#include "kernels/softmax8.h"

typedef struct softmax_step {
    crl_spread spread; /* of rows */
    crl_softmax8 softmax;
} softmax_step;

static void units(const void *params, size_t first, size_t end)
{
    const softmax_step *p = params;
    const size_t at = first * p->softmax.depth;
    crl_softmax8_run((uint8_t *)p->spread.out->data + at, (const uint8_t *)p->spread.in->data + at, end - first, &p->softmax);
}

crl_status crl_lower_softmax(crl_lower *l, crl_node *node, bool *taken, crl_error *err)
{
    const crl_tensor *in = node->in[0], *out = node->out[0];
    const crl_softmax *s = node->params;
    if (!crl_lower_is_8bit(in) || in->type != out->type || !in->bytes) return CRL_OK;
    *taken = true;
    crl_step *step;
    softmax_step *p = crl_spread_add(l, node, in, NULL, crl_lower_form(l, in), CRL_FORM_KERNEL, sizeof *p, &step, err);
    if (!p) return CRL_ERR_MEMORY;
    crl_softmax8_init(&p->softmax, s, p->spread.in->type == CRL_INT8, p->spread.out->type == CRL_INT8, l->cpu);
    /* A byte costs about as much as 64 multiplications of a matrix product. */
    crl_spread_share(&p->spread, l, units, s->rows, 1, (uint64_t)in->bytes * 64);
    step->kernel = p->softmax.name;
    step->weight_bytes = sizeof p->softmax.exp;
    return CRL_OK;
}
