/* SPDX-License-Identifier: Apache-2.0 */
/* Weights of 8 bits in float operators: kernels/hybrid.h. */
#ifndef CRL_OPS_HYBRID_H
#define CRL_OPS_HYBRID_H

#include "kernels/hybrid.h"
#include "ops/op.h"

/* Reads constant weights: INT8 with one scale, or one for each index of `axis`, and zero points of 0. UINT8 is taken for INT8, as
 * old files have it. Sets rows and columns for tensors of rank 2. Errors: other types, scales, zero points. */
crl_status crl_hybrid_weights(const crl_node *node, const crl_tensor *weights, int32_t axis, crl_hybrid_matrix *m,
                              crl_error *err);

#endif
