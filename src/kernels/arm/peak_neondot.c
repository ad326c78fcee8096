/* SPDX-License-Identifier: Apache-2.0 */
/* SDOT on 128 bits, eight sums. */
#include <arm_neon.h>

enum { MACS = 16 };

static inline int32x4_t add(int32x4_t acc, int8x16_t *x)
{
    __asm__ volatile("" : "+w"(*x)); /* or the compiler would see that nothing changes */
    return vdotq_s32(acc, *x, *x);
}

#include "kernels/arm/peak_sums_neon.h"

uint64_t crl_peak_neondot(uint64_t macs)
{
    return eight_sums(macs);
}
