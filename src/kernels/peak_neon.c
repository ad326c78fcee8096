/* SPDX-License-Identifier: Apache-2.0 */
/* SMULL, SMLAL, SADALP as the matrix product uses them: 16 products in three instructions. */
#include "kernels/peak.h"

#include <arm_neon.h>

#include "base/cpu.h"

static inline int32x4_t add(int32x4_t acc, int8x16_t *x)
{
    __asm__ volatile("" : "+w"(*x)); /* or the compiler would see that nothing changes */
    int16x8_t sum = vmull_s8(vget_low_s8(*x), vget_low_s8(*x));
#if CRL_ARCH_ARM64
    sum = vmlal_high_s8(sum, *x, *x);
#else
    sum = vmlal_s8(sum, vget_high_s8(*x), vget_high_s8(*x));
#endif
    return vpadalq_s16(acc, sum);
}

uint64_t crl_peak_neon(uint64_t macs)
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
