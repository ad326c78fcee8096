/* SPDX-License-Identifier: Apache-2.0 */
/* vpdpbusd on 512 bits. */
#include <immintrin.h>

typedef __m512i vec;

static inline vec dot(vec acc, vec u8, vec s8)
{
    __asm__ volatile("vpdpbusd %2, %1, %0" : "+v"(acc) : "v"(u8), "v"(s8));
    return acc;
}

#include "kernels/x86/peak_dot.h"

uint64_t crl_peak_avx512vnni(uint64_t macs)
{
    return twelve_sums(macs, _mm512_set1_epi8(1));
}
