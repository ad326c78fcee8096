/* SPDX-License-Identifier: Apache-2.0 */
/* Requantisation in NEON, AArch64 and ARMv7 alike: what kernels inline. The forms are those of requant.h.
 * Nothing is proved here, since the integers are as short: SQRDMULH is the first rounding of the definition, and SRSHL the
 * second but for ties of negative numbers, which go away from zero. So FLOAT_ANY is what `single` has, with b = 0, and the
 * other float forms do not occur. */
#ifndef CRL_KERNELS_REQUANT_NEON_H
#define CRL_KERNELS_REQUANT_NEON_H

#include <arm_neon.h>
#include <math.h>

#include "base/cpu.h"
#include "kernels/requant.h"

#define CRL_NEON_INLINE static inline __attribute__((always_inline))

/* Parameters of four lanes of the EXACT forms. */
typedef struct crl_requant_x4 {
    int32x4_t mult, left, right; /* right is negative: SRSHL shifts to the left */
} crl_requant_x4;

/* Lanes 4 * i .. 4 * i + 3. */
CRL_NEON_INLINE crl_requant_x4 crl_requant_x4_load(const crl_requant_lanes *q, int i)
{
    crl_requant_x4 p;
    p.mult = vld1q_s32(q->mult + 4 * i);
    p.left = vld1q_s32(q->left + 4 * i);
    p.right = vnegq_s32(vld1q_s32(q->right + 4 * i));
    return p;
}

/* EXACT_CUT and, with `any`, EXACT_ANY, without the zero point, where no lane has a shift to the left; `right` is negative
 * as above. No product saturates: mult is never negative. */
CRL_NEON_INLINE int32x4_t crl_requant_right_x4_neon(int32x4_t acc, int32x4_t mult, int32x4_t right, bool any)
{
    int32x4_t v = vqrdmulhq_s32(acc, mult);
    /* One less where v is negative and there is a shift: the sign bit of both. */
    if (any) v = vsraq_n_s32(v, vandq_s32(v, right), 31);
    return vrshlq_s32(v, right);
}

/* The same with any shift. */
CRL_NEON_INLINE int32x4_t crl_requant_exact_x4_neon(int32x4_t acc, crl_requant_x4 p, bool any)
{
    return crl_requant_right_x4_neon(vshlq_s32(acc, p.left), p.mult, p.right, any);
}

/* REAL: products in double, rounded with ties away from zero. What exceeds int32 becomes INT32_MIN, as the
 * definition has it. */
#if CRL_ARCH_ARM64
CRL_NEON_INLINE int32x2_t crl_requant_real_x2(int32x2_t acc, const double *real)
{
    const int64x2_t y = vcvtaq_s64_f64(vmulq_f64(vcvtq_f64_s64(vmovl_s32(acc)), vld1q_f64(real)));
    const uint64x2_t over = vcgtq_s64(y, vdupq_n_s64(INT32_MAX));
    return vqmovn_s64(vbslq_s64(over, vdupq_n_s64(INT32_MIN), y));
}

CRL_NEON_INLINE int32x4_t crl_requant_real_x4_neon(int32x4_t acc, const crl_requant_lanes *q, int i)
{
    return vcombine_s32(crl_requant_real_x2(vget_low_s32(acc), q->u.real + 4 * i),
                        crl_requant_real_x2(vget_high_s32(acc), q->u.real + 4 * i + 2));
}
#else
CRL_NEON_INLINE int32x4_t crl_requant_real_x4_neon(int32x4_t acc, const crl_requant_lanes *q, int i)
{
    int32_t v[4];
    vst1q_s32(v, acc);
    for (int k = 0; k < 4; k++) {
        const double y = round(v[k] * q->u.real[4 * i + k]);
        v[k] = y > -2147483649.0 && y < 2147483648.0 ? (int32_t)y : INT32_MIN;
    }
    return vld1q_s32(v);
}
#endif

/* FLOAT_ANY with b = 0, without the zero point: a product in float, ties to even. */
CRL_NEON_INLINE int32x4_t crl_requant_single_x4_neon(int32x4_t acc, float32x4_t a)
{
    const float32x4_t v = vmulq_f32(vcvtq_f32_s32(acc), a);
#if CRL_ARCH_ARM64
    return vcvtnq_s32_f32(v);
#else
    /* ARMv7 converts toward zero only. The sum with 3 * 2^22 has no bits for fractions, and the lowest of its others are the
     * result; 2^21 is beyond every clamp. */
    const float32x4_t within = vminq_f32(vmaxq_f32(v, vdupq_n_f32(-0x1p21f)), vdupq_n_f32(0x1p21f));
    const float32x4_t whole = vdupq_n_f32(0x1.8p23f);
    return vsubq_s32(vreinterpretq_s32_f32(vaddq_f32(within, whole)), vreinterpretq_s32_f32(whole));
#endif
}

/* What becomes of results: zero point and clamp. */
typedef struct crl_requant_clamp {
    int16x8_t zero;
    uint8x8_t min, max;
} crl_requant_clamp;

CRL_NEON_INLINE crl_requant_clamp crl_requant_clamp_neon(const crl_requant *q)
{
    crl_requant_clamp c;
    c.zero = vdupq_n_s16((int16_t)q->zero_point);
    c.min = vdup_n_u8((uint8_t)q->min);
    c.max = vdup_n_u8((uint8_t)q->max);
    return c;
}

/* Eight results to bytes. Each narrowing saturates, which the clamp would do anyway. */
CRL_NEON_INLINE uint8x8_t crl_requant_pack_neon(int32x4_t a, int32x4_t b, crl_requant_clamp c)
{
    const int16x8_t v = vqaddq_s16(vcombine_s16(vqmovn_s32(a), vqmovn_s32(b)), c.zero);
    return vmin_u8(vmax_u8(vqmovun_s16(v), c.min), c.max);
}

#endif
