/* SPDX-License-Identifier: Apache-2.0 */
/* vpmaddubsw as the matrix product uses it at its best: four sums of pairs added in 16 bits, then widened. */
#include "kernels/peak.h"

#include <immintrin.h>

/* In assembly, or the compiler would see that nothing changes. */
static inline __m256i pairs(__m256i u8, __m256i s8)
{
    __m256i r;
    __asm__ volatile("vpmaddubsw %2, %1, %0" : "=x"(r) : "x"(u8), "x"(s8));
    return r;
}

static inline __m256i group(__m256i acc, __m256i u8, __m256i s8, __m256i ones)
{
    const __m256i a = _mm256_add_epi16(pairs(u8, s8), pairs(u8, s8)), b = _mm256_add_epi16(pairs(u8, s8), pairs(u8, s8));
    return _mm256_add_epi32(acc, _mm256_madd_epi16(_mm256_add_epi16(a, b), ones));
}

uint64_t crl_peak_avx2(uint64_t macs)
{
    enum { STEP = 4 * 4 * 32 };
    const uint64_t steps = macs / STEP + 1;
    const __m256i x = _mm256_set1_epi8(1), ones = _mm256_set1_epi16(1);
    __m256i a = _mm256_setzero_si256(), b = a, c = a, d = a;
    for (uint64_t i = 0; i < steps; i++) {
        a = group(a, x, x, ones);
        b = group(b, x, x, ones);
        c = group(c, x, x, ones);
        d = group(d, x, x, ones);
    }
    const __m256i all = _mm256_or_si256(_mm256_or_si256(a, b), _mm256_or_si256(c, d));
    __asm__ volatile("" : : "x"(all));
    return steps * STEP;
}
