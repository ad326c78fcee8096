/* SPDX-License-Identifier: Apache-2.0 */
/* What the definitions of convolutions share: the walk over the outputs, and what becomes of their sums. An operator gives the
 * sum of one output. It is inlined with constant types, so that one loop serves them all. */
#ifndef CRL_KERNELS_CONV_FRAME_H
#define CRL_KERNELS_CONV_FRAME_H

#include "kernels/conv.h"
#include "kernels/element.h"

typedef struct operands {
    const void *in, *filter;
    crl_type in_type, filter_type;
} operands;

/* The sum of products of output channel o of a pixel, without the bias. */
typedef uint64_t dot_fn(const operands *p, const crl_conv *c, int32_t b, int32_t y, int32_t x, int32_t o);
typedef float dot_f32_fn(const float *in, const float *filter, const crl_conv *c, int32_t b, int32_t y, int32_t x, int32_t o);
/* An output of floats by 8-bit weights, with the bias and not clamped. `c` has the zero points of the picture `in`. */
typedef float hybrid_fn(const crl_hybrid_vector *in, const float *bias, const crl_conv_hybrid *h, const crl_conv *c, int32_t y,
                        int32_t x, int32_t o);

/* Sums are kept in 64-bit unsigned numbers, whose lower half is the 32-bit sum that wraps: one loop serves both accumulators.
 * `wide`: bias and accumulators of 64 bits. */
CRL_INLINE void each_output(void *out, const operands *p, const void *bias, bool wide, dot_fn *dot, const crl_conv *c)
{
    const crl_window *w = &c->window;
    for (int32_t b = 0; b < w->batch; b++)
        for (int32_t y = 0; y < w->out_h; y++)
            for (int32_t x = 0; x < w->out_w; x++)
                for (int32_t o = 0; o < w->out_c; o++) {
                    const size_t at = crl_window_out(w, b, y, x) + (size_t)o;
                    uint64_t acc = dot(p, c, b, y, x, o);
                    if (bias) acc += wide ? (uint64_t)((const int64_t *)bias)[o] : (uint32_t)((const int32_t *)bias)[o];
                    crl_store(out, at, p->in_type, wide ? crl_requant_apply_wide((int64_t)acc, &c->out, (size_t)o)
                                                        : crl_requant_apply((int32_t)(uint32_t)acc, &c->out, (size_t)o));
                }
}

CRL_INLINE void each_output_f32(float *out, const float *in, const float *filter, const float *bias, dot_f32_fn *dot,
                                const crl_conv *c)
{
    const crl_window *w = &c->window;
    for (int32_t b = 0; b < w->batch; b++)
        for (int32_t y = 0; y < w->out_h; y++)
            for (int32_t x = 0; x < w->out_w; x++)
                for (int32_t o = 0; o < w->out_c; o++) {
                    const float acc = dot(in, filter, c, b, y, x, o) + (bias ? bias[o] : 0.0f);
                    out[crl_window_out(w, b, y, x) + (size_t)o] = crl_conv_clamp_f32(acc, c);
                }
}

/* Pictures are quantised one by one, into `quantised`. */
CRL_INLINE void each_output_hybrid(float *out, const float *in, const float *bias, const crl_conv_hybrid *h, int8_t *quantised,
                                   hybrid_fn *value)
{
    crl_conv c = h->conv;
    const crl_window *w = &c.window;
    const size_t n = crl_window_in(w, 1, 0, 0);
    for (int32_t b = 0; b < w->batch; b++) {
        crl_hybrid_vector v = { .q = quantised };
        crl_hybrid_quantize(&v, in + (size_t)b * n, n, h->asymmetric);
        c.in_zero = v.zero;
        c.filter_zero = 0;
        for (int32_t y = 0; y < w->out_h; y++)
            for (int32_t x = 0; x < w->out_w; x++)
                for (int32_t o = 0; o < w->out_c; o++)
                    out[crl_window_out(w, b, y, x) + (size_t)o] = crl_conv_clamp_f32(value(&v, bias, h, &c, y, x, o), &c);
    }
}

#endif
