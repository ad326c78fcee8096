/* SPDX-License-Identifier: Apache-2.0 */
/* Exponential by a short polynomial and a table of squarings, quotients by Newton's method.
 * Constants are real numbers rounded to the stated format. Sums wrap in 16 bits, as they do in the source. */
#include "kernels/fixed16.h"

#include "base/cpu.h"

static int16_t wrap(int32_t x)
{
    return (int16_t)(uint16_t)(uint32_t)x;
}

static int16_t saturate(int32_t x)
{
    return x > INT16_MAX ? INT16_MAX : x < INT16_MIN ? INT16_MIN : (int16_t)x;
}

int16_t crl_mul_s16(int16_t a, int16_t b)
{
    return saturate(((int32_t)a * b + (1 << 14)) >> 15);
}

int16_t crl_shift_right_s16(int16_t x, int32_t n)
{
    const int32_t mask = (1 << n) - 1, threshold = (mask >> 1) + (x < 0);
    return (int16_t)((x >> n) + ((x & mask) > threshold));
}

/* exp(a), a Q0.15 in [-1/4, 0): Taylor's series to the fourth power around -1/8. */
static int16_t exp_of_quarter(int16_t a)
{
    const int16_t exp_minus_eighth = 28918, third = 10923;
    const int16_t x = wrap(a + (1 << 12));
    const int16_t x2 = crl_mul_s16(x, x), x3 = crl_mul_s16(x2, x), x4 = crl_mul_s16(x2, x2);
    const int16_t tail = crl_shift_right_s16(wrap(crl_mul_s16(wrap(crl_shift_right_s16(x4, 2) + x3), third) + x2), 1);
    return saturate(exp_minus_eighth + crl_mul_s16(exp_minus_eighth, wrap(x + tail)));
}

/* exp(x) as Q0.15, x <= 0 with `bits` integer bits, 0..7. */
static int16_t exp_of_negative(int16_t x, int32_t bits)
{
    static const int16_t powers[] = { 25520, 19875, 12055, 4435, 600, 11, 0 }; /* exp(-2^k), k = -2..4 */
    if (x == 0) return INT16_MAX;
    if (bits > 5 && x < -(1 << (20 - bits))) return 0; /* below -32 */
    const int32_t quarter = 1 << (13 - bits);
    const int16_t low = wrap((x & (quarter - 1)) - quarter); /* in [-1/4, 0) */
    const int16_t rest = wrap(low - x);                      /* a whole number of quarters, taken bit by bit */
    int16_t result = exp_of_quarter(saturate(low * (1 << bits)));
    for (int32_t k = 0; k < 7 && k - 2 < bits; k++)
        if (rest >> (13 - bits + k) & 1) result = crl_mul_s16(result, powers[k]);
    return result;
}

/* 1 / ((1 + x) / 2) as Q2.13, x Q0.15 in [0, 1]: from 48/17 - 32/17 d, three rounds. */
static int16_t reciprocal_of_half(int16_t x)
{
    const int16_t c48_17 = 23130, minus32_17 = -15420, one = 1 << 13;
    const int16_t half = (int16_t)((x + INT16_MAX + 1) / 2);
    int16_t y = wrap(c48_17 + crl_mul_s16(half, minus32_17));
    for (int i = 0; i < 3; i++) {
        const int16_t error = wrap(one - crl_mul_s16(half, y));
        y = wrap(y + saturate(crl_mul_s16(y, error) * 4));
    }
    return y;
}

int16_t crl_logistic_s16(int16_t x, int32_t integer_bits)
{
    if (x == 0) return 1 << 14;
    const int16_t minus = x > 0 ? wrap(-x) : x;
    /* Half of 1 / half is 1 / (1 + exp): the same bits read as Q1.14, then as Q0.15. */
    const int16_t y = saturate(reciprocal_of_half(exp_of_negative(minus, integer_bits)) * 2);
    return x > 0 ? y : wrap(INT16_MAX - y);
}

int16_t crl_tanh_s16(int16_t x, int32_t integer_bits)
{
    if (x == 0) return 0;
    const int16_t minus = x > 0 ? wrap(-x) : x;
    /* tanh(-a) is (e - 1) / (1 + e) with e = exp(-2a): the same bits with one integer bit more. */
    const int16_t e = exp_of_negative(minus, integer_bits + 1);
    const int16_t y = saturate(wrap(reciprocal_of_half(e) - (1 << 13)) * 4);
    return x > 0 ? y : wrap(-y);
}

void crl_logistic16_ref(int16_t *out, const int16_t *in, size_t n, int32_t integer_bits)
{
    for (size_t i = 0; i < n; i++) out[i] = crl_logistic_s16(in[i], integer_bits);
}

void crl_tanh16_ref(int16_t *out, const int16_t *in, size_t n, int32_t integer_bits)
{
    for (size_t i = 0; i < n; i++) out[i] = crl_tanh_s16(in[i], integer_bits);
}

void crl_fixed16_kernels_init(crl_fixed16_kernels *k, unsigned cpu)
{
    (void)cpu;
    *k = (crl_fixed16_kernels){ crl_logistic16_ref, crl_tanh16_ref };
#if CRL_ARCH_X86_64
    if (cpu & CRL_CPU_AVX2) *k = (crl_fixed16_kernels){ crl_logistic16_avx2, crl_tanh16_avx2 };
#elif CRL_ARCH_ARM64 || CRL_ARCH_ARM32
    if (cpu & CRL_CPU_NEON) *k = (crl_fixed16_kernels){ crl_logistic16_neon, crl_tanh16_neon };
#endif
}
