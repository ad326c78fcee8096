/* SPDX-License-Identifier: Apache-2.0 */
/* 16 outputs a step, in 32 bits. */
#include "kernels/blend.h"

#include "kernels/arm/requant_neon.h"

typedef struct constants {
    int32x4_t offset, right; /* right: minus the shift, as SSHL wants it */
    int32x4_t below, above; /* the same where there is one offset */
    int32_t ka, kb;
    uint8x16_t min, max;
} constants;

static inline int32x4_t affine(uint16x4_t a, uint16x4_t b, const constants *k)
{
    int32x4_t v = vmlaq_n_s32(k->offset, vreinterpretq_s32_u32(vmovl_u16(a)), k->ka);
    v = vmlaq_n_s32(v, vreinterpretq_s32_u32(vmovl_u16(b)), k->kb);
    v = vaddq_s32(v, vbslq_s32(vreinterpretq_u32_s32(vshrq_n_s32(v, 31)), k->below, k->above));
    return vshlq_s32(v, k->right);
}

static inline uint8x8_t blend8(uint8x8_t a, uint8x8_t b, const constants *k)
{
    const uint16x8_t x = vmovl_u8(a), y = vmovl_u8(b);
    return vqmovun_s16(vcombine_s16(vqmovn_s32(affine(vget_low_u16(x), vget_low_u16(y), k)),
                                    vqmovn_s32(affine(vget_high_u16(x), vget_high_u16(y), k))));
}

void crl_blend_u8_neon(uint8_t *out, const uint8_t *a, const uint8_t *b, size_t n, const crl_blend *c)
{
    const int32x4_t below = vdupq_n_s32(c->split ? c->below : 0), above = vdupq_n_s32(c->split ? c->above : 0);
    const constants k = { vdupq_n_s32(c->offset), vdupq_n_s32(-c->shift), below, above, c->ka, c->kb,
                          vdupq_n_u8((uint8_t)c->min), vdupq_n_u8((uint8_t)c->max) };
    size_t i = 0;
    for (; i + 16 <= n; i += 16) {
        const uint8x16_t x = vld1q_u8(a + i), y = vld1q_u8(b + i);
        const uint8x16_t v = vcombine_u8(blend8(vget_low_u8(x), vget_low_u8(y), &k), blend8(vget_high_u8(x), vget_high_u8(y), &k));
        vst1q_u8(out + i, vminq_u8(vmaxq_u8(v, k.min), k.max));
    }
    crl_blend_u8_ref(out + i, a + i, b + i, n - i, c);
}

static inline crl_requant_x4 scale_of(crl_scale s)
{
    return (crl_requant_x4){ .mult = vdupq_n_s32(s.mult), .left = vdupq_n_s32(0), .right = vdupq_n_s32(s.shift) };
}

void crl_blend_sum_u8_neon(uint8_t *out, const uint8_t *a, const uint8_t *b, size_t n, const crl_blend_target *t)
{
    const crl_requant_x4 scale = scale_of(t->scale);
    const crl_requant_clamp clamp = { vdupq_n_s16((int16_t)t->zero), vdup_n_u8((uint8_t)t->min), vdup_n_u8((uint8_t)t->max) };
    size_t i = 0;
    for (; i + 8 <= n; i += 8) {
        int32_t x[8];
        for (int k = 0; k < 8; k++) x[k] = t->fa[a[i + (size_t)k]] + t->fb[b[i + (size_t)k]];
        vst1_u8(out + i, crl_requant_pack_neon(crl_requant_exact_x4_neon(vld1q_s32(x), scale, true),
                                               crl_requant_exact_x4_neon(vld1q_s32(x + 4), scale, true), clamp));
    }
    crl_blend_sum_u8_ref(out + i, a + i, b + i, n - i, t);
}

static int32_t greatest(int32x4_t v)
{
    const int32x2_t two = vmax_s32(vget_low_s32(v), vget_high_s32(v));
    return vget_lane_s32(vpmax_s32(two, two), 0);
}

void crl_blend_bounds_neon(const crl_blend *c, const crl_blend_target *t, crl_blend_side side, int64_t *low, int64_t *high)
{
    static const int32_t first[4] = { 0, 1, 2, 3 };
    const crl_requant_x4 scale = scale_of(t->scale);
    const int32x4_t zero = vdupq_n_s32(t->zero), min = vdupq_n_s32(t->min), max = vdupq_n_s32(t->max);
    const int32x4_t none = vdupq_n_s32(INT32_MIN), left = vdupq_n_s32(c->shift), four = vdupq_n_s32(4 * c->kb);
    const uint32x4_t all = vdupq_n_u32(side == CRL_BLEND_ALL ? ~0u : 0), over = vdupq_n_u32(side == CRL_BLEND_ABOVE ? ~0u : 0);
    const int32x4_t columns = vmulq_n_s32(vld1q_s32(first), c->kb);
    int32x4_t least = none, most = none; /* most: of what is to be negated, so that both are greatest values */
    *low = INT64_MIN;
    *high = INT64_MAX;
    for (int32_t row = 0; row < 256 && *low <= *high; row++) {
        const int32_t a = crl_blend_row(row);
        const int32x4_t fa = vdupq_n_s32(t->fa[a]);
        int32x4_t v = vaddq_s32(columns, vdupq_n_s32(a * c->ka));
        for (int32_t b = 0; b < 256; b += 4, v = vaddq_s32(v, four)) {
            const int32x4_t x = vaddq_s32(fa, vld1q_s32(t->fb + b));
            const uint32x4_t asked = vorrq_u32(veorq_u32(vreinterpretq_u32_s32(vshrq_n_s32(x, 31)), over), all);
            int32x4_t y = crl_requant_exact_x4_neon(x, scale, true);
            y = vminq_s32(vmaxq_s32(vaddq_s32(y, zero), min), max);
            const int32x4_t from = vsubq_s32(vshlq_s32(y, left), v);
            least = vmaxq_s32(least, vbslq_s32(vandq_u32(asked, vcgtq_s32(y, min)), from, none));
            most = vmaxq_s32(most, vbslq_s32(vandq_u32(asked, vcgtq_s32(max, y)), vnegq_s32(from), none));
        }
        const int32_t l = greatest(least), m = greatest(most);
        if (l != INT32_MIN) *low = l;
        if (m != INT32_MIN) *high = (INT64_C(1) << c->shift) - 1 - m;
    }
}
