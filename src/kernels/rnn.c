/* SPDX-License-Identifier: Apache-2.0 */
/* The definition of a recurrent network's step: see rnn.h. */
#include "kernels/rnn.h"

#include <math.h>
#include <string.h>

#include "kernels/lanes.h"
#include "kernels/quotient.h"

static float apply(float x, const crl_rnn *p)
{
    switch (p->function) {
    case CRL_RNN_NONE: return x;
    case CRL_RNN_CLAMP: return !(x > p->min) ? p->min : x > p->max ? p->max : x;
    case CRL_RNN_TANH: return crl_quotient_tanh(x);
    case CRL_RNN_SIGN_BIT: return signbit(x) ? 1.0f : 0.0f;
    }
    return x;
}

void crl_rnn_f32_ref(float *out, const float *input, const float *weights, const float *recurrent, const float *bias,
                     const float *state, const crl_rnn *p)
{
    for (size_t u = 0; u < p->n_units; u++) {
        float sum = crl_lanes_add_products(bias[u], input, weights + u * p->n_input, p->n_input);
        sum = crl_lanes_add_products(sum, state, recurrent + u * p->n_units, p->n_units);
        out[u] = apply(sum, p);
    }
}

void crl_rnn_hybrid_ref(float *out, const float *input, const crl_rnn_hybrid *weights, const float *bias, const float *state,
                        const crl_rnn *p, int8_t *quantised)
{
    crl_hybrid_vector v = { .q = quantised };
    memcpy(out, bias, p->n_units * sizeof *out);
    crl_hybrid_quantize(&v, input, p->n_input, weights->asymmetric);
    crl_hybrid_add_products(out, &weights->weights, &v);
    crl_hybrid_quantize(&v, state, p->n_units, weights->asymmetric);
    crl_hybrid_add_products(out, &weights->recurrent, &v);
    for (size_t u = 0; u < p->n_units; u++) out[u] = apply(out[u], p);
}
