/* SPDX-License-Identifier: Apache-2.0 */
/* PACK: inputs of one shape become slices of an output with one dimension more. */
#include <string.h>

#include "ops/shapes.h"

typedef struct params {
    size_t outer; /* elements of the dimensions before the axis */
    size_t run;   /* bytes of one input at one outer index */
} params;

static crl_status prepare(crl_node *node, crl_error *err)
{
    const crl_tensor *first = node->in[0];
    crl_tensor *out = node->out[0];
    crl_status s = crl_node_accept(
        node, first, CRL_TYPE_QUANT | CRL_TYPE_INDEX | CRL_TYPE(CRL_FLOAT32) | CRL_TYPE(CRL_UINT32), err);
    if (!s) s = crl_node_same_type(node, out, first, err);
    if (s) return s;
    if (crl_node_int(node, "values_count") != node->n_in)
        return crl_fail(err, CRL_ERR_FORMAT, "values_count %d with %d inputs", crl_node_int(node, "values_count"),
                        node->n_in);
    int32_t axis;
    s = crl_node_axis(crl_node_int(node, "axis"), first->shape.rank + 1, &axis, err);
    for (int32_t i = 0; !s && i < node->n_in; i++) {
        const crl_tensor *in = node->in[i];
        if (!in) return crl_fail(err, CRL_ERR_FORMAT, "input %d is left out, but needed", i);
        s = crl_node_same_type(node, in, first, err);
        if (!s) s = crl_node_same_quant(node, in, out, err);
        if (!s && !crl_shape_equal(&in->shape, &first->shape)) {
            char a[CRL_SHAPE_TEXT], b[CRL_SHAPE_TEXT];
            s = crl_node_bad(node, CRL_ERR_FORMAT, in, err, "shape %s, input 0 has %s",
                             crl_shape_text(&in->shape, a, sizeof a), crl_shape_text(&first->shape, b, sizeof b));
        }
    }
    if (s) return s;
    if (first->shape.rank == CRL_MAX_RANK)
        return crl_node_bad(node, CRL_ERR_UNSUPPORTED, out, err, "rank %d, at most %d is supported", CRL_MAX_RANK + 1,
                            CRL_MAX_RANK);
    crl_shape shape = { .rank = first->shape.rank + 1 };
    for (int32_t d = 0; d < shape.rank; d++)
        shape.dim[d] = d == axis ? node->n_in : first->shape.dim[d < axis ? d : d - 1];
    s = crl_node_shape(node, 0, &shape, err);
    if (!s) s = crl_node_params(node, sizeof(params), err);
    if (s) return s;
    params *p = node->params;
    p->outer = crl_shape_span(&shape, 0, axis);
    p->run = crl_shape_span(&shape, axis + 1, shape.rank) * crl_type_bytes(out->type);
    return CRL_OK;
}

static crl_status invoke(const crl_node *node, crl_work *work, crl_error *err)
{
    (void)work;
    (void)err;
    const params *p = node->params;
    uint8_t *out = node->out[0]->data;
    if (!p->run) return CRL_OK;
    for (size_t o = 0; o < p->outer; o++)
        for (int32_t i = 0; i < node->n_in; i++, out += p->run)
            memcpy(out, (const uint8_t *)node->in[i]->data + o * p->run, p->run);
    return CRL_OK;
}

const crl_op_type crl_op_pack = {
    .name = "PACK", .code = CRL_OP_PACK, .in_min = 1, .in_max = -1, .out_min = 1, .out_max = 1, .prepare = prepare, .invoke = invoke,
};
