/* SPDX-License-Identifier: Apache-2.0 */
/* SMMLA: 2 x 2 sums of eight products each, eight times. */
#include <arm_neon.h>

enum { MACS = 32 };

static inline int32x4_t add(int32x4_t acc, int8x16_t *x)
{
    __asm__ volatile("" : "+w"(*x)); /* or the compiler would see that nothing changes */
    return vmmlaq_s32(acc, *x, *x);
}

#include "kernels/arm/peak_sums_neon.h"

uint64_t crl_peak_i8mm(uint64_t macs)
{
    return eight_sums(macs);
}
