/* SPDX-License-Identifier: Apache-2.0 */
/* The definition of transposed convolution, for every type. As in conv.c, 64-bit sums serve 32-bit ones. */
#include "kernels/transpose_conv.h"

#include "kernels/element.h"

/* Input positions along one axis that reach output position o: first <= i < end. */
typedef struct reach {
    int32_t first, end;
} reach;

static reach reach_of(int32_t o, int32_t pad, int32_t stride, int32_t filter, int32_t in)
{
    const int32_t at = o + pad; /* i * stride <= at <= i * stride + filter - 1 */
    reach r = { .first = at < filter ? 0 : (at - filter) / stride + 1, .end = at / stride + 1 };
    if (r.end > in) r.end = in;
    if (r.first > r.end) r.first = r.end;
    return r;
}

static inline size_t filter_at(const crl_window *w, int32_t o, int32_t fy, int32_t fx)
{
    return (((size_t)o * (size_t)w->filter_h + (size_t)fy) * (size_t)w->filter_w + (size_t)fx) * (size_t)w->in_c;
}

CRL_INLINE uint64_t dot(const void *in, crl_type in_type, const void *filter, crl_type filter_type, const crl_conv *c,
                        int32_t b, int32_t oy, int32_t ox, int32_t o)
{
    const crl_window *w = &c->window;
    const reach ry = reach_of(oy, w->pad_top, w->stride_h, w->filter_h, w->in_h);
    const reach rx = reach_of(ox, w->pad_left, w->stride_w, w->filter_w, w->in_w);
    uint64_t acc = 0;
    for (int32_t y = ry.first; y < ry.end; y++)
        for (int32_t x = rx.first; x < rx.end; x++) {
            const size_t i = crl_window_in(w, b, y, x);
            const size_t f = filter_at(w, o, oy + w->pad_top - y * w->stride_h, ox + w->pad_left - x * w->stride_w);
            for (size_t k = 0; k < (size_t)w->in_c; k++) {
                const int32_t p = crl_load(in, i + k, in_type) - c->in_zero;
                const int32_t q = crl_load(filter, f + k, filter_type) - c->filter_zero;
                acc += (uint64_t)(int64_t)(p * q);
            }
        }
    return acc;
}

CRL_INLINE void transpose_conv(void *out, const void *in, crl_type type, const void *filter, crl_type filter_type,
                               const int32_t *bias, const crl_conv *c)
{
    const crl_window *w = &c->window;
    for (int32_t b = 0; b < w->batch; b++)
        for (int32_t y = 0; y < w->out_h; y++)
            for (int32_t x = 0; x < w->out_w; x++)
                for (int32_t o = 0; o < w->out_c; o++) {
                    const uint64_t sum = dot(in, type, filter, filter_type, c, b, y, x, o);
                    const int32_t acc = (int32_t)((uint32_t)sum + (bias ? (uint32_t)bias[o] : 0));
                    crl_store(out, crl_window_out(w, b, y, x) + (size_t)o, type, crl_requant_apply(acc, &c->out, (size_t)o));
                }
}

void crl_transpose_conv_u8_ref(uint8_t *out, const uint8_t *in, const uint8_t *filter, const int32_t *bias,
                               const crl_conv *c)
{
    transpose_conv(out, in, CRL_UINT8, filter, CRL_UINT8, bias, c);
}

void crl_transpose_conv_s8_ref(int8_t *out, const int8_t *in, const int8_t *filter, const int32_t *bias,
                               const crl_conv *c)
{
    transpose_conv(out, in, CRL_INT8, filter, CRL_INT8, bias, c);
}

void crl_transpose_conv_s16_ref(int16_t *out, const int16_t *in, const int8_t *filter, const int32_t *bias,
                                const crl_conv *c)
{
    transpose_conv(out, in, CRL_INT16, filter, CRL_INT8, bias, c);
}

void crl_transpose_conv_s16_wide_ref(int16_t *out, const int16_t *in, const int8_t *filter, const int64_t *bias,
                                     const crl_conv *c)
{
    const crl_window *w = &c->window;
    for (int32_t b = 0; b < w->batch; b++)
        for (int32_t y = 0; y < w->out_h; y++)
            for (int32_t x = 0; x < w->out_w; x++)
                for (int32_t o = 0; o < w->out_c; o++) {
                    uint64_t acc = dot(in, CRL_INT16, filter, CRL_INT8, c, b, y, x, o);
                    if (bias) acc += (uint64_t)bias[o];
                    out[crl_window_out(w, b, y, x) + (size_t)o] =
                        (int16_t)crl_requant_apply_wide((int64_t)acc, &c->out, (size_t)o);
                }
}

void crl_transpose_conv_f32_ref(float *out, const float *in, const float *filter, const float *bias,
                                const crl_conv *c)
{
    const crl_window *w = &c->window;
    for (int32_t b = 0; b < w->batch; b++)
        for (int32_t oy = 0; oy < w->out_h; oy++)
            for (int32_t ox = 0; ox < w->out_w; ox++) {
                const reach ry = reach_of(oy, w->pad_top, w->stride_h, w->filter_h, w->in_h);
                const reach rx = reach_of(ox, w->pad_left, w->stride_w, w->filter_w, w->in_w);
                for (int32_t o = 0; o < w->out_c; o++) {
                    float acc = 0;
                    for (int32_t y = ry.first; y < ry.end; y++)
                        for (int32_t x = rx.first; x < rx.end; x++) {
                            const float *i = in + crl_window_in(w, b, y, x);
                            const float *f = filter + filter_at(w, o, oy + w->pad_top - y * w->stride_h,
                                                                ox + w->pad_left - x * w->stride_w);
                            for (int32_t k = 0; k < w->in_c; k++) acc += i[k] * f[k];
                        }
                    if (bias) acc += bias[o];
                    acc = acc < c->min_f32 ? c->min_f32 : acc;
                    out[crl_window_out(w, b, oy, ox) + (size_t)o] = acc > c->max_f32 ? c->max_f32 : acc;
                }
            }
}

/* One element of the output, before bias and activation. */
static float hybrid_sum(const crl_hybrid_vector *in, const crl_conv_hybrid *h, int32_t oy, int32_t ox, int32_t o)
{
    const crl_window *w = &h->conv.window;
    const reach ry = reach_of(oy, w->pad_top, w->stride_h, w->filter_h, w->in_h);
    const reach rx = reach_of(ox, w->pad_left, w->stride_w, w->filter_w, w->in_w);
    const float scale = h->filter.row_scale ? h->filter.row_scale[o] : h->filter.scale;
    float acc = 0;
    for (int32_t y = ry.first; y < ry.end; y++)
        for (int32_t x = rx.first; x < rx.end; x++) {
            const int8_t *i = in->q + crl_window_in(w, 0, y, x);
            const int8_t *f = h->filter.weights + filter_at(w, o, oy + w->pad_top - y * w->stride_h,
                                                            ox + w->pad_left - x * w->stride_w);
            for (int32_t k = 0; k < w->in_c; k++) acc += (float)((i[k] - in->zero) * f[k]) * scale * in->scale;
        }
    return acc;
}

void crl_transpose_conv_hybrid_ref(float *out, const float *in, const float *bias, const crl_conv_hybrid *c,
                                   int8_t *quantised)
{
    const crl_window *w = &c->conv.window;
    const size_t n = crl_window_in(w, 1, 0, 0);
    for (int32_t b = 0; b < w->batch; b++) {
        crl_hybrid_vector v = { .q = quantised };
        crl_hybrid_quantize(&v, in + (size_t)b * n, n, c->asymmetric);
        for (int32_t y = 0; y < w->out_h; y++)
            for (int32_t x = 0; x < w->out_w; x++)
                for (int32_t o = 0; o < w->out_c; o++)
                    out[crl_window_out(w, b, y, x) + (size_t)o] =
                        crl_conv_clamp_f32(hybrid_sum(&v, c, y, x, o) + (bias ? bias[o] : 0), &c->conv);
    }
}
