/* SPDX-License-Identifier: Apache-2.0 */
/* Depthwise convolutions of floats, written once for all vectors; to be included after one of f32_*.h.
 *
 * Four pixels of an output row by two vectors of channels at a time, where all columns of their windows lie inside the
 * picture; one pixel elsewhere, by four vectors where there are as many. The last vector of channels overlaps the one before it.
 *
 * Filters of three and five columns have groups of their own: four pixels by one vector, whose columns are loaded once for all
 * pixels that see them, so that nothing but the multiplications and additions is left. Columns outside are zeros there. */
#ifndef CRL_KERNELS_DW_F32_FRAME_H
#define CRL_KERNELS_DW_F32_FRAME_H

#include "kernels/dw_f32.h"

/* How a vector of outputs finds its inputs. */
typedef enum source { SAME, ONE_CHANNEL, MANY_EACH } source;

/* What outputs o .. o + F32_LANES - 1 see of a pixel. */
CRL_INLINE f32s see(const float *pixel, int32_t o, int32_t multiplier, source from)
{
    if (from == SAME) return f32_load(pixel + o);
    if (from == ONE_CHANNEL) return f32_fill(*pixel);
    float spread[F32_LANES];
    for (int32_t i = 0; i < F32_LANES; i++) spread[i] = pixel[(o + i) / multiplier];
    return f32_load(spread);
}

typedef struct pixels {
    f32s p0, p1, p2, p3;
} pixels;

CRL_INLINE void add_tap(pixels *acc, const float *in, size_t step, const float *filter, int32_t o, int32_t multiplier,
                        int n, source from)
{
    const f32s w = f32_load(filter + o);
    acc->p0 = f32_add(acc->p0, f32_mul(see(in, o, multiplier, from), w));
    if (n == 1) return;
    acc->p1 = f32_add(acc->p1, f32_mul(see(in + step, o, multiplier, from), w));
    acc->p2 = f32_add(acc->p2, f32_mul(see(in + 2 * step, o, multiplier, from), w));
    acc->p3 = f32_add(acc->p3, f32_mul(see(in + 3 * step, o, multiplier, from), w));
}

CRL_INLINE f32s finished(f32s acc, const crl_dw_f32 *d, int32_t o)
{
    if (d->scale) acc = f32_mul(acc, f32_load(d->scale + o));
    if (d->bias) acc = f32_add(acc, f32_load(d->bias + o));
    return f32_clamp(acc, f32_fill(d->min), f32_fill(d->max));
}

CRL_INLINE void finish(float *out, const pixels *acc, const crl_dw_f32 *d, int32_t o, int n)
{
    const size_t step = (size_t)d->window.out_c;
    out += o;
    f32_store(out, finished(acc->p0, d, o));
    if (n == 1) return;
    f32_store(out + step, finished(acc->p1, d, o));
    f32_store(out + 2 * step, finished(acc->p2, d, o));
    f32_store(out + 3 * step, finished(acc->p3, d, o));
}

/* What an output row sees, and where it goes. */
typedef struct line {
    const crl_dw_f32 *d;
    const float *in; /* the picture */
    float *out;      /* the row */
    crl_taps ty;
    int32_t multiplier;
} line;

/* Channels o and following, `vectors` of them, of n pixels from x on; all see columns tx of the window. */
CRL_INLINE void some_pixels(const line *l, int32_t x, crl_taps tx, int32_t o, int n, int vectors, source from)
{
    const crl_window *w = &l->d->window;
    const f32s zero = f32_fill(0);
    const size_t step = (size_t)w->stride_w * (size_t)w->in_c;
    pixels a = { zero, zero, zero, zero }, b = a;
    for (int32_t fy = l->ty.first; fy < l->ty.end; fy++) {
        const float *row = l->in + crl_window_in(w, 0, l->ty.origin + fy * w->dilation_h, 0);
        const float *filter = l->d->filter + (size_t)(fy * w->filter_w + tx.first) * (size_t)w->out_c;
        for (int32_t fx = tx.first; fx < tx.end; fx++, filter += w->out_c) {
            const float *pixel = row + (size_t)(tx.origin + fx * w->dilation_w) * (size_t)w->in_c;
            add_tap(&a, pixel, step, filter, o, l->multiplier, n, from);
            if (vectors > 1) add_tap(&b, pixel, step, filter, o + F32_LANES, l->multiplier, n, from);
        }
    }
    float *out = l->out + (size_t)x * (size_t)w->out_c;
    finish(out, &a, l->d, o, n);
    if (vectors > 1) finish(out, &b, l->d, o + F32_LANES, n);
}

/* Four vectors of channels of one pixel: a sum waits for each addition, and four of them wait together. */
CRL_INLINE void wide_pixel(const line *l, int32_t x, crl_taps tx, int32_t o)
{
    const crl_window *w = &l->d->window;
    const f32s zero = f32_fill(0);
    pixels a = { zero, zero, zero, zero };
    for (int32_t fy = l->ty.first; fy < l->ty.end; fy++) {
        const float *row = l->in + crl_window_in(w, 0, l->ty.origin + fy * w->dilation_h, 0);
        const float *filter = l->d->filter + (size_t)(fy * w->filter_w + tx.first) * (size_t)w->out_c + o;
        for (int32_t fx = tx.first; fx < tx.end; fx++, filter += w->out_c) {
            const float *in = row + (size_t)(tx.origin + fx * w->dilation_w) * (size_t)w->in_c;
            a.p0 = f32_add(a.p0, f32_mul(f32_load(in + o), f32_load(filter)));
            a.p1 = f32_add(a.p1, f32_mul(f32_load(in + o + F32_LANES), f32_load(filter + F32_LANES)));
            a.p2 = f32_add(a.p2, f32_mul(f32_load(in + o + 2 * F32_LANES), f32_load(filter + 2 * F32_LANES)));
            a.p3 = f32_add(a.p3, f32_mul(f32_load(in + o + 3 * F32_LANES), f32_load(filter + 3 * F32_LANES)));
        }
    }
    float *out = l->out + (size_t)x * (size_t)w->out_c + o;
    f32_store(out, finished(a.p0, l->d, o));
    f32_store(out + F32_LANES, finished(a.p1, l->d, o + F32_LANES));
    f32_store(out + 2 * F32_LANES, finished(a.p2, l->d, o + 2 * F32_LANES));
    f32_store(out + 3 * F32_LANES, finished(a.p3, l->d, o + 3 * F32_LANES));
}

/* All channels of n pixels, so that what lies side by side is read so. */
CRL_INLINE void all_channels(const line *l, int32_t x, crl_taps tx, int n, source from)
{
    const int32_t channels = l->d->window.out_c;
    int32_t o = 0;
    for (; n == 1 && from == SAME && o + 4 * F32_LANES <= channels; o += 4 * F32_LANES) wide_pixel(l, x, tx, o);
    for (; o + 2 * F32_LANES <= channels; o += 2 * F32_LANES) some_pixels(l, x, tx, o, n, 2, from);
    for (; o < channels; o += F32_LANES) some_pixels(l, x, tx, o + F32_LANES <= channels ? o : channels - F32_LANES, n, 1, from);
}

CRL_INLINE void whole_row(const line *l, source from)
{
    const crl_window *w = &l->d->window;
    for (int32_t x = 0; x < w->out_w;) {
        const crl_taps tx = crl_window_taps_x(w, x);
        const bool four = tx.first == 0 && tx.end == w->filter_w && x + 4 <= w->out_w &&
                          crl_window_taps_x(w, x + 3).end == w->filter_w;
        if (four)
            all_channels(l, x, tx, 4, from);
        else
            all_channels(l, x, tx, 1, from);
        x += four ? 4 : 1;
    }
}

/* Columns of a row of the picture, one after the other. */
typedef struct columns {
    const float *next;
    size_t step; /* floats from one to the next */
    int32_t at, by, end; /* number of the next, from it to the one after, how many there are */
} columns;

/* `inside`, a constant: the column exists. */
CRL_INLINE f32s column(columns *c, bool inside)
{
    const f32s v = inside || (c->at >= 0 && c->at < c->end) ? f32_load(c->next) : f32_fill(0);
    c->next += c->step;
    c->at += c->by;
    __asm__("" : "+r"(c->next)); /* instead of an offset from the first for each, which takes more registers than there are */
    return v;
}

CRL_INLINE pixels four_columns(columns *c, bool inside)
{
    const f32s p0 = column(c, inside), p1 = column(c, inside), p2 = column(c, inside);
    return (pixels){ p0, p1, p2, column(c, inside) };
}

CRL_INLINE pixels next_columns(pixels seen, columns *c, bool inside)
{
    return (pixels){ seen.p1, seen.p2, seen.p3, column(c, inside) };
}

CRL_INLINE void add_column(pixels *acc, pixels seen, const float *filter)
{
    const f32s w = f32_load(filter);
    acc->p0 = f32_add(acc->p0, f32_mul(seen.p0, w));
    acc->p1 = f32_add(acc->p1, f32_mul(seen.p1, w));
    acc->p2 = f32_add(acc->p2, f32_mul(seen.p2, w));
    acc->p3 = f32_add(acc->p3, f32_mul(seen.p3, w));
}

/* How a group reads: all of it is constant. */
typedef struct shape {
    int width, stride; /* of the filter: 3 or 5, 1 or 2 */
    bool inside;
} shape;

/* A row of the filter. At a stride of 2 even and odd columns take turns. */
CRL_INLINE void add_filter_row(pixels *acc, columns first, const float *filter, size_t step, shape s)
{
    columns second = first, *c = &first, *d = s.stride == 1 ? &first : &second;
    if (s.stride == 2) {
        second.next += second.step;
        second.at++;
        first.step = second.step *= 2;
    }
    pixels even = four_columns(c, s.inside);
    add_column(acc, even, filter);
    pixels odd = s.stride == 1 ? next_columns(even, c, s.inside) : four_columns(d, s.inside);
    add_column(acc, odd, filter + step);
    even = next_columns(s.stride == 1 ? odd : even, c, s.inside);
    add_column(acc, even, filter + 2 * step);
    if (s.width == 3) return;
    odd = next_columns(s.stride == 1 ? even : odd, d, s.inside);
    add_column(acc, odd, filter + 3 * step);
    even = next_columns(s.stride == 1 ? odd : even, c, s.inside);
    add_column(acc, even, filter + 4 * step);
}

/* Four pixels from x on, all channels. */
CRL_INLINE void group(const line *l, int32_t x, shape s)
{
    const crl_dw_f32 d = *l->d;
    const size_t channels = (size_t)d.window.out_c, line_step = (size_t)d.window.in_w * channels;
    const int32_t at = x * s.stride - d.window.pad_left, rows = l->ty.end - l->ty.first;
    const float *pixel = l->in + (size_t)(l->ty.origin + l->ty.first * d.window.dilation_h) * line_step + (ptrdiff_t)at * (ptrdiff_t)channels;
    const float *weights = d.filter + (size_t)(l->ty.first * s.width) * channels;
    float *out = l->out + (size_t)x * channels;
    const f32s zero = f32_fill(0);
    for (int32_t i = 0; i < d.window.out_c; i += F32_LANES) {
        const int32_t o = i + F32_LANES <= d.window.out_c ? i : d.window.out_c - F32_LANES;
        pixels acc = { zero, zero, zero, zero };
        columns c = { pixel + o, channels, at, s.stride, d.window.in_w };
        const float *filter = weights + o;
        for (int32_t fy = 0; fy < rows; fy++) {
            add_filter_row(&acc, c, filter, channels, s);
            c.next += (size_t)d.window.dilation_h * line_step;
            filter += (size_t)s.width * channels;
        }
        finish(out, &acc, &d, o, 4);
    }
}

/* The last group overlaps the one before it. */
CRL_INLINE void grouped_row(const line *l, int width, int stride)
{
    const crl_window *w = &l->d->window;
    for (int32_t i = 0; i < w->out_w; i += 4) {
        const int32_t x = i + 4 <= w->out_w ? i : w->out_w - 4, at = x * stride - w->pad_left;
        if (at >= 0 && at + 3 * stride + width <= w->in_w)
            group(l, x, (shape){ width, stride, true });
        else
            group(l, x, (shape){ width, stride, false });
    }
}

/* Whether there are groups for the row; then it is done. */
CRL_INLINE bool done_in_groups(const line *l)
{
    const crl_window *w = &l->d->window;
    if (!l->d->finite || w->out_w < 4 || w->dilation_w != 1 || l->ty.first == l->ty.end) return false;
    if (w->filter_w == 3 && w->stride_w == 1)
        grouped_row(l, 3, 1);
    else if (w->filter_w == 3 && w->stride_w == 2)
        grouped_row(l, 3, 2);
    else if (w->filter_w == 5 && w->stride_w == 1)
        grouped_row(l, 5, 1);
    else if (w->filter_w == 5 && w->stride_w == 2)
        grouped_row(l, 5, 2);
    else
        return false;
    return true;
}

CRL_INLINE void all_rows(float *out, const float *in, const crl_dw_f32 *d, int32_t row0, int32_t row1)
{
    const crl_window *w = &d->window;
    for (int32_t row = row0; row < row1; row++) {
        const int32_t b = row / w->out_h, y = row % w->out_h;
        const line l = { d, in + crl_window_in(w, b, 0, 0), out + crl_window_out(w, b, y, 0), crl_window_taps_y(w, y),
                         w->out_c / w->in_c };
        if (l.multiplier == 1) {
            if (!done_in_groups(&l)) whole_row(&l, SAME);
        } else if (w->in_c == 1) {
            whole_row(&l, ONE_CHANNEL);
        } else {
            whole_row(&l, MANY_EACH);
        }
    }
}

#endif
