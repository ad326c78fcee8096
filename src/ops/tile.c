/* SPDX-License-Identifier: Apache-2.0 */
/* TILE: the input repeated along each dimension. */
#include "ops/shapes.h"

static crl_status prepare(crl_node *node, crl_error *err)
{
    const crl_tensor *in = node->in[0], *times = node->in[1];
    crl_tensor *out = node->out[0];
    crl_status s = crl_node_accept(node, in, CRL_TYPE_MOVED, err);
    if (!s) s = crl_node_same_type(node, out, in, err);
    int64_t n[CRL_MAX_RANK];
    int32_t rank;
    if (!s) s = crl_node_const_ints(node, times, CRL_TYPE_INDEX, n, CRL_MAX_RANK, &rank, err);
    if (s) return s;
    if (rank != in->shape.rank)
        return crl_node_bad(node, CRL_ERR_FORMAT, times, err, "%d entries for an input with %d dimensions", rank,
                            in->shape.rank);
    crl_shape shape = in->shape;
    for (int32_t d = 0; d < rank; d++) {
        if (n[d] < 0 || n[d] > INT32_MAX || n[d] * shape.dim[d] > INT32_MAX)
            return crl_node_bad(node, CRL_ERR_FORMAT, times, err, "%lld times dimension %d of %d", (long long)n[d], d,
                                shape.dim[d]);
        shape.dim[d] = (int32_t)(n[d] * shape.dim[d]);
    }
    s = crl_node_shape(node, 0, &shape, err);
    if (!s) s = crl_node_params(node, sizeof(crl_move), err);
    if (s) return s;
    crl_move *m = node->params;
    ptrdiff_t from[CRL_MAX_RANK], to[CRL_MAX_RANK];
    crl_tensor_steps(in, from);
    crl_tensor_steps(out, to);
    m->strided.size = crl_type_bytes(in->type);
    for (int32_t d = 0; d < rank; d++) {
        crl_strided_add(&m->strided, (size_t)n[d], to[d] * in->shape.dim[d], 0);
        crl_strided_add(&m->strided, (size_t)in->shape.dim[d], to[d], from[d]);
    }
    crl_strided_finish(&m->strided);
    return CRL_OK;
}

const crl_op_type crl_op_tile = {
    .name = "TILE", .code = CRL_OP_TILE, .in_min = 2, .in_max = 2, .out_min = 1, .out_max = 1, .prepare = prepare, .invoke = crl_move_invoke,
};
