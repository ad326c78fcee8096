/* SPDX-License-Identifier: Apache-2.0 */
/* 32 products a step: bytes less their zero points have nine bits, and two multiplications of 16 bits make the halves of
 * 32. Unpacking and packing go by 128-bit lanes, so that the order is that of the bytes again in the end. */
#include "kernels/product8.h"

#include "kernels/x86/requant_avx2.h"

/* Of 16 products, eight to a vector, as 16-bit results. */
static inline __attribute__((always_inline)) __m256i products(__m256i x, __m256i y, const crl_product8 *p, crl_requant_form form)
{
    const __m256i low = _mm256_mullo_epi16(x, y), high = _mm256_mulhi_epi16(x, y);
    const int32_t zero = p->requant.zero_point;
    const __m256i v0 = crl_requant_x8_avx2(_mm256_unpacklo_epi16(low, high), &p->lanes, 0, form, zero);
    const __m256i v1 = crl_requant_x8_avx2(_mm256_unpackhi_epi16(low, high), &p->lanes, 0, form, zero);
    return _mm256_packs_epi32(v0, v1);
}

static inline __attribute__((always_inline)) __m256i step(__m256i a, __m256i b, const crl_product8 *p, crl_requant_form form)
{
    const __m256i zero = _mm256_setzero_si256();
    const __m256i a_zero = _mm256_set1_epi16((int16_t)p->a_zero), b_zero = _mm256_set1_epi16((int16_t)p->b_zero);
    const __m256i v0 = products(_mm256_sub_epi16(_mm256_unpacklo_epi8(a, zero), a_zero),
                                _mm256_sub_epi16(_mm256_unpacklo_epi8(b, zero), b_zero), p, form);
    const __m256i v1 = products(_mm256_sub_epi16(_mm256_unpackhi_epi8(a, zero), a_zero),
                                _mm256_sub_epi16(_mm256_unpackhi_epi8(b, zero), b_zero), p, form);
    const __m256i min = _mm256_set1_epi8((char)p->requant.min), max = _mm256_set1_epi8((char)p->requant.max);
    return _mm256_min_epu8(_mm256_max_epu8(_mm256_packus_epi16(v0, v1), min), max);
}

static inline __attribute__((always_inline)) size_t whole_steps(uint8_t *out, const uint8_t *a, const uint8_t *b, size_t n,
                                                                const crl_product8 *p, crl_requant_form form)
{
    size_t i = 0;
    for (; i + 32 <= n; i += 32) {
        const __m256i x = _mm256_loadu_si256((const __m256i *)(a + i)), y = _mm256_loadu_si256((const __m256i *)(b + i));
        _mm256_storeu_si256((__m256i *)(out + i), step(x, y, p, form));
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
