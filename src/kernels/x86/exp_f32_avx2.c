/* SPDX-License-Identifier: Apache-2.0 */
/* Eight floats a step, as two vectors of doubles. */
#include "kernels/x86/f32_avx2.h"

typedef struct exp_known {
    f32s one;
} exp_known;

#include "kernels/exp_f32_frame.h"

CRL_INLINE exp_known exp_begin(void)
{
    return (exp_known){ f32_fill(1) };
}

CRL_INLINE __m256d exp_of_doubles(__m256d x)
{
    const __m256d magic = _mm256_set1_pd(0x1.8p52); /* added, it leaves a whole number in the lowest bits */
    const __m256d shifted = _mm256_fmadd_pd(x, _mm256_set1_pd(0x1.71547652b82fep0), magic); /* x / ln(2) */
    const __m256d n = _mm256_sub_pd(shifted, magic);
    const __m256d r = _mm256_fnmadd_pd(n, _mm256_set1_pd(0x1.62e42fefa39efp-1), x);
    __m256d y = _mm256_set1_pd(exp_terms[9]);
    for (int i = 8; i >= 0; i--) y = _mm256_fmadd_pd(y, r, _mm256_set1_pd(exp_terms[i]));
    const __m256i power = _mm256_slli_epi64(_mm256_castpd_si256(shifted), 52);
    return _mm256_castsi256_pd(_mm256_add_epi64(_mm256_castpd_si256(y), power));
}

/* Lanes whose double is near the middle between two floats. */
CRL_INLINE __m256i near_middle(__m256d a, __m256d b)
{
    const __m256 low = _mm256_shuffle_ps(_mm256_castpd_ps(a), _mm256_castpd_ps(b), 0x88);
    const __m256i order = _mm256_castpd_si256(_mm256_permute4x64_pd(_mm256_castps_pd(low), 0xD8));
    const __m256i place = _mm256_add_epi32(_mm256_slli_epi32(order, 3), _mm256_set1_epi32(EXP_MARGIN));
    return _mm256_cmpgt_epi32(_mm256_set1_epi32(INT32_MIN + 2 * EXP_MARGIN), place);
}

CRL_INLINE f32s exp_near(f32s x, const exp_known *k, uint32_t *doubt)
{
    (void)k;
    const __m256d a = exp_of_doubles(_mm256_cvtps_pd(_mm256_castps256_ps128(x)));
    const __m256d b = exp_of_doubles(_mm256_cvtps_pd(_mm256_extractf128_ps(x, 1)));
    const __m256 magnitude = _mm256_andnot_ps(_mm256_set1_ps(-0.0f), x);
    const __m256 outside = _mm256_cmp_ps(magnitude, _mm256_set1_ps(87), _CMP_NLE_UQ);
    const __m256 is_zero = _mm256_cmp_ps(x, _mm256_set1_ps(EXP_ZERO), _CMP_LT_OQ);
    const __m256 unsure = _mm256_or_ps(outside, _mm256_castsi256_ps(near_middle(a, b)));
    *doubt = (uint32_t)_mm256_movemask_ps(_mm256_andnot_ps(is_zero, unsure));
    return _mm256_andnot_ps(is_zero, _mm256_insertf128_ps(_mm256_castps128_ps256(_mm256_cvtpd_ps(a)), _mm256_cvtpd_ps(b), 1));
}

CRL_INLINE f32s logistic_near(f32s x, const exp_known *k, uint32_t *doubt)
{
    const f32s one = k->one, top = f32_fill(16.619047164916992188f);
    const __m256 above = _mm256_cmp_ps(x, top, _CMP_GT_OQ), below = _mm256_cmp_ps(x, f32_fill(-9), _CMP_LT_OQ);
    const f32s e = exp_near(_mm256_blendv_ps(f32_negate(x), x, below), k, doubt);
    *doubt &= ~(uint32_t)_mm256_movemask_ps(above);
    const f32s y = _mm256_blendv_ps(f32_divide(one, f32_add(one, e)), e, below);
    return _mm256_blendv_ps(y, one, above);
}

CRL_INLINE f32s times_power(f32s y, f32s shifted)
{
    return _mm256_castsi256_ps(_mm256_add_epi32(_mm256_castps_si256(y), _mm256_slli_epi32(_mm256_castps_si256(shifted), 23)));
}

void crl_exp_f32_avx2(float *out, const float *in, size_t n, float less, float beta)
{
    exp_all(out, in, n, &(exp_of){ .less = less, .beta = beta });
}

void crl_logistic_f32_avx2(float *out, const float *in, size_t n, const crl_limits *product)
{
    logistic_all(out, in, n, product);
}

void crl_about_f32_avx2(float *out, const float *in, size_t n, const crl_limits *product)
{
    about_all(out, in, n, product);
}

float crl_largest_f32_avx2(const float *in, size_t n)
{
    return largest_of(in, n);
}
