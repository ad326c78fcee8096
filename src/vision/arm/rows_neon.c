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
    return (sums){ vdupq_n_s32(0), vdupq_n_s32(0), vdupq_n_s16(0) };
}

/* Four weights, as they are and, where none is negative, the high halves as bytes. `i` below is a constant. */
typedef struct weights {
    int16x4_t low, high;
} weights;

INLINE weights weights_at(const int16_t *low, const int16_t *high)
{
    return (weights){ vld1_s16(low), vld1_s16(high) };
}

INLINE int32x4_t add_front(int32x4_t sum, int16x8_t x, int16x4_t w, int i)
{
    const int16x4_t front = vget_low_s16(x);
    return i == 0 ? vmlal_lane_s16(sum, front, w, 0) : i == 1 ? vmlal_lane_s16(sum, front, w, 1)
           : i == 2 ? vmlal_lane_s16(sum, front, w, 2) : vmlal_lane_s16(sum, front, w, 3);
}

INLINE int32x4_t add_back(int32x4_t sum, int16x8_t x, int16x4_t w, int i)
{
#if defined(__aarch64__)
    return i == 0 ? vmlal_high_lane_s16(sum, x, w, 0) : i == 1 ? vmlal_high_lane_s16(sum, x, w, 1)
           : i == 2 ? vmlal_high_lane_s16(sum, x, w, 2) : vmlal_high_lane_s16(sum, x, w, 3);
#else
    const int16x4_t back = vget_high_s16(x);
    return i == 0 ? vmlal_lane_s16(sum, back, w, 0) : i == 1 ? vmlal_lane_s16(sum, back, w, 1)
           : i == 2 ? vmlal_lane_s16(sum, back, w, 2) : vmlal_lane_s16(sum, back, w, 3);
#endif
}

INLINE int16x8_t add_words(int16x8_t sum, int16x8_t x, int16x4_t w, int i)
{
    return i == 0 ? vmlaq_lane_s16(sum, x, w, 0) : i == 1 ? vmlaq_lane_s16(sum, x, w, 1)
           : i == 2 ? vmlaq_lane_s16(sum, x, w, 2) : vmlaq_lane_s16(sum, x, w, 3);
}

/* The low byte of a weight, everywhere. */
INLINE uint8x16_t byte_of(int16x4_t w, int i)
{
    const uint8x8_t b = vreinterpret_u8_s16(w);
    return i == 0 ? vdupq_lane_u8(b, 0) : i == 1 ? vdupq_lane_u8(b, 2) : i == 2 ? vdupq_lane_u8(b, 4) : vdupq_lane_u8(b, 6);
}

/* Words of 8 bytes, of which the low halves of weights make sums. */
INLINE void add_low(sums *s, int16x8_t x, weights w, int i)
{
    s->front = add_front(s->front, x, w.low, i);
    s->back = add_back(s->back, x, w.low, i);
}

INLINE void add(sums *s, uint8x8_t x, weights w, int i, bool positive)
{
    const int16x8_t words = vreinterpretq_s16_u16(vmovl_u8(x));
    add_low(s, words, w, i);
    s->high = positive ? vreinterpretq_s16_u16(vmlal_u8(vreinterpretq_u16_s16(s->high), x, vget_low_u8(byte_of(w.high, i))))
                       : add_words(s->high, words, w.high, i);
}

/* The last 8 of 16 bytes. */
INLINE void add_last(sums *s, uint8x16_t x, weights w, int i, bool positive)
{
#if defined(__aarch64__)
    const int16x8_t words = vreinterpretq_s16_u16(vmovl_high_u8(x));
    const uint16x8_t high = vmlal_high_u8(vreinterpretq_u16_s16(s->high), x, byte_of(w.high, i));
    add_low(s, words, w, i);
    s->high = positive ? vreinterpretq_s16_u16(high) : add_words(s->high, words, w.high, i);
#else
    add(s, vget_high_u8(x), w, i, positive);
#endif
}

INLINE uint8x8_t bytes_of(sums s)
{
    const int32x4_t half = vdupq_n_s32(CRL_ROW_HALF);
    const int16x8_t low = vcombine_s16(vaddhn_s32(s.front, half), vaddhn_s32(s.back, half));
    return vqshrun_n_s16(vaddq_s16(low, s.high), CRL_WEIGHT_BITS - 16);
}

/* ---- across, three channels ---- */

/* Four bytes of two rows. (On a Cortex-A72 this takes half of what tables take.) */
INLINE uint8x8_t two_rows(const uint8_t *a, const uint8_t *b)
{
    return vreinterpret_u8_u32(vtrn_u32(vreinterpret_u32_u8(vld1_u8(a)), vreinterpret_u32_u8(vld1_u8(b))).val[0]);
}

/* Tap i of four. */
INLINE void add_tap(sums *a, sums *b, const uint8_t *const in[CRL_ROW_GROUP], size_t at, weights w, int i, bool positive)
{
    at += 3 * (size_t)i;
    add(a, two_rows(in[0] + at, in[1] + at), w, i, positive);
    add(b, two_rows(in[2] + at, in[3] + at), w, i, positive);
}

/* One output pixel of four rows. */
INLINE uint32x4_t pixel_3(const uint8_t *const in[CRL_ROW_GROUP], const crl_weights *k, int32_t o, int32_t n, bool positive)
{
    const size_t first = (size_t)o * (size_t)k->taps;
    const int16_t *low = k->low + first, *high = k->high + first;
    size_t at = 3 * (size_t)k->first[o];
    sums a = no_sums(), b = a;
    for (; n > 0; n -= 4, at += 12, low += 4, high += 4) {
        const weights w = weights_at(low, high);
        add_tap(&a, &b, in, at, w, 0, positive);
        if (n > 1) add_tap(&a, &b, in, at, w, 1, positive);
        if (n > 2) add_tap(&a, &b, in, at, w, 2, positive);
        if (n > 3) add_tap(&a, &b, in, at, w, 3, positive);
    }
    return vreinterpretq_u32_u8(vcombine_u8(bytes_of(a), bytes_of(b)));
}

INLINE uint32x4_t pixel_3_of(const uint8_t *const in[CRL_ROW_GROUP], const crl_weights *k, int32_t o, bool positive)
{
    switch (k->n[o]) { /* the usual numbers without a branch in between */
    case 4: return pixel_3(in, k, o, 4, positive);
    case 5: return pixel_3(in, k, o, 5, positive);
    default: return pixel_3(in, k, o, k->n[o], positive);
    }
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
        for (int32_t i = 0; i < 4; i++) p[i] = pixel_3_of(in, k, o + i < k->n_out ? o + i : k->n_out - 1, positive);
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

/* Row i of four. */
INLINE void add_16(sums *a, sums *b, const uint8_t *row, weights w, int i, bool positive)
{
    const uint8x16_t x = vld1q_u8(row);
    add(a, vget_low_u8(x), w, i, positive);
    add_last(b, x, w, i, positive);
}

INLINE void step_down(uint8_t *out, const uint8_t *const *rows, const int16_t *low, const int16_t *high, int32_t n, size_t at,
                      bool positive)
{
    sums a = no_sums(), b = a;
    for (int32_t t = 0; t < n; t += 4) {
        const weights w = weights_at(low + t, high + t);
        add_16(&a, &b, rows[t] + at, w, 0, positive);
        if (t + 1 < n) add_16(&a, &b, rows[t + 1] + at, w, 1, positive);
        if (t + 2 < n) add_16(&a, &b, rows[t + 2] + at, w, 2, positive);
        if (t + 3 < n) add_16(&a, &b, rows[t + 3] + at, w, 3, positive);
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
