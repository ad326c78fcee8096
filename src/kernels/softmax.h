/* SPDX-License-Identifier: Apache-2.0 */
/* SOFTMAX: out[r,i] = exp(beta * in[r,i]) / sum over j of exp(beta * in[r,j]), for each row r.
 *
 *   8 bits   in fixed point (fixed_exp.h); differences to the row's maximum below diff_min count as nothing.
 *            The output's scale is 1/256 (1/65536 for an int16 output) and zero its lowest value.
 *   16 bits  by two tables of 512 intervals (table16.h); the output's scale is 1/32768.
 *   float32  with the C library's expf, sums in the order of the row.
 *
 * in, out [rows, depth], depth >= 1. `out` may be `in`. */
#ifndef CRL_KERNELS_SOFTMAX_H
#define CRL_KERNELS_SOFTMAX_H

#include <stddef.h>

#include "base/fixed.h"
#include "kernels/table16.h"

/* What prepare makes of the operator; crl_node.params of SOFTMAX points here. */
typedef struct crl_softmax {
    size_t rows, depth;
    crl_scale scale;  /* 8 bits: beta * in_scale * 2^26. 16 bits: beta * in_scale * 6553.5 */
    int32_t diff_min; /* 8 bits */
    float beta;       /* float32 */
    const struct crl_softmax_chip *chip; /* 8 bits in the arithmetic of the Edge TPU (softmax_chip.h); NULL: not in that */
    const crl_table16 *exp, *reciprocal; /* 16 bits: exp(x), x in -10..0, and 1 / (1 + x), x in 0..1 */
} crl_softmax;

typedef void crl_softmax_fn(void *out, const void *in, const crl_softmax *s);

crl_softmax_fn crl_softmax_u8_ref, crl_softmax_s8_ref, crl_softmax_s16_ref, crl_softmax_f32_ref;
crl_softmax_fn crl_softmax_u8s16_ref, crl_softmax_s8s16_ref; /* 8 bits in, 16 bits out */

#endif
