/* SPDX-License-Identifier: Apache-2.0 */
/* AVERAGE_POOL_2D and MAX_POOL_2D of floats; MEAN over neighbouring dimensions, which is an average of whole pictures. */
#include <math.h>

#include "backend/cpu/rules.h"
#include "backend/cpu/spread.h"
#include "kernels/pool_f32.h"
#include "ops/reduce.h"

typedef struct pool_step {
    crl_spread spread; /* of output rows */
    crl_pool2d pool;
    crl_pool_f32_fn *run;
} pool_step;

static void units(const void *params, size_t first, size_t end)
{
    const pool_step *p = params;
    p->run(p->spread.out->data, p->spread.in->data, &p->pool, (int32_t)first, (int32_t)end);
}

static crl_status emit(crl_lower *l, const crl_node *node, const crl_pool2d *pool, bool max, bool *taken, crl_error *err)
{
    const crl_window *w = &pool->window;
    crl_pool_f32_kernels k;
    crl_pool_f32_kernels_init(&k, l->cpu, w->out_c);
    if (!k.name || (int64_t)w->batch * w->out_h > INT32_MAX) return CRL_OK;
    *taken = true;
    crl_step *step;
    pool_step *p = crl_spread_add(l, node, node->in[0], NULL, CRL_FORM_RAW, CRL_FORM_RAW, sizeof *p, &step, err);
    if (!p) return CRL_ERR_MEMORY;
    p->pool = *pool;
    p->run = max ? k.max : k.average;
    /* A tap of a float costs about as much as 8 multiplications of a matrix product of bytes. */
    const uint64_t taps = (uint64_t)w->filter_h * (uint64_t)w->filter_w;
    crl_spread_share(&p->spread, l, units, (size_t)w->batch * (size_t)w->out_h, 1,
                     (uint64_t)crl_shape_count(&node->out[0]->shape) * taps * 8);
    step->kernel = k.name;
    return CRL_OK;
}

crl_status crl_lower_pool_f32(crl_lower *l, crl_node *node, bool *taken, crl_error *err)
{
    if (node->in[0]->type != CRL_FLOAT32 || !node->out[0]->bytes) return CRL_OK;
    return emit(l, node, node->params, node->def->code == CRL_OP_MAX_POOL_2D, taken, err);
}

crl_status crl_lower_mean_f32(crl_lower *l, crl_node *node, bool *taken, crl_error *err)
{
    const crl_reduction *r = node->params;
    crl_reduce_run run;
    if (node->in[0]->type != CRL_FLOAT32 || !crl_reduce_find_run(&run, &r->plan) || run.outer > INT32_MAX || run.n > 1 << 24 ||
        run.inner > INT32_MAX)
        return CRL_OK;
    const int32_t pixels = (int32_t)run.n, channels = (int32_t)run.inner;
    const crl_pool2d pool = { .window = { .batch = (int32_t)run.outer, .in_h = 1, .in_w = pixels, .in_c = channels, .out_h = 1, .out_w = 1,
                                          .out_c = channels, .filter_h = 1, .filter_w = pixels, .stride_h = 1, .stride_w = 1, .dilation_h = 1,
                                          .dilation_w = 1 },
                              .min_f32 = -INFINITY, .max_f32 = INFINITY };
    return emit(l, node, &pool, false, taken, err);
}
