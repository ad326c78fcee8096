/* SPDX-License-Identifier: Apache-2.0 */
/* Clipping, 16 weights a step; gemm_clip_avx2.c does the same. */
#include <arm_neon.h>

#include "kernels/gemm_clip.h"

enum { BLOCK = 1 << 20 }; /* weights whose sums fit lanes of 32 bits */

static int64_t sum_s32(int32x4_t v)
{
    const int64x2_t s = vpaddlq_s32(v);
    return vgetq_lane_s64(s, 0) + vgetq_lane_s64(s, 1);
}

/* Whole vectors of signed bytes (unsigned ones with bit 7 flipped) minus `zero`. Saturating subtraction clips, and
 * differs from plain subtraction where it does; then the sums are not those of the weights. */
static crl_gemm_sums clip(int8_t *to, const void *from, size_t n, int32_t zero, uint8_t flip)
{
    const uint8x16_t f = vdupq_n_u8(flip);
    const int8x16_t z = vdupq_n_s8((int8_t)zero);
    int8x16_t differ = vdupq_n_s8(0);
    int64_t s = 0, m = 0;
    for (size_t block = 0; block < n; block += BLOCK) {
        const size_t end = n - block < BLOCK ? n : block + BLOCK;
        int32x4_t sum = vdupq_n_s32(0), magnitude = sum;
        for (size_t i = block; i < end; i += 16) {
            const int8x16_t x = vreinterpretq_s8_u8(veorq_u8(f, vld1q_u8((const uint8_t *)from + i)));
            const int8x16_t v = vqsubq_s8(x, z);
            differ = vorrq_s8(differ, veorq_s8(v, vsubq_s8(x, z)));
            vst1q_s8(to + i, v);
            sum = vpadalq_s16(sum, vpaddlq_s8(v));
            /* |-128| is 128 of an unsigned byte, and two of them fit 16 bits either way. */
            magnitude = vpadalq_s16(magnitude, vreinterpretq_s16_u16(vpaddlq_u8(vreinterpretq_u8_s8(vabsq_s8(v)))));
        }
        s += sum_s32(sum);
        m += sum_s32(magnitude);
    }
    const int64x2_t d = vreinterpretq_s64_s8(differ);
    return (crl_gemm_sums){ (s + m) / 2, (s - m) / 2, (vgetq_lane_s64(d, 0) | vgetq_lane_s64(d, 1)) != 0 };
}

static crl_gemm_sums add(crl_gemm_sums a, crl_gemm_sums b)
{
    return (crl_gemm_sums){ a.positive + b.positive, a.negative + b.negative, a.clipped || b.clipped };
}

crl_gemm_sums crl_gemm_clip_u8_neon(int8_t *to, const uint8_t *from, size_t n, int32_t zero)
{
    const size_t whole = n / 16 * 16;
    const crl_gemm_sums a = clip(to, from, whole, zero - 128, 0x80);
    if (a.clipped) return crl_gemm_clip_u8_ref(to, from, n, zero);
    return add(a, crl_gemm_clip_u8_ref(to + whole, from + whole, n - whole, zero));
}

crl_gemm_sums crl_gemm_clip_s8_neon(int8_t *to, const int8_t *from, size_t n, int32_t zero)
{
    const size_t whole = n / 16 * 16;
    const crl_gemm_sums a = clip(to, from, whole, zero, 0);
    if (a.clipped) return crl_gemm_clip_s8_ref(to, from, n, zero);
    return add(a, crl_gemm_clip_s8_ref(to + whole, from + whole, n - whole, zero));
}
