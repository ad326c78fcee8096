/* SPDX-License-Identifier: Apache-2.0 */
/* MAXIMUM and MINIMUM of two 8-bit tensors: the order of bytes is that of the numbers in kernel form. */
#include "backend/cpu/rules.h"
#include "backend/cpu/spread.h"
#include "kernels/pair8.h"
#include "ops/binary.h"

typedef struct extreme_step {
    crl_spread spread; /* of the chunks of the pair */
    crl_pair8 pair;
    crl_pair8_fn *run;
} extreme_step;

static void units(const void *params, size_t first, size_t end)
{
    const extreme_step *p = params;
    crl_pair8_run(&p->pair, p->spread.out->data, p->spread.in->data, p->spread.other->data, first, end, p->run, NULL);
}

crl_status crl_lower_extreme(crl_lower *l, crl_node *node, bool *taken, crl_error *err)
{
    const crl_binary *def = node->params;
    const crl_pair op = def->p.pairwise.op;
    if (!crl_lower_is_8bit(node->out[0]) || (op != CRL_PAIR_MAX && op != CRL_PAIR_MIN)) return CRL_OK;
    *taken = true;
    crl_step *step;
    extreme_step *p = crl_spread_add(l, node, node->in[0], node->in[1], CRL_FORM_KERNEL, CRL_FORM_KERNEL, sizeof *p, &step, err);
    if (!p) return CRL_ERR_MEMORY;
    crl_pair8_init(&p->pair, &def->plan);
    p->run = op == CRL_PAIR_MAX ? crl_pair8_max : crl_pair8_min;
    /* An output costs about as much as 8 multiplications of a matrix product. */
    crl_spread_share(&p->spread, l, units, p->pair.chunks, 1, (uint64_t)node->out[0]->bytes * 8);
    step->kernel = "pair8";
    return CRL_OK;
}
