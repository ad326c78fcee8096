/* SPDX-License-Identifier: Apache-2.0 */
/* The inputs of LSTM and UNIDIRECTIONAL_SEQUENCE_LSTM, checked and named.
 *
 *   0      input               1..4    input weights, by gate      5..8    recurrent weights
 *   9..11  peephole weights (the cell gate has none)               12..15  biases
 *   16     projection          17      its bias                    18, 19  output and cell state (variables)
 *   20..23 coefficients of layer normalisation */
#ifndef CRL_OPS_LSTM_INPUTS_H
#define CRL_OPS_LSTM_INPUTS_H

#include "kernels/lstm.h"
#include "ops/shapes.h"

typedef struct crl_lstm_inputs {
    const crl_tensor *input;
    const crl_tensor *weights[CRL_LSTM_GATES]; /* NULL at CRL_LSTM_INPUT: no input gate (CIFG) */
    const crl_tensor *recurrent[CRL_LSTM_GATES];
    const crl_tensor *peephole[CRL_LSTM_GATES]; /* all NULL, or NULL where there is none */
    const crl_tensor *bias[CRL_LSTM_GATES];
    const crl_tensor *norm[CRL_LSTM_GATES];
    const crl_tensor *projection, *projection_bias;
    const crl_tensor *state, *cell;
    int32_t n_input, n_cell, n_output;
    int32_t n_time, n_batch;
    bool time_major;
    float cell_clip, projection_clip; /* 0: none */
} crl_lstm_inputs;

/* Reads the inputs and checks presence, shapes and types: each part has the type given. Sets the output's
 * shape. */
typedef struct crl_lstm_types {
    crl_type weight, bias, peephole, norm, state, cell;
} crl_lstm_types;
crl_status crl_lstm_inputs_read(crl_node *node, const crl_lstm_types *types, crl_lstm_inputs *in, crl_error *err);

/* Weights, biases and coefficients of an INT8 layer are constants; these and the states have a scale each. */
crl_status crl_lstm_inputs_check_s8(const crl_node *node, const crl_lstm_inputs *in, crl_error *err);

/* A scale that a 32-bit sum can be multiplied with: positive and finite. */
crl_status crl_lstm_scale(crl_scale *out, float real, crl_error *err);

/* Of all steps. */
uint64_t crl_lstm_inputs_macs(const crl_lstm_inputs *in);

#endif
