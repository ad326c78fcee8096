/* SPDX-License-Identifier: Apache-2.0 */
/* Vectors of four sums of 32 bits, under the names that the frames of 16-bit kernels use; AArch64 and ARMv7 alike. */
#ifndef CRL_KERNELS_S16_NEON_H
#define CRL_KERNELS_S16_NEON_H

#include <string.h>

#include "kernels/arm/requant_neon.h"
#include "kernels/element.h"
#include "kernels/unit16.h"

/* Weights of four outputs for four channels. */
typedef struct s16s {
    int16x8_t k01, k23;
} s16s;

typedef int16x4_t s16x;
typedef int16x8_t s16_taps;
typedef int32x4_t s32s;
typedef int64_t s16_sum;
enum { S16_LANES = 4, S16_GROUP = 4 };

CRL_INLINE const int16_t *s16_numbers(const uint8_t *pixel)
{
    return (const int16_t *)(const void *)pixel;
}

CRL_INLINE s16s s16_load(const int16_t *p)
{
    return (s16s){ vld1q_s16(p), vld1q_s16(p + 8) };
}

CRL_INLINE s32s s32_zero(void)
{
    return vdupq_n_s32(0);
}

CRL_INLINE s16x s16_spread(const int16_t *p)
{
    return vld1_s16(p);
}

CRL_INLINE s32s s16_dot(s32s acc, s16x x, s16s w)
{
    acc = vmlal_lane_s16(acc, vget_low_s16(w.k01), x, 0);
    acc = vmlal_lane_s16(acc, vget_high_s16(w.k01), x, 1);
    acc = vmlal_lane_s16(acc, vget_low_s16(w.k23), x, 2);
    return vmlal_lane_s16(acc, vget_high_s16(w.k23), x, 3);
}

/* What the outputs of a unit see of a pixel. */
CRL_INLINE s16_taps s16_load_taps(const int16_t *p)
{
    return vld1q_s16(p);
}

CRL_INLINE s16_taps s16_fill_taps(int16_t x)
{
    return vdupq_n_s16(x);
}

/* Lanes of two taps, a * w + b * v each: first all of w, then all of v. */
CRL_INLINE void s16_dot_taps(s32s acc[2], s16_taps a, s16_taps b, const int16_t *w)
{
    const int16x8_t first = vld1q_s16(w), second = vld1q_s16(w + 2 * S16_LANES);
    acc[0] = vmlal_s16(acc[0], vget_low_s16(a), vget_low_s16(first));
    acc[1] = vmlal_s16(acc[1], vget_high_s16(a), vget_high_s16(first));
    acc[0] = vmlal_s16(acc[0], vget_low_s16(b), vget_low_s16(second));
    acc[1] = vmlal_s16(acc[1], vget_high_s16(b), vget_high_s16(second));
}

/* Adds to the sums of other pieces. */
CRL_INLINE void s16_keep(s16_sum *sums, s32s acc)
{
    vst1q_s64(sums, vaddw_s32(vld1q_s64(sums), vget_low_s32(acc)));
    vst1q_s64(sums + 2, vaddw_s32(vld1q_s64(sums + 2), vget_high_s32(acc)));
}

static __attribute__((noinline)) void finish_plain(int16_t *out, s32s lo, s32s hi, const s16_sum *sums, const crl_unit16 *u,
                                                   const crl_unit16_spec *spec)
{
    int32_t narrow[2 * S16_LANES];
    int64_t wide[2 * S16_LANES];
    vst1q_s32(narrow, lo);
    vst1q_s32(narrow + S16_LANES, hi);
    for (int32_t i = 0; i < 2 * S16_LANES; i++) wide[i] = narrow[i] + (sums ? sums[i] : 0);
    crl_unit16_plain(out, wide, u, spec, S16_LANES);
}

/* (sum * mult + add) >> right of lanes at .. at + 1. */
CRL_INLINE int32x2_t finish_two(int32x2_t acc, const crl_unit16 *u, int at)
{
    const int64x2_t v = vaddq_s64(vmull_s32(acc, vld1_s32(u->mult + at)), vld1q_s64(u->add + at));
    return vmovn_s64(vshlq_s64(v, vmovl_s32(vneg_s32(vld1_s32(u->right + at)))));
}

CRL_INLINE int32x4_t finish_wide(s32s acc, const crl_unit16 *u, int at)
{
    return vcombine_s32(finish_two(vget_low_s32(acc), u, at), finish_two(vget_high_s32(acc), u, at + 2));
}

CRL_INLINE int32x4_t finish_narrow(s32s acc, const crl_unit16 *u, int v, bool real)
{
    acc = vaddq_s32(acc, vld1q_s32(u->start + v * S16_LANES));
    return real ? crl_requant_real_x4_neon(acc, u->fixed, v)
                : crl_requant_exact_x4_neon(acc, crl_requant_x4_load(u->fixed, v), true);
}

/* The outputs of a unit. `sums`: PLAIN only. */
CRL_INLINE void s16_finish(int16_t *out, s32s lo, s32s hi, const s16_sum *sums, const crl_unit16 *u, const crl_unit16_spec *spec)
{
    int32x4_t y0, y1;
    switch (u->form) {
    case CRL_UNIT16_WIDE:
        y0 = finish_wide(lo, u, 0);
        y1 = finish_wide(hi, u, S16_LANES);
        break;
    case CRL_UNIT16_FIXED:
        y0 = finish_narrow(lo, u, 0, false);
        y1 = finish_narrow(hi, u, 1, false);
        break;
    case CRL_UNIT16_REAL:
        y0 = finish_narrow(lo, u, 0, true);
        y1 = finish_narrow(hi, u, 1, true);
        break;
    default: finish_plain(out, lo, hi, sums, u, spec); return;
    }
    int16x8_t y = vcombine_s16(vqmovn_s32(y0), vqmovn_s32(y1));
    y = vminq_s16(vmaxq_s16(y, vdupq_n_s16((int16_t)spec->requant.min)), vdupq_n_s16((int16_t)spec->requant.max));
    if (u->columns == 2 * S16_LANES) {
        vst1q_s16(out, y);
    } else {
        int16_t part[2 * S16_LANES];
        vst1q_s16(part, y);
        memcpy(out, part, (size_t)u->columns * sizeof *out);
    }
}

#endif
