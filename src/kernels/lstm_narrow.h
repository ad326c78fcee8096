/* SPDX-License-Identifier: Apache-2.0 */
/* One step of an LSTM whose gates are sums of two numbers of int8, and whose cells are int16 in Q0.15.
 *
 *   share(W, x) = W (x - zero), scaled and saturated to int8          of the input and of the state
 *   gate(g)     = f(norm(share(W[g], x) + share(R[g], h)))            f: logistic; tanh for the cell gate
 *   c           = forget * c + (1 - forget) * cell
 *   h           = projection of output * tanh(c)
 *
 * There is no input gate, and always a projection. Products, shares and projection are integers. Normalisation and functions
 * are float: they take the sum of the shares, an int16, and give an int16, truncated after f. So bytes are those of the reference
 * where expf and tanhf are.
 * Source: TensorFlow Lite, kernels/lstm_eval.cc (8x8_8) and reference/portable_tensor_utils.cc. */
#ifndef CRL_KERNELS_LSTM_NARROW_H
#define CRL_KERNELS_LSTM_NARROW_H

#include "kernels/lstm.h"

typedef struct crl_lstm_narrow_share {
    const int8_t *weights; /* [n_cell][size of what they multiply] */
    crl_scale product;     /* from a product to int8 */
    int32_t zero;          /* of the int8 */
    crl_scale level;       /* from the int8 to the sum */
} crl_lstm_narrow_share;

typedef struct crl_lstm_narrow_gate {
    crl_lstm_narrow_share input, state;
    const int16_t *norm; /* [n_cell] coefficients */
    const int32_t *bias; /* [n_cell], in units of norm_scale / 2^10 */
    float norm_scale;
} crl_lstm_narrow_gate;

typedef struct crl_lstm_narrow {
    int32_t n_input, n_cell, n_output;
    int32_t input_zero, output_zero;
    crl_lstm_narrow_gate gate[CRL_LSTM_GATES]; /* the input gate's is not used */
    int16_t cell_clip;                         /* 0: none */
    const int8_t *projection;                  /* [n_output][n_cell] */
    const int32_t *projection_bias;            /* [n_output] */
    crl_scale projection_scale;
    int8_t projection_clip; /* 0: none */
} crl_lstm_narrow;

/* Bytes of scratch, for any number of rows. */
size_t crl_lstm_narrow_scratch(const crl_lstm_narrow *l);

/* As crl_lstm_s8_step; the layer is a crl_lstm_narrow. */
crl_lstm_s8_fn crl_lstm_narrow_step;

#endif
