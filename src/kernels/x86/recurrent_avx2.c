/* SPDX-License-Identifier: Apache-2.0 */
/* The recurrent kernels of this level: recurrent_frame.h. */
#include "kernels/x86/f32_avx2.h"

CRL_INLINE f32s f32_floor(f32s v)
{
    return _mm256_floor_ps(v);
}

/* 2^m of whole numbers that a float's exponent can have. */
CRL_INLINE f32s f32_to_power(f32s m)
{
    return _mm256_castsi256_ps(_mm256_slli_epi32(_mm256_add_epi32(_mm256_cvttps_epi32(m), _mm256_set1_epi32(127)), 23));
}

/* y, but 0 where x < least, and x where that is no number. */
CRL_INLINE f32s f32_without(f32s y, f32s x, f32s least)
{
    const __m256 some = _mm256_andnot_ps(_mm256_cmp_ps(x, least, _CMP_LT_OQ), y);
    return _mm256_blendv_ps(some, x, _mm256_cmp_ps(x, x, _CMP_UNORD_Q));
}

#include "kernels/recurrent_frame.h"

void crl_recurrent_dot_avx2(float *out, const float *weights, const float *x, size_t n, size_t rows)
{
    dot_rows(out, weights, x, n, rows);
}

void crl_recurrent_products_avx2(float *out, const float *weights, const float *x, size_t x_step, size_t n, size_t rows)
{
    product_rows(out, weights, x, x_step, n, rows);
}

void crl_recurrent_logistic4_avx2(float *x, size_t n)
{
    function_of_all(x, n, false);
}

void crl_recurrent_tanh_avx2(float *x, size_t n)
{
    function_of_all(x, n, true);
}
