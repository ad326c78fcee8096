/* SPDX-License-Identifier: Apache-2.0 */
/* 64 products a step, the last ones under a mask; product8_avx2.c explains it. */
#include "kernels/product8.h"

#include "kernels/x86/requant_avx512.h"

/* Of 32 products, 16 to a vector, as 16-bit results less CRL_REQUANT_CENTRE. */
static inline __attribute__((always_inline)) __m512i products(__m512i x, __m512i y, const crl_product8 *p, crl_requant_form form)
{
    const __m512i low = _mm512_mullo_epi16(x, y), high = _mm512_mulhi_epi16(x, y);
    const int32_t zero = p->requant.zero_point - CRL_REQUANT_CENTRE;
    const __m512i v0 = crl_requant_x16_avx512(_mm512_unpacklo_epi16(low, high), &p->lanes, form, zero);
    const __m512i v1 = crl_requant_x16_avx512(_mm512_unpackhi_epi16(low, high), &p->lanes, form, zero);
    return _mm512_packs_epi32(v0, v1);
}

static inline __attribute__((always_inline)) __m512i step(__m512i a, __m512i b, const crl_product8 *p, crl_requant_form form)
{
    const __m512i zero = _mm512_setzero_si512();
    const __m512i a_zero = _mm512_set1_epi16((int16_t)p->a_zero), b_zero = _mm512_set1_epi16((int16_t)p->b_zero);
    const __m512i v0 = products(_mm512_sub_epi16(_mm512_unpacklo_epi8(a, zero), a_zero),
                                _mm512_sub_epi16(_mm512_unpacklo_epi8(b, zero), b_zero), p, form);
    const __m512i v1 = products(_mm512_sub_epi16(_mm512_unpackhi_epi8(a, zero), a_zero),
                                _mm512_sub_epi16(_mm512_unpackhi_epi8(b, zero), b_zero), p, form);
    const __m512i min = _mm512_set1_epi8((char)p->requant.min), max = _mm512_set1_epi8((char)p->requant.max);
    const __m512i y = _mm512_xor_si512(_mm512_packs_epi16(v0, v1), _mm512_set1_epi8((char)CRL_REQUANT_CENTRE));
    return _mm512_min_epu8(_mm512_max_epu8(y, min), max);
}

/* Of 32 products that are halved and shifted. a and b are less their zero points and times 128: (a * b + 1) >> 1 is one
 * instruction. What is added before the shift is one less for values below zero. */
static inline __m512i halved(__m512i a, __m512i b, const crl_product8 *p)
{
    const __m512i half = _mm512_set1_epi16((int16_t)(1 << p->right >> 1)), v = _mm512_mulhrs_epi16(a, b);
    const __m512i sign = p->right ? _mm512_srai_epi16(v, 15) : _mm512_setzero_si512();
    const __m512i y = _mm512_sra_epi16(_mm512_add_epi16(_mm512_add_epi16(v, half), sign), _mm_cvtsi32_si128(p->right));
    return _mm512_adds_epi16(y, _mm512_set1_epi16((int16_t)p->requant.zero_point));
}

static inline __m512i halved_step(__m512i a, __m512i b, const crl_product8 *p)
{
    const __m512i zero = _mm512_setzero_si512();
    const __m512i a_zero = _mm512_set1_epi16((int16_t)(p->a_zero * 128)), b_zero = _mm512_set1_epi16((int16_t)(p->b_zero * 128));
    const __m512i a0 = _mm512_srli_epi16(_mm512_unpacklo_epi8(zero, a), 1), a1 = _mm512_srli_epi16(_mm512_unpackhi_epi8(zero, a), 1);
    const __m512i b0 = _mm512_srli_epi16(_mm512_unpacklo_epi8(zero, b), 1), b1 = _mm512_srli_epi16(_mm512_unpackhi_epi8(zero, b), 1);
    const __m512i v0 = halved(_mm512_sub_epi16(a0, a_zero), _mm512_sub_epi16(b0, b_zero), p);
    const __m512i v1 = halved(_mm512_sub_epi16(a1, a_zero), _mm512_sub_epi16(b1, b_zero), p);
    const __m512i min = _mm512_set1_epi8((char)p->requant.min), max = _mm512_set1_epi8((char)p->requant.max);
    return _mm512_min_epu8(_mm512_max_epu8(_mm512_packus_epi16(v0, v1), min), max);
}

/* `halves` and `form` are constants where it is called. */
static inline __attribute__((always_inline)) __m512i outputs(__m512i a, __m512i b, const crl_product8 *p, bool halves, crl_requant_form form)
{
    return halves ? halved_step(a, b, p) : step(a, b, p, form);
}

static inline __attribute__((always_inline)) void all_steps(uint8_t *out, const uint8_t *a, const uint8_t *b, size_t n,
                                                            const crl_product8 *p, bool halves, crl_requant_form form)
{
    size_t i = 0;
    for (; i + 64 <= n; i += 64)
        _mm512_storeu_si512(out + i, outputs(_mm512_loadu_si512(a + i), _mm512_loadu_si512(b + i), p, halves, form));
    if (i == n) return;
    const __mmask64 rest = (UINT64_C(1) << (n - i)) - 1;
    const __m512i x = _mm512_maskz_loadu_epi8(rest, a + i), y = _mm512_maskz_loadu_epi8(rest, b + i);
    _mm512_mask_storeu_epi8(out + i, rest, outputs(x, y, p, halves, form));
}

void crl_product8_avx512vnni(uint8_t *out, const uint8_t *a, const uint8_t *b, size_t n, const crl_product8 *p)
{
    if (p->halves)
        all_steps(out, a, b, n, p, true, p->form);
    else if (p->form == CRL_REQUANT_FLOAT_CUT)
        all_steps(out, a, b, n, p, false, CRL_REQUANT_FLOAT_CUT);
    else if (p->form == CRL_REQUANT_FLOAT_ANY)
        all_steps(out, a, b, n, p, false, CRL_REQUANT_FLOAT_ANY);
    else
        all_steps(out, a, b, n, p, false, CRL_REQUANT_EXACT_ANY);
}
