/* SPDX-License-Identifier: Apache-2.0 */
/* One step of an LSTM in floats: the formulas of lstm.h, without scales.
 *
 * Sums are those of crl_lanes_product, the functions those of quotient.h, as in the reference; so results are its bytes.
 * Source: TensorFlow Lite, kernels/lstm_eval.cc. */
#ifndef CRL_KERNELS_LSTM_F32_H
#define CRL_KERNELS_LSTM_F32_H

#include "kernels/hybrid.h"
#include "kernels/lstm.h"
#include "kernels/recurrent.h"

/* Floats, or 8 bits with one scale. */
typedef struct crl_lstm_f32_weights {
    const float *f32; /* NULL: s8 */
    crl_hybrid_matrix s8;
    const int32_t *sums; /* with kernels: what the weights of each row of s8 add up to */
} crl_lstm_f32_weights;

typedef struct crl_lstm_f32_gate {
    crl_lstm_f32_weights input;     /* [n_cell][n_input] */
    crl_lstm_f32_weights recurrent; /* [n_cell][n_output] */
    const float *bias;              /* [n_cell] */
    const float *peephole;          /* [n_cell], NULL: none */
    const float *norm;              /* [n_cell] coefficients, NULL: none */
} crl_lstm_f32_gate;

typedef struct crl_lstm_f32 {
    int32_t n_input, n_cell, n_output;
    bool no_input_gate;
    crl_lstm_f32_gate gate[CRL_LSTM_GATES];
    float cell_clip, projection_clip; /* 0: none */
    bool project;                     /* false: n_output == n_cell */
    crl_lstm_f32_weights projection;  /* [n_output][n_cell] */
    const float *projection_bias;     /* [n_output], NULL: none */
    const crl_recurrent_kernels *kernels; /* NULL: the definition */
    bool asymmetric;                  /* rows that weights of 8 bits meet get a zero point (hybrid.h) */
} crl_lstm_f32;

/* Where the gates of a step live: [CRL_LSTM_GATES][plane], of which this step's rows begin at `at`. The logistic function
 * goes by groups of four elements of a plane, so the place is part of the result. */
typedef struct crl_lstm_f32_room {
    float *gates;
    size_t plane, at;
    int8_t *quantised; /* the longest of n_input, n_cell and n_output; not looked at where all weights are floats */
} crl_lstm_f32_room;

/* A step of `rows` rows: input [rows][n_input]; state [rows][n_output] and cell [rows][n_cell] are read and replaced.
 * The room has rows * n_cell elements from `at` on. */
void crl_lstm_f32_step(const crl_lstm_f32 *l, size_t rows, const float *input, float *state, float *cell,
                       const crl_lstm_f32_room *room);

#endif
