/* SPDX-License-Identifier: Apache-2.0 */
/* Rows of 16-bit numbers, eight a step. */
#include "kernels/row16.h"

#include "kernels/arm/requant_neon.h"
#include "kernels/element.h"

/* Eight numbers, or one for all. */
CRL_INLINE int16x8_t load(const int16_t *p, size_t i, size_t step)
{
    return step ? vld1q_s16(p + i) : vdupq_n_s16(*p);
}

CRL_INLINE void store(int16_t *out, int32x4_t lo, int32x4_t hi, const crl_row16 *r)
{
    const int16x8_t v = vcombine_s16(vqmovn_s32(lo), vqmovn_s32(hi));
    vst1q_s16(out, vminq_s16(vmaxq_s16(v, vdupq_n_s16((int16_t)r->min)), vdupq_n_s16((int16_t)r->max)));
}

CRL_INLINE int32x4_t scaled(int32x4_t v, const crl_requant_lanes *lanes)
{
    return crl_requant_exact_x4_neon(v, crl_requant_x4_load(lanes, 0), true);
}

CRL_INLINE int32x4_t add(int16x4_t a, int16x4_t b, const crl_row16 *r)
{
    const int32x4_t x = scaled(vshll_n_s16(a, 15), &r->a), y = scaled(vshll_n_s16(b, 15), &r->b);
    return scaled(r->u.sum.subtract ? vsubq_s32(x, y) : vaddq_s32(x, y), &r->out);
}

void crl_sum16_neon(void *out, const void *a, size_t step_a, const void *b, size_t step_b, size_t n, const void *params)
{
    const crl_row16 *r = params;
    size_t i = 0;
    for (; i + 8 <= n; i += 8) {
        const int16x8_t x = load(a, i, step_a), y = load(b, i, step_b);
        store((int16_t *)out + i, add(vget_low_s16(x), vget_low_s16(y), r), add(vget_high_s16(x), vget_high_s16(y), r), r);
    }
    crl_sum_s16_ref((int16_t *)out + i, (const int16_t *)a + i * step_a, step_a, (const int16_t *)b + i * step_b, step_b, n - i, &r->u.sum);
}

void crl_product16_neon(void *out, const void *a, size_t step_a, const void *b, size_t step_b, size_t n, const void *params)
{
    const crl_row16 *r = params;
    size_t i = 0;
    for (; i + 8 <= n; i += 8) {
        const int16x8_t x = load(a, i, step_a), y = load(b, i, step_b);
        store((int16_t *)out + i, scaled(vmull_s16(vget_low_s16(x), vget_low_s16(y)), &r->out),
              scaled(vmull_s16(vget_high_s16(x), vget_high_s16(y)), &r->out), r);
    }
    crl_product_s16_ref((int16_t *)out + i, (const int16_t *)a + i * step_a, step_a, (const int16_t *)b + i * step_b, step_b, n - i,
                        &r->u.product);
}
