/* SPDX-License-Identifier: Apache-2.0 */
/* REVERSE_V2: the input backwards along one or more axes. */
#include "ops/shapes.h"

static crl_status prepare(crl_node *node, crl_error *err)
{
    const crl_tensor *in = node->in[0], *axes = node->in[1];
    crl_status s = crl_node_accept(node, in,
                                   CRL_TYPE_QUANT | CRL_TYPE_INDEX | CRL_TYPE(CRL_FLOAT32) | CRL_TYPE(CRL_FLOAT16) |
                                       CRL_TYPE(CRL_BFLOAT16) | CRL_TYPE(CRL_BOOL),
                                   err);
    if (!s) s = crl_node_same_type(node, node->out[0], in, err);
    int64_t list[CRL_MAX_RANK];
    int32_t n;
    if (!s) s = crl_node_const_ints(node, axes, CRL_TYPE(CRL_INT32), list, CRL_MAX_RANK, &n, err);
    if (!s) s = crl_node_same_shape(node, 0, 0, err);
    if (!s) s = crl_node_params(node, sizeof(crl_move), err);
    if (s) return s;
    bool back[CRL_MAX_RANK] = { false };
    for (int32_t i = 0; i < n; i++) {
        int32_t axis;
        s = crl_node_axis(list[i], in->shape.rank, &axis, err);
        if (s) return s;
        if (back[axis]) return crl_node_bad(node, CRL_ERR_FORMAT, axes, err, "axis %d comes twice", axis);
        back[axis] = true;
    }
    crl_move *m = node->params;
    ptrdiff_t step[CRL_MAX_RANK];
    crl_tensor_steps(in, step);
    m->strided.size = crl_type_bytes(in->type);
    for (int32_t d = 0; d < in->shape.rank; d++) {
        const int32_t dim = in->shape.dim[d];
        if (back[d] && dim && in->bytes) m->in_offset += (size_t)(dim - 1) * (size_t)step[d];
        crl_strided_add(&m->strided, (size_t)dim, step[d], back[d] ? -step[d] : step[d]);
    }
    crl_strided_finish(&m->strided);
    return CRL_OK;
}

const crl_op_type crl_op_reverse_v2 = {
    .name = "REVERSE_V2",
    .code = CRL_OP_REVERSE_V2,
    .in_min = 2,
    .in_max = 2,
    .out_min = 1,
    .out_max = 1,
    .prepare = prepare,
    .invoke = crl_move_invoke,
};
