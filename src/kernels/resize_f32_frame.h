/* SPDX-License-Identifier: Apache-2.0 */
/* Bilinear resizing of floats, written once for all vectors; to be included after one of f32_*.h. The last vector of channels
 * overlaps the one before it. */
#ifndef CRL_KERNELS_RESIZE_F32_FRAME_H
#define CRL_KERNELS_RESIZE_F32_FRAME_H

#include "kernels/resize_f32.h"

/* The four pixels around an output, and their weights. */
typedef struct around {
    const float *low_low, *high_low, *low_high, *high_high; /* row, column */
    f32s up, down, left, right;
} around;

CRL_INLINE void blend_vector(float *out, const around *a, int32_t c)
{
    f32s v = f32_mul(f32_mul(f32_load(a->low_low + c), a->up), a->left);
    v = f32_add(v, f32_mul(f32_mul(f32_load(a->high_low + c), a->down), a->left));
    v = f32_add(v, f32_mul(f32_mul(f32_load(a->low_high + c), a->up), a->right));
    v = f32_add(v, f32_mul(f32_mul(f32_load(a->high_high + c), a->down), a->right));
    f32_store(out + c, f32_add(v, f32_fill(0))); /* a sum of -0 becomes 0 */
}

CRL_INLINE void resize_rows(float *out, const float *in, const crl_resize *r, const crl_resize_at_f32 *x, int32_t row0, int32_t row1)
{
    const int32_t n = r->channels;
    const size_t channels = (size_t)n, line = (size_t)r->in_w * channels;
    out += (size_t)row0 * (size_t)r->out_w * channels;
    for (int32_t row = row0; row < row1; row++) {
        const float *picture = in + (size_t)(row / r->out_h) * (size_t)r->in_h * line;
        const crl_resize_at_f32 y = crl_resize_find_f32(row % r->out_h, r->in_h, r->out_h, r);
        const float *low = picture + (size_t)y.low * line, *high = picture + (size_t)y.high * line;
        const float down = y.at - (float)y.low;
        for (int32_t ox = 0; ox < r->out_w; ox++, out += channels) {
            const size_t left = (size_t)x[ox].low * channels, right = (size_t)x[ox].high * channels;
            const float to_right = x[ox].at - (float)x[ox].low;
            const around a = { low + left, high + left, low + right, high + right, f32_fill(1 - down), f32_fill(down),
                               f32_fill(1 - to_right), f32_fill(to_right) };
            for (int32_t c = 0; c < n; c += F32_LANES) blend_vector(out, &a, c + F32_LANES <= n ? c : n - F32_LANES);
        }
    }
}

#endif
