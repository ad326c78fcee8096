/* SPDX-License-Identifier: Apache-2.0 */
/* vpdpbusd on 256 bits, twelve sums. */
#include "kernels/peak.h"

#include <immintrin.h>

static inline __m256i dot(__m256i acc, __m256i u8, __m256i s8)
{
    __asm__ volatile("%{vex%} vpdpbusd %2, %1, %0" : "+x"(acc) : "x"(u8), "x"(s8));
    return acc;
}

uint64_t crl_peak_avxvnni(uint64_t macs)
{
    enum { STEP = 12 * 32 };
    const uint64_t steps = macs / STEP + 1;
    const __m256i x = _mm256_set1_epi8(1);
    __m256i a = x, b = x, c = x, d = x, e = x, f = x, g = x, h = x, i = x, j = x, k = x, l = x;
    for (uint64_t s = 0; s < steps; s++) {
        a = dot(a, x, x);
        b = dot(b, x, x);
        c = dot(c, x, x);
        d = dot(d, x, x);
        e = dot(e, x, x);
        f = dot(f, x, x);
        g = dot(g, x, x);
        h = dot(h, x, x);
        i = dot(i, x, x);
        j = dot(j, x, x);
        k = dot(k, x, x);
        l = dot(l, x, x);
    }
    return steps * STEP;
}
