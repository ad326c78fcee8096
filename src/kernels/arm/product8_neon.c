/* SPDX-License-Identifier: Apache-2.0 */
/* 16 products a step: bytes less their zero points have nine bits, and SMULL makes 32 of two times 16. */
#include "kernels/product8.h"

#include "kernels/arm/requant_neon.h"

typedef struct constants {
    int16x8_t a_zero, b_zero;
    crl_requant_x4 scale;
    float32x4_t single;
    crl_requant_clamp clamp;
} constants;

CRL_NEON_INLINE int16x8_t less(uint8x8_t x, int16x8_t zero)
{
    return vsubq_s16(vreinterpretq_s16_u16(vmovl_u8(x)), zero);
}

CRL_NEON_INLINE int32x4_t scaled(int32x4_t acc, const constants *k, crl_requant_form form)
{
    if (form == CRL_REQUANT_FLOAT_ANY) return crl_requant_single_x4_neon(acc, k->single);
    return crl_requant_exact_x4_neon(acc, k->scale, form == CRL_REQUANT_EXACT_ANY);
}

CRL_NEON_INLINE uint8x8_t product(uint8x8_t a, uint8x8_t b, const constants *k, crl_requant_form form)
{
    const int16x8_t x = less(a, k->a_zero), y = less(b, k->b_zero);
    const int32x4_t low = vmull_s16(vget_low_s16(x), vget_low_s16(y)), high = vmull_s16(vget_high_s16(x), vget_high_s16(y));
    return crl_requant_pack_neon(scaled(low, k, form), scaled(high, k, form), k->clamp);
}

CRL_NEON_INLINE size_t whole_steps(uint8_t *out, const uint8_t *a, const uint8_t *b, size_t n, const crl_product8 *p,
                                   crl_requant_form form)
{
    const constants k = { vdupq_n_s16((int16_t)p->a_zero), vdupq_n_s16((int16_t)p->b_zero), crl_requant_x4_load(&p->lanes, 0),
                          vld1q_f32(p->lanes.u.f.a), crl_requant_clamp_neon(&p->requant) };
    size_t i = 0;
    for (; i + 16 <= n; i += 16) {
        const uint8x16_t x = vld1q_u8(a + i), y = vld1q_u8(b + i);
        vst1q_u8(out + i, vcombine_u8(product(vget_low_u8(x), vget_low_u8(y), &k, form),
                                      product(vget_high_u8(x), vget_high_u8(y), &k, form)));
    }
    return i;
}

void crl_product8_neon(uint8_t *out, const uint8_t *a, const uint8_t *b, size_t n, const crl_product8 *p)
{
    size_t i = 0;
    switch (p->form) {
    case CRL_REQUANT_FLOAT_ANY: i = whole_steps(out, a, b, n, p, CRL_REQUANT_FLOAT_ANY); break;
    case CRL_REQUANT_EXACT_CUT: i = whole_steps(out, a, b, n, p, CRL_REQUANT_EXACT_CUT); break;
    default: i = whole_steps(out, a, b, n, p, CRL_REQUANT_EXACT_ANY);
    }
    crl_product8_ref(out + i, a + i, b + i, n - i, p);
}
