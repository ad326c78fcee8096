/* SPDX-License-Identifier: Apache-2.0 */
/* 16 elements a step, AArch64 only: NEON of ARMv7 has no division, and makes zeros of denormal numbers. */
#include "kernels/quant8.h"

#include <arm_neon.h>

/* FCVTAS rounds half away from zero. What no int32 holds, a NaN too, becomes INT32_MIN, as the definition wants it; the sum
 * with the zero point wraps. */
static inline int32x4_t quantized(const float *in, float32x4_t scale, int32x4_t zero)
{
    const float32x4_t x = vdivq_f32(vld1q_f32(in), scale);
    const uint32x4_t fits = vcltq_f32(x, vdupq_n_f32(2147483648.0f));
    return vaddq_s32(vbslq_s32(fits, vcvtaq_s32_f32(x), vdupq_n_s32(INT32_MIN)), zero);
}

static inline uint8x8_t quantized8(const float *in, float32x4_t scale, int32x4_t zero, int16x8_t lift)
{
    const int16x8_t v = vcombine_s16(vqmovn_s32(quantized(in, scale, zero)), vqmovn_s32(quantized(in + 4, scale, zero)));
    return vqmovun_s16(vqaddq_s16(v, lift));
}

void crl_quantize8_neon(uint8_t *out, const float *in, size_t n, float scale, int32_t zero, int32_t lift)
{
    const float32x4_t s = vdupq_n_f32(scale);
    const int32x4_t z = vdupq_n_s32(zero);
    const int16x8_t up = vdupq_n_s16((int16_t)lift);
    size_t i = 0;
    for (; i + 16 <= n; i += 16)
        vst1q_u8(out + i, vcombine_u8(quantized8(in + i, s, z, up), quantized8(in + i + 8, s, z, up)));
    crl_quantize8_ref(out + i, in + i, n - i, scale, zero, lift);
}

static inline void dequantize4(float *out, int16x4_t x, float32x4_t scale)
{
    vst1q_f32(out, vmulq_f32(vcvtq_f32_s32(vmovl_s16(x)), scale));
}

void crl_dequantize8_neon(float *out, const uint8_t *in, size_t n, float scale, int32_t zero, uint8_t flip)
{
    const float32x4_t s = vdupq_n_f32(scale);
    const int16x8_t z = vdupq_n_s16((int16_t)zero);
    const uint8x8_t f = vdup_n_u8(flip);
    size_t i = 0;
    for (; i + 8 <= n; i += 8) {
        const int16x8_t x = vsubq_s16(vreinterpretq_s16_u16(vmovl_u8(veor_u8(vld1_u8(in + i), f))), z);
        dequantize4(out + i, vget_low_s16(x), s);
        dequantize4(out + i + 4, vget_high_s16(x), s);
    }
    crl_dequantize8_ref(out + i, in + i, n - i, scale, zero, flip);
}
