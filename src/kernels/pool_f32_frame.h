/* SPDX-License-Identifier: Apache-2.0 */
/* Pools of floats, written once for all vectors; to be included after one of f32_*.h. The last vector of channels overlaps the
 * one before it. */
#ifndef CRL_KERNELS_POOL_F32_FRAME_H
#define CRL_KERNELS_POOL_F32_FRAME_H

#include <float.h>

#include "kernels/pool_f32.h"

/* Channels c and following of one output. */
CRL_INLINE void pool_vector(float *out, const float *picture, const crl_pool2d *p, crl_taps ty, crl_taps tx, int32_t c, bool max)
{
    const crl_window *w = &p->window;
    f32s v = f32_fill(max ? -FLT_MAX : 0);
    for (int32_t fy = ty.first; fy < ty.end; fy++)
        for (int32_t fx = tx.first; fx < tx.end; fx++) {
            const f32s x = f32_load(picture + crl_window_in(w, 0, ty.origin + fy, tx.origin + fx) + (size_t)c);
            v = max ? f32_larger(v, x) : f32_add(v, x);
        }
    if (!max) v = f32_divide(v, f32_fill((float)((ty.end - ty.first) * (tx.end - tx.first))));
    f32_store(out + c, f32_clamp(v, f32_fill(p->min_f32), f32_fill(p->max_f32)));
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
            for (int32_t c = 0; c < w->out_c; c += F32_LANES)
                pool_vector(to, picture, p, ty, tx, c + F32_LANES <= w->out_c ? c : w->out_c - F32_LANES, max);
        }
    }
}

#endif
