/* SPDX-License-Identifier: Apache-2.0 */
/* AVERAGE_POOL_2D and MAX_POOL_2D of 8-bit pictures. */
#include "backend/cpu/rules.h"
#include "backend/cpu/spread.h"
#include "kernels/average_chip.h"
#include "kernels/pool8.h"

enum { MOST_TAPS = 32767 };

typedef struct pool_step {
    crl_spread spread; /* of output rows */
    crl_pool8 pool;
    crl_pool8_fn *run;
    crl_average_chip on_chip; /* instead */
} pool_step;

static void units(const void *params, size_t first, size_t end)
{
    const pool_step *p = params;
    p->run(p->spread.out->data, p->spread.in->data, &p->pool, (int32_t)first, (int32_t)end);
}

static void units_on_chip(const void *params, size_t first, size_t end)
{
    const pool_step *p = params;
    crl_average_chip_rows(p->spread.out->data, p->spread.in->data, &p->on_chip, (int32_t)first, (int32_t)end);
}

crl_status crl_lower_pool(crl_lower *l, crl_node *node, bool *taken, crl_error *err)
{
    const crl_pool2d *def = node->params;
    const crl_window *w = &def->window;
    const uint64_t taps = (uint64_t)w->filter_h * (uint64_t)w->filter_w, rows = (uint64_t)w->batch * (uint64_t)w->out_h;
    if (!crl_lower_is_8bit(node->in[0]) || taps > MOST_TAPS || rows > INT32_MAX || !node->out[0]->bytes) return CRL_OK;
    *taken = true;
    crl_step *step;
    pool_step *p = crl_spread_add(l, node, node->in[0], NULL, CRL_FORM_KERNEL, CRL_FORM_KERNEL, sizeof *p, &step, err);
    if (!p) return CRL_ERR_MEMORY;
    crl_pool8_kernels k;
    crl_pool8_kernels_init(&k, l->cpu);
    const int32_t lift = crl_lower_flips(node->in[0]) ? 128 : 0;
    p->pool = (crl_pool8){ *w, lift, def->min + lift, def->max + lift };
    p->run = node->def->code == CRL_OP_MAX_POOL_2D ? k.max : k.average;
    const bool on_chip = def->on_chip.in_scale > 0;
    p->on_chip = (crl_average_chip){ *w, def->on_chip, def->min + lift, def->max + lift };
    p->on_chip.on_chip.in_zero += lift;
    p->on_chip.on_chip.out_zero += lift;
    /* A tap costs about as much as 16 multiplications of a matrix product. */
    crl_spread_share(&p->spread, l, on_chip ? units_on_chip : units, (size_t)rows, 1, (uint64_t)node->out[0]->bytes * taps * 16);
    step->kernel = on_chip ? "average_chip" : k.name;
    return CRL_OK;
}
