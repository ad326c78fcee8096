/* SPDX-License-Identifier: Apache-2.0 */
/* Four rows at a time, 16 bytes of each, whose lanes are added up together. The last 16 of a row overlap those before them, where
 * activations are 0 then. */
#include <immintrin.h>

#include "kernels/dot8_frame.h"

/* What the lanes of each add up to. */
static inline __m128i four_sums(__m256i a, __m256i b, __m256i c, __m256i d)
{
    const __m256i all = _mm256_hadd_epi32(_mm256_hadd_epi32(a, b), _mm256_hadd_epi32(c, d));
    return _mm_add_epi32(_mm256_castsi256_si128(all), _mm256_extracti128_si256(all, 1));
}

static inline __m256i add_products(__m256i acc, __m256i x, const int8_t *w)
{
    return _mm256_add_epi32(acc, _mm256_madd_epi16(x, _mm256_cvtepi8_epi16(_mm_loadu_si128((const __m128i *)w))));
}

/* 16 activations that end at in + n, of which those before in + n - n % 16 are 0. */
static inline __m256i last_sixteen(const uint8_t *in, size_t n)
{
    const __m128i place = _mm_setr_epi8(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
    const __m128i counts = _mm_cmpgt_epi8(place, _mm_set1_epi8((char)(15 - n % 16)));
    return _mm256_cvtepu8_epi16(_mm_and_si128(counts, _mm_loadu_si128((const __m128i *)(in + n - 16))));
}

void crl_dot8_avx2(int32_t *out, const uint8_t *in, const int8_t *weights, size_t rows, size_t n)
{
    size_t r = 0;
    for (; n >= 16 && r + 4 <= rows; r += 4, weights += 4 * n) {
        const int8_t *w1 = weights + n, *w2 = w1 + n, *w3 = w2 + n;
        __m256i a = _mm256_setzero_si256(), b = a, c = a, d = a;
        for (size_t i = 0; i < n; i += 16) {
            const bool whole = n - i >= 16;
            const size_t at = whole ? i : n - 16;
            const __m256i x = whole ? _mm256_cvtepu8_epi16(_mm_loadu_si128((const __m128i *)(in + i))) : last_sixteen(in, n);
            a = add_products(a, x, weights + at);
            b = add_products(b, x, w1 + at);
            c = add_products(c, x, w2 + at);
            d = add_products(d, x, w3 + at);
        }
        _mm_storeu_si128((__m128i *)(out + r), four_sums(a, b, c, d));
    }
    dot_rows(out + r, in, weights, rows - r, n);
}
