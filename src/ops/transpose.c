/* SPDX-License-Identifier: Apache-2.0 */
/* TRANSPOSE: dimensions in another order. */
#include "ops/shapes.h"

static crl_status prepare(crl_node *node, crl_error *err)
{
    const crl_tensor *in = node->in[0], *order = node->in[1];
    crl_tensor *out = node->out[0];
    crl_status s = crl_node_accept(node, in, CRL_TYPE_MOVED, err);
    if (!s) s = crl_node_same_type(node, out, in, err);
    int64_t perm[CRL_MAX_RANK];
    int32_t n;
    if (!s) s = crl_node_const_ints(node, order, CRL_TYPE_INDEX, perm, CRL_MAX_RANK, &n, err);
    if (s) return s;
    const int32_t rank = in->shape.rank;
    if (n != rank)
        return crl_node_bad(node, CRL_ERR_FORMAT, order, err, "%d axes for an input with %d dimensions", n, rank);
    crl_shape shape = { .rank = rank };
    int32_t axis[CRL_MAX_RANK];
    unsigned seen = 0;
    for (int32_t d = 0; d < rank; d++) {
        s = crl_node_axis(perm[d], rank, &axis[d], err);
        if (s) return s;
        if (seen & 1u << axis[d]) return crl_node_bad(node, CRL_ERR_FORMAT, order, err, "axis %d comes twice", axis[d]);
        seen |= 1u << axis[d];
        shape.dim[d] = in->shape.dim[axis[d]];
    }
    s = crl_node_shape(node, 0, &shape, err);
    if (!s) s = crl_node_params(node, sizeof(crl_move), err);
    if (s) return s;
    crl_move *m = node->params;
    ptrdiff_t from[CRL_MAX_RANK], to[CRL_MAX_RANK];
    crl_tensor_steps(in, from);
    crl_tensor_steps(out, to);
    m->strided.size = crl_type_bytes(in->type);
    for (int32_t d = 0; d < rank; d++) crl_strided_add(&m->strided, (size_t)shape.dim[d], to[d], from[axis[d]]);
    crl_strided_finish(&m->strided);
    return CRL_OK;
}

const crl_op_type crl_op_transpose = {
    .name = "TRANSPOSE",
    .code = CRL_OP_TRANSPOSE,
    .in_min = 2,
    .in_max = 2,
    .out_min = 1,
    .out_max = 1,
    .prepare = prepare,
    .invoke = crl_move_invoke,
};
