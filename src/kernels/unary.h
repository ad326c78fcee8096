/* SPDX-License-Identifier: Apache-2.0 */
/* Functions of one float, as the reference writes them: which calls of the C library, in which order. */
#ifndef CRL_KERNELS_UNARY_H
#define CRL_KERNELS_UNARY_H

#include <stddef.h>

typedef float crl_unary_f32(float x);

crl_unary_f32 crl_logistic_f32; /* in three pieces: exp(x) below -9, 1 above 16.6 */
crl_unary_f32 crl_logistic_plain_f32; /* 1 / (1 + exp(-x)) */
crl_unary_f32 crl_relu_f32, crl_relu6_f32, crl_relu_n1_to_1_f32, crl_relu_0_to_1_f32;

void crl_unary_f32_ref(float *out, const float *in, size_t n, crl_unary_f32 *f);

#endif
