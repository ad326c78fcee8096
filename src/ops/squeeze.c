/* SPDX-License-Identifier: Apache-2.0 */
/* SQUEEZE: dimensions of 1 are left out; all of them, or those of the option squeeze_dims. */
#include "ops/shapes.h"

static crl_status prepare(crl_node *node, crl_error *err)
{
    const crl_tensor *in = node->in[0];
    const crl_option *dims = crl_operator_option(node->def, "squeeze_dims");
    crl_status s = crl_node_accept(node, in, CRL_TYPE_MOVED, err);
    if (!s) s = crl_node_same_type(node, node->out[0], in, err);
    if (s) return s;
    bool drop[CRL_MAX_RANK] = { false };
    for (int32_t d = 0; d < in->shape.rank && dims->n == 0; d++) drop[d] = in->shape.dim[d] == 1;
    for (int32_t i = 0; i < dims->n; i++) {
        int32_t axis;
        s = crl_node_axis(dims->v[i], in->shape.rank, &axis, err);
        if (s) return s;
        if (in->shape.dim[axis] != 1)
            return crl_node_bad(node, CRL_ERR_FORMAT, in, err, "dimension %d is %d, only 1 can be left out", axis,
                                in->shape.dim[axis]);
        drop[axis] = true;
    }
    crl_shape shape = { 0 };
    for (int32_t d = 0; d < in->shape.rank; d++)
        if (!drop[d]) shape.dim[shape.rank++] = in->shape.dim[d];
    return crl_node_shape(node, 0, &shape, err);
}

const crl_op_type crl_op_squeeze = {
    .name = "SQUEEZE", .code = CRL_OP_SQUEEZE, .in_min = 1, .in_max = 1, .out_min = 1, .out_max = 1, .prepare = prepare, .invoke = crl_copy_invoke,
};
