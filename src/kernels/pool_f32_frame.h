/* SPDX-License-Identifier: Apache-2.0 */
/* Pools of floats, written once for all vectors; to be included after one of f32_*.h. The last vector of channels overlaps the
 * one before it. */
#ifndef CRL_KERNELS_POOL_F32_FRAME_H
#define CRL_KERNELS_POOL_F32_FRAME_H

#include <float.h>

#include "kernels/pool_f32.h"

CRL_INLINE f32s join(f32s v, const float *x, bool max)
{
    return max ? f32_larger(v, f32_load(x)) : f32_add(v, f32_load(x));
}

CRL_INLINE void finish(float *out, f32s v, const crl_pool2d *p, int32_t taps, bool max)
{
    if (!max) v = f32_divide(v, f32_fill((float)taps));
    f32_store(out, f32_clamp(v, f32_fill(p->min_f32), f32_fill(p->max_f32)));
}

/* Channels c and following of one output: `n` vectors, one or four, since a sum waits for the one before it. */
CRL_INLINE void pool_vectors(float *out, const float *picture, const crl_pool2d *p, crl_taps ty, crl_taps tx, int32_t c, int n, bool max)
{
    const crl_window *w = &p->window;
    const f32s none = f32_fill(max ? -FLT_MAX : 0);
    f32s v0 = none, v1 = none, v2 = none, v3 = none;
    for (int32_t fy = ty.first; fy < ty.end; fy++)
        for (int32_t fx = tx.first; fx < tx.end; fx++) {
            const float *x = picture + crl_window_in(w, 0, ty.origin + fy, tx.origin + fx) + (size_t)c;
            v0 = join(v0, x, max);
            if (n == 1) continue;
            v1 = join(v1, x + F32_LANES, max);
            v2 = join(v2, x + 2 * F32_LANES, max);
            v3 = join(v3, x + 3 * F32_LANES, max);
        }
    const int32_t taps = (ty.end - ty.first) * (tx.end - tx.first);
    finish(out + c, v0, p, taps, max);
    if (n == 1) return;
    finish(out + c + F32_LANES, v1, p, taps, max);
    finish(out + c + 2 * F32_LANES, v2, p, taps, max);
    finish(out + c + 3 * F32_LANES, v3, p, taps, max);
}

CRL_INLINE void pool_rows(float *out, const float *in, const crl_pool2d *p, int32_t row0, int32_t row1, bool max)
{
    const crl_window *w = &p->window;
    for (int32_t row = row0; row < row1; row++) {
        const int32_t b = row / w->out_h, y = row % w->out_h;
        const float *picture = in + crl_window_in(w, b, 0, 0);
        const crl_taps ty = crl_window_taps_y(w, y);
        for (int32_t x = 0; x < w->out_w; x++) {
            const crl_taps tx = crl_window_taps_x(w, x);
            float *to = out + crl_window_out(w, b, y, x);
            int32_t c = 0;
            for (; c + 4 * F32_LANES <= w->out_c; c += 4 * F32_LANES) pool_vectors(to, picture, p, ty, tx, c, 4, max);
            for (; c < w->out_c; c += F32_LANES)
                pool_vectors(to, picture, p, ty, tx, c + F32_LANES <= w->out_c ? c : w->out_c - F32_LANES, 1, max);
        }
    }
}

#endif
