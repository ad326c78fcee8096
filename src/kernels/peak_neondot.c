/* SPDX-License-Identifier: Apache-2.0 */
/* SDOT on 128 bits, eight sums. */
#include "kernels/peak.h"

#include <arm_neon.h>

static inline int32x4_t add(int32x4_t acc, int8x16_t *x)
{
    __asm__ volatile("" : "+w"(*x)); /* or the compiler would see that nothing changes */
    return vdotq_s32(acc, *x, *x);
}

uint64_t crl_peak_neondot(uint64_t macs)
{
    enum { STEP = 8 * 16 };
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
