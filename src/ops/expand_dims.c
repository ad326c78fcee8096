/* SPDX-License-Identifier: Apache-2.0 */
/* EXPAND_DIMS: a dimension of 1 is put in at an axis. */
#include "ops/shapes.h"

static crl_status prepare(crl_node *node, crl_error *err)
{
    const crl_tensor *in = node->in[0];
    crl_status s = crl_node_accept(node, in, CRL_TYPE_MOVED, err);
    if (!s) s = crl_node_same_type(node, node->out[0], in, err);
    if (!s) s = crl_node_same_quant(node, node->out[0], in, err);
    int64_t given;
    if (!s) s = crl_node_const_int(node, node->in[1], CRL_TYPE_INDEX, &given, err);
    int32_t axis;
    if (!s) s = crl_node_axis(given, in->shape.rank + 1, &axis, err);
    if (s) return s;
    if (in->shape.rank == CRL_MAX_RANK)
        return crl_node_bad(node, CRL_ERR_UNSUPPORTED, node->out[0], err, "rank %d, at most %d is supported",
                            CRL_MAX_RANK + 1, CRL_MAX_RANK);
    crl_shape shape = { .rank = in->shape.rank + 1 };
    for (int32_t d = 0; d < shape.rank; d++) shape.dim[d] = d == axis ? 1 : in->shape.dim[d < axis ? d : d - 1];
    return crl_node_shape(node, 0, &shape, err);
}

const crl_op_type crl_op_expand_dims = {
    .name = "EXPAND_DIMS",
    .code = CRL_OP_EXPAND_DIMS,
    .in_min = 2,
    .in_max = 2,
    .out_min = 1,
    .out_max = 1,
    .prepare = prepare,
    .invoke = crl_copy_invoke,
};
