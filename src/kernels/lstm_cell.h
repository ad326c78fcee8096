/* SPDX-License-Identifier: Apache-2.0 */
/* One step of the LSTM of old converters: one matrix for all gates, over the input and the activation before.
 *
 *   sums    = bias + W (x, h)       rows of W: input gate, cell gate, forget gate, output gate
 *   c       = logistic(input) * tanh(cell) + logistic(forget) * c
 *   h       = logistic(output) * tanh(c)
 *
 * In integers: x, h and W are uint8, x and h with a zero point of 128; sums are scaled to Q3.12 with two
 * roundings, ties upwards in both; c is Q4.11; tanh of c is taken
 * of what fits Q3.12. In floats, sums and functions are those of lanes.h and quotient.h, so the place of a row is part of the
 * result.
 * Source: TensorFlow Lite, kernels/lstm.cc (basic), kernels/internal/optimized/optimized_ops.h: LstmCell. */
#ifndef CRL_KERNELS_LSTM_CELL_H
#define CRL_KERNELS_LSTM_CELL_H

#include <stddef.h>
#include <stdint.h>

#include "base/fixed.h"

typedef struct crl_lstm_cell {
    size_t rows;           /* of the batch */
    size_t n_in, n_cell;   /* of x and h together; of h and c */
    int32_t weights_zero;  /* uint8 */
    crl_scale scale;       /* uint8: of sums, to Q3.12 */
} crl_lstm_cell;

/* joined [rows][n_in] is x and h; sums [rows][4 * n_cell] is scratch that can be looked at. Reads the cell state `before`,
 * writes `cell` and `out` [rows][n_cell]. Buffers do not overlap. */
void crl_lstm_cell_u8(const crl_lstm_cell *l, const uint8_t *joined, const uint8_t *weights, const int32_t *bias,
                      const int16_t *before, int16_t *sums, int16_t *cell, uint8_t *out);
void crl_lstm_cell_f32(const crl_lstm_cell *l, const float *joined, const float *weights, const float *bias,
                       const float *before, float *sums, float *cell, float *out);

#endif
