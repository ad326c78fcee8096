/* SPDX-License-Identifier: Apache-2.0 */
/* vpdpbusd on 512 bits, twelve sums. */
#include "kernels/peak.h"

#include <immintrin.h>

static inline __m512i dot(__m512i acc, __m512i u8, __m512i s8)
{
    __asm__ volatile("vpdpbusd %2, %1, %0" : "+v"(acc) : "v"(u8), "v"(s8));
    return acc;
}

uint64_t crl_peak_avx512vnni(uint64_t macs)
{
    enum { STEP = 12 * 64 };
    const uint64_t steps = macs / STEP + 1;
    const __m512i x = _mm512_set1_epi8(1);
    __m512i a = x, b = x, c = x, d = x, e = x, f = x, g = x, h = x, i = x, j = x, k = x, l = x;
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
