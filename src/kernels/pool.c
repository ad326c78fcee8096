/* SPDX-License-Identifier: Apache-2.0 */
/* The definition of pools. Each walks the outputs and hands one window to a function. */
#include "kernels/pool.h"

#include <float.h>
#include <math.h>

#include "base/fixed.h"
#include "kernels/average_chip.h"
#include "kernels/element.h"
#include "kernels/requant.h"

/* One window of one channel. */
typedef struct view {
    const void *in;
    const crl_window *w;
    int32_t b, c;
    crl_taps ty, tx;
} view;

CRL_INLINE size_t tap(const view *v, int32_t fy, int32_t fx)
{
    return crl_window_in(v->w, v->b, v->ty.origin + fy, v->tx.origin + fx) + (size_t)v->c;
}

CRL_INLINE int32_t taps(const view *v)
{
    return (v->ty.end - v->ty.first) * (v->tx.end - v->tx.first);
}

CRL_INLINE int32_t average(const view *v, crl_type type, const crl_pool2d *p)
{
    int64_t sum = 0;
    for (int32_t fy = v->ty.first; fy < v->ty.end; fy++)
        for (int32_t fx = v->tx.first; fx < v->tx.end; fx++) sum += crl_load(v->in, tap(v, fy, fx), type);
    const int32_t n = taps(v);
    if (p->on_chip.in_scale > 0) {
        const crl_requant q = { .zero_point = p->on_chip.out_zero, .min = p->min, .max = p->max };
        const float all = (float)(sum - (int64_t)n * p->on_chip.in_zero);
        return crl_requant_place_single(all * crl_average_chip_factor(&p->on_chip, n), &q);
    }
    return (int32_t)((sum > 0 ? sum + n / 2 : sum - n / 2) / n);
}

CRL_INLINE int32_t largest(const view *v, crl_type type)
{
    int32_t max = crl_type_min(type);
    for (int32_t fy = v->ty.first; fy < v->ty.end; fy++)
        for (int32_t fx = v->tx.first; fx < v->tx.end; fx++) {
            const int32_t x = crl_load(v->in, tap(v, fy, fx), type);
            max = x > max ? x : max;
        }
    return max;
}

CRL_INLINE float average_f32(const view *v)
{
    float sum = 0;
    for (int32_t fy = v->ty.first; fy < v->ty.end; fy++)
        for (int32_t fx = v->tx.first; fx < v->tx.end; fx++) sum += ((const float *)v->in)[tap(v, fy, fx)];
    return sum / (float)taps(v);
}

CRL_INLINE float largest_f32(const view *v)
{
    float max = -FLT_MAX;
    for (int32_t fy = v->ty.first; fy < v->ty.end; fy++)
        for (int32_t fx = v->tx.first; fx < v->tx.end; fx++) {
            const float x = ((const float *)v->in)[tap(v, fy, fx)];
            max = max < x ? x : max;
        }
    return max;
}

CRL_INLINE float l2_f32(const view *v)
{
    float sum = 0;
    for (int32_t fy = v->ty.first; fy < v->ty.end; fy++)
        for (int32_t fx = v->tx.first; fx < v->tx.end; fx++) {
            const float x = ((const float *)v->in)[tap(v, fy, fx)];
            sum += x * x;
        }
    return sqrtf(sum / (float)taps(v));
}

typedef enum kind { AVERAGE, MAX, L2 } kind;

CRL_INLINE void pool(void *out, const void *in, crl_type type, kind k, const crl_pool2d *p)
{
    const crl_window *w = &p->window;
    view v = { .in = in, .w = w };
    for (v.b = 0; v.b < w->batch; v.b++)
        for (int32_t y = 0; y < w->out_h; y++)
            for (int32_t x = 0; x < w->out_w; x++) {
                v.ty = crl_window_taps_y(w, y);
                v.tx = crl_window_taps_x(w, x);
                for (v.c = 0; v.c < w->in_c; v.c++) {
                    const size_t at = crl_window_out(w, v.b, y, x) + (size_t)v.c;
                    if (type == CRL_FLOAT32) {
                        float r = k == AVERAGE ? average_f32(&v) : k == MAX ? largest_f32(&v) : l2_f32(&v);
                        r = r < p->min_f32 ? p->min_f32 : r;
                        ((float *)out)[at] = r > p->max_f32 ? p->max_f32 : r;
                    } else {
                        const int32_t r = k == AVERAGE ? average(&v, type, p) : largest(&v, type);
                        crl_store(out, at, type, crl_clamp(r, p->min, p->max));
                    }
                }
            }
}

void crl_average_pool_u8_ref(void *out, const void *in, const crl_pool2d *p)
{
    pool(out, in, CRL_UINT8, AVERAGE, p);
}

void crl_average_pool_s8_ref(void *out, const void *in, const crl_pool2d *p)
{
    pool(out, in, CRL_INT8, AVERAGE, p);
}

void crl_average_pool_s16_ref(void *out, const void *in, const crl_pool2d *p)
{
    pool(out, in, CRL_INT16, AVERAGE, p);
}

void crl_average_pool_f32_ref(void *out, const void *in, const crl_pool2d *p)
{
    pool(out, in, CRL_FLOAT32, AVERAGE, p);
}

void crl_max_pool_u8_ref(void *out, const void *in, const crl_pool2d *p)
{
    pool(out, in, CRL_UINT8, MAX, p);
}

void crl_max_pool_s8_ref(void *out, const void *in, const crl_pool2d *p)
{
    pool(out, in, CRL_INT8, MAX, p);
}

/* All channels of a window before the next tap: compilers make vectors of that. */
void crl_max_pool_s16_ref(void *out, const void *in, const crl_pool2d *p)
{
    const crl_window *w = &p->window;
    const size_t channels = (size_t)w->in_c;
    int16_t *to = out;
    for (int32_t b = 0; b < w->batch; b++)
        for (int32_t y = 0; y < w->out_h; y++)
            for (int32_t x = 0; x < w->out_w; x++, to += channels) {
                const crl_taps ty = crl_window_taps_y(w, y), tx = crl_window_taps_x(w, x);
                for (size_t c = 0; c < channels; c++) to[c] = (int16_t)p->min;
                for (int32_t fy = ty.first; fy < ty.end; fy++)
                    for (int32_t fx = tx.first; fx < tx.end; fx++) {
                        const int16_t *from = (const int16_t *)in + crl_window_in(w, b, ty.origin + fy, tx.origin + fx);
                        for (size_t c = 0; c < channels; c++) to[c] = from[c] > to[c] ? from[c] : to[c];
                    }
                for (size_t c = 0; c < channels; c++) to[c] = to[c] > p->max ? (int16_t)p->max : to[c];
            }
}

void crl_max_pool_f32_ref(void *out, const void *in, const crl_pool2d *p)
{
    pool(out, in, CRL_FLOAT32, MAX, p);
}

void crl_l2_pool_f32_ref(void *out, const void *in, const crl_pool2d *p)
{
    pool(out, in, CRL_FLOAT32, L2, p);
}
