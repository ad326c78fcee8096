/* SPDX-License-Identifier: Apache-2.0 */
/* The definition of depthwise convolution, for every type. */
#include "kernels/depthwise.h"

#include "kernels/conv_frame.h"

static inline size_t filter_at(const crl_window *w, int32_t fy, int32_t fx, int32_t o)
{
    return ((size_t)fy * (size_t)w->filter_w + (size_t)fx) * (size_t)w->out_c + (size_t)o;
}

/* The channel that output channel o reads. */
static inline size_t channel_of(const crl_window *w, int32_t o)
{
    return (size_t)(o / (w->out_c / w->in_c));
}

CRL_INLINE uint64_t dot(const operands *p, const crl_conv *c, int32_t b, int32_t y, int32_t x, int32_t o)
{
    const crl_window *w = &c->window;
    const crl_taps ty = crl_window_taps_y(w, y), tx = crl_window_taps_x(w, x);
    const size_t channel = channel_of(w, o);
    uint64_t acc = 0;
    for (int32_t fy = ty.first; fy < ty.end; fy++)
        for (int32_t fx = tx.first; fx < tx.end; fx++) {
            const size_t at = crl_window_in(w, b, ty.origin + fy * w->dilation_h, tx.origin + fx * w->dilation_w) + channel;
            const int32_t i = crl_load(p->in, at, p->in_type) - c->in_zero;
            const int32_t f = crl_load(p->filter, filter_at(w, fy, fx, o), p->filter_type) - c->filter_zero;
            acc += (uint64_t)(int64_t)(i * f);
        }
    return acc;
}

CRL_INLINE float dot_f32(const float *in, const float *filter, const crl_conv *c, int32_t b, int32_t y, int32_t x, int32_t o)
{
    const crl_window *w = &c->window;
    const crl_taps ty = crl_window_taps_y(w, y), tx = crl_window_taps_x(w, x);
    const size_t channel = channel_of(w, o);
    float acc = 0;
    for (int32_t fy = ty.first; fy < ty.end; fy++)
        for (int32_t fx = tx.first; fx < tx.end; fx++)
            acc += in[crl_window_in(w, b, ty.origin + fy * w->dilation_h, tx.origin + fx * w->dilation_w) + channel] *
                   filter[filter_at(w, fy, fx, o)];
    return acc;
}

CRL_INLINE float hybrid(const crl_hybrid_vector *in, const float *bias, const crl_conv_hybrid *h, const crl_conv *c, int32_t y,
                        int32_t x, int32_t o)
{
    const operands p = { in->q, h->filter.weights, CRL_INT8, CRL_INT8 };
    const float acc = (float)(int32_t)(uint32_t)dot(&p, c, 0, y, x, o);
    const float v = acc * ((h->filter.row_scale ? h->filter.row_scale[o] : h->filter.scale) * in->scale);
    return bias ? v + bias[o] : v;
}

void crl_depthwise_u8_ref(uint8_t *out, const uint8_t *in, const uint8_t *filter, const int32_t *bias,
                          const crl_conv *c)
{
    each_output(out, &(operands){ in, filter, CRL_UINT8, CRL_UINT8 }, bias, false, dot, c);
}

void crl_depthwise_s8_ref(int8_t *out, const int8_t *in, const int8_t *filter, const int32_t *bias, const crl_conv *c)
{
    each_output(out, &(operands){ in, filter, CRL_INT8, CRL_INT8 }, bias, false, dot, c);
}

void crl_depthwise_s16_wide_ref(int16_t *out, const int16_t *in, const int8_t *filter, const int64_t *bias,
                                const crl_conv *c)
{
    each_output(out, &(operands){ in, filter, CRL_INT16, CRL_INT8 }, bias, true, dot, c);
}

void crl_depthwise_f32_ref(float *out, const float *in, const float *filter, const float *bias, const crl_conv *c)
{
    each_output_f32(out, in, filter, bias, dot_f32, c);
}

void crl_depthwise_hybrid_ref(float *out, const float *in, const float *bias, const crl_conv_hybrid *c, int8_t *quantised)
{
    each_output_hybrid(out, in, bias, c, quantised, hybrid);
}
