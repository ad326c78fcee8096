/* SPDX-License-Identifier: Apache-2.0 */
/* 32 elements a step. Products are clamped as floats, so that none leaves what the conversion takes. */
#include "kernels/affine8.h"

#include <immintrin.h>

typedef struct constants {
    __m256 least, most;
    __m256i zero;
} constants;

static inline __m256i eight(const uint8_t *x, size_t i, const crl_affine8_row *row, const constants *k)
{
    const __m256i bytes = _mm256_cvtepu8_epi32(_mm_loadl_epi64((const __m128i *)(x + i)));
    const __m256i acc = _mm256_add_epi32(bytes, _mm256_loadu_si256((const __m256i *)(row->bias + i)));
    const __m256 v = _mm256_mul_ps(_mm256_cvtepi32_ps(acc), _mm256_loadu_ps(row->factor + i));
    return _mm256_add_epi32(_mm256_cvtps_epi32(_mm256_min_ps(_mm256_max_ps(v, k->least), k->most)), k->zero);
}

void crl_affine8_avx2(uint8_t *out, const uint8_t *x, size_t n, const crl_affine8_row *row)
{
    const crl_requant *q = &row->out;
    const constants k = { _mm256_set1_ps((float)(q->min - q->zero_point)), _mm256_set1_ps((float)(q->max - q->zero_point)),
                          _mm256_set1_epi32(q->zero_point) };
    /* Packing goes by 128-bit lanes. */
    const __m256i order = _mm256_setr_epi32(0, 4, 1, 5, 2, 6, 3, 7);
    size_t i = 0;
    for (; i + 32 <= n; i += 32) {
        const __m256i low = _mm256_packs_epi32(eight(x, i, row, &k), eight(x, i + 8, row, &k));
        const __m256i high = _mm256_packs_epi32(eight(x, i + 16, row, &k), eight(x, i + 24, row, &k));
        _mm256_storeu_si256((__m256i *)(out + i), _mm256_permutevar8x32_epi32(_mm256_packus_epi16(low, high), order));
    }
    const crl_affine8_row rest = crl_affine8_row_from(row, i);
    crl_affine8_ref(out + i, x + i, n - i, &rest);
}
