/* SPDX-License-Identifier: Apache-2.0 */
/* Averages of whole pictures, AVERAGE_POOL_2D with a window as large as its input; MEAN and SUM over neighbouring
 * dimensions, as over height and width. */
#include "backend/cpu/layer.h"
#include "backend/cpu/rules.h"
#include "kernels/average8.h"
#include "kernels/average_chip.h"
#include "kernels/pool.h"
#include "ops/reduce.h"

typedef struct average_step {
    crl_sum_pixels_fn *sum;
    const crl_tensor *in;
    crl_tensor *out;
    int32_t batch;
    size_t pixels, channels;
    int32_t lift;     /* kernel form less raw form */
    int32_t min, max; /* kernel form */
    crl_reduce_quant quant; /* of MEAN, likewise */
} average_step;

static crl_status run_pool(const crl_step *step, crl_work *work, crl_error *err)
{
    (void)err;
    const average_step *p = step->params;
    int32_t *sums = work->scratch;
    const int32_t n = (int32_t)p->pixels;
    uint8_t *out = p->out->data;
    for (int32_t b = 0; b < p->batch; b++, out += p->channels) {
        p->sum(sums, (const uint8_t *)p->in->data + (size_t)b * p->pixels * p->channels, p->pixels, p->channels);
        for (size_t c = 0; c < p->channels; c++) {
            const int32_t raw = sums[c] - n * p->lift;
            out[c] = (uint8_t)crl_clamp((raw > 0 ? raw + n / 2 : raw - n / 2) / n + p->lift, p->min, p->max);
        }
    }
    return CRL_OK;
}

static crl_status run_mean(const crl_step *step, crl_work *work, crl_error *err)
{
    (void)err;
    const average_step *p = step->params;
    int32_t *sums = work->scratch;
    const int32_t zeros = (int32_t)p->pixels * p->quant.in_zero;
    uint8_t *out = p->out->data;
    for (int32_t b = 0; b < p->batch; b++, out += p->channels) {
        p->sum(sums, (const uint8_t *)p->in->data + (size_t)b * p->pixels * p->channels, p->pixels, p->channels);
        for (size_t c = 0; c < p->channels; c++)
            out[c] = (uint8_t)crl_requant_apply(sums[c] - zeros, &p->quant.out, 0);
    }
    return CRL_OK;
}

static crl_status emit(crl_lower *l, const crl_node *node, average_step what, crl_step_fn *run, crl_error *err)
{
    const int32_t from = crl_lower_read(l, node->in[0], CRL_FORM_KERNEL, err);
    const int32_t to = crl_lower_write(l, node->out[0], CRL_FORM_KERNEL, err);
    if (from < 0 || to < 0) return CRL_ERR_MEMORY;
    average_step *p = crl_pile_alloc(&l->schedule->pile, sizeof *p);
    crl_step *step = crl_schedule_add_step(l->schedule, node, err);
    if (!p || !step) return crl_fail_memory(err, "the schedule");
    crl_average8_kernels k;
    crl_average8_kernels_init(&k, l->cpu);
    *p = what;
    p->sum = k.sum;
    p->in = crl_lower_tensor_of(l, from);
    p->out = crl_lower_tensor_of(l, to);
    step->run = run;
    step->params = p;
    step->kernel = k.name;
    step->scratch_bytes = p->channels * sizeof(int32_t);
    return crl_step_touches(l->schedule, step, &from, 1, &to, 1, err);
}

static bool serves(const crl_tensor *in, const crl_tensor *out)
{
    return crl_lower_is_8bit(in) && in->type == out->type && in->bytes > 0 && in->bytes < INT32_MAX / 255;
}

crl_status crl_lower_average_pool(crl_lower *l, crl_node *node, bool *taken, crl_error *err)
{
    const crl_pool2d *pool = node->params;
    const crl_window *w = &pool->window;
    if (!serves(node->in[0], node->out[0]) || w->out_h != 1 || w->out_w != 1) return CRL_OK;
    /* The whole picture, wherever the window begins. */
    if (w->filter_h - w->pad_top < w->in_h || w->filter_w - w->pad_left < w->in_w) return CRL_OK;
    *taken = true;
    const int32_t lift = crl_lower_flips(node->in[0]) ? 128 : 0;
    average_step what = { .batch = w->batch, .pixels = (size_t)w->in_h * (size_t)w->in_w, .channels = (size_t)w->in_c,
                          .lift = lift, .min = pool->min + lift, .max = pool->max + lift };
    if (!node->on_chip) return emit(l, node, what, run_pool, err);
    float *factor = crl_pile_alloc(&l->schedule->pile, sizeof *factor);
    if (!factor) return crl_fail_memory(err, "the schedule");
    *factor = crl_average_chip_factor(&pool->on_chip, (int32_t)what.pixels);
    what.quant = (crl_reduce_quant){ pool->on_chip.in_zero + lift, { .single = factor, .zero_point = pool->on_chip.out_zero + lift,
                                                                     .min = what.min, .max = what.max } };
    return emit(l, node, what, run_mean, err);
}

crl_status crl_lower_mean(crl_lower *l, crl_node *node, bool *taken, crl_error *err)
{
    const crl_reduction *r = node->params;
    crl_reduce_run run;
    if (node->def->code == CRL_OP_SUM && node->in[0]->type == CRL_INT8 && !node->on_chip) return CRL_OK; /* is another function: ops/reduce.c */
    if (!serves(node->in[0], node->out[0]) || !r->rescale || !crl_reduce_find_run(&run, &r->plan)) return CRL_OK;
    const average_step what = { .batch = (int32_t)run.outer, .pixels = run.n, .channels = run.inner,
                                .quant = { crl_lower_zero(node->in[0]), crl_layer_requant(&r->quant.out, node->out[0]) } };
    *taken = true;
    return emit(l, node, what, run_mean, err);
}
