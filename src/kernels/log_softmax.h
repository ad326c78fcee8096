/* SPDX-License-Identifier: Apache-2.0 */
/* LOG_SOFTMAX: out[r,i] = in[r,i] - log(sum over j of exp(in[r,j])), for each row r.
 *
 *   8 bits   in fixed point (fixed_exp.h); the output's scale is 1/16 and its zero the highest value
 *   float32  with the C library's expf and logf
 *
 * in, out [rows, depth], depth >= 1. `out` may be `in`. */
#ifndef CRL_KERNELS_LOG_SOFTMAX_H
#define CRL_KERNELS_LOG_SOFTMAX_H

#include <corallite/tensor.h>

#include "base/fixed.h"

typedef struct crl_log_softmax {
    size_t rows, depth;
    crl_scale scale;   /* 8 bits: in_scale * 2^26 */
    crl_scale back;    /* 8 bits: the reciprocal of `scale` */
    int32_t diff_min;  /* 8 bits: smaller differences to the maximum count as nothing */
} crl_log_softmax;

/* UINT8, INT8. */
void crl_log_softmax_ref(void *out, const void *in, crl_type type, const crl_log_softmax *s);
void crl_log_softmax_f32_ref(float *out, const float *in, const crl_log_softmax *s);

#endif
