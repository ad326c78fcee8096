/* SPDX-License-Identifier: Apache-2.0 */
/* Four floats a step, as two vectors of doubles. AArch64 only. */
#include "kernels/arm/f32_neon.h"

typedef struct exp_known {
    f32s one;
} exp_known;

#include "kernels/exp_f32_frame.h"

CRL_INLINE exp_known exp_begin(void)
{
    return (exp_known){ f32_fill(1) };
}

CRL_INLINE float64x2_t exp_of_doubles(float64x2_t x)
{
    const float64x2_t n = vrndnq_f64(vmulq_n_f64(x, 0x1.71547652b82fep0));
    const float64x2_t r = vfmsq_f64(x, n, vdupq_n_f64(0x1.62e42fefa39efp-1));
    float64x2_t y = vdupq_n_f64(exp_terms[9]);
    for (int i = 8; i >= 0; i--) y = vfmaq_f64(vdupq_n_f64(exp_terms[i]), y, r);
    const int64x2_t power = vshlq_n_s64(vcvtq_s64_f64(n), 52);
    return vreinterpretq_f64_s64(vaddq_s64(vreinterpretq_s64_f64(y), power));
}

/* Lanes whose double is near the middle between two floats. */
CRL_INLINE uint32x4_t near_middle(float64x2_t a, float64x2_t b)
{
    const int32x4_t low = vuzp1q_s32(vreinterpretq_s32_f64(a), vreinterpretq_s32_f64(b));
    const int32x4_t place = vaddq_s32(vshlq_n_s32(low, 3), vdupq_n_s32(EXP_MARGIN));
    return vcltq_s32(place, vdupq_n_s32(INT32_MIN + 2 * EXP_MARGIN));
}

CRL_INLINE uint32_t bits_of(uint32x4_t mask)
{
    static const uint32_t bit[4] = { 1, 2, 4, 8 };
    return vaddvq_u32(vandq_u32(mask, vld1q_u32(bit)));
}

CRL_INLINE f32s exp_near(f32s x, const exp_known *k, uint32_t *doubt)
{
    (void)k;
    const float64x2_t a = exp_of_doubles(vcvt_f64_f32(vget_low_f32(x))), b = exp_of_doubles(vcvt_high_f64_f32(x));
    const uint32x4_t inside = vcleq_f32(vabsq_f32(x), vdupq_n_f32(87));
    const uint32x4_t is_zero = vcltq_f32(x, vdupq_n_f32(EXP_ZERO));
    *doubt = bits_of(vbicq_u32(vornq_u32(near_middle(a, b), inside), is_zero));
    const f32s y = vcvt_high_f32_f64(vcvt_f32_f64(a), b);
    return vreinterpretq_f32_u32(vbicq_u32(vreinterpretq_u32_f32(y), is_zero));
}

CRL_INLINE f32s logistic_near(f32s x, const exp_known *k, uint32_t *doubt)
{
    const f32s one = f32_fill(1);
    const uint32x4_t above = vcgtq_f32(x, f32_fill(16.619047164916992188f)), below = vcltq_f32(x, f32_fill(-9));
    const f32s e = exp_near(vbslq_f32(below, x, f32_negate(x)), k, doubt);
    *doubt &= ~bits_of(above);
    const f32s y = vbslq_f32(below, e, f32_divide(one, f32_add(one, e)));
    return vbslq_f32(above, one, y);
}

CRL_INLINE f32s times_power(f32s y, f32s shifted)
{
    const uint32x4_t power = vshlq_n_u32(vreinterpretq_u32_f32(shifted), 23);
    return vreinterpretq_f32_u32(vaddq_u32(vreinterpretq_u32_f32(y), power));
}

void crl_exp_f32_neon(float *out, const float *in, size_t n, float less, float beta)
{
    exp_all(out, in, n, &(exp_of){ .less = less, .beta = beta });
}

void crl_logistic_f32_neon(float *out, const float *in, size_t n, const crl_limits *product)
{
    logistic_all(out, in, n, product);
}

void crl_about_f32_neon(float *out, const float *in, size_t n, const crl_limits *product)
{
    about_all(out, in, n, product);
}

float crl_largest_f32_neon(const float *in, size_t n)
{
    return largest_of(in, n);
}
