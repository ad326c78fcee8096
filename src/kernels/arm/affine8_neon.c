/* SPDX-License-Identifier: Apache-2.0 */
/* 8 elements a step. */
#include "kernels/affine8.h"

#include "kernels/arm/requant_neon.h"

CRL_NEON_INLINE int32x4_t four(uint16x4_t x, const int32_t *bias, const float *factor)
{
    return crl_requant_single_x4_neon(vaddq_s32(vreinterpretq_s32_u32(vmovl_u16(x)), vld1q_s32(bias)), vld1q_f32(factor));
}

void crl_affine8_neon(uint8_t *out, const uint8_t *x, size_t n, const crl_affine8_row *row)
{
    const crl_requant_clamp clamp = crl_requant_clamp_neon(&row->out);
    size_t i = 0;
    for (; i + 8 <= n; i += 8) {
        const uint16x8_t bytes = vmovl_u8(vld1_u8(x + i));
        const int32x4_t low = four(vget_low_u16(bytes), row->bias + i, row->factor + i);
        const int32x4_t high = four(vget_high_u16(bytes), row->bias + i + 4, row->factor + i + 4);
        vst1_u8(out + i, crl_requant_pack_neon(low, high, clamp));
    }
    const crl_affine8_row rest = crl_affine8_row_from(row, i);
    crl_affine8_ref(out + i, x + i, n - i, &rest);
}
