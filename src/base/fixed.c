/* SPDX-License-Identifier: Apache-2.0 */
/* Real scales to fixed point. */
#include "base/fixed.h"

#include <math.h>

crl_scale crl_scale_from_real(double real)
{
    if (real == 0.0 || !isfinite(real)) return (crl_scale){ 0, 0 };
    int shift;
    int64_t mult = (int64_t)round(frexp(real, &shift) * (double)(INT64_C(1) << 31));
    if (mult == INT64_C(1) << 31) {
        mult /= 2;
        shift++;
    }
    if (shift < -31) return (crl_scale){ 0, 0 };
    if (shift > 30) shift &= 31; /* the x86 instruction looks at five bits; traffic_model has a scale of 2^101 */
    return (crl_scale){ (int32_t)mult, shift };
}

bool crl_is_power_of_two(float x, int32_t *exponent)
{
    *exponent = 0;
    if (!(x > 0) || isinf(x)) return false;
    const float log2 = logf(x) * (1.0f / logf(2.0f)), rounded = roundf(log2);
    *exponent = (int32_t)rounded;
    return fabsf(log2 - rounded) < 1e-3f;
}

void crl_best_fraction(uint64_t n, uint64_t d, uint32_t most, uint32_t *p, uint32_t *q)
{
    uint64_t p0 = 0, q0 = 1, p1 = 1, q1 = 0, a = n, b = d;
    while (b) {
        const uint64_t whole = a / b, rest = a % b, q2 = q0 + whole * q1, p2 = p0 + whole * p1;
        if (q2 > most) break;
        p0 = p1, q0 = q1, p1 = p2, q1 = q2;
        a = b, b = rest;
    }
    if (b) { /* between the last two, one may be nearer */
        const uint64_t k = (most - q0) / q1, p2 = p0 + k * p1, q2 = q0 + k * q1;
        const uint64_t far2 = p2 * d > n * q2 ? p2 * d - n * q2 : n * q2 - p2 * d;
        const uint64_t far1 = p1 * d > n * q1 ? p1 * d - n * q1 : n * q1 - p1 * d;
        if (far1 * q2 > far2 * q1) p1 = p2, q1 = q2;
    }
    *p = (uint32_t)p1;
    *q = (uint32_t)q1;
}
