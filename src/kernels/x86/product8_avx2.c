/* SPDX-License-Identifier: Apache-2.0 */
/* 16 products a step, in 32 bits. */
#include "kernels/product8.h"

#include "kernels/x86/requant_avx2.h"

static inline __attribute__((always_inline)) __m256i product(const uint8_t *a, const uint8_t *b, const crl_product8 *p,
                                                             crl_requant_form form)
{
    const __m256i x = _mm256_sub_epi32(_mm256_cvtepu8_epi32(_mm_loadl_epi64((const __m128i *)a)), _mm256_set1_epi32(p->a_zero));
    const __m256i y = _mm256_sub_epi32(_mm256_cvtepu8_epi32(_mm_loadl_epi64((const __m128i *)b)), _mm256_set1_epi32(p->b_zero));
    return crl_requant_x8_avx2(_mm256_mullo_epi32(x, y), &p->lanes, 0, form, p->requant.zero_point);
}

static inline __attribute__((always_inline)) size_t whole_steps(uint8_t *out, const uint8_t *a, const uint8_t *b, size_t n,
                                                                const crl_product8 *p, crl_requant_form form)
{
    const __m128i min = _mm_set1_epi8((char)p->requant.min), max = _mm_set1_epi8((char)p->requant.max);
    size_t i = 0;
    for (; i + 16 <= n; i += 16) {
        const __m256i v = _mm256_packs_epi32(product(a + i, b + i, p, form), product(a + i + 8, b + i + 8, p, form));
        const __m256i w = _mm256_permute4x64_epi64(v, 0xD8);
        const __m128i y = _mm_packus_epi16(_mm256_castsi256_si128(w), _mm256_extracti128_si256(w, 1));
        _mm_storeu_si128((__m128i *)(out + i), _mm_min_epu8(_mm_max_epu8(y, min), max));
    }
    return i;
}

void crl_product8_avx2(uint8_t *out, const uint8_t *a, const uint8_t *b, size_t n, const crl_product8 *p)
{
    size_t i;
    switch (p->form) {
    case CRL_REQUANT_FLOAT_CUT: i = whole_steps(out, a, b, n, p, CRL_REQUANT_FLOAT_CUT); break;
    case CRL_REQUANT_FLOAT_ANY: i = whole_steps(out, a, b, n, p, CRL_REQUANT_FLOAT_ANY); break;
    default: i = whole_steps(out, a, b, n, p, CRL_REQUANT_EXACT_ANY); break;
    }
    crl_product8_ref(out + i, a + i, b + i, n - i, p);
}
