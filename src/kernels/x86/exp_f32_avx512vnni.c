/* SPDX-License-Identifier: Apache-2.0 */
/* 16 floats a step, as two vectors of doubles; exp_f32_avx2.c explains it. */
#include "kernels/x86/f32_avx512.h"

#include "kernels/exp_f32_frame.h"

/* 2^(i/16) */
static const double powers[16] = {
    0x1.0000000000000p+0, 0x1.0b5586cf9890fp+0, 0x1.172b83c7d517bp+0, 0x1.2387a6e756238p+0,
    0x1.306fe0a31b715p+0, 0x1.3dea64c123422p+0, 0x1.4bfdad5362a27p+0, 0x1.5ab07dd485429p+0,
    0x1.6a09e667f3bcdp+0, 0x1.7a11473eb0187p+0, 0x1.8ace5422aa0dbp+0, 0x1.9c49182a3f090p+0,
    0x1.ae89f995ad3adp+0, 0x1.c199bdd85529cp+0, 0x1.d5818dcfba487p+0, 0x1.ea4afa2a490dap+0,
};

/* Of these, n = 16 * e + i asks for one: e goes to the exponent with i below it, whose share is subtracted here. */
typedef struct powers_of_two {
    __m512d low, high;
} powers_of_two;

CRL_INLINE powers_of_two load_powers(void)
{
    const __m512i i = _mm512_setr_epi64(0, 1, 2, 3, 4, 5, 6, 7);
    const __m512i low = _mm512_slli_epi64(i, 48), high = _mm512_slli_epi64(_mm512_add_epi64(i, _mm512_set1_epi64(8)), 48);
    return (powers_of_two){ _mm512_castsi512_pd(_mm512_sub_epi64(_mm512_castpd_si512(_mm512_loadu_pd(powers)), low)),
                            _mm512_castsi512_pd(_mm512_sub_epi64(_mm512_castpd_si512(_mm512_loadu_pd(powers + 8)), high)) };
}

/* x = n * ln(2) / 16 + r. Of e^r there are the terms to r^4, and in those of r and r^3 what of r^5 / 120 is not r^5's Chebyshev
 * polynomial: of |r| <= h = ln(2) / 32 the error is below 2^-38. */
CRL_INLINE __m512d exp_of_doubles(__m512d x, powers_of_two t)
{
    const __m512d magic = _mm512_set1_pd(0x1.8p52); /* added, it leaves a whole number in the lowest bits */
    const __m512d shifted = _mm512_fmadd_pd(x, _mm512_set1_pd(0x1.71547652b82fep4), magic); /* 16 / ln(2) */
    const __m512i bits = _mm512_castpd_si512(shifted);
    const __m512d r = _mm512_fnmadd_pd(_mm512_sub_pd(shifted, magic), _mm512_set1_pd(0x1.62e42fefa39efp-5), x);
    const double h2 = 0x1.ebfbdff82c58fp-12;
    __m512d y = _mm512_fmadd_pd(_mm512_set1_pd(1.0 / 24), r, _mm512_set1_pd(1.0 / 6 + h2 / 96));
    y = _mm512_fmadd_pd(y, r, _mm512_set1_pd(0.5));
    y = _mm512_fmadd_pd(y, r, _mm512_set1_pd(1 - h2 * h2 / 384));
    y = _mm512_fmadd_pd(y, r, _mm512_set1_pd(1));
    const __m512i power = _mm512_castpd_si512(_mm512_permutex2var_pd(t.low, bits, t.high));
    return _mm512_mul_pd(y, _mm512_castsi512_pd(_mm512_add_epi64(power, _mm512_slli_epi64(bits, 48))));
}

/* Lanes whose double is near the middle between two floats. */
CRL_INLINE __mmask16 near_middle(__m512d a, __m512d b)
{
    const __m512i even = _mm512_setr_epi32(0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30);
    const __m512i low = _mm512_permutex2var_epi32(_mm512_castpd_si512(a), even, _mm512_castpd_si512(b));
    const __m512i place = _mm512_add_epi32(_mm512_slli_epi32(low, 3), _mm512_set1_epi32(EXP_MARGIN));
    return _mm512_cmplt_epi32_mask(place, _mm512_set1_epi32(INT32_MIN + 2 * EXP_MARGIN));
}

CRL_INLINE f32s exp_near(f32s x, uint32_t *doubt)
{
    const powers_of_two t = load_powers();
    const __m512d a = exp_of_doubles(_mm512_cvtps_pd(_mm512_castps512_ps256(x)), t);
    const __m512d b = exp_of_doubles(_mm512_cvtps_pd(_mm512_extractf32x8_ps(x, 1)), t);
    const __mmask16 outside = _mm512_cmp_ps_mask(_mm512_abs_ps(x), _mm512_set1_ps(87), _CMP_NLE_UQ);
    const __mmask16 is_zero = _mm512_cmp_ps_mask(x, _mm512_set1_ps(EXP_ZERO), _CMP_LT_OQ);
    *doubt = (__mmask16)((outside | near_middle(a, b)) & ~is_zero);
    const f32s y = _mm512_insertf32x8(_mm512_castps256_ps512(_mm512_cvtpd_ps(a)), _mm512_cvtpd_ps(b), 1);
    return _mm512_mask_mov_ps(y, is_zero, _mm512_setzero_ps());
}

CRL_INLINE f32s logistic_near(f32s x, uint32_t *doubt)
{
    const f32s one = f32_fill(1), top = f32_fill(16.619047164916992188f);
    const __mmask16 above = _mm512_cmp_ps_mask(x, top, _CMP_GT_OQ), below = _mm512_cmp_ps_mask(x, f32_fill(-9), _CMP_LT_OQ);
    const f32s minus = _mm512_xor_ps(x, f32_fill(-0.0f));
    const f32s e = exp_near(_mm512_mask_mov_ps(minus, below, x), doubt);
    *doubt &= ~(uint32_t)above;
    const f32s y = _mm512_mask_mov_ps(f32_divide(one, f32_add(one, e)), below, e);
    return _mm512_mask_mov_ps(y, above, one);
}

CRL_INLINE f32s times_power(f32s y, f32s shifted)
{
    return _mm512_castsi512_ps(_mm512_add_epi32(_mm512_castps_si512(y), _mm512_slli_epi32(_mm512_castps_si512(shifted), 23)));
}

void crl_exp_f32_avx512vnni(float *out, const float *in, size_t n, float less, float beta)
{
    exp_all(out, in, n, &(exp_of){ less, beta, false, NULL });
}

void crl_logistic_f32_avx512vnni(float *out, const float *in, size_t n, const crl_limits *product)
{
    exp_all(out, in, n, &(exp_of){ 0, 1, true, product });
}

void crl_about_f32_avx512vnni(float *out, const float *in, size_t n, const crl_limits *product)
{
    about_all(out, in, n, product);
}

float crl_largest_f32_avx512vnni(const float *in, size_t n)
{
    return largest_of(in, n);
}
