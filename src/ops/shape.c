/* SPDX-License-Identifier: Apache-2.0 */
/* SHAPE, RANK: dimensions of the input, and how many there are. Both are known without running anything. */
#include "ops/shapes.h"

static crl_status prepare_shape(crl_node *node, crl_error *err)
{
    crl_status s = crl_node_accept(node, node->out[0], CRL_TYPE_INDEX, err);
    if (s) return s;
    node->constant = true;
    return crl_node_shape(node, 0, &(crl_shape){ .rank = 1, .dim = { node->in[0]->shape.rank } }, err);
}

static crl_status invoke_shape(const crl_node *node, crl_work *work, crl_error *err)
{
    (void)work;
    (void)err;
    const crl_shape *shape = &node->in[0]->shape;
    const crl_tensor *out = node->out[0];
    for (int32_t d = 0; d < shape->rank; d++) {
        if (out->type == CRL_INT32)
            ((int32_t *)out->data)[d] = shape->dim[d];
        else
            ((int64_t *)out->data)[d] = shape->dim[d];
    }
    return CRL_OK;
}

static crl_status prepare_rank(crl_node *node, crl_error *err)
{
    crl_status s = crl_node_accept(node, node->out[0], CRL_TYPE(CRL_INT32), err);
    if (s) return s;
    node->constant = true;
    return crl_node_shape(node, 0, &(crl_shape){ .rank = 0 }, err);
}

static crl_status invoke_rank(const crl_node *node, crl_work *work, crl_error *err)
{
    (void)work;
    (void)err;
    *(int32_t *)node->out[0]->data = node->in[0]->shape.rank;
    return CRL_OK;
}

const crl_op_type crl_op_shape = {
    .name = "SHAPE", .code = CRL_OP_SHAPE, .in_min = 1, .in_max = 1, .out_min = 1, .out_max = 1, .prepare = prepare_shape, .invoke = invoke_shape,
};
const crl_op_type crl_op_rank = {
    .name = "RANK", .code = CRL_OP_RANK, .in_min = 1, .in_max = 1, .out_min = 1, .out_max = 1, .prepare = prepare_rank, .invoke = invoke_rank,
};
