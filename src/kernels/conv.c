/* SPDX-License-Identifier: Apache-2.0 */
/* The definition of convolution, for every type. Sums are kept in 64-bit unsigned numbers, whose lower half is
 * the 32-bit sum that wraps: one loop serves both accumulators. */
#include "kernels/conv.h"

#include "kernels/element.h"

/* Sum of the products of one output element, without the bias. */
CRL_INLINE uint64_t dot(const void *in, crl_type in_type, const void *filter, crl_type filter_type, const crl_conv *c,
                        int32_t b, crl_taps ty, crl_taps tx, int32_t o)
{
    const crl_window *w = &c->window;
    const int32_t depth = w->in_c / c->groups, group = o / (w->out_c / c->groups);
    uint64_t acc = 0;
    for (int32_t fy = ty.first; fy < ty.end; fy++) {
        for (int32_t fx = tx.first; fx < tx.end; fx++) {
            const size_t i = crl_window_in(w, b, ty.origin + fy * w->dilation_h, tx.origin + fx * w->dilation_w) +
                             (size_t)group * (size_t)depth;
            const size_t f = (((size_t)o * (size_t)w->filter_h + (size_t)fy) * (size_t)w->filter_w + (size_t)fx) *
                             (size_t)depth;
            for (int32_t k = 0; k < depth; k++) {
                const int32_t x = crl_load(in, i + (size_t)k, in_type) - c->in_zero;
                const int32_t y = crl_load(filter, f + (size_t)k, filter_type) - c->filter_zero;
                acc += (uint64_t)(int64_t)(x * y);
            }
        }
    }
    return acc;
}

CRL_INLINE void conv(void *out, const void *in, crl_type type, const void *filter, crl_type filter_type,
                     const int32_t *bias, const crl_conv *c)
{
    const crl_window *w = &c->window;
    for (int32_t b = 0; b < w->batch; b++)
        for (int32_t y = 0; y < w->out_h; y++)
            for (int32_t x = 0; x < w->out_w; x++)
                for (int32_t o = 0; o < w->out_c; o++) {
                    const uint64_t sum = dot(in, type, filter, filter_type, c, b, crl_window_taps_y(w, y),
                                             crl_window_taps_x(w, x), o);
                    const int32_t acc = (int32_t)((uint32_t)sum + (bias ? (uint32_t)bias[o] : 0));
                    crl_store(out, crl_window_out(w, b, y, x) + (size_t)o, type, crl_requant_apply(acc, &c->out, (size_t)o));
                }
}

void crl_conv_u8_ref(uint8_t *out, const uint8_t *in, const uint8_t *filter, const int32_t *bias, const crl_conv *c)
{
    conv(out, in, CRL_UINT8, filter, CRL_UINT8, bias, c);
}

void crl_conv_s8_ref(int8_t *out, const int8_t *in, const int8_t *filter, const int32_t *bias, const crl_conv *c)
{
    conv(out, in, CRL_INT8, filter, CRL_INT8, bias, c);
}

void crl_conv_s16_ref(int16_t *out, const int16_t *in, const int8_t *filter, const int32_t *bias, const crl_conv *c)
{
    conv(out, in, CRL_INT16, filter, CRL_INT8, bias, c);
}

void crl_conv_s16_wide_ref(int16_t *out, const int16_t *in, const int8_t *filter, const int64_t *bias,
                           const crl_conv *c)
{
    const crl_window *w = &c->window;
    for (int32_t b = 0; b < w->batch; b++)
        for (int32_t y = 0; y < w->out_h; y++)
            for (int32_t x = 0; x < w->out_w; x++)
                for (int32_t o = 0; o < w->out_c; o++) {
                    uint64_t acc = dot(in, CRL_INT16, filter, CRL_INT8, c, b, crl_window_taps_y(w, y),
                                       crl_window_taps_x(w, x), o);
                    if (bias) acc += (uint64_t)bias[o];
                    out[crl_window_out(w, b, y, x) + (size_t)o] =
                        (int16_t)crl_requant_apply_wide((int64_t)acc, &c->out, (size_t)o);
                }
}

void crl_conv_f32_ref(float *out, const float *in, const float *filter, const float *bias, const crl_conv *c)
{
    const crl_window *w = &c->window;
    const int32_t depth = w->in_c / c->groups, per_group = w->out_c / c->groups;
    for (int32_t b = 0; b < w->batch; b++)
        for (int32_t y = 0; y < w->out_h; y++)
            for (int32_t x = 0; x < w->out_w; x++) {
                const crl_taps ty = crl_window_taps_y(w, y), tx = crl_window_taps_x(w, x);
                float *pixel = out + crl_window_out(w, b, y, x);
                for (int32_t o = 0; o < w->out_c; o++) {
                    float acc = 0;
                    for (int32_t fy = ty.first; fy < ty.end; fy++)
                        for (int32_t fx = tx.first; fx < tx.end; fx++) {
                            const float *i = in + (size_t)(o / per_group) * (size_t)depth +
                                             crl_window_in(w, b, ty.origin + fy * w->dilation_h,
                                                           tx.origin + fx * w->dilation_w);
                            const float *f = filter + (size_t)depth * (((size_t)o * (size_t)w->filter_h + (size_t)fy) *
                                                                           (size_t)w->filter_w +
                                                                       (size_t)fx);
                            for (int32_t k = 0; k < depth; k++) acc += i[k] * f[k];
                        }
                    acc += bias ? bias[o] : 0.0f;
                    acc = acc < c->min_f32 ? c->min_f32 : acc;
                    pixel[o] = acc > c->max_f32 ? c->max_f32 : acc;
                }
            }
}

/* One picture. */
static void hybrid(float *out, const crl_hybrid_vector *in, const float *bias, const crl_conv_hybrid *h)
{
    crl_conv c = h->conv;
    c.in_zero = in->zero;
    c.filter_zero = 0;
    const crl_window *w = &c.window;
    for (int32_t y = 0; y < w->out_h; y++)
        for (int32_t x = 0; x < w->out_w; x++)
            for (int32_t o = 0; o < w->out_c; o++) {
                const uint64_t sum = dot(in->q, CRL_INT8, h->filter.weights, CRL_INT8, &c, 0, crl_window_taps_y(w, y),
                                         crl_window_taps_x(w, x), o);
                const float acc = (float)(int32_t)(uint32_t)sum;
                const float v = h->filter.row_scale ? acc * h->filter.row_scale[o] * in->scale
                                                    : acc * (in->scale * h->filter.scale);
                out[crl_window_out(w, 0, y, x) + (size_t)o] = crl_conv_clamp_f32(v + (bias ? bias[o] : 0), &c);
            }
}

void crl_conv_hybrid_ref(float *out, const float *in, const float *bias, const crl_conv_hybrid *c, int8_t *quantised)
{
    const crl_window *w = &c->conv.window;
    const size_t in_n = crl_window_in(w, 1, 0, 0), out_n = crl_window_out(w, 1, 0, 0);
    for (int32_t b = 0; b < w->batch; b++, in += in_n, out += out_n) {
        crl_hybrid_vector v = { .q = quantised };
        crl_hybrid_quantize(&v, in, in_n, c->asymmetric);
        hybrid(out, &v, bias, c);
    }
}
