/* SPDX-License-Identifier: Apache-2.0 */
/* PRELU of bytes, eight channels a step; AArch64 only: ARMv7 converts toward zero. */
#include <arm_neon.h>

#include "kernels/element.h"
#include "kernels/prelu8.h"

/* Four numbers, without the zero point of the output. */
CRL_INLINE int32x4_t four(int16x4_t in, const crl_prelu8 *p, size_t c)
{
    const int32x4_t v = vmovl_s16(in);
    const uint32x4_t below = vcltq_s32(v, vdupq_n_s32(0));
    const float32x4_t a = vbslq_f32(below, vld1q_f32(p->a + c), vdupq_n_f32(p->above_a));
    const float32x4_t b = vbslq_f32(below, vld1q_f32(p->b + c), vdupq_n_f32(p->above_b));
    return vcvtnq_s32_f32(vfmaq_f32(b, vcvtq_f32_s32(v), a));
}

void crl_prelu8_neon(uint8_t *out, const uint8_t *in, size_t pixels, const crl_prelu8 *p)
{
    const int16x8_t in_zero = vdupq_n_s16((int16_t)p->in_zero), out_zero = vdupq_n_s16((int16_t)p->out_zero);
    for (size_t i = 0; i < pixels; i++, in += p->channels, out += p->channels) {
        size_t c = 0;
        for (; c + 8 <= p->channels; c += 8) {
            const int16x8_t x = vsubq_s16(vreinterpretq_s16_u16(vmovl_u8(vld1_u8(in + c))), in_zero);
            const int32x4_t lo = four(vget_low_s16(x), p, c), hi = four(vget_high_s16(x), p, c + 4);
            vst1_u8(out + c, vqmovun_s16(vqaddq_s16(vcombine_s16(vqmovn_s32(lo), vqmovn_s32(hi)), out_zero)));
        }
        crl_prelu8_rest(out, in, c, p);
    }
}
