/* SPDX-License-Identifier: Apache-2.0 */
/* From windows to pointers. */
#include "kernels/window.h"

bool crl_window_is_plain(const crl_window *w)
{
    return w->filter_h == 1 && w->filter_w == 1 && w->stride_h == 1 && w->stride_w == 1 && w->pad_top == 0 &&
           w->pad_left == 0 && w->in_w == w->out_w && w->in_h == w->out_h;
}

typedef struct place {
    int32_t b, y, x;
} place;

static place place_of(const crl_window *w, int32_t row)
{
    const int32_t line = row / w->out_w;
    return (place){ line / w->out_h, line % w->out_h, row % w->out_w };
}

static int32_t lowest(int32_t a, int32_t b)
{
    return a < b ? a : b;
}

/* One tap of a run of n output pixels, in the input row that begins at `line`: the first looks at column x. */
static void point_tap(const crl_window *w, size_t pixel_bytes, const uint8_t *outside, const uint8_t **to, const uint8_t *line,
                      int32_t x, int32_t n)
{
    const int32_t stride = w->stride_w;
    int32_t first = x < 0 ? (-x + stride - 1) / stride : 0, end = x >= w->in_w ? 0 : (w->in_w - 1 - x) / stride + 1;
    end = lowest(end, n);
    first = lowest(first, end);
    for (int32_t m = 0; m < first; m++) to[m] = outside;
    if (first < end) {
        const uint8_t *at = line + (size_t)(x + first * stride) * pixel_bytes;
        const size_t step = (size_t)stride * pixel_bytes;
        for (int32_t m = first; m < end; m++, at += step) to[m] = at;
    }
    for (int32_t m = end; m < n; m++) to[m] = outside;
}

void crl_window_point(const crl_window *w, size_t pixel_bytes, const uint8_t *outside, const uint8_t **pixel, size_t stride,
                      const uint8_t *in, int32_t from, int32_t n)
{
    if (crl_window_is_plain(w)) {
        const uint8_t *first = in + (size_t)from * pixel_bytes;
        for (int32_t m = 0; m < n; m++) pixel[m] = first + (size_t)m * pixel_bytes;
        return;
    }
    for (int32_t m = 0; m < n;) {
        const place p = place_of(w, from + m);
        const int32_t run = lowest(w->out_w - p.x, n - m);
        const uint8_t **to = pixel + m;
        for (int32_t fy = 0; fy < w->filter_h; fy++) {
            const int32_t y = p.y * w->stride_h - w->pad_top + fy * w->dilation_h;
            for (int32_t fx = 0; fx < w->filter_w; fx++, to += stride) {
                const int32_t x = p.x * w->stride_w - w->pad_left + fx * w->dilation_w;
                if (y >= 0 && y < w->in_h)
                    point_tap(w, pixel_bytes, outside, to,
                              in + ((size_t)p.b * (size_t)w->in_h + (size_t)y) * (size_t)w->in_w * pixel_bytes, x, run);
                else
                    for (int32_t i = 0; i < run; i++) to[i] = outside;
            }
        }
        m += run;
    }
}
