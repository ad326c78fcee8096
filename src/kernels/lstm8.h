/* SPDX-License-Identifier: Apache-2.0 */
/* Steps of an integer LSTM (lstm.h) in vectors, for layers without peephole, normalisation and projection.
 *
 * The gates lie side by side as columns, in the order input, forget, output (logistic), cell (tanh); an LSTM without an input
 * gate has three. Weights are widened to 16 bits and packed by pairs of inputs:
 *
 *   weights[pair][column] = { w[2 * pair], w[2 * pair + 1] }        of the column's row
 *
 * so that a product with a pair of inputs serves a vector of columns. Columns are padded to a multiple of 16. */
#ifndef CRL_KERNELS_LSTM8_H
#define CRL_KERNELS_LSTM8_H

#include "kernels/fixed16.h"
#include "kernels/lstm.h"

/* The product with one of both vectors, and its scale for each column: see crl_requant_x8_avx2. */
typedef struct crl_lstm8_product {
    int32_t n, pairs; /* elements of the vector */
    int16_t *weights; /* [pairs][columns][2] */
    int32_t *bias, *mult, *left, *right, *half; /* [columns] */
} crl_lstm8_product;

typedef struct crl_lstm8 {
    const crl_lstm_s8 *lstm; /* borrowed */
    int32_t columns;         /* padded */
    crl_lstm8_product input, recurrent;
    int32_t hidden_half;     /* half of what the hidden scale shifts to the right by */
} crl_lstm8;

/* Whether a variant serves this layer at the level: no optional parts, and sums that fit. */
bool crl_lstm8_serves(const crl_lstm_s8 *l, unsigned cpu);

/* Bytes of the packed weights and what lies with them; 64-byte aligned memory is needed. */
size_t crl_lstm8_packed_bytes(const crl_lstm_s8 *l);
void crl_lstm8_pack(crl_lstm8 *p, const crl_lstm_s8 *l, void *memory);

/* Bytes of scratch, 64-byte aligned. */
size_t crl_lstm8_scratch(const crl_lstm8 *p);

/* The best variant that `cpu` allows; NULL: none. The layer that it gets is a crl_lstm8. */
crl_lstm_s8_fn *crl_lstm8_step_of(unsigned cpu);
/* Its name, for profiles. */
const char *crl_lstm8_name(unsigned cpu);
crl_lstm_s8_fn crl_lstm8_step_avx2, crl_lstm8_step_neon;

#endif
