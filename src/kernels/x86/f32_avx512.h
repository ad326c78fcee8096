/* SPDX-License-Identifier: Apache-2.0 */
/* Vectors of 16 floats, under the names that the frames of float kernels use. */
#ifndef CRL_KERNELS_F32_AVX512_H
#define CRL_KERNELS_F32_AVX512_H

#include <immintrin.h>

#include "kernels/element.h"

typedef __m512 f32s;
enum { F32_LANES = 16, F32_REGISTERS = 32 };

CRL_INLINE f32s f32_load(const float *p)
{
    return _mm512_loadu_ps(p);
}

CRL_INLINE void f32_store(float *p, f32s v)
{
    _mm512_storeu_ps(p, v);
}

/* The first n lanes, of 1 .. F32_LANES - 1. */
CRL_INLINE void f32_store_some(float *p, f32s v, int32_t n)
{
    _mm512_mask_storeu_ps(p, (__mmask16)((1u << n) - 1), v);
}

CRL_INLINE f32s f32_fill(float x)
{
    return _mm512_set1_ps(x);
}

CRL_INLINE f32s f32_add(f32s a, f32s b)
{
    return _mm512_add_ps(a, b);
}

/* a * b, rounded: never part of a fused multiply-add. */
CRL_INLINE f32s f32_mul(f32s a, f32s b)
{
    return _mm512_mul_ps(a, b);
}

/* v * *x. The value is spread as the multiplication reads it: compilers would spread it once for several of them, by an instruction
 * that takes the place of a multiplication on Zen 4. */
CRL_INLINE f32s f32_times(f32s v, const float *x)
{
    f32s product;
    __asm__("vmulps %1%{1to16%}, %2, %0" : "=v"(product) : "m"(*x), "v"(v));
    return product;
}

/* a * b + c, rounded once. */
CRL_INLINE f32s f32_fused(f32s a, f32s b, f32s c)
{
    return _mm512_fmadd_ps(a, b, c);
}

CRL_INLINE f32s f32_divide(f32s a, f32s b)
{
    return _mm512_div_ps(a, b);
}

/* v < x ? x : v */
CRL_INLINE f32s f32_larger(f32s v, f32s x)
{
    return _mm512_max_ps(x, v);
}

/* v < min ? min : v and so on: NaN stays NaN. */
CRL_INLINE f32s f32_clamp(f32s v, f32s min, f32s max)
{
    return _mm512_min_ps(max, _mm512_max_ps(min, v));
}

#endif
