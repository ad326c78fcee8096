/* SPDX-License-Identifier: Apache-2.0 */
/* Fixed-point scaling as the TFLite reference kernels do it, with two roundings (docs/arithmetic.md).
 *
 * A real scale is written as mult * 2^(shift - 31), mult in [2^30, 2^31). Scaling an accumulator is then
 *   1. shift left by `shift` when it is positive,
 *   2. the high half of the doubled product with mult, ties upwards in the doubled product,
 *   3. shift right by -shift when it is negative, ties away from zero.
 * Source: gemmlowp, fixedpoint/fixedpoint.h; TensorFlow Lite, kernels/internal/common.h. */
#ifndef CRL_BASE_FIXED_H
#define CRL_BASE_FIXED_H

#include <stdbool.h>
#include <stdint.h>

typedef struct crl_scale {
    int32_t mult;
    int32_t shift; /* > 0: left */
} crl_scale;

/* The nearest crl_scale of a real number: 0 for 0 and for what is below 2^-32. Left shifts of 32 and more count modulo
 * 32, and infinity (a quotient of two scales that float does not hold) is 0, as in the reference on x86: such scales make
 * no sense, but models have them. */
crl_scale crl_scale_from_real(double real);

/* Whether x > 0 is 2^*exponent but for a thousandth of an octave, which is what the reference lets pass.
 * Source: TensorFlow Lite, kernels/internal/quantization_util.cc: CheckedLog2. */
bool crl_is_power_of_two(float x, int32_t *exponent);

/* High 32 bits of 2*a*b, rounded; saturates the one case that overflows (both INT32_MIN). */
static inline int32_t crl_mul_high(int32_t a, int32_t b)
{
    if (a == INT32_MIN && b == INT32_MIN) return INT32_MAX;
    const int64_t product = (int64_t)a * b;
    const int64_t nudge = product >= 0 ? INT64_C(1) << 30 : 1 - (INT64_C(1) << 30);
    return (int32_t)((product + nudge) / (INT64_C(1) << 31));
}

/* x / 2^n, ties away from zero; n in 0..31. */
static inline int32_t crl_shift_right(int32_t x, int32_t n)
{
    const int32_t mask = (int32_t)((INT64_C(1) << n) - 1);
    const int32_t rest = x & mask;
    const int32_t threshold = (mask >> 1) + (x < 0);
    return (x >> n) + (rest > threshold);
}

/* x * scale. The left shift wraps, as it does in the reference on the machines that it runs on. */
static inline int32_t crl_scale_apply(int32_t x, crl_scale s)
{
    const int32_t left = s.shift > 0 ? s.shift : 0, right = s.shift > 0 ? 0 : -s.shift;
    return crl_shift_right(crl_mul_high((int32_t)((uint32_t)x << left), s.mult), right);
}

/* x * scale with a multiplier of 15 bits and one rounding (ties upwards): what the reference does with the
 * 64-bit accumulators of 16-bit layers. |x| < 2^47; more wraps. */
static inline int32_t crl_scale_apply_wide(int64_t x, crl_scale s)
{
    const int32_t mult = s.mult < 0x7FFF0000 ? (s.mult + (1 << 15)) >> 16 : 0x7FFF;
    const int32_t right = 15 - s.shift;
    const uint64_t product = (uint64_t)x * (uint64_t)(int64_t)mult;
    if (right <= 0) return (int32_t)(uint32_t)(product << -right);
    const int64_t rounded = (int64_t)(product + (UINT64_C(1) << (right - 1)));
    return (int32_t)(uint32_t)(uint64_t)(rounded >> right);
}

static inline int32_t crl_clamp(int32_t x, int32_t min, int32_t max)
{
    x = x < min ? min : x;
    return x > max ? max : x;
}

/* The best fraction p/q <= 1 of n/d with q at most `most`, as of all nearest ones the one with the least q; n < d < 2^48, most < 2^16. */
void crl_best_fraction(uint64_t n, uint64_t d, uint32_t most, uint32_t *p, uint32_t *q);

#endif
