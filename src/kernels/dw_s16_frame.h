/* SPDX-License-Identifier: Apache-2.0 */
/* The dw_s16 kernels, written once for all vectors; to be included after one of s16_*.h by the file of a level.
 *
 * Four pixels of an output row by a unit of channels at a time, where all columns of their windows lie inside the picture; one
 * pixel elsewhere. Taps go in pairs, those outside the picture look at zeros. */
#ifndef CRL_KERNELS_DW_S16_FRAME_H
#define CRL_KERNELS_DW_S16_FRAME_H

#include <string.h>

#include "kernels/dw_s16_panel.h"

/* How a unit of outputs finds its inputs. */
typedef enum source { SAME, ONE_CHANNEL, SPREAD } source;

/* Sums of a unit. */
typedef struct unit_sums {
    s32s v[2];
} unit_sums;

/* What the outputs of a unit see of a pixel: 2 * S16_LANES numbers in their order. */
CRL_INLINE s16_taps see(const int16_t *pixel, const crl_dw_s16 *d, const crl_unit16 *u, source from)
{
    if (from == SAME) return s16_load_taps(pixel + u->first);
    if (from == ONE_CHANNEL) return s16_fill_taps(*pixel);
    int16_t spread[2 * S16_LANES];
    for (int32_t i = 0; i < 2 * S16_LANES; i++) spread[i] = i < u->columns ? pixel[(u->first + i) / d->multiplier] : 0;
    return s16_load_taps(spread);
}

/* An output row, and where its window begins in the picture. */
typedef struct line {
    const crl_dw_s16 *d;
    const int16_t *in; /* the picture */
    int16_t *out;      /* the row */
    int32_t y;
} line;

/* What a tap sees for a pixel whose window begins in column x, and for those after it at distances of *step. */
CRL_INLINE const int16_t *tap_sees(const line *l, const crl_dw_s16_tap *tap, const int16_t *window, int32_t x, bool inside, size_t *step)
{
    const crl_window *w = &l->d->window;
    const int32_t iy = l->y + tap->y, ix = x + tap->x;
    if (iy >= 0 && iy < w->in_h && (inside || (ix >= 0 && ix < w->in_w))) return window + tap->offset;
    *step = 0;
    return l->d->outside;
}

/* n pixels from output column `at` on, one unit; `inside`: all columns of their windows are. */
CRL_INLINE void some_pixels(const line *l, int32_t at, const crl_unit16 *u, const int16_t *weights, int n, bool inside, source from)
{
    const crl_dw_s16 *d = l->d;
    const crl_window *w = &d->window;
    const s32s zero = s32_zero();
    unit_sums p0 = { { zero, zero } }, p1 = p0, p2 = p0, p3 = p0;
    const int32_t x = at * w->stride_w - w->pad_left;
    const size_t stride = (size_t)w->stride_w * (size_t)w->in_c;
    /* Where the window begins may lie outside; what taps add is a place inside. */
    const int16_t *window = (const int16_t *)((uintptr_t)l->in + (uintptr_t)(((ptrdiff_t)l->y * w->in_w + x) * w->in_c) * sizeof *l->in);
    for (int32_t k = 0; k < d->pairs; k++, weights += 4 * S16_LANES) {
        size_t step_a = stride, step_b = stride;
        const int16_t *a = tap_sees(l, &d->tap[2 * k], window, x, inside, &step_a);
        const int16_t *b = tap_sees(l, &d->tap[2 * k + 1], window, x, inside, &step_b);
        s16_dot_taps(p0.v, see(a, d, u, from), see(b, d, u, from), weights);
        if (n == 1) continue;
        s16_dot_taps(p1.v, see(a + step_a, d, u, from), see(b + step_b, d, u, from), weights);
        s16_dot_taps(p2.v, see(a + 2 * step_a, d, u, from), see(b + 2 * step_b, d, u, from), weights);
        s16_dot_taps(p3.v, see(a + 3 * step_a, d, u, from), see(b + 3 * step_b, d, u, from), weights);
    }
    const size_t outs = (size_t)w->out_c;
    int16_t *out = l->out + (size_t)at * outs + u->first;
    s16_finish(out, p0.v[0], p0.v[1], NULL, u, &d->out);
    if (n == 1) return;
    s16_finish(out + outs, p1.v[0], p1.v[1], NULL, u, &d->out);
    s16_finish(out + 2 * outs, p2.v[0], p2.v[1], NULL, u, &d->out);
    s16_finish(out + 3 * outs, p3.v[0], p3.v[1], NULL, u, &d->out);
}

CRL_INLINE void whole_row(const line *l, source from)
{
    const crl_dw_s16 *d = l->d;
    const crl_window *w = &d->window;
    const size_t each = (size_t)d->pairs * 4 * S16_LANES;
    for (int32_t x = 0, n; x < w->out_w; x += n) {
        const crl_taps tx = crl_window_taps_x(w, x);
        const bool inside = tx.first == 0 && tx.end == w->filter_w;
        n = inside && x + 4 <= w->out_w && crl_window_taps_x(w, x + 3).end == w->filter_w ? 4 : 1;
        for (int32_t i = 0; i < d->n_units; i++)
            if (n == 4)
                some_pixels(l, x, &d->unit[i], d->weights + (size_t)i * each, 4, true, from);
            else
                some_pixels(l, x, &d->unit[i], d->weights + (size_t)i * each, 1, false, from);
    }
}

CRL_INLINE void all_rows(const crl_dw_s16 *d, int16_t *out, const int16_t *in, int32_t row0, int32_t row1)
{
    const crl_window *w = &d->window;
    for (int32_t row = row0; row < row1; row++) {
        const int32_t b = row / w->out_h, y = row % w->out_h;
        const line l = { d, in + crl_window_in(w, b, 0, 0), out + crl_window_out(w, b, y, 0), y * w->stride_h - w->pad_top };
        if (d->multiplier == 1 && w->out_c >= 2 * S16_LANES)
            whole_row(&l, SAME);
        else if (w->in_c == 1)
            whole_row(&l, ONE_CHANNEL);
        else
            whole_row(&l, SPREAD);
    }
}

#endif
