/* SPDX-License-Identifier: Apache-2.0 */
/* SMULL, SMLAL, SADALP as the matrix product uses them: 16 products in three instructions. */
#include <arm_neon.h>

#include "base/cpu.h"

enum { MACS = 16 };

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

#include "kernels/arm/peak_sums_neon.h"

uint64_t crl_peak_neon(uint64_t macs)
{
    return eight_sums(macs);
}
