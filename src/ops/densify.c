/* SPDX-License-Identifier: Apache-2.0 */
/* DENSIFY: a sparse constant with all its zeros. Constants are dense already when an operator sees them. */
#include "ops/shapes.h"

static crl_status prepare(crl_node *node, crl_error *err)
{
    crl_status s = crl_node_accept(node, node->in[0], CRL_TYPE(CRL_FLOAT32) | CRL_TYPE(CRL_FLOAT16) | CRL_TYPE(CRL_INT8), err);
    if (!s) s = crl_node_same_type(node, node->out[0], node->in[0], err);
    return s ? s : crl_node_same_shape(node, 0, 0, err);
}

const crl_op_type crl_op_densify = {
    .name = "DENSIFY", .code = CRL_OP_DENSIFY, .in_min = 1, .in_max = 1, .out_min = 1, .out_max = 1, .prepare = prepare,
    .invoke = crl_copy_invoke,
};
