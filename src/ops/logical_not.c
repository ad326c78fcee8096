/* SPDX-License-Identifier: Apache-2.0 */
/* LOGICAL_NOT of BOOL. */
#include "ops/shapes.h"

static crl_status prepare(crl_node *node, crl_error *err)
{
    crl_status s = crl_node_accept(node, node->in[0], CRL_TYPE(CRL_BOOL), err);
    if (!s) s = crl_node_same_type(node, node->out[0], node->in[0], err);
    return s ? s : crl_node_same_shape(node, 0, 0, err);
}

static crl_status invoke(const crl_node *node, crl_work *work, crl_error *err)
{
    (void)work;
    (void)err;
    const uint8_t *in = node->in[0]->data;
    uint8_t *out = node->out[0]->data;
    const size_t n = crl_shape_count(&node->in[0]->shape);
    for (size_t i = 0; i < n; i++) out[i] = !in[i];
    return CRL_OK;
}

const crl_op_type crl_op_logical_not = {
    .name = "LOGICAL_NOT", .code = CRL_OP_LOGICAL_NOT, .in_min = 1, .in_max = 1, .out_min = 1, .out_max = 1, .prepare = prepare,
    .invoke = invoke,
};
