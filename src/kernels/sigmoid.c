/* SPDX-License-Identifier: Apache-2.0 */
/* The definition of the 16-bit LOGISTIC and TANH. */
#include "kernels/sigmoid.h"

#include <math.h>

#include "kernels/element.h"

static double logistic(double x)
{
    return 65536.0 / (1.0 + exp(-x / 24.0));
}

void crl_sigmoid16_fill(uint16_t table[256])
{
    /* Straight lines run below the curve: half of what is missing in the middle is added to their beginning. */
    for (int i = 0; i < 255; i++) {
        const double missing = logistic(i + 0.5) - (logistic(i) + logistic(i + 1)) / 2;
        table[i] = (uint16_t)round(logistic(i) + missing / 2);
    }
    table[255] = UINT16_MAX;
}

/* x in units of 1/12288. */
static int32_t scaled(int16_t x, const crl_sigmoid16 *p)
{
    const int32_t half = p->right > 0 ? INT32_C(1) << (p->right - 1) : 0;
    return crl_wrap_add(crl_wrap_mul(x, p->mult), half) >> p->right;
}

static uint32_t magnitude(int32_t x)
{
    return x < 0 ? 0 - (uint32_t)x : (uint32_t)x;
}

void crl_logistic_s16_ref(int16_t *out, const int16_t *in, size_t n, const crl_sigmoid16 *p)
{
    for (size_t i = 0; i < n; i++) {
        const int32_t x = scaled(in[i], p);
        const uint32_t m = magnitude(x), at = m >> 9, rest = m & 511;
        /* The logistic of |x| in Q0.25. */
        uint32_t y = 0x7FFFu << 10;
        if (at < 255) y = ((uint32_t)p->table[at] << 9) + rest * (uint32_t)(p->table[at + 1] - p->table[at]);
        y = x >= 0 ? y + (1u << 9) : (1u << 25) - y + (1u << 9) - 1;
        out[i] = (int16_t)(y >> 10);
    }
}

void crl_tanh_s16_ref(int16_t *out, const int16_t *in, size_t n, const crl_sigmoid16 *p)
{
    for (size_t i = 0; i < n; i++) {
        const int32_t x = scaled(in[i], p);
        const uint32_t m = magnitude(x), at = m >> 8, rest = m & 255;
        /* The logistic of 2|x| in Q0.24. */
        int32_t y = 0xFFFF << 8;
        if (at < 255) y = (p->table[at] << 8) + (int32_t)rest * (p->table[at + 1] - p->table[at]);
        y = x >= 0 ? y - (1 << 23) + (1 << 7) : -y + (1 << 23) + (1 << 7) - 1;
        out[i] = (int16_t)(y >> 8);
    }
}
