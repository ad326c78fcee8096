/* SPDX-License-Identifier: Apache-2.0 */
/* One step of an LSTM in floats: the formulas of lstm.h, without scales.
 *
 * Sums run from the first element to the last. The reference leaves their order, and the functions tanh and logistic,
 * to libraries that choose by CPU; so results agree with it to a few units in the last place only.
 * Source: TensorFlow Lite, kernels/lstm_eval.cc. */
#ifndef CRL_KERNELS_LSTM_F32_H
#define CRL_KERNELS_LSTM_F32_H

#include "kernels/lstm.h"

typedef struct crl_lstm_f32_gate {
    const float *input_weights;     /* [n_cell][n_input] */
    const float *recurrent_weights; /* [n_cell][n_output] */
    const float *bias;              /* [n_cell] */
    const float *peephole;          /* [n_cell], NULL: none */
    const float *norm;              /* [n_cell] coefficients, NULL: none */
} crl_lstm_f32_gate;

typedef struct crl_lstm_f32 {
    int32_t n_input, n_cell, n_output;
    bool no_input_gate;
    crl_lstm_f32_gate gate[CRL_LSTM_GATES];
    float cell_clip, projection_clip; /* 0: none */
    const float *projection;          /* [n_output][n_cell], NULL: none, then n_output == n_cell */
    const float *projection_bias;     /* [n_output], NULL: none */
} crl_lstm_f32;

/* A step for one row: input [n_input]; state [n_output] and cell [n_cell] are read and replaced. `scratch` has
 * CRL_LSTM_GATES * n_cell elements. */
void crl_lstm_f32_step(const crl_lstm_f32 *l, const float *input, float *state, float *cell, float *scratch);

#endif
