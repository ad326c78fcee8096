/* SPDX-License-Identifier: Apache-2.0 */
/* Eight sums of products on registers alone, for the levels of ARM. To be included by one file for each, which defines before
 *
 *   MACS          multiply-accumulates of one `add`
 *   add(acc, &x)  products of x with itself; tells the compiler that x may have changed, or it would see what comes of it */
#ifndef CRL_KERNELS_PEAK_SUMS_NEON_H
#define CRL_KERNELS_PEAK_SUMS_NEON_H

#include "kernels/peak.h"

static inline uint64_t eight_sums(uint64_t macs)
{
    enum { STEP = 8 * MACS };
    const uint64_t steps = macs / STEP + 1;
    int8x16_t x = vdupq_n_s8(1);
    int32x4_t a = vdupq_n_s32(0), b = a, c = a, d = a, e = a, f = a, g = a, h = a;
    for (uint64_t i = 0; i < steps; i++) {
        a = add(a, &x);
        b = add(b, &x);
        c = add(c, &x);
        d = add(d, &x);
        e = add(e, &x);
        f = add(f, &x);
        g = add(g, &x);
        h = add(h, &x);
    }
    const int32x4_t all = vorrq_s32(vorrq_s32(vorrq_s32(a, b), vorrq_s32(c, d)), vorrq_s32(vorrq_s32(e, f), vorrq_s32(g, h)));
    __asm__ volatile("" : : "w"(all));
    return steps * STEP;
}

#endif
