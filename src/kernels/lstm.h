/* SPDX-License-Identifier: Apache-2.0 */
/* One step of an LSTM whose inputs, weights and outputs are int8 and whose gates and cells are int16.
 *
 *   gate(g)  = f(norm(W[g] x + R[g] h + P[g] * c))            f: logistic; tanh for the cell gate
 *   c        = forget * c + input * cell                      input = 1 - forget where there is no input gate
 *   m        = output * tanh(c)                               the output gate sees the new c
 *   h        = m, or its projection
 *
 * P (peephole), norm (layer normalisation) and the projection are optional. Every product is scaled to Q3.12
 * (with norm: to the scale of the gate's intermediate tensor), added and saturated one after the other.
 * Source: TensorFlow Lite, kernels/lstm_eval.cc (8x8_16) and reference/portable_tensor_utils.cc. */
#ifndef CRL_KERNELS_LSTM_H
#define CRL_KERNELS_LSTM_H

#include <stdbool.h>
#include <stddef.h>

#include "base/fixed.h"

typedef enum crl_lstm_gate { CRL_LSTM_INPUT, CRL_LSTM_FORGET, CRL_LSTM_CELL, CRL_LSTM_OUTPUT, CRL_LSTM_GATES } crl_lstm_gate;

typedef struct crl_lstm_s8_gate {
    const int8_t *input_weights;     /* [n_cell][n_input] */
    const int8_t *recurrent_weights; /* [n_cell][n_output] */
    const int32_t *input_bias;       /* [n_cell] bias and the share of the zero point */
    const int32_t *recurrent_bias;   /* [n_cell] share of the zero point */
    crl_scale input_scale, recurrent_scale;
    const int16_t *peephole; /* [n_cell], NULL: none */
    crl_scale peephole_scale;
    const int16_t *norm; /* [n_cell] coefficients, NULL: none */
    const int32_t *norm_bias;
    crl_scale norm_scale;
    int32_t norm_guard; /* stands in for a variance of 0 */
} crl_lstm_s8_gate;

typedef struct crl_lstm_s8 {
    int32_t n_input, n_cell, n_output;
    bool no_input_gate;
    crl_lstm_s8_gate gate[CRL_LSTM_GATES];
    int32_t cell_log2;  /* a cell's scale is 2^cell_log2, -15..-9 */
    int16_t cell_clip;  /* 0: none */
    crl_scale hidden_scale;
    int32_t hidden_zero;
    const int8_t *projection; /* [n_output][n_cell], NULL: none, then n_output == n_cell */
    const int32_t *projection_bias; /* [n_output] bias and the share of the zero point */
    crl_scale projection_scale;
    int8_t projection_clip; /* 0: none */
    int32_t output_zero;
} crl_lstm_s8;

/* Bytes of scratch for `n_batch` rows. */
size_t crl_lstm_s8_scratch(const crl_lstm_s8 *l, size_t n_batch);

/* A step for `n_batch` rows: input [n_batch][n_input]; state [n_batch][n_output] and cell [n_batch][n_cell] are
 * read and replaced. `layer` is what the variant asks for. */
typedef void crl_lstm_s8_fn(const void *layer, const int8_t *input, size_t n_batch, int8_t *state, int16_t *cell,
                            void *scratch);

/* The definition; the layer is a crl_lstm_s8. */
crl_lstm_s8_fn crl_lstm_s8_step;

#endif
