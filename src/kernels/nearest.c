/* SPDX-License-Identifier: Apache-2.0 */
/* Rows of the nearest pixels: see nearest.h. */
#include "kernels/nearest.h"

#include <string.h>

/* With `bytes` a constant, a memcpy is a few moves. */
static inline __attribute__((always_inline)) void pick(uint8_t *out, const uint8_t *in, const int32_t *across, size_t n, size_t bytes)
{
    for (size_t x = 0; x < n; x++, out += bytes) memcpy(out, in + (size_t)across[x] * bytes, bytes);
}

static void pick_row(uint8_t *out, const uint8_t *in, const crl_nearest *p)
{
    const size_t n = (size_t)p->out_w;
    switch (p->bytes) {
    case 1: pick(out, in, p->across, n, 1); break;
    case 2: pick(out, in, p->across, n, 2); break;
    case 3: pick(out, in, p->across, n, 3); break;
    case 4: pick(out, in, p->across, n, 4); break;
    case 8: pick(out, in, p->across, n, 8); break;
    case 16: pick(out, in, p->across, n, 16); break;
    case 32: pick(out, in, p->across, n, 32); break;
    case 64: pick(out, in, p->across, n, 64); break;
    default: pick(out, in, p->across, n, p->bytes); break;
    }
}

void crl_nearest_rows(uint8_t *out, const uint8_t *in, const crl_nearest *p, size_t first, size_t end)
{
    const size_t out_row = (size_t)p->out_w * p->bytes, in_row = (size_t)p->in_w * p->bytes;
    size_t above = SIZE_MAX;
    for (size_t y = first; y < end; y++) {
        const size_t from = y / (size_t)p->out_h * (size_t)p->in_h + (size_t)p->down[y % (size_t)p->out_h];
        uint8_t *to = out + y * out_row;
        if (from == above)
            memcpy(to, to - out_row, out_row);
        else
            pick_row(to, in + from * in_row, p);
        above = from;
    }
}
