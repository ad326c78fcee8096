/* SPDX-License-Identifier: Apache-2.0 */
/* Vectors of eight floats, under the names that the frames of float kernels use. */
#ifndef CRL_KERNELS_F32_AVX2_H
#define CRL_KERNELS_F32_AVX2_H

#include <immintrin.h>

#include "kernels/element.h"

typedef __m256 f32s;
enum { F32_LANES = 8, F32_REGISTERS = 16 };

CRL_INLINE f32s f32_load(const float *p)
{
    return _mm256_loadu_ps(p);
}

CRL_INLINE void f32_store(float *p, f32s v)
{
    _mm256_storeu_ps(p, v);
}

/* The first n lanes, of 1 .. F32_LANES - 1. */
CRL_INLINE void f32_store_some(float *p, f32s v, int32_t n)
{
    const __m256i lane = _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7);
    _mm256_maskstore_ps(p, _mm256_cmpgt_epi32(_mm256_set1_epi32(n), lane), v);
}

CRL_INLINE f32s f32_fill(float x)
{
    return _mm256_set1_ps(x);
}

CRL_INLINE f32s f32_add(f32s a, f32s b)
{
    return _mm256_add_ps(a, b);
}

/* a * b, rounded: never part of a fused multiply-add. */
CRL_INLINE f32s f32_mul(f32s a, f32s b)
{
    return _mm256_mul_ps(a, b);
}

/* v * *x */
CRL_INLINE f32s f32_times(f32s v, const float *x)
{
    return f32_mul(v, f32_fill(*x));
}

/* a * b + c, rounded once. */
CRL_INLINE f32s f32_fused(f32s a, f32s b, f32s c)
{
    return _mm256_fmadd_ps(a, b, c);
}

CRL_INLINE f32s f32_divide(f32s a, f32s b)
{
    return _mm256_div_ps(a, b);
}

/* v < x ? x : v */
CRL_INLINE f32s f32_larger(f32s v, f32s x)
{
    return _mm256_max_ps(x, v);
}

CRL_INLINE f32s f32_root(f32s v)
{
    return _mm256_sqrt_ps(v);
}

CRL_INLINE f32s f32_magnitude(f32s v)
{
    return _mm256_andnot_ps(_mm256_set1_ps(-0.0f), v);
}

CRL_INLINE f32s f32_negate(f32s v)
{
    return _mm256_xor_ps(v, _mm256_set1_ps(-0.0f));
}

/* v > 0 ? a : b */
CRL_INLINE f32s f32_positive(f32s v, f32s a, f32s b)
{
    return _mm256_blendv_ps(b, a, _mm256_cmp_ps(v, _mm256_setzero_ps(), _CMP_GT_OQ));
}

/* v < min ? min : v and so on: NaN stays NaN. */
CRL_INLINE f32s f32_clamp(f32s v, f32s min, f32s max)
{
    return _mm256_min_ps(max, _mm256_max_ps(min, v));
}

#endif
