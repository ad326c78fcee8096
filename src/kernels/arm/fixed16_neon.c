/* SPDX-License-Identifier: Apache-2.0 */
/* Eight numbers a step, step by step as in fixed16.c. SQRDMULH is its product. */
#include "kernels/fixed16.h"

#include <arm_neon.h>
#include <string.h>

static inline int16x8_t all(int32_t x)
{
    return vdupq_n_s16((int16_t)x);
}

static inline int16x8_t mul(int16x8_t a, int16x8_t b)
{
    return vqrdmulhq_s16(a, b);
}

static inline int16x8_t times4(int16x8_t x)
{
    return vqshlq_n_s16(x, 2);
}

static inline int16x8_t exp_of_quarter(int16x8_t a)
{
    const int16x8_t exp_minus_eighth = all(28918), third = all(10923);
    const int16x8_t x = vaddq_s16(a, all(1 << 12));
    const int16x8_t x2 = mul(x, x), x3 = mul(x2, x), x4 = mul(x2, x2);
    const int16x8_t x4_4 = vrshrq_n_s16(x4, 2); /* x4 is not negative */
    int16x8_t tail = vaddq_s16(mul(vaddq_s16(x4_4, x3), third), x2);
    /* Half of it, ties away from zero: one more, unless it is negative. */
    tail = vrshrq_n_s16(vaddq_s16(tail, vshrq_n_s16(tail, 15)), 1);
    return vqaddq_s16(exp_minus_eighth, mul(exp_minus_eighth, vaddq_s16(x, tail)));
}

/* x <= 0. */
static inline int16x8_t exp_of_negative(int16x8_t x, int32_t bits)
{
    static const int16_t powers[] = { 25520, 19875, 12055, 4435, 600, 11, 0 };
    const int16x8_t low = vsubq_s16(vandq_s16(x, all((1 << (13 - bits)) - 1)), all(1 << (13 - bits)));
    const int16x8_t rest = vsubq_s16(low, x);
    int16x8_t result = exp_of_quarter(vshlq_s16(low, all(bits)));
    for (int32_t k = 0; k < 7 && k - 2 < bits; k++) {
        const uint16x8_t taken = vreinterpretq_u16_s16(vshrq_n_s16(vshlq_s16(rest, all(2 + bits - k)), 15));
        result = vbslq_s16(taken, mul(result, all(powers[k])), result);
    }
    if (bits > 5) result = vbslq_s16(vcltq_s16(x, all(-(1 << (20 - bits)))), all(0), result);
    return vbslq_s16(vceqq_s16(x, all(0)), all(INT16_MAX), result);
}

static inline int16x8_t reciprocal_of_half(int16x8_t x)
{
    const int16x8_t half = vreinterpretq_s16_u16(vrhaddq_u16(vreinterpretq_u16_s16(x), vdupq_n_u16(INT16_MAX)));
    int16x8_t y = vaddq_s16(all(23130), mul(half, all(-15420)));
    for (int i = 0; i < 3; i++) y = vaddq_s16(y, times4(mul(y, vsubq_s16(all(1 << 13), mul(half, y)))));
    return y;
}

static inline int16x8_t minus_abs(int16x8_t x)
{
    return vminq_s16(x, vnegq_s16(x));
}

static inline int16x8_t logistic(int16x8_t x, int32_t bits)
{
    const int16x8_t r = reciprocal_of_half(exp_of_negative(minus_abs(x), bits)), y = vqaddq_s16(r, r);
    const int16x8_t v = vbslq_s16(vcgtq_s16(x, all(0)), y, vsubq_s16(all(INT16_MAX), y));
    return vbslq_s16(vceqq_s16(x, all(0)), all(1 << 14), v);
}

static inline int16x8_t tanh_of(int16x8_t x, int32_t bits)
{
    const int16x8_t r = reciprocal_of_half(exp_of_negative(minus_abs(x), bits + 1));
    const int16x8_t y = times4(vsubq_s16(r, all(1 << 13)));
    return vbslq_s16(vceqq_s16(x, all(0)), all(0), vbslq_s16(vcltq_s16(x, all(0)), vnegq_s16(y), y));
}

void crl_logistic16_neon(int16_t *out, const int16_t *in, size_t n, int32_t bits)
{
    size_t i = 0;
    for (; i + 8 <= n; i += 8) vst1q_s16(out + i, logistic(vld1q_s16(in + i), bits));
    if (i == n) return;
    int16_t tail[8] = { 0 };
    memcpy(tail, in + i, (n - i) * sizeof *in);
    vst1q_s16(tail, logistic(vld1q_s16(tail), bits));
    memcpy(out + i, tail, (n - i) * sizeof *out);
}

void crl_tanh16_neon(int16_t *out, const int16_t *in, size_t n, int32_t bits)
{
    size_t i = 0;
    for (; i + 8 <= n; i += 8) vst1q_s16(out + i, tanh_of(vld1q_s16(in + i), bits));
    if (i == n) return;
    int16_t tail[8] = { 0 };
    memcpy(tail, in + i, (n - i) * sizeof *in);
    vst1q_s16(tail, tanh_of(vld1q_s16(tail), bits));
    memcpy(out + i, tail, (n - i) * sizeof *out);
}
