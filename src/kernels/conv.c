/* SPDX-License-Identifier: Apache-2.0 */
/* The definition of convolution, for every type. */
#include "kernels/conv_frame.h"

/* Channel 0 of what output channel o sees under a tap, and its weight. */
typedef struct tap {
    size_t in, filter;
} tap;

CRL_INLINE tap tap_at(const crl_conv *c, int32_t b, int32_t iy, int32_t ix, int32_t fy, int32_t fx, int32_t o)
{
    const crl_window *w = &c->window;
    const int32_t depth = w->in_c / c->groups, group = o / (w->out_c / c->groups);
    return (tap){ crl_window_in(w, b, iy, ix) + (size_t)group * (size_t)depth,
                  (((size_t)o * (size_t)w->filter_h + (size_t)fy) * (size_t)w->filter_w + (size_t)fx) * (size_t)depth };
}

/* The products of a tap, added up. Those of 8 bits are added as the 32-bit sum that wraps, and their operands have 16 bits:
 * compilers know instructions for that. */
CRL_INLINE uint64_t products(const operands *p, const crl_conv *c, tap t, size_t depth)
{
    if (p->in_type == CRL_INT16) {
        uint64_t acc = 0;
        for (size_t k = 0; k < depth; k++) {
            const int32_t i = crl_load(p->in, t.in + k, p->in_type) - c->in_zero;
            const int32_t f = crl_load(p->filter, t.filter + k, p->filter_type) - c->filter_zero;
            acc += (uint64_t)(int64_t)(i * f);
        }
        return acc;
    }
    const int16_t in_zero = (int16_t)c->in_zero, filter_zero = (int16_t)c->filter_zero;
    uint32_t acc = 0;
    for (size_t k = 0; k < depth; k++) {
        const int16_t i = (int16_t)(crl_load(p->in, t.in + k, p->in_type) - in_zero);
        const int16_t f = (int16_t)(crl_load(p->filter, t.filter + k, p->filter_type) - filter_zero);
        acc += (uint32_t)(i * f);
    }
    return acc;
}

CRL_INLINE uint64_t dot(const operands *p, const crl_conv *c, int32_t b, int32_t y, int32_t x, int32_t o)
{
    const crl_window *w = &c->window;
    const crl_taps ty = crl_window_taps_y(w, y), tx = crl_window_taps_x(w, x);
    const size_t depth = (size_t)(w->in_c / c->groups);
    uint64_t acc = 0;
    for (int32_t fy = ty.first; fy < ty.end; fy++)
        for (int32_t fx = tx.first; fx < tx.end; fx++) {
            const tap t = tap_at(c, b, ty.origin + fy * w->dilation_h, tx.origin + fx * w->dilation_w, fy, fx, o);
            acc += products(p, c, t, depth);
        }
    return acc;
}

CRL_INLINE float dot_f32(const float *in, const float *filter, const crl_conv *c, int32_t b, int32_t y, int32_t x, int32_t o)
{
    const crl_window *w = &c->window;
    const crl_taps ty = crl_window_taps_y(w, y), tx = crl_window_taps_x(w, x);
    const size_t depth = (size_t)(w->in_c / c->groups);
    float acc = 0;
    for (int32_t fy = ty.first; fy < ty.end; fy++)
        for (int32_t fx = tx.first; fx < tx.end; fx++) {
            const tap t = tap_at(c, b, ty.origin + fy * w->dilation_h, tx.origin + fx * w->dilation_w, fy, fx, o);
            for (size_t k = 0; k < depth; k++) acc += in[t.in + k] * filter[t.filter + k];
        }
    return acc;
}

CRL_INLINE float hybrid(const crl_hybrid_vector *in, const float *bias, const crl_conv_hybrid *h, const crl_conv *c, int32_t y,
                        int32_t x, int32_t o)
{
    const operands p = { in->q, h->filter.weights, CRL_INT8, CRL_INT8 };
    const float acc = (float)(int32_t)(uint32_t)dot(&p, c, 0, y, x, o);
    const float v = h->filter.row_scale ? acc * h->filter.row_scale[o] * in->scale : acc * (in->scale * h->filter.scale);
    return v + (bias ? bias[o] : 0);
}

void crl_conv_u8_ref(uint8_t *out, const uint8_t *in, const uint8_t *filter, const int32_t *bias, const crl_conv *c)
{
    each_output(out, &(operands){ in, filter, CRL_UINT8, CRL_UINT8 }, bias, false, dot, c);
}

void crl_conv_s8_ref(int8_t *out, const int8_t *in, const int8_t *filter, const int32_t *bias, const crl_conv *c)
{
    each_output(out, &(operands){ in, filter, CRL_INT8, CRL_INT8 }, bias, false, dot, c);
}

void crl_conv_s16_ref(int16_t *out, const int16_t *in, const int8_t *filter, const int32_t *bias, const crl_conv *c)
{
    each_output(out, &(operands){ in, filter, CRL_INT16, CRL_INT8 }, bias, false, dot, c);
}

void crl_conv_s16_wide_ref(int16_t *out, const int16_t *in, const int8_t *filter, const int64_t *bias,
                           const crl_conv *c)
{
    each_output(out, &(operands){ in, filter, CRL_INT16, CRL_INT8 }, bias, true, dot, c);
}

void crl_conv_f32_ref(float *out, const float *in, const float *filter, const float *bias, const crl_conv *c)
{
    each_output_f32(out, in, filter, bias, dot_f32, c);
}

void crl_conv_hybrid_ref(float *out, const float *in, const float *bias, const crl_conv_hybrid *c, int8_t *quantised)
{
    each_output_hybrid(out, in, bias, c, quantised, hybrid);
}
