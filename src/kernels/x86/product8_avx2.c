/* SPDX-License-Identifier: Apache-2.0 */
/* 32 products a step: bytes less their zero points have nine bits, and two multiplications of 16 bits make the halves of
 * 32. Unpacking and packing go by 128-bit lanes, so that the order is that of the bytes again in the end. */
#include "kernels/product8.h"

#include "kernels/x86/requant_avx2.h"

/* Of 16 products, eight to a vector, as 16-bit results less CRL_REQUANT_CENTRE. */
static inline __attribute__((always_inline)) __m256i products(__m256i x, __m256i y, const crl_product8 *p, crl_requant_form form)
{
    const __m256i low = _mm256_mullo_epi16(x, y), high = _mm256_mulhi_epi16(x, y);
    const int32_t zero = p->requant.zero_point - CRL_REQUANT_CENTRE;
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
    const __m256i y = _mm256_xor_si256(_mm256_packs_epi16(v0, v1), _mm256_set1_epi8((char)CRL_REQUANT_CENTRE));
    return _mm256_min_epu8(_mm256_max_epu8(y, min), max);
}

/* Of 16 products that are halved and shifted. a and b are less their zero points and times 128: (a * b + 1) >> 1 is one
 * instruction. What is added before the shift is one less for values below zero. */
static inline __m256i halved(__m256i a, __m256i b, const crl_product8 *p)
{
    const __m256i half = _mm256_set1_epi16((int16_t)(1 << p->right >> 1)), v = _mm256_mulhrs_epi16(a, b);
    const __m256i sign = p->right ? _mm256_srai_epi16(v, 15) : _mm256_setzero_si256();
    const __m256i y = _mm256_sra_epi16(_mm256_add_epi16(_mm256_add_epi16(v, half), sign), _mm_cvtsi32_si128(p->right));
    return _mm256_adds_epi16(y, _mm256_set1_epi16((int16_t)p->requant.zero_point));
}

static inline __m256i halved_step(__m256i a, __m256i b, const crl_product8 *p)
{
    const __m256i zero = _mm256_setzero_si256();
    const __m256i a_zero = _mm256_set1_epi16((int16_t)(p->a_zero * 128)), b_zero = _mm256_set1_epi16((int16_t)(p->b_zero * 128));
    const __m256i a0 = _mm256_srli_epi16(_mm256_unpacklo_epi8(zero, a), 1), a1 = _mm256_srli_epi16(_mm256_unpackhi_epi8(zero, a), 1);
    const __m256i b0 = _mm256_srli_epi16(_mm256_unpacklo_epi8(zero, b), 1), b1 = _mm256_srli_epi16(_mm256_unpackhi_epi8(zero, b), 1);
    const __m256i v0 = halved(_mm256_sub_epi16(a0, a_zero), _mm256_sub_epi16(b0, b_zero), p);
    const __m256i v1 = halved(_mm256_sub_epi16(a1, a_zero), _mm256_sub_epi16(b1, b_zero), p);
    const __m256i min = _mm256_set1_epi8((char)p->requant.min), max = _mm256_set1_epi8((char)p->requant.max);
    return _mm256_min_epu8(_mm256_max_epu8(_mm256_packus_epi16(v0, v1), min), max);
}

/* `halves` and `form` are constants where it is called. */
static inline __attribute__((always_inline)) __m256i outputs(__m256i a, __m256i b, const crl_product8 *p, bool halves, crl_requant_form form)
{
    return halves ? halved_step(a, b, p) : step(a, b, p, form);
}

static inline __attribute__((always_inline)) size_t whole_steps(uint8_t *out, const uint8_t *a, const uint8_t *b, size_t n,
                                                                const crl_product8 *p, bool halves, crl_requant_form form)
{
    size_t i = 0;
    for (; i + 32 <= n; i += 32) {
        const __m256i x = _mm256_loadu_si256((const __m256i *)(a + i)), y = _mm256_loadu_si256((const __m256i *)(b + i));
        _mm256_storeu_si256((__m256i *)(out + i), outputs(x, y, p, halves, form));
    }
    return i;
}

void crl_product8_avx2(uint8_t *out, const uint8_t *a, const uint8_t *b, size_t n, const crl_product8 *p)
{
    size_t i;
    if (p->halves)
        i = whole_steps(out, a, b, n, p, true, p->form);
    else if (p->form == CRL_REQUANT_FLOAT_CUT)
        i = whole_steps(out, a, b, n, p, false, CRL_REQUANT_FLOAT_CUT);
    else if (p->form == CRL_REQUANT_FLOAT_ANY)
        i = whole_steps(out, a, b, n, p, false, CRL_REQUANT_FLOAT_ANY);
    else
        i = whole_steps(out, a, b, n, p, false, CRL_REQUANT_EXACT_ANY);
    crl_product8_ref(out + i, a + i, b + i, n - i, p);
}
