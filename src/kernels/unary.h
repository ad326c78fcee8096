/* SPDX-License-Identifier: Apache-2.0 */
/* Functions of one number, as the reference writes them: which calls of the C library, in which order. */
#ifndef CRL_KERNELS_UNARY_H
#define CRL_KERNELS_UNARY_H

#include "kernels/table8.h"

typedef float crl_unary_f32(float x);

crl_unary_f32 crl_logistic_f32; /* in three pieces: exp(x) below -9, 1 above 16.6 */
crl_unary_f32 crl_relu_f32, crl_relu6_f32, crl_relu_n1_to_1_f32, crl_relu_0_to_1_f32;
crl_unary_f32 crl_rsqrt_f32, crl_square_f32, crl_neg_f32, crl_sign_f32;
crl_unary_f32 crl_round_f32;       /* ties to even */
crl_unary_f32 crl_elu_f32;

/* The same for tables; `limit` replaces logarithms of what is not positive, and reciprocal roots. GELU is by the C library
 * here, and by quotients below. */
crl_table_fn crl_table_logistic, crl_table_tanh, crl_table_exp, crl_table_log, crl_table_rsqrt, crl_table_elu,
    crl_table_gelu, crl_table_gelu_tanh;

void crl_unary_f32_ref(float *out, const float *in, size_t n, crl_unary_f32 *f);
void crl_unary_f16_ref(uint16_t *out, const uint16_t *in, size_t n, crl_unary_f32 *f); /* by way of float */

/* x / 2 * erfc(-x / sqrt(2)), and x / 2 * (1 + tanh(sqrt(2 / pi) * (x + 0.044715 * x^3))), by quotient.h. */
void crl_gelu_f32_ref(float *out, const float *in, size_t n);
void crl_gelu_tanh_f32_ref(float *out, const float *in, size_t n);

typedef enum crl_unary_int { CRL_UNARY_ABS, CRL_UNARY_NEG, CRL_UNARY_SIGN } crl_unary_int;

/* Plain integers: INT8, INT16, INT32, INT64. The smallest value has no positive counterpart and stays. */
void crl_unary_int_ref(void *out, const void *in, crl_type type, size_t n, crl_unary_int op);

#endif
