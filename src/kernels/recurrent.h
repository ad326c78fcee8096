/* SPDX-License-Identifier: Apache-2.0 */
/* What recurrent layers of floats (LSTM, SVDF) spend their time with, in vectors: products of a matrix and a vector, and functions
 * by quotients. Sums are those of lanes.h, functions those of quotient.h, products with weights of 8 bits those of hybrid.h, bit
 * for bit. */
#ifndef CRL_KERNELS_RECURRENT_H
#define CRL_KERNELS_RECURRENT_H

#include "kernels/dot8.h"
#include "kernels/hybrid.h"

/* out[r] += crl_lanes_dot(weights + r * n, x, n) */
typedef void crl_recurrent_dot_fn(float *out, const float *weights, const float *x, size_t n, size_t rows);
/* out[r] = crl_lanes_add_products(0, weights + r * n, x + r * x_step, n) */
typedef void crl_recurrent_products_fn(float *out, const float *weights, const float *x, size_t x_step, size_t n, size_t rows);
/* x[i] = crl_quotient_logistic4(x[i]), or crl_quotient_tanh(x[i]) */
typedef void crl_recurrent_function_fn(float *x, size_t n);

typedef struct crl_recurrent_kernels {
    const char *name; /* "recurrent avx2", for profiles; NULL: there is no variant */
    crl_recurrent_dot_fn *dot;
    crl_recurrent_products_fn *products;
    crl_recurrent_function_fn *logistic4, *tanh;
    crl_hybrid_kernels hybrid;
    crl_dot8_kernels dot8;
} crl_recurrent_kernels;

void crl_recurrent_kernels_init(crl_recurrent_kernels *k, unsigned cpu);

/* The definition's crl_hybrid_quantize and crl_hybrid_add_products. sums: what the weights of each row add up to; quantised: of
 * m->columns, CRL_DOT8_MOST at most. */
void crl_recurrent_add_hybrid(float *out, const crl_hybrid_matrix *m, const int32_t *sums, const float *x, bool asymmetric,
                              uint8_t *quantised, const crl_recurrent_kernels *k);

crl_recurrent_dot_fn crl_recurrent_dot_avx2, crl_recurrent_dot_neon;
crl_recurrent_products_fn crl_recurrent_products_avx2, crl_recurrent_products_neon;
crl_recurrent_function_fn crl_recurrent_logistic4_avx2, crl_recurrent_logistic4_neon;
crl_recurrent_function_fn crl_recurrent_tanh_avx2, crl_recurrent_tanh_neon;

#endif
