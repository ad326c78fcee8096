/* SPDX-License-Identifier: Apache-2.0 */
/* UNPACK: the slices of an input along one axis, each an output with one dimension less. */
#include <string.h>

#include "ops/shapes.h"

typedef struct params {
    size_t outer; /* elements of the dimensions before the axis */
    size_t run;   /* bytes of one output at one outer index */
} params;

static crl_status prepare(crl_node *node, crl_error *err)
{
    const crl_tensor *in = node->in[0];
    crl_status s = crl_node_accept(node, in,
                                   CRL_TYPE_QUANT | CRL_TYPE(CRL_INT32) | CRL_TYPE(CRL_FLOAT32) |
                                       CRL_TYPE(CRL_FLOAT16) | CRL_TYPE(CRL_BFLOAT16) | CRL_TYPE(CRL_BOOL),
                                   err);
    int32_t axis;
    if (!s) s = crl_node_axis(crl_node_int(node, "axis"), in->shape.rank, &axis, err);
    if (s) return s;
    const int32_t num = crl_node_int(node, "num");
    if (num != node->n_out || num != in->shape.dim[axis])
        return crl_node_bad(node, CRL_ERR_FORMAT, in, err, "%d slices on axis %d, num is %d and there are %d outputs",
                            in->shape.dim[axis], axis, num, node->n_out);
    crl_shape shape = { .rank = in->shape.rank - 1 };
    for (int32_t d = 0; d < shape.rank; d++) shape.dim[d] = in->shape.dim[d < axis ? d : d + 1];
    for (int32_t i = 0; i < num; i++) {
        s = crl_node_same_type(node, node->out[i], in, err);
        if (!s) s = crl_node_same_quant(node, node->out[i], in, err);
        if (!s) s = crl_node_shape(node, i, &shape, err);
        if (s) return s;
    }
    s = crl_node_params(node, sizeof(params), err);
    if (s) return s;
    params *p = node->params;
    p->outer = crl_shape_span(&shape, 0, axis);
    p->run = crl_shape_span(&shape, axis, shape.rank) * crl_type_bytes(in->type);
    return CRL_OK;
}

static crl_status invoke(const crl_node *node, crl_work *work, crl_error *err)
{
    (void)work;
    (void)err;
    const params *p = node->params;
    const uint8_t *in = node->in[0]->data;
    if (!p->run) return CRL_OK;
    for (size_t o = 0; o < p->outer; o++)
        for (int32_t i = 0; i < node->n_out; i++, in += p->run)
            memcpy((uint8_t *)node->out[i]->data + o * p->run, in, p->run);
    return CRL_OK;
}

const crl_op_type crl_op_unpack = {
    .name = "UNPACK", .code = CRL_OP_UNPACK, .in_min = 1, .in_max = 1, .out_min = 1, .out_max = -1, .prepare = prepare, .invoke = invoke,
};
