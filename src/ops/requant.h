/* SPDX-License-Identifier: Apache-2.0 */
/* The epilogue of operators with one scale, for prepare. */
#ifndef CRL_OPS_REQUANT_H
#define CRL_OPS_REQUANT_H

#include "kernels/requant.h"
#include "ops/op.h"

/* Fills *q: `scale`, which is kept with the node, the zero point of `out`, and the limits of its type. Errors: of memory. */
crl_status crl_node_requant(crl_node *node, const crl_tensor *out, crl_scale scale, crl_requant *q, crl_error *err);

#endif
