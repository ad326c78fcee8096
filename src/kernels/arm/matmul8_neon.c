/* SPDX-License-Identifier: Apache-2.0 */
/* Four rows by 16 columns at a time on AArch64, two by 16 on ARMv7, which has half the registers. LD2 takes the pairs of b
 * apart. Past the last row its results are computed again. */
#include "kernels/matmul8_frame.h"
#include "kernels/arm/requant_neon.h"

struct scaling {
    crl_requant_x4 scale;
    int16x8_t zero;
    int8x16_t min, max;
    uint8x16_t flip;
    crl_requant_form form; /* EXACT_ANY, or that of the lanes */
    crl_requant_lanes lanes;
};

CRL_NEON_INLINE int32x4_t scaled4(int32x4_t acc, const scaling *s)
{
    if (s->form == CRL_REQUANT_REAL) return crl_requant_real_x4_neon(acc, &s->lanes, 0);
    if (s->form == CRL_REQUANT_FLOAT_ANY) return crl_requant_single_x4_neon(acc, vld1q_f32(s->lanes.u.f.a));
    return crl_requant_exact_x4_neon(acc, s->scale, true);
}

CRL_NEON_INLINE int16x8_t scaled(int32x4_t low, int32x4_t high, const scaling *s)
{
    const int16x8_t v = vcombine_s16(vqmovn_s32(scaled4(low, s)), vqmovn_s32(scaled4(high, s)));
    return vqaddq_s16(v, s->zero);
}

CRL_NEON_INLINE void store16(int8_t *out, const int32x4_t acc[4], size_t n, const scaling *s)
{
    const int8x16_t v = vcombine_s8(vqmovn_s16(scaled(acc[0], acc[1], s)), vqmovn_s16(scaled(acc[2], acc[3], s)));
    const int8x16_t y = vreinterpretq_s8_u8(veorq_u8(vreinterpretq_u8_s8(vminq_s8(vmaxq_s8(v, s->min), s->max)), s->flip));
    if (n == 16) {
        vst1q_s8(out, y);
    } else {
        int8_t part[16];
        vst1q_s8(part, y);
        memcpy(out, part, n);
    }
}

CRL_NEON_INLINE void add_pair(int32x4_t acc[4], int16x8x2_t low, int16x8x2_t high, const int16_t *x)
{
    for (int i = 0; i < 2; i++) {
        acc[0] = vmlal_n_s16(acc[0], vget_low_s16(low.val[i]), x[i]);
        acc[1] = vmlal_n_s16(acc[1], vget_high_s16(low.val[i]), x[i]);
        acc[2] = vmlal_n_s16(acc[2], vget_low_s16(high.val[i]), x[i]);
        acc[3] = vmlal_n_s16(acc[3], vget_high_s16(high.val[i]), x[i]);
    }
}

CRL_NEON_INLINE void rows_of_block(int rows, int8_t *const *out, const int16_t *const *a, const int16_t *b, size_t pairs,
                                   size_t columns, size_t n, const int32_t *bias, const scaling *s)
{
    int32x4_t acc[4][4];
    for (int r = 0; r < rows; r++)
        for (int i = 0; i < 4; i++) acc[r][i] = vld1q_s32(bias + 4 * i);
    for (size_t k = 0; k < pairs; k++, b += 2 * columns) {
        const int16x8x2_t low = vld2q_s16(b), high = vld2q_s16(b + 16);
        for (int r = 0; r < rows; r++) add_pair(acc[r], low, high, a[r] + 2 * k);
    }
    for (int r = 0; r < rows; r++) store16(out[r], acc[r], n, s);
}

static void block(int8_t *const out[4], const int16_t *const a[4], const int16_t *b, size_t pairs, size_t columns, size_t n,
                  const int32_t bias[16], const scaling *s)
{
    const int rows = CRL_ARCH_ARM64 ? 4 : 2;
    for (int r = 0; r < 4; r += rows) rows_of_block(rows, out + r, a + r, b, pairs, columns, n, bias, s);
}

void crl_matmul8_neon(int8_t *out, const int8_t *a, const int8_t *b, const crl_matmul8 *p, size_t first, size_t end, void *scratch)
{
    const crl_matmul *m = &p->m;
    const crl_requant *q = &m->out;
    const crl_scale scale = q->scale ? *q->scale : (crl_scale){ 0, 0 };
    const int32_t left = scale.shift > 0 ? scale.shift : 0, right = scale.shift > 0 ? 0 : scale.shift;
    scaling s = { .scale = { vdupq_n_s32(scale.mult), vdupq_n_s32(left), vdupq_n_s32(right) },
                  .zero = vdupq_n_s16((int16_t)q->zero_point), .min = vdupq_n_s8((int8_t)q->min),
                  .max = vdupq_n_s8((int8_t)q->max), .flip = vdupq_n_u8(p->flip) };
    s.form = lanes_of(&s.lanes, q);
    run_batch(out, a, b, p, first, end, scratch, &s);
}
