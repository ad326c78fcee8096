/* SPDX-License-Identifier: Apache-2.0 */
/* Exponential, logarithm, reciprocal, root: short polynomials, squarings by table and Newton's method. All constants are
 * real numbers rounded to the stated format. */
#include "kernels/fixed_exp.h"

enum { FRACTION = 26 }; /* of the argument of exp */

int32_t crl_fixed_shift_left(int32_t x, int32_t n)
{
    const int64_t v = (int64_t)((uint64_t)(int64_t)x << n);
    return v > INT32_MAX ? INT32_MAX : v < INT32_MIN ? INT32_MIN : (int32_t)v;
}

/* exp(a), a Q0.31 in [-1/4, 0): Taylor's series to the fourth power around -1/8. */
static int32_t exp_of_quarter(int32_t a)
{
    const int32_t exp_minus_eighth = 1895147668, third = 715827883;
    const int32_t x = a + (1 << 28);
    const int32_t x2 = crl_mul_high(x, x), x3 = crl_mul_high(x2, x), x4 = crl_mul_high(x2, x2);
    const int32_t tail = crl_shift_right(crl_mul_high(crl_shift_right(x4, 2) + x3, third) + x2, 1);
    return exp_minus_eighth + crl_mul_high(exp_minus_eighth, x + tail);
}

int32_t crl_fixed_exp(int32_t x)
{
    /* exp(-2^k), k = -2..4, as Q0.31. */
    static const int32_t powers[] = { 1672461947, 1302514674, 790015084, 290630308, 39332535, 720401, 242 };
    if (x == 0) return INT32_MAX;
    const int32_t quarter = 1 << (FRACTION - 2);
    const int32_t low = (x & (quarter - 1)) - quarter; /* in [-1/4, 0) */
    int32_t result = exp_of_quarter(crl_fixed_shift_left(low, 5));
    const uint32_t rest = (uint32_t)low - (uint32_t)x; /* a whole number of quarters, taken bit by bit */
    for (int32_t k = 0; k < 7; k++)
        if (rest >> (FRACTION - 2 + k) & 1) result = crl_mul_high(result, powers[k]);
    return result;
}

int32_t crl_fixed_reciprocal_1p(int32_t x)
{
    const int32_t c48_17 = 1515870810, minus32_17 = -1010580540, one = 1 << 29; /* Q2.29 */
    const int32_t half = (int32_t)(((int64_t)x + INT32_MAX + 1) / 2);           /* (1 + x) / 2 */
    int32_t y = c48_17 + crl_mul_high(half, minus32_17);                        /* first guess, Q2.29 */
    for (int i = 0; i < 3; i++) {
        const int32_t error = one - crl_mul_high(half, y);
        y += crl_fixed_shift_left(crl_mul_high(y, error), 2);
    }
    return crl_fixed_shift_left(y, 1); /* y is 1 / half: a half of it, from Q2.29 to Q0.31 */
}

int32_t crl_fixed_reciprocal(uint32_t sum, int32_t integer_bits, int32_t *bits)
{
    const int32_t zeros = __builtin_clz(sum);
    *bits = integer_bits - zeros;
    return crl_fixed_reciprocal_1p((int32_t)((sum << zeros) - (UINT32_C(1) << 31)));
}

crl_scale crl_fixed_inverse_root(int32_t x)
{
    if (x <= 1) return (crl_scale){ INT32_MAX, 0 };
    int32_t right = 11;
    for (; x >= 1 << 29; right++) x /= 4;
    const int32_t pairs = (__builtin_clz((unsigned)x) - 1) / 2 - 1; /* of bits, up to 2^27 <= x < 2^29 */
    right -= pairs;
    x <<= 2 * pairs;
    /* Newton's method for y = 1 / sqrt(x) from 1 on, everything in Q3.28. */
    const int32_t half_x = crl_shift_right(x >> 1, 1), half_three = (1 << 28) + (1 << 27);
    int32_t y = 1 << 28;
    for (int i = 0; i < 5; i++) {
        const int32_t cube = crl_fixed_shift_left(crl_mul_high(crl_mul_high(y, y), y), 6);
        y = crl_fixed_shift_left(crl_mul_high(half_three, y) - crl_mul_high(half_x, cube), 3);
    }
    y = crl_mul_high(y, 1518500250); /* 1 / sqrt(2) in Q0.31 */
    return right < 0 ? (crl_scale){ y << -right, 0 } : (crl_scale){ y, -right };
}

static int32_t saturating_add(int32_t a, int32_t b)
{
    const int64_t v = (int64_t)a + b;
    return v > INT32_MAX ? INT32_MAX : v < INT32_MIN ? INT32_MIN : (int32_t)v;
}

int32_t crl_fixed_log(int32_t x, int32_t integer_bits)
{
    /* x = r * 2^n with r between sqrt(1/2) and 1, found in two ways of which the better one is taken; then
     * log x = n * log 2 + log r, log r by a quotient of polynomials around the fourth root of 1/2. All in Q0.31
     * but n, which is Q6.25 like the result before its last shift. */
    const int32_t log_2 = 1488522236, root4_half = 1805811301, root_half = 1518500250;
    const int32_t alpha_n = 117049297, alpha_d = 127690142, alpha_i = 1057819769, alpha_f = 638450708;
    const int32_t quarter = 1 << 23; /* Q6.25 */

    const int32_t headroom = __builtin_clz((unsigned)x);
    const int32_t top = crl_fixed_shift_left(x, headroom - 1);
    const int32_t r_a = crl_fixed_shift_left(crl_mul_high(top, root_half), 1);
    const int32_t n_a = saturating_add(crl_fixed_shift_left(integer_bits - headroom, 25), quarter);

    const int32_t headroom_b = __builtin_clz((unsigned)crl_mul_high(x, root_half)) - 1;
    const int32_t r_b = crl_fixed_shift_left(x, headroom_b);
    const int32_t n_b = saturating_add(crl_fixed_shift_left(integer_bits - headroom_b, 25), -quarter);

    const int32_t r = r_a < r_b ? r_a : r_b, n = n_a > n_b ? n_a : n_b;
    const int64_t twice_p = (int64_t)r + root4_half;
    const int32_t p = (int32_t)((twice_p + (twice_p >= 0 ? 1 : -1)) / 2);
    const int32_t q = 2 * (r - root4_half), q2 = crl_mul_high(q, q);
    const int32_t numerator = crl_mul_high(q, r) + crl_mul_high(crl_mul_high(q, q2), alpha_n);
    const int32_t denominator =
        crl_mul_high(p, alpha_i + q + crl_mul_high(alpha_d, q2)) + crl_mul_high(alpha_f, q); /* less 1 */
    const int32_t quotient = crl_mul_high(crl_shift_right(numerator, 6), crl_fixed_reciprocal_1p(denominator));
    return crl_fixed_shift_left(crl_mul_high(n, log_2) + quotient, 1);
}
