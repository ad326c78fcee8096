/* SPDX-License-Identifier: Apache-2.0 */
/* What another kernel wants to know of BATCH_MATMUL. */
#ifndef CRL_OPS_BATCH_MATMUL_H
#define CRL_OPS_BATCH_MATMUL_H

#include "kernels/matmul.h"
#include "ops/op.h"

/* Of a prepared node from INT8 to INT8, NULL for others; lives as long as the node's params. */
const crl_matmul *crl_batch_matmul_s8(const crl_node *node);
/* Likewise of FLOAT32 by FLOAT32. */
const crl_matmul *crl_batch_matmul_f32(const crl_node *node);

#endif
