/* SPDX-License-Identifier: Apache-2.0 */
/* The definition of transposed convolution, for every type. */
#include "kernels/transpose_conv.h"

#include "kernels/conv_frame.h"

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

static inline reach reach_y(const crl_window *w, int32_t oy)
{
    return reach_of(oy, w->pad_top, w->stride_h, w->filter_h, w->in_h);
}

static inline reach reach_x(const crl_window *w, int32_t ox)
{
    return reach_of(ox, w->pad_left, w->stride_w, w->filter_w, w->in_w);
}

/* Channel 0 of the weights between output (oy, ox), channel o, and input (y, x). */
static inline size_t filter_at(const crl_window *w, int32_t o, int32_t oy, int32_t ox, int32_t y, int32_t x)
{
    const int32_t fy = oy + w->pad_top - y * w->stride_h, fx = ox + w->pad_left - x * w->stride_w;
    return (((size_t)o * (size_t)w->filter_h + (size_t)fy) * (size_t)w->filter_w + (size_t)fx) * (size_t)w->in_c;
}

CRL_INLINE uint64_t dot(const operands *p, const crl_conv *c, int32_t b, int32_t oy, int32_t ox, int32_t o)
{
    const crl_window *w = &c->window;
    const reach ry = reach_y(w, oy), rx = reach_x(w, ox);
    uint64_t acc = 0;
    for (int32_t y = ry.first; y < ry.end; y++)
        for (int32_t x = rx.first; x < rx.end; x++) {
            const size_t at = crl_window_in(w, b, y, x), f = filter_at(w, o, oy, ox, y, x);
            for (size_t k = 0; k < (size_t)w->in_c; k++) {
                const int32_t u = crl_load(p->in, at + k, p->in_type) - c->in_zero;
                const int32_t v = crl_load(p->filter, f + k, p->filter_type) - c->filter_zero;
                acc += (uint64_t)(int64_t)(u * v);
            }
        }
    return acc;
}

CRL_INLINE float dot_f32(const float *in, const float *filter, const crl_conv *c, int32_t b, int32_t oy, int32_t ox, int32_t o)
{
    const crl_window *w = &c->window;
    const reach ry = reach_y(w, oy), rx = reach_x(w, ox);
    float acc = 0;
    for (int32_t y = ry.first; y < ry.end; y++)
        for (int32_t x = rx.first; x < rx.end; x++) {
            const float *i = in + crl_window_in(w, b, y, x), *f = filter + filter_at(w, o, oy, ox, y, x);
            for (int32_t k = 0; k < w->in_c; k++) acc += i[k] * f[k];
        }
    return acc;
}

CRL_INLINE float hybrid(const crl_hybrid_vector *in, const float *bias, const crl_conv_hybrid *h, const crl_conv *c, int32_t oy,
                        int32_t ox, int32_t o)
{
    const crl_window *w = &c->window;
    const reach ry = reach_y(w, oy), rx = reach_x(w, ox);
    const float scale = h->filter.row_scale ? h->filter.row_scale[o] : h->filter.scale;
    float acc = 0;
    for (int32_t y = ry.first; y < ry.end; y++)
        for (int32_t x = rx.first; x < rx.end; x++) {
            const int8_t *i = in->q + crl_window_in(w, 0, y, x), *f = h->filter.weights + filter_at(w, o, oy, ox, y, x);
            for (int32_t k = 0; k < w->in_c; k++) acc += (float)((i[k] - in->zero) * f[k]) * scale * in->scale;
        }
    return acc + (bias ? bias[o] : 0);
}

void crl_transpose_conv_u8_ref(uint8_t *out, const uint8_t *in, const uint8_t *filter, const int32_t *bias,
                               const crl_conv *c)
{
    each_output(out, &(operands){ in, filter, CRL_UINT8, CRL_UINT8 }, bias, false, dot, c);
}

void crl_transpose_conv_s8_ref(int8_t *out, const int8_t *in, const int8_t *filter, const int32_t *bias,
                               const crl_conv *c)
{
    each_output(out, &(operands){ in, filter, CRL_INT8, CRL_INT8 }, bias, false, dot, c);
}

void crl_transpose_conv_s16_ref(int16_t *out, const int16_t *in, const int8_t *filter, const int32_t *bias,
                                const crl_conv *c)
{
    each_output(out, &(operands){ in, filter, CRL_INT16, CRL_INT8 }, bias, false, dot, c);
}

void crl_transpose_conv_s16_wide_ref(int16_t *out, const int16_t *in, const int8_t *filter, const int64_t *bias,
                                     const crl_conv *c)
{
    each_output(out, &(operands){ in, filter, CRL_INT16, CRL_INT8 }, bias, true, dot, c);
}

void crl_transpose_conv_f32_ref(float *out, const float *in, const float *filter, const float *bias,
                                const crl_conv *c)
{
    each_output_f32(out, in, filter, bias, dot_f32, c);
}

void crl_transpose_conv_hybrid_ref(float *out, const float *in, const float *bias, const crl_conv_hybrid *c,
                                   int8_t *quantised)
{
    each_output_hybrid(out, in, bias, c, quantised, hybrid);
}
