/* SPDX-License-Identifier: Apache-2.0 */
/* What operators on two tensors share: types, broadcasting, the choice of a row function, invoke.
 *
 * An operator's params begin with a crl_binary; crl_binary_begin fills in the plan, the operator chooses `row` and
 * what it reads, and crl_binary_invoke runs it. */
#ifndef CRL_OPS_BINARY_H
#define CRL_OPS_BINARY_H

#include "kernels/activation.h"
#include "kernels/affine8.h"
#include "kernels/binary.h"
#include "kernels/bits.h"
#include "kernels/broadcast.h"
#include "kernels/mix8.h"
#include "kernels/pairwise.h"
#include "ops/op.h"

typedef struct crl_binary {
    crl_broadcast plan;
    crl_row_fn *row;
    bool by_channel; /* p is of affine8.h */
    union {
        crl_sum sum;
        crl_sum_shift sum_shift;
        crl_mix mix;
        crl_product product;
        crl_affine8 affine;
        crl_limits limits;
        crl_pairwise pairwise;
        crl_bits bits;
        crl_leaky leaky;
    } p; /* for `row` */
} crl_binary;

/* Allocates params (sizeof(crl_binary)), checks that input 0 has one of `types`, input 1 and the output the types given,
 * gives output 0 the common shape and plans. */
crl_status crl_binary_begin(crl_node *node, unsigned types, crl_type b_type, crl_type out_type, crl_error *err);

/* Fused activation of plain numbers (INT16, INT32, INT64, FLOAT32) into p.limits. */
crl_status crl_binary_limits(crl_node *node, crl_error *err);

/* Scales of both inputs and the output: one each; those of the inputs may be 0 where `zero_scales`. 16-bit ones have zero points of 0. */
crl_status crl_binary_check_quant(const crl_node *node, bool zero_scales, crl_error *err);

/* In the arithmetic of the Edge TPU: whether one input is a constant with a value for each channel of the other, which the compiler makes a layer
 * of; then *q has its scales and zeros, and the place of the constant. */
bool crl_binary_by_channel(crl_affine8 *q, const crl_node *node);

crl_status crl_binary_invoke(const crl_node *node, crl_work *work, crl_error *err);

#endif
