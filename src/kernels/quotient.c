/* SPDX-License-Identifier: Apache-2.0 */
/* Quotients of polynomials: see quotient.h. */
#include "kernels/quotient.h"

#include <math.h>
#include <stddef.h>

/* coefficient[0] * x^(n-1) + ... + coefficient[n-1] */
static float polynomial(float x, const float *coefficient, size_t n)
{
    float sum = coefficient[0];
    for (size_t i = 1; i < n; i++) sum = sum * x + coefficient[i];
    return sum;
}

static float within(float x, float limit)
{
    return x > limit ? limit : x < -limit ? -limit : x;
}

/* Beyond the limit the quotient is 1. */
float crl_quotient_tanh(float x)
{
    static const float over[] = { 1.394553628e-8f, 2.102733560e-5f, 3.520756727e-3f, 1.340216100e-1f };
    static const float under[] = { 8.015776984e-7f, 3.326951409e-4f, 2.597254514e-2f, 4.673548340e-1f, 1.0f };
    x = within(x, 7.90738964080810547f);
    const float x2 = x * x;
    return (x2 * x * polynomial(x2, over, 4) + x) / polynomial(x2, under, 5);
}

/* x = m * ln 2 + rest: m, whole, and the rest, for |x| that make m fit an int. ln 2 is taken off in two parts. */
static int reduce(float x, float *rest)
{
    const float m = floorf(x * 1.44269504088896341f + 0.5f);
    *rest = m * 2.12194440e-4f + (m * -0.693359375f + x);
    return (int)m;
}

/* For x <= 0. */
static float exp4(float x)
{
    float r;
    if (!(x >= -104.0f)) return isnan(x) ? x : 0.0f;
    const int m = reduce(x, &r);
    const float r2 = r * r;
    const float even = r2 * (r2 * 1.37449637986719608306884765625e-3f + 4.166965186595916748046875e-2f) +
                       0.49999988079071044921875f;
    const float odd = r2 * 8.36894474923610687255859375e-3f + 0.16666518151760101318359375f;
    return ldexpf(r2 * (r * odd + even) + (r + 1.0f), m);
}

static const float logistic_end = 16.6355324f; /* from here on the quotient is 1 */

/* exp(x / 2), squared. */
float crl_quotient_logistic4(float x)
{
    float r;
    if (!(x >= -104.0f)) return isnan(x) ? x : 0.0f;
    const int m = reduce((x > logistic_end ? logistic_end : x) * 0.5f, &r);
    const float r2 = r * r;
    const float even = r2 * 4.1898667812347412109375e-2f + 0.49999141693115234375f;
    const float odd = r2 * 8.33471305668354034423828125e-3f + 0.16666877269744873046875f;
    const float root = ldexpf(r2 * (r * odd + even) + (r + 1.0f), m), e = root * root;
    return e / (1.0f + e);
}

float crl_quotient_logistic(float x)
{
    const float e = expf(x > logistic_end ? logistic_end : x);
    return e / (1.0f + e);
}

/* `e` is exp(-x * x) where x * x > 1. */
static float erfc_of(float x, float x2, float e)
{
    static const float small[] = { 5.61802298761904239654541015625e-04f, -4.91381669417023658752441406250e-03f,
                                   2.67075151205062866210937500000e-02f, -1.12800106406211853027343750000e-01f,
                                   3.76122951507568359375000000000e-01f, -1.12837910652160644531250000000e+00f };
    static const float over[] = { 1.0208116471767425537109375e-01f, 4.2920666933059692382812500e-01f,
                                  3.2379078865051269531250000e-01f, 5.3971976041793823242187500e-02f };
    static const float under[] = { 1.7251677811145782470703125e-02f, 3.9137163758277893066406250e-01f, 1.0f,
                                   6.2173241376876831054687500e-01f, 9.5662862062454223632812500e-02f };
    if (!(x2 > 1.0f)) return x * polynomial(x2, small, 6) + 1.0f;
    const float low = (float)((double)x * (double)x - (double)x2); /* what x2 was rounded by */
    const float scale = e - e * low, q = 1.0f / x2;
    return scale * (polynomial(q, over, 4) / (x * polynomial(q, under, 5))) + (x < 0.0f ? 2.0f : 0.0f);
}

static const float erfc_limit = 11.0f;

float crl_quotient_erfc4(float x)
{
    x = within(x, erfc_limit);
    return erfc_of(x, x * x, exp4(-(x * x)));
}

float crl_quotient_erfc(float x)
{
    x = within(x, erfc_limit);
    return erfc_of(x, x * x, expf(-(x * x)));
}
