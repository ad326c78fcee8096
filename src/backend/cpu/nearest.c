/* SPDX-License-Identifier: Apache-2.0 */
/* RESIZE_NEAREST_NEIGHBOR of any type: positions are found here, pixels are moved while running. */
#include "kernels/nearest.h"

#include "backend/cpu/rules.h"
#include "backend/cpu/spread.h"
#include "kernels/resize.h"

typedef struct nearest_step {
    crl_spread spread; /* of output rows */
    crl_nearest nearest;
} nearest_step;

static void units(const void *params, size_t first, size_t end)
{
    const nearest_step *p = params;
    crl_nearest_rows(p->spread.out->data, p->spread.in->data, &p->nearest, first, end);
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
    crl_step *step;
    nearest_step *p = crl_spread_add(l, node, in, NULL, form, form, sizeof *p, &step, err);
    if (!p) return CRL_ERR_MEMORY;
    const int32_t *down = positions(l, r->in_h, r->out_h, r), *across = positions(l, r->in_w, r->out_w, r);
    if (!down || !across) return crl_fail_memory(err, "the schedule");
    p->nearest = (crl_nearest){ (size_t)r->channels * crl_type_bytes(in->type), r->in_h, r->in_w, r->out_h, r->out_w, down, across };
    /* A byte costs about as much as 8 multiplications of a matrix product. */
    crl_spread_share(&p->spread, l, units, (size_t)r->batch * (size_t)r->out_h, 1, (uint64_t)out->bytes * 8);
    step->kernel = "nearest";
    return CRL_OK;
}
