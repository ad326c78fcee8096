/* SPDX-License-Identifier: Apache-2.0 */
/* Four rows at a time, whose lanes are added up together. */
#include <immintrin.h>

#include "kernels/dot8.h"

/* What the lanes of each add up to. */
static inline __m128i four_sums(__m512i a, __m512i b, __m512i c, __m512i d)
{
    const __m256i a8 = _mm256_add_epi32(_mm512_castsi512_si256(a), _mm512_extracti64x4_epi64(a, 1));
    const __m256i b8 = _mm256_add_epi32(_mm512_castsi512_si256(b), _mm512_extracti64x4_epi64(b, 1));
    const __m256i c8 = _mm256_add_epi32(_mm512_castsi512_si256(c), _mm512_extracti64x4_epi64(c, 1));
    const __m256i d8 = _mm256_add_epi32(_mm512_castsi512_si256(d), _mm512_extracti64x4_epi64(d, 1));
    const __m256i all = _mm256_hadd_epi32(_mm256_hadd_epi32(a8, b8), _mm256_hadd_epi32(c8, d8));
    return _mm_add_epi32(_mm256_castsi256_si128(all), _mm256_extracti128_si256(all, 1));
}

void crl_dot8_avx512vnni(int32_t *out, const uint8_t *in, const int8_t *weights, size_t rows, size_t n)
{
    for (size_t r = 0; r < rows; r += 4, weights += 4 * n) {
        const size_t left = rows - r; /* rows that are not there are those before them */
        const int8_t *w1 = left > 1 ? weights + n : weights, *w2 = left > 2 ? w1 + n : w1, *w3 = left > 3 ? w2 + n : w2;
        __m512i a = _mm512_setzero_si512(), b = a, c = a, d = a;
        for (size_t i = 0; i < n; i += 64) {
            const __mmask64 exist = n - i < 64 ? ((__mmask64)1 << (n - i)) - 1 : ~(__mmask64)0;
            const __m512i x = _mm512_maskz_loadu_epi8(exist, in + i);
            a = _mm512_dpbusd_epi32(a, x, _mm512_maskz_loadu_epi8(exist, weights + i));
            b = _mm512_dpbusd_epi32(b, x, _mm512_maskz_loadu_epi8(exist, w1 + i));
            c = _mm512_dpbusd_epi32(c, x, _mm512_maskz_loadu_epi8(exist, w2 + i));
            d = _mm512_dpbusd_epi32(d, x, _mm512_maskz_loadu_epi8(exist, w3 + i));
        }
        _mm_mask_storeu_epi32(out + r, left < 4 ? (__mmask8)((1u << left) - 1) : (__mmask8)15, four_sums(a, b, c, d));
    }
}
