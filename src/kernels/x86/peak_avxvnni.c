/* SPDX-License-Identifier: Apache-2.0 */
/* vpdpbusd on 256 bits. */
#include <immintrin.h>

typedef __m256i vec;

static inline vec dot(vec acc, vec u8, vec s8)
{
    __asm__ volatile("%{vex%} vpdpbusd %2, %1, %0" : "+x"(acc) : "x"(u8), "x"(s8));
    return acc;
}

#include "kernels/x86/peak_dot.h"

uint64_t crl_peak_avxvnni(uint64_t macs)
{
    return twelve_sums(macs, _mm256_set1_epi8(1));
}
