/* SPDX-License-Identifier: Apache-2.0 */
/* 16 quotients a step. */
#include <arm_neon.h>

#include "kernels/softmax8.h"

typedef struct constants {
    uint32x2_t scale;
    uint32x4_t half;
    int32x4_t right;
} constants;

static inline uint32x4_t quotient(const int32_t *exp, const constants *k)
{
    const uint32x4_t e = vreinterpretq_u32_s32(vld1q_s32(exp));
    const uint32x2_t low = vmovn_u64(vrshrq_n_u64(vmull_u32(vget_low_u32(e), k->scale), 31));
    const uint32x2_t high = vmovn_u64(vrshrq_n_u64(vmull_u32(vget_high_u32(e), k->scale), 31));
    return vshlq_u32(vaddq_u32(vcombine_u32(low, high), k->half), k->right);
}

void crl_softmax8_quotients_neon(uint8_t *out, const int32_t *exp, size_t n, crl_quotient8 q, uint8_t flip)
{
    const constants k = { vdup_n_u32((uint32_t)q.scale), vdupq_n_u32(UINT32_C(1) << (q.shift - 1)), vdupq_n_s32(-q.shift) };
    const uint8x16_t flips = vdupq_n_u8(flip);
    size_t i = 0;
    for (; i + 16 <= n; i += 16) {
        const uint16x8_t a = vcombine_u16(vqmovn_u32(quotient(exp + i, &k)), vqmovn_u32(quotient(exp + i + 4, &k)));
        const uint16x8_t b = vcombine_u16(vqmovn_u32(quotient(exp + i + 8, &k)), vqmovn_u32(quotient(exp + i + 12, &k)));
        vst1q_u8(out + i, veorq_u8(vcombine_u8(vqmovn_u16(a), vqmovn_u16(b)), flips));
    }
    crl_softmax8_quotients_ref(out + i, exp + i, n - i, q, flip);
}
