/* SPDX-License-Identifier: Apache-2.0 */
/* 16 sums a step: bytes less their zero points have nine bits, and SMULL and SMLAL make 32 of two times 16. */
#include "kernels/mix8.h"

#include "kernels/arm/requant_neon.h"

typedef struct constants {
    int16x8_t a_zero, b_zero;
    int16_t ka, kb;
    float32x4_t single;
    crl_requant_clamp clamp;
} constants;

CRL_NEON_INLINE int16x8_t less(uint8x8_t x, int16x8_t zero)
{
    return vsubq_s16(vreinterpretq_s16_u16(vmovl_u8(x)), zero);
}

CRL_NEON_INLINE int32x4_t sums(int16x4_t x, int16x4_t y, const constants *k)
{
    return crl_requant_single_x4_neon(vmlal_n_s16(vmull_n_s16(x, k->ka), y, k->kb), k->single);
}

CRL_NEON_INLINE uint8x8_t half(uint8x8_t a, uint8x8_t b, const constants *k)
{
    const int16x8_t x = less(a, k->a_zero), y = less(b, k->b_zero);
    return crl_requant_pack_neon(sums(vget_low_s16(x), vget_low_s16(y), k), sums(vget_high_s16(x), vget_high_s16(y), k), k->clamp);
}

void crl_mix8_neon(uint8_t *out, const uint8_t *a, const uint8_t *b, size_t n, const crl_mix *m)
{
    const constants k = { vdupq_n_s16((int16_t)m->a_zero), vdupq_n_s16((int16_t)m->b_zero), (int16_t)m->ka, (int16_t)m->kb,
                          vdupq_n_f32(*m->out.single), crl_requant_clamp_neon(&m->out) };
    size_t i = 0;
    for (; i + 16 <= n; i += 16) {
        const uint8x16_t x = vld1q_u8(a + i), y = vld1q_u8(b + i);
        vst1q_u8(out + i, vcombine_u8(half(vget_low_u8(x), vget_low_u8(y), &k), half(vget_high_u8(x), vget_high_u8(y), &k)));
    }
    crl_mix8_ref(out + i, a + i, b + i, n - i, m);
}
