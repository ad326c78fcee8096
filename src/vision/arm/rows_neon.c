/* SPDX-License-Identifier: Apache-2.0 */
/* The passes of resizing: bytes become words for the low halves of weights, whose sums are of 32 bits. Of the high halves only
 * 16 bits of the sum count, for the sum is what is left of the low ones after 16 bits, plus them: where none is negative, bytes
 * are multiplied as they are, eight at a time.
 *
 * across: a vector has a pixel of two rows, and of three channels a fourth byte that goes. down: 16 bytes a step; the last
 * step begins earlier and does some bytes twice, below 16 the definition does them. */
#include "vision/rows.h"

#include <arm_neon.h>

#define INLINE static inline __attribute__((always_inline))

/* Sums of 8 bytes. */
typedef struct sums {
    int32x4_t front, back;
    int16x8_t high;
} sums;

INLINE sums no_sums(void)
{
    return (sums){ vdupq_n_s32(CRL_ROW_HALF), vdupq_n_s32(CRL_ROW_HALF), vdupq_n_s16(0) };
}

INLINE void add(sums *s, uint8x8_t x, int16_t low, int16_t high, bool positive)
{
    const int16x8_t w = vreinterpretq_s16_u16(vmovl_u8(x));
    s->front = vmlal_n_s16(s->front, vget_low_s16(w), low);
    s->back = vmlal_n_s16(s->back, vget_high_s16(w), low);
    if (positive) s->high = vreinterpretq_s16_u16(vmlal_u8(vreinterpretq_u16_s16(s->high), x, vdup_n_u8((uint8_t)high)));
    else s->high = vmlaq_n_s16(s->high, w, high);
}

INLINE uint8x8_t bytes_of(sums s)
{
    const int16x8_t low = vcombine_s16(vshrn_n_s32(s.front, 16), vshrn_n_s32(s.back, 16));
    return vqshrun_n_s16(vaddq_s16(low, s.high), CRL_WEIGHT_BITS - 16);
}

/* ---- across, three channels ---- */

/* Four bytes of two rows. */
INLINE uint8x8_t two_rows(const uint8_t *a, const uint8_t *b)
{
    return vreinterpret_u8_u32(vtrn_u32(vreinterpret_u32_u8(vld1_u8(a)), vreinterpret_u32_u8(vld1_u8(b))).val[0]);
}

/* One output pixel of four rows. */
INLINE uint32x4_t pixel_3(const uint8_t *const in[CRL_ROW_GROUP], const crl_weights *k, int32_t o, bool positive)
{
    const size_t w = (size_t)o * (size_t)k->taps;
    const int16_t *low = k->low + w, *high = k->high + w;
    size_t at = 3 * (size_t)k->first[o];
    sums a = no_sums(), b = a;
    for (int32_t t = 0; t < k->n[o]; t++, at += 3) {
        add(&a, two_rows(in[0] + at, in[1] + at), low[t], high[t], positive);
        add(&b, two_rows(in[2] + at, in[3] + at), low[t], high[t], positive);
    }
    return vreinterpretq_u32_u8(vcombine_u8(bytes_of(a), bytes_of(b)));
}

/* Four pixels without their fourth bytes, in 16 bytes of which the last four are written again. */
INLINE void store_12(uint8_t *out, uint32x2_t front, uint32x2_t back)
{
    const uint8x16_t x = vreinterpretq_u8_u32(vcombine_u32(front, back));
#if defined(__aarch64__)
    static const uint8_t order[16] = { 0, 1, 2, 4, 5, 6, 8, 9, 10, 12, 13, 14, 255, 255, 255, 255 };
    vst1q_u8(out, vqtbl1q_u8(x, vld1q_u8(order)));
#else
    static const uint8_t order[16] = { 0, 1, 2, 4, 5, 6, 8, 9, 10, 12, 13, 14, 255, 255, 255, 255 };
    const uint8x8x2_t table = { { vget_low_u8(x), vget_high_u8(x) } };
    vst1_u8(out, vtbl2_u8(table, vld1_u8(order)));
    vst1_u8(out + 8, vtbl2_u8(table, vld1_u8(order + 8)));
#endif
}

INLINE void row_3(uint8_t *const out[CRL_ROW_GROUP], const uint8_t *const in[CRL_ROW_GROUP], const crl_weights *k, bool positive)
{
    for (int32_t o = 0; o < k->n_out; o += 4) {
        uint32x4_t p[4];
        for (int32_t i = 0; i < 4; i++) p[i] = pixel_3(in, k, o + i < k->n_out ? o + i : k->n_out - 1, positive);
        const uint32x4x2_t a = vtrnq_u32(p[0], p[1]), b = vtrnq_u32(p[2], p[3]); /* rows 0 and 2, rows 1 and 3 */
        const size_t to = 3 * (size_t)o;
        store_12(out[0] + to, vget_low_u32(a.val[0]), vget_low_u32(b.val[0]));
        store_12(out[1] + to, vget_low_u32(a.val[1]), vget_low_u32(b.val[1]));
        store_12(out[2] + to, vget_high_u32(a.val[0]), vget_high_u32(b.val[0]));
        store_12(out[3] + to, vget_high_u32(a.val[1]), vget_high_u32(b.val[1]));
    }
}

void crl_across_3_neon(uint8_t *const out[CRL_ROW_GROUP], const uint8_t *const in[CRL_ROW_GROUP], const crl_weights *k)
{
    if (k->positive) row_3(out, in, k, true);
    else row_3(out, in, k, false);
}

/* ---- across, one channel ---- */

/* The sum of one output in parts: quarters of that of the low halves, eighths of that of the high ones joined to quarters. */
typedef struct parts {
    int32x4_t low;
    int16x4_t high;
} parts;

INLINE parts parts_of(const uint8_t *in, const int16_t *low, const int16_t *high, int32_t taps)
{
    int32x4_t sum = vdupq_n_s32(0);
    int16x8_t top = vdupq_n_s16(0);
    for (int32_t t = 0; t < taps; t += 8) {
        const int16x8_t w = vreinterpretq_s16_u16(vmovl_u8(vld1_u8(in + t))), l = vld1q_s16(low + t);
        sum = vmlal_s16(sum, vget_low_s16(w), vget_low_s16(l));
        sum = vmlal_s16(sum, vget_high_s16(w), vget_high_s16(l));
        top = vmlaq_s16(top, w, vld1q_s16(high + t));
    }
    return (parts){ sum, vadd_s16(vget_low_s16(top), vget_high_s16(top)) };
}

INLINE int32x2_t half_way(int32x4_t x)
{
    return vpadd_s32(vget_low_s32(x), vget_high_s32(x));
}

/* One output of four rows, without the last 16 of the fractional bits. */
INLINE int16x4_t pixel_1(const uint8_t *const in[CRL_ROW_GROUP], const crl_weights *k, int32_t o)
{
    const size_t w = (size_t)o * (size_t)k->taps, at = (size_t)k->first[o];
    parts p[4];
    for (int i = 0; i < 4; i++) p[i] = parts_of(in[i] + at, k->low + w, k->high + w, k->taps);
    const int32x4_t low = vcombine_s32(vpadd_s32(half_way(p[0].low), half_way(p[1].low)),
                                       vpadd_s32(half_way(p[2].low), half_way(p[3].low)));
    const int16x4_t high = vpadd_s16(vpadd_s16(p[0].high, p[1].high), vpadd_s16(p[2].high, p[3].high));
    return vadd_s16(vshrn_n_s32(vaddq_s32(low, vdupq_n_s32(CRL_ROW_HALF)), 16), high);
}

void crl_across_1_neon(uint8_t *const out[CRL_ROW_GROUP], const uint8_t *const in[CRL_ROW_GROUP], const crl_weights *k)
{
    for (int32_t o = 0; o < k->n_out; o++) {
        const int16x4_t p = pixel_1(in, k, o);
        const uint8x8_t bytes = vqshrun_n_s16(vcombine_s16(p, p), CRL_WEIGHT_BITS - 16);
        vst1_lane_u8(out[0] + o, bytes, 0);
        vst1_lane_u8(out[1] + o, bytes, 1);
        vst1_lane_u8(out[2] + o, bytes, 2);
        vst1_lane_u8(out[3] + o, bytes, 3);
    }
}

/* ---- down ---- */

enum { STEP = 16 };

INLINE void step_down(uint8_t *out, const uint8_t *const *rows, const int16_t *low, const int16_t *high, int32_t n, size_t at,
                      bool positive)
{
    sums a = no_sums(), b = a;
    for (int32_t t = 0; t < n; t++) {
        const uint8x16_t x = vld1q_u8(rows[t] + at);
        add(&a, vget_low_u8(x), low[t], high[t], positive);
        add(&b, vget_high_u8(x), low[t], high[t], positive);
    }
    vst1q_u8(out + at, vcombine_u8(bytes_of(a), bytes_of(b)));
}

INLINE void row_down(uint8_t *out, const uint8_t *const *rows, const int16_t *low, const int16_t *high, int32_t n, size_t bytes,
                     bool positive)
{
    size_t at = 0;
    for (; at + STEP <= bytes; at += STEP) step_down(out, rows, low, high, n, at, positive);
    if (at < bytes) step_down(out, rows, low, high, n, bytes - STEP, positive);
}

void crl_down_neon(uint8_t *out, const uint8_t *const *rows, const crl_weights *k, int32_t o, size_t n)
{
    const size_t w = (size_t)o * (size_t)k->taps;
    if (n < STEP) crl_down_ref(out, rows, k, o, n);
    else if (!k->positive) row_down(out, rows, k->low + w, k->high + w, k->n[o], n, false);
    else if (k->n[o] == 3) row_down(out, rows, k->low + w, k->high + w, 3, n, true);
    else if (k->n[o] == 4) row_down(out, rows, k->low + w, k->high + w, 4, n, true);
    else row_down(out, rows, k->low + w, k->high + w, k->n[o], n, true);
}
