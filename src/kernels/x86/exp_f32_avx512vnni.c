/* SPDX-License-Identifier: Apache-2.0 */
/* 16 floats a step, as two vectors of doubles; exp_f32_avx2.c explains it. */
#include "kernels/x86/f32_avx512.h"

#include "kernels/exp_f32_frame.h"

CRL_INLINE __m512d exp_of_doubles(__m512d x)
{
    const __m512d n = _mm512_roundscale_pd(_mm512_mul_pd(x, _mm512_set1_pd(0x1.71547652b82fep0)), _MM_FROUND_TO_NEAREST_INT);
    const __m512d r = _mm512_fnmadd_pd(n, _mm512_set1_pd(0x1.62e42fefa39efp-1), x);
    __m512d y = _mm512_set1_pd(exp_terms[9]);
    for (int i = 8; i >= 0; i--) y = _mm512_fmadd_pd(y, r, _mm512_set1_pd(exp_terms[i]));
    return _mm512_scalef_pd(y, n);
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
    const __m512d a = exp_of_doubles(_mm512_cvtps_pd(_mm512_castps512_ps256(x)));
    const __m512d b = exp_of_doubles(_mm512_cvtps_pd(_mm512_extractf32x8_ps(x, 1)));
    const __mmask16 outside = _mm512_cmp_ps_mask(_mm512_abs_ps(x), _mm512_set1_ps(87), _CMP_NLE_UQ);
    *doubt = outside | near_middle(a, b);
    return _mm512_insertf32x8(_mm512_castps256_ps512(_mm512_cvtpd_ps(a)), _mm512_cvtpd_ps(b), 1);
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

void crl_exp_f32_avx512vnni(float *out, const float *in, size_t n, float less, float beta)
{
    exp_all(out, in, n, &(exp_of){ less, beta, false });
}

void crl_logistic_f32_avx512vnni(float *out, const float *in, size_t n)
{
    exp_all(out, in, n, &(exp_of){ 0, 1, true });
}

float crl_largest_f32_avx512vnni(const float *in, size_t n)
{
    return largest_of(in, n);
}
