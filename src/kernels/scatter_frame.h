/* SPDX-License-Identifier: Apache-2.0 */
/* The scatter kernels, written once for all vectors; to be included after one of f32_*.h. */
#ifndef CRL_KERNELS_SCATTER_FRAME_H
#define CRL_KERNELS_SCATTER_FRAME_H

#include "kernels/f32_vectors.h"
#include "kernels/scatter_level.h"

CRL_INLINE f32s add_term(f32s acc, f32s x, const float *w, f32s scale, f32s in_scale)
{
    return f32_add(acc, f32_mul(f32_mul(f32_mul(x, f32_load(w)), scale), in_scale));
}

/* The terms of a pixel by `n` vectors of weights, whose first is weights[at]. */
CRL_INLINE void add_pixel(float *sums, const float *x, const uint32_t *at, uint32_t terms, const float *weights, const float *scale,
                          f32s in_scale, int n)
{
    vectors acc = load_vectors(sums, n);
    const vectors s = load_vectors(scale, n);
    for (uint32_t i = 0; i < terms; i++) {
        const float *w = weights + at[i];
        const f32s v = f32_fill(x[i]);
        acc.v0 = add_term(acc.v0, v, w, s.v0, in_scale);
        if (n > 1) acc.v1 = add_term(acc.v1, v, w + F32_LANES, s.v1, in_scale);
        if (n > 2) acc.v2 = add_term(acc.v2, v, w + 2 * F32_LANES, s.v2, in_scale);
        if (n > 3) acc.v3 = add_term(acc.v3, v, w + 3 * F32_LANES, s.v3, in_scale);
    }
    f32_store(sums, acc.v0);
    if (n > 1) f32_store(sums + F32_LANES, acc.v1);
    if (n > 2) f32_store(sums + 2 * F32_LANES, acc.v2);
    if (n > 3) f32_store(sums + 3 * F32_LANES, acc.v3);
}

/* Some vectors, from column `first` on, of pixels p .. end - 1. */
CRL_INLINE void add_columns(const crl_scatter *s, float *line, const crl_scatter_row *row, const float *weights, size_t first, int32_t p,
                            int32_t end, f32s in_scale, int n)
{
    for (; p < end; p++) {
        const size_t at = (size_t)p * s->room;
        add_pixel(line + (size_t)p * s->step + first, row->x + at, row->at + at, row->n[p], weights + first, s->scale + first, in_scale, n);
    }
}

CRL_INLINE void add_pixels(const crl_scatter *s, float *line, const crl_scatter_row *row, const float *weights, int32_t p, int32_t end,
                           f32s in_scale)
{
    enum { MOST = 4 };
    size_t first = 0;
    for (; first + MOST * F32_LANES <= s->width; first += MOST * F32_LANES)
        add_columns(s, line, row, weights, first, p, end, in_scale, MOST);
    switch ((s->width - first) / F32_LANES) {
    case 1: add_columns(s, line, row, weights, first, p, end, in_scale, 1); break;
    case 2: add_columns(s, line, row, weights, first, p, end, in_scale, 2); break;
    case 3: add_columns(s, line, row, weights, first, p, end, in_scale, 3); break;
    default: break;
    }
}

/* Weights stay in the cache where all pixels see some columns before others; what several pixels add to has to be in their order. */
CRL_INLINE void add_terms(const crl_scatter *s, float *line, const crl_scatter_row *row, const float *weights, float scale)
{
    const int32_t n = s->window.in_w, some = s->step < s->width ? 1 : n;
    for (int32_t p = 0; p < n; p += some) add_pixels(s, line, row, weights, p, p + some, f32_fill(scale));
}

CRL_INLINE void finish_line(const crl_scatter *s, float *out, const float *line, size_t n)
{
    const f32s min = f32_fill(s->min), max = f32_fill(s->max);
    for (size_t i = 0, b = 0; i < n; i += F32_LANES) {
        const f32s v = f32_clamp(f32_add(f32_load(line + i), f32_load(s->bias + b)), min, max);
        if (n - i >= F32_LANES)
            f32_store(out + i, v);
        else
            f32_store_some(out + i, v, (int32_t)(n - i));
        b = b + F32_LANES < s->period ? b + F32_LANES : 0;
    }
}

#endif
