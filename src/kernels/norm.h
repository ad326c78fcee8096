/* SPDX-License-Identifier: Apache-2.0 */
/* Norms over the last dimension of [rows, depth].
 *
 *   L2                x / max(sqrt(sum of squares), 1e-6); 8 bits: with fixed_exp.h, the output in units of 1/128
 *   local response    x * (bias + alpha * sum of squares of the neighbours c - radius .. c + radius - 1) ^ -beta */
#ifndef CRL_KERNELS_NORM_H
#define CRL_KERNELS_NORM_H

#include <corallite/tensor.h>

typedef struct crl_norm {
    size_t rows, depth;
    int32_t in_zero;  /* 8 bits */
    float on_chip;    /* in_scale, in the arithmetic of the Edge TPU; 0: not in that */
    int32_t radius;   /* local response, >= 0 */
    float bias, alpha, beta;
} crl_norm;

/* UINT8 (output zero 128), INT8 (output zero 0). */
void crl_l2_norm_ref(void *out, const void *in, crl_type type, const crl_norm *p);
/* The same in the arithmetic of the Edge TPU: the sum of squares, in real units and no less than one step's, through its inverse
 * root (spline.h) to 16 bits, and products with that, requantised. */
void crl_l2_norm_chip_ref(void *out, const void *in, crl_type type, const crl_norm *p);
void crl_l2_norm_f32_ref(float *out, const float *in, const crl_norm *p);
/* Not in place. */
void crl_local_response_f32_ref(float *out, const float *in, const crl_norm *p);

#endif
