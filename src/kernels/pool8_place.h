/* SPDX-License-Identifier: Apache-2.0 */
/* The walk over the output pixels of a pool, and where their taps lie: what its vector kernels share. */
#ifndef CRL_KERNELS_POOL8_PLACE_H
#define CRL_KERNELS_POOL8_PLACE_H

#include "kernels/element.h"
#include "kernels/pool8.h"

/* The taps of an output position that lie inside the input. */
typedef struct taps {
    int32_t at, n; /* the first one's position in the input */
} taps;

static inline taps find(int32_t o, int32_t stride, int32_t pad, int32_t filter, int32_t in)
{
    const int32_t origin = o * stride - pad, first = origin < 0 ? 0 : origin;
    const int32_t end = origin + filter < in ? origin + filter : in;
    return (taps){ first, end - first };
}

typedef struct place {
    const uint8_t *from; /* channel 0 of the first tap inside the input */
    int32_t rows, columns;
    size_t down, across; /* bytes from tap to tap */
} place;

/* The beginning of an output row; place_at adds what depends on the column. */
static inline place row_at(const uint8_t *in, const crl_window *w, int32_t row)
{
    const taps ty = find(row % w->out_h, w->stride_h, w->pad_top, w->filter_h, w->in_h);
    return (place){ in + crl_window_in(w, row / w->out_h, ty.at, 0), ty.n, 0, (size_t)w->in_w * (size_t)w->in_c, (size_t)w->in_c };
}

static inline place place_at(place row, const crl_window *w, int32_t x)
{
    const taps tx = find(x, w->stride_w, w->pad_left, w->filter_w, w->in_w);
    row.from += (size_t)tx.at * row.across;
    row.columns = tx.n;
    return row;
}

/* All channels of a pixel, 16 or more. */
typedef void pixel_fn(uint8_t *out, const place *f, size_t channels, const crl_pool8 *p);

/* Output rows first .. end - 1; `narrow` does pixels of fewer channels. */
CRL_INLINE void each_pixel(uint8_t *out, const uint8_t *in, const crl_pool8 *p, int32_t first, int32_t end, pixel_fn *pixel,
                           crl_pool8_fn *narrow)
{
    const crl_pool8 own = *p; /* which no store of bytes can change */
    const crl_window *w = &own.window;
    const size_t channels = (size_t)w->in_c;
    if (channels < 16) {
        narrow(out, in, p, first, end);
        return;
    }
    out += (size_t)first * (size_t)w->out_w * channels;
    for (int32_t row = first; row < end; row++) {
        const place r = row_at(in, w, row);
        for (int32_t x = 0; x < w->out_w; x++, out += channels) {
            const place f = place_at(r, w, x);
            pixel(out, &f, channels, &own);
        }
    }
}

/* 16-bit sums of bytes hold so many. */
enum { TAPS_IN_16 = 257 };

#endif
