/* SPDX-License-Identifier: Apache-2.0 */
/* Vectors of four floats, under the names that the frames of float kernels use. AArch64 only: NEON of ARMv7 takes
 * denormals for zeros. */
#ifndef CRL_KERNELS_F32_NEON_H
#define CRL_KERNELS_F32_NEON_H

#include <arm_neon.h>

#include "kernels/element.h"

typedef float32x4_t f32s;
enum { F32_LANES = 4, F32_REGISTERS = 32 };

CRL_INLINE f32s f32_load(const float *p)
{
    return vld1q_f32(p);
}

CRL_INLINE void f32_store(float *p, f32s v)
{
    vst1q_f32(p, v);
}

/* The first n lanes, of 1 .. F32_LANES - 1. */
CRL_INLINE void f32_store_some(float *p, f32s v, int32_t n)
{
    vst1q_lane_f32(p, v, 0);
    if (n > 1) vst1q_lane_f32(p + 1, v, 1);
    if (n > 2) vst1q_lane_f32(p + 2, v, 2);
}

CRL_INLINE f32s f32_fill(float x)
{
    return vdupq_n_f32(x);
}

CRL_INLINE f32s f32_add(f32s a, f32s b)
{
    return vaddq_f32(a, b);
}

/* a * b, rounded: never part of a fused multiply-add. */
CRL_INLINE f32s f32_mul(f32s a, f32s b)
{
    return vmulq_f32(a, b);
}

/* v * *x */
CRL_INLINE f32s f32_times(f32s v, const float *x)
{
    return f32_mul(v, f32_fill(*x));
}

/* a * b + c, rounded once. */
CRL_INLINE f32s f32_fused(f32s a, f32s b, f32s c)
{
    return vfmaq_f32(c, a, b);
}

CRL_INLINE f32s f32_divide(f32s a, f32s b)
{
    return vdivq_f32(a, b);
}

/* v < x ? x : v */
CRL_INLINE f32s f32_larger(f32s v, f32s x)
{
    return vbslq_f32(vcltq_f32(v, x), x, v);
}

CRL_INLINE f32s f32_root(f32s v)
{
    return vsqrtq_f32(v);
}

CRL_INLINE f32s f32_magnitude(f32s v)
{
    return vabsq_f32(v);
}

CRL_INLINE f32s f32_negate(f32s v)
{
    return vnegq_f32(v);
}

/* v > 0 ? a : b */
CRL_INLINE f32s f32_positive(f32s v, f32s a, f32s b)
{
    return vbslq_f32(vcgtq_f32(v, vdupq_n_f32(0)), a, b);
}

/* v < min ? min : v and so on: NaN stays NaN, and of two zeros v stays. */
CRL_INLINE f32s f32_clamp(f32s v, f32s min, f32s max)
{
    v = vbslq_f32(vcltq_f32(v, min), min, v);
    return vbslq_f32(vcgtq_f32(v, max), max, v);
}

#endif
