/* SPDX-License-Identifier: Apache-2.0 */
/* Channels go in blocks, whose sums the compiler keeps in vectors. */
#include "kernels/average_chip.h"

#include "kernels/element.h"
#include "kernels/requant.h"

enum { BLOCK = 32 };

/* n channels of an output pixel, at most a block. `in` is where the first tap sees them. */
static void pixel(uint8_t *out, const uint8_t *in, const crl_average_chip *p, crl_taps ty, crl_taps tx, size_t n)
{
    const crl_window *w = &p->window;
    const int32_t taps = (ty.end - ty.first) * (tx.end - tx.first), zeros = taps * p->on_chip.in_zero;
    const size_t across = (size_t)w->in_c, down = (size_t)w->in_w * across;
    const float factor = crl_average_chip_factor(&p->on_chip, taps);
    const crl_requant q = { .zero_point = p->on_chip.out_zero, .min = p->min, .max = p->max };
    int32_t sum[BLOCK] = { 0 };
    for (int32_t y = 0; y < ty.end - ty.first; y++)
        for (int32_t x = 0; x < tx.end - tx.first; x++) {
            const uint8_t *from = in + (size_t)y * down + (size_t)x * across;
            for (size_t c = 0; c < n; c++) sum[c] += from[c];
        }
    for (size_t c = 0; c < n; c++) out[c] = (uint8_t)crl_requant_place_single((float)(sum[c] - zeros) * factor, &q);
}

void crl_average_chip_rows(uint8_t *out, const uint8_t *in, const crl_average_chip *p, int32_t first, int32_t end)
{
    const crl_window *w = &p->window;
    const size_t channels = (size_t)w->in_c;
    for (int32_t row = first; row < end; row++) {
        const int32_t b = row / w->out_h, y = row % w->out_h;
        const crl_taps ty = crl_window_taps_y(w, y);
        for (int32_t x = 0; x < w->out_w; x++) {
            const crl_taps tx = crl_window_taps_x(w, x);
            const size_t at = crl_window_in(w, b, ty.origin + ty.first, tx.origin + tx.first);
            uint8_t *to = out + crl_window_out(w, b, y, x);
            size_t c = 0;
            for (; c < channels; c += BLOCK) pixel(to + c, in + at + c, p, ty, tx, channels - c < BLOCK ? channels - c : BLOCK);
        }
    }
}
