/* SPDX-License-Identifier: Apache-2.0 */
/* The definition, and its three loops on their own: see softmax_chip.h. */
#include <math.h>
#include <string.h>

#include "kernels/element.h"
#include "kernels/softmax_chip.h"

/* 2^t as 2^n * 2^f, f within half of 0, by the series of the exponential in double: its error is a millionth of what could
 * change the result. Nothing here needs more than what every machine has. */
static float exp2_within(float t)
{
    const double shift = 0x1.8p52, ln2 = 0x1.62e42fefa39efp-1;
    const double x = (double)t, moved = x + shift, f = (x - (moved - shift)) * ln2;
    double v = 1.0 / 6227020800;
    v = v * f + 1.0 / 479001600;
    v = v * f + 1.0 / 39916800;
    v = v * f + 1.0 / 3628800;
    v = v * f + 1.0 / 362880;
    v = v * f + 1.0 / 40320;
    v = v * f + 1.0 / 5040;
    v = v * f + 1.0 / 720;
    v = v * f + 1.0 / 120;
    v = v * f + 1.0 / 24;
    v = v * f + 1.0 / 6;
    v = v * f + 0.5;
    v = v * f + 1;
    v = v * f + 1;
    uint64_t n;
    memcpy(&n, &moved, sizeof n); /* whose low bits are n */
    const uint64_t bits = (n + 1023) << 52;
    double power;
    memcpy(&power, &bits, sizeof power);
    return (float)(v * power);
}

/* Far below what a float has, and far above where the exponent of a double ends. */
static float within(float t)
{
    const float least = CRL_SOFTMAX_CHIP_FAR;
    return t > least ? t : least;
}

static float power_of(int32_t q, float max, const crl_softmax_chip *p)
{
    return within((crl_softmax_chip_real(q, p) - max) * p->factor);
}

static float exponential_of(int32_t q, float max, const crl_softmax_chip *p)
{
    return exp2_within(power_of(q, max, p));
}

static int32_t output_of(float e, float r, const crl_softmax_chip *p, int32_t least, int32_t most)
{
    const float low = (float)(least - p->out_zero), high = (float)(most - p->out_zero), y = e * r * p->unit;
    return (int32_t)lrintf(y > high ? high : y < low ? low : y) + p->out_zero;
}

float crl_softmax_chip_exp2(float t)
{
    return exp2_within(within(t));
}

void crl_softmax_chip_ref(void *out, const void *in, const crl_softmax_chip *p)
{
    const int32_t least = crl_type_min(p->type), most = crl_type_max(p->type);
    if (p->tiles) crl_softmax_tiles_ref(out, in, p);
    for (size_t row = 0; !p->tiles && row < p->rows; row++) {
        const size_t at = row * p->depth;
        int32_t top = least;
        for (size_t i = 0; i < p->depth; i++) {
            const int32_t q = crl_load(in, at + i, p->type);
            top = q > top ? q : top;
        }
        const float max = crl_softmax_chip_real(top, p);
        float sum = 0;
        for (size_t i = 0; i < p->depth; i++) sum += exponential_of(crl_load(in, at + i, p->type), max, p);
        const float r = 1.0f / sum;
        for (size_t i = 0; i < p->depth; i++) {
            const float e = exponential_of(crl_load(in, at + i, p->type), max, p);
            crl_store(out, at + i, p->type, output_of(e, r, p, least, most));
        }
    }
}

void crl_softmax_chip_exponentials_ref(float *e, int32_t first, int32_t n, float max, const crl_softmax_chip *p)
{
    for (int32_t i = 0; i < n; i++) e[i] = exponential_of(first + i, max, p);
}

bool crl_softmax_chip_steps_ref(int32_t *step, const float *e, int32_t n, float scale)
{
    const float most = CRL_SOFTMAX_CHIP_STEPS;
    bool ties = false;
    for (int32_t i = 0; i < n; i++) {
        const float all = e[i] * scale, v = all < most ? all : most;
        const int32_t whole = (int32_t)v;
        const float rest = v - (float)whole;
        step[i] = whole + (rest > 0.5f);
        ties = ties || rest == 0.5f;
    }
    return !ties;
}

void crl_softmax_chip_outputs_ref(uint8_t *out, const float *e, int32_t n, float r, const crl_softmax_chip *p)
{
    for (int32_t i = 0; i < n; i++) out[i] = (uint8_t)output_of(e[i], r, p, crl_type_min(p->type), crl_type_max(p->type));
}
