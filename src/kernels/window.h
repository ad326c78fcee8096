/* SPDX-License-Identifier: Apache-2.0 */
/* A window that slides over pictures: what convolutions and pools share.
 *
 *   tensors are [batch, height, width, channels]; output (oy, ox) sees the input at
 *     iy = oy * stride_h - pad_top + fy * dilation_h,   ix = ox * stride_w - pad_left + fx * dilation_w
 *   for fy in 0..filter_h-1, fx in 0..filter_w-1, as far as that lies inside the input.
 *
 * Contract, checked in prepare: sizes and pads >= 0, strides, dilations, filter_h and filter_w >= 1; every iy
 * and ix fits int32_t. */
#ifndef CRL_KERNELS_WINDOW_H
#define CRL_KERNELS_WINDOW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct crl_window {
    int32_t batch;
    int32_t in_h, in_w, in_c;
    int32_t out_h, out_w, out_c;
    int32_t filter_h, filter_w;
    int32_t stride_h, stride_w;
    int32_t dilation_h, dilation_w;
    int32_t pad_top, pad_left;
} crl_window;

/* Offset of channel 0 of a pixel. */
static inline size_t crl_window_in(const crl_window *w, int32_t b, int32_t y, int32_t x)
{
    return (((size_t)b * (size_t)w->in_h + (size_t)y) * (size_t)w->in_w + (size_t)x) * (size_t)w->in_c;
}

static inline size_t crl_window_out(const crl_window *w, int32_t b, int32_t y, int32_t x)
{
    return (((size_t)b * (size_t)w->out_h + (size_t)y) * (size_t)w->out_w + (size_t)x) * (size_t)w->out_c;
}

/* The taps of one output position along one axis that lie inside the input: first <= tap < end. */
typedef struct crl_taps {
    int32_t origin; /* input position of tap 0, may be negative */
    int32_t first, end;
} crl_taps;

static inline crl_taps crl_window_taps(int32_t o, int32_t stride, int32_t pad, int32_t dilation, int32_t filter,
                                       int32_t in)
{
    crl_taps t = { .origin = o * stride - pad };
    t.first = t.origin < 0 ? (-t.origin + dilation - 1) / dilation : 0;
    t.end = t.origin >= in ? 0 : (in - 1 - t.origin) / dilation + 1;
    if (t.end > filter) t.end = filter;
    if (t.first > t.end) t.first = t.end;
    return t;
}

static inline crl_taps crl_window_taps_y(const crl_window *w, int32_t oy)
{
    return crl_window_taps(oy, w->stride_h, w->pad_top, w->dilation_h, w->filter_h, w->in_h);
}

static inline crl_taps crl_window_taps_x(const crl_window *w, int32_t ox)
{
    return crl_window_taps(ox, w->stride_w, w->pad_left, w->dilation_w, w->filter_w, w->in_w);
}

/* A product of matrices as a window: `rows` pictures of one pixel. */
static inline crl_window crl_window_of_rows(int32_t rows, int32_t in_c, int32_t out_c)
{
    return (crl_window){ .batch = rows, .in_h = 1, .in_w = 1, .in_c = in_c, .out_h = 1, .out_w = 1, .out_c = out_c, .filter_h = 1,
                         .filter_w = 1, .stride_h = 1, .stride_w = 1, .dilation_h = 1, .dilation_w = 1 };
}

/* Pictures of one column are pictures of one row: the same pixels, taps and weights in the same order, with all outputs side by side. */
static inline void crl_window_lay_down(crl_window *w)
{
    if (w->in_w != 1 || w->out_w != 1 || w->filter_w != 1 || w->pad_left) return; /* the PAD before it may be all that it sees */
    *w = (crl_window){ .batch = w->batch, .in_h = 1, .in_w = w->in_h, .in_c = w->in_c, .out_h = 1, .out_w = w->out_h, .out_c = w->out_c,
                       .filter_h = 1, .filter_w = w->filter_h, .stride_h = 1, .stride_w = w->stride_h, .dilation_h = 1,
                       .dilation_w = w->dilation_h, .pad_left = w->pad_top };
}

/* Whether output pixel m sees input pixel m and nothing else. */
bool crl_window_is_plain(const crl_window *w);

/* Where n output pixels from number `from` on, (batch * out_h + y) * out_w + x, find what they see:
 *
 *   pixel[tap * stride + i]   the input pixel under tap filter_w * fy + fx, or `outside`
 *
 * pixel_bytes from one input pixel to the next. Pointers are worked out a run at a time: pixels of one output row. */
void crl_window_point(const crl_window *w, size_t pixel_bytes, const uint8_t *outside, const uint8_t **pixel, size_t stride,
                      const uint8_t *in, int32_t from, int32_t n);

#endif
