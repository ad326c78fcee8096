/* SPDX-License-Identifier: Apache-2.0 */
/* The definition of a recurrent network's step: see rnn.h. */
#include "kernels/rnn.h"

#include <math.h>

static float add_products(float sum, const float *a, const float *b, size_t n)
{
    float part[4] = { 0 };
    const size_t whole = n - n % 4;
    for (size_t i = 0; i < whole; i++) part[i % 4] += a[i] * b[i];
    sum += part[0] + part[1] + part[2] + part[3];
    for (size_t i = whole; i < n; i++) sum += a[i] * b[i];
    return sum;
}

/* Beyond the limit the quotient is 1. NaN passes. */
static float tanh_quotient(float x)
{
    const float limit = 7.90738964080810547f;
    x = x > limit ? limit : x < -limit ? -limit : x;
    const float x2 = x * x;
    const float over = ((1.394553628e-8f * x2 + 2.102733560e-5f) * x2 + 3.520756727e-3f) * x2 + 1.340216100e-1f;
    const float under =
        (((8.015776984e-7f * x2 + 3.326951409e-4f) * x2 + 2.597254514e-2f) * x2 + 4.673548340e-1f) * x2 + 1.0f;
    return (x2 * x * over + x) / under;
}

static float apply(float x, const crl_rnn *p)
{
    switch (p->function) {
    case CRL_RNN_NONE: return x;
    case CRL_RNN_CLAMP: return !(x > p->min) ? p->min : x > p->max ? p->max : x;
    case CRL_RNN_TANH: return tanh_quotient(x);
    case CRL_RNN_SIGN_BIT: return signbit(x) ? 1.0f : 0.0f;
    }
    return x;
}

void crl_rnn_f32_ref(float *out, const float *input, const float *weights, const float *recurrent, const float *bias,
                     const float *state, const crl_rnn *p)
{
    for (size_t u = 0; u < p->n_units; u++) {
        float sum = add_products(bias[u], input, weights + u * p->n_input, p->n_input);
        sum = add_products(sum, state, recurrent + u * p->n_units, p->n_units);
        out[u] = apply(sum, p);
    }
}
