/* SPDX-License-Identifier: Apache-2.0 */
/* One step of a plain recurrent network in float.
 *
 *   h[u] = f(bias[u] + sum over i of x[i] * W[u,i] + sum over v of h[v] * R[u,v])
 *
 * Sums are those of lanes.h, the bias first; TANH is that of quotient.h.
 * Source: TensorFlow Lite, kernels/internal/kernel_utils: RnnBatchStep, with Eigen's float tanh. */
#ifndef CRL_KERNELS_RNN_H
#define CRL_KERNELS_RNN_H

#include "kernels/hybrid.h"

typedef enum crl_rnn_function {
    CRL_RNN_NONE,
    CRL_RNN_CLAMP,   /* NaN becomes min */
    CRL_RNN_TANH,
    CRL_RNN_SIGN_BIT /* 1 for negative numbers, 0 for others */
} crl_rnn_function;

typedef struct crl_rnn {
    size_t n_input, n_units;
    crl_rnn_function function;
    float min, max; /* of CLAMP */
} crl_rnn;

/* A step of one row: input [n_input], weights [n_units][n_input], recurrent [n_units][n_units], bias, out and state
 * [n_units]. Reads the state, and writes the new one to `out`. Buffers do not overlap. */
void crl_rnn_f32_ref(float *out, const float *input, const float *weights, const float *recurrent, const float *bias,
                     const float *state, const crl_rnn *p);

/* The same by weights of 8 bits. `quantised` has room for the larger of n_input and n_units. */
typedef struct crl_rnn_hybrid {
    crl_hybrid_matrix weights, recurrent;
    bool asymmetric;
} crl_rnn_hybrid;
void crl_rnn_hybrid_ref(float *out, const float *input, const crl_rnn_hybrid *weights, const float *bias, const float *state,
                        const crl_rnn *p, int8_t *quantised);

#endif
