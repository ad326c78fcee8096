/* SPDX-License-Identifier: Apache-2.0 */
/* BITCAST: the same bytes as elements of another type. Narrower ones get a dimension of their own, [...] -> [...,n]; wider ones
 * take the last dimension. */
#include "ops/shapes.h"

static crl_status prepare(crl_node *node, crl_error *err)
{
    const crl_tensor *in = node->in[0], *out = node->out[0];
    crl_status s = crl_node_accept(node, in, CRL_TYPE_MOVED, err);
    if (!s) s = crl_node_accept(node, out, CRL_TYPE_MOVED, err);
    if (s) return s;
    const size_t from = crl_type_bytes(in->type), to = crl_type_bytes(out->type);
    crl_shape shape = in->shape;
    if (from > to) {
        if (shape.rank == CRL_MAX_RANK)
            return crl_node_bad(node, CRL_ERR_UNSUPPORTED, in, err, "%d dimensions, one less is supported", shape.rank);
        shape.dim[shape.rank++] = (int32_t)(from / to);
    } else if (from < to) {
        if (!shape.rank || (size_t)shape.dim[shape.rank - 1] != to / from)
            return crl_node_bad(node, CRL_ERR_FORMAT, in, err,
                                "its last dimension has to be %zu: %s have as many of its elements", to / from,
                                crl_type_name(out->type));
        shape.dim[--shape.rank] = 0;
    }
    return crl_node_shape(node, 0, &shape, err);
}

const crl_op_type crl_op_bitcast = {
    .name = "BITCAST", .code = CRL_OP_BITCAST, .in_min = 1, .in_max = 1, .out_min = 1, .out_max = 1, .prepare = prepare,
    .invoke = crl_copy_invoke,
};
