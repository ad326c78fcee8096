/* SPDX-License-Identifier: Apache-2.0 */
/* GATHER: slices of the input along one axis, named by indices.
 * The first batch_dims dimensions of input and indices go together. */
#include <string.h>

#include "ops/shapes.h"

typedef struct params {
    size_t batches; /* input [batches][outer][n][run], indices [batches][count] */
    size_t outer, count, run;
    int32_t n;
} params;

static crl_status prepare(crl_node *node, crl_error *err)
{
    const crl_tensor *in = node->in[0], *indices = node->in[1];
    crl_status s = crl_node_accept(node, in,
                                   CRL_TYPE_QUANT | CRL_TYPE_INDEX | CRL_TYPE(CRL_FLOAT32) | CRL_TYPE(CRL_FLOAT16) |
                                       CRL_TYPE(CRL_BFLOAT16) | CRL_TYPE(CRL_BOOL),
                                   err);
    if (!s) s = crl_node_same_type(node, node->out[0], in, err);
    if (!s) s = crl_node_accept(node, indices, CRL_TYPE_INDEX | CRL_TYPE(CRL_INT16), err);
    int32_t axis;
    if (!s) s = crl_node_axis(crl_node_int(node, "axis"), in->shape.rank, &axis, err);
    if (s) return s;
    int32_t batch = crl_node_int(node, "batch_dims");
    if (batch < 0) batch += indices->shape.rank;
    if (batch < 0 || batch > indices->shape.rank || batch > axis)
        return crl_fail(err, CRL_ERR_FORMAT, "batch_dims %d with axis %d and indices of rank %d",
                        crl_node_int(node, "batch_dims"), axis, indices->shape.rank);
    for (int32_t d = 0; d < batch; d++)
        if (in->shape.dim[d] != indices->shape.dim[d])
            return crl_node_bad(node, CRL_ERR_FORMAT, indices, err, "dimension %d is %d, the input has %d", d,
                                indices->shape.dim[d], in->shape.dim[d]);
    const int32_t rank = in->shape.rank - 1 + indices->shape.rank - batch;
    if (rank > CRL_MAX_RANK)
        return crl_node_bad(node, CRL_ERR_UNSUPPORTED, node->out[0], err, "rank %d, at most %d is supported", rank, CRL_MAX_RANK);
    crl_shape shape = { 0 };
    for (int32_t d = 0; d < axis; d++) shape.dim[shape.rank++] = in->shape.dim[d];
    for (int32_t d = batch; d < indices->shape.rank; d++) shape.dim[shape.rank++] = indices->shape.dim[d];
    for (int32_t d = axis + 1; d < in->shape.rank; d++) shape.dim[shape.rank++] = in->shape.dim[d];
    s = crl_node_shape(node, 0, &shape, err);
    if (!s) s = crl_node_params(node, sizeof(params), err);
    if (s) return s;
    *(params *)node->params = (params){
        .batches = crl_shape_span(&in->shape, 0, batch),
        .outer = crl_shape_span(&in->shape, batch, axis),
        .n = in->shape.dim[axis],
        .run = crl_shape_span(&in->shape, axis + 1, in->shape.rank) * crl_type_bytes(in->type),
        .count = crl_shape_span(&indices->shape, batch, indices->shape.rank),
    };
    return CRL_OK;
}

static crl_status check_indices(const crl_node *node, const params *p, crl_error *err)
{
    const crl_tensor *indices = node->in[1];
    for (size_t i = 0; i < p->batches * p->count; i++) {
        const int64_t index = crl_tensor_int(indices, i);
        if (index < 0 || index >= p->n)
            return crl_node_bad(node, CRL_ERR_FORMAT, indices, err, "element %zu is %lld, the axis has %d elements", i,
                                (long long)index, p->n);
    }
    return CRL_OK;
}

static crl_status invoke(const crl_node *node, crl_work *work, crl_error *err)
{
    (void)work;
    const params *p = node->params;
    crl_status s = check_indices(node, p, err);
    if (s || !node->out[0]->bytes) return s;
    const uint8_t *in = node->in[0]->data;
    uint8_t *out = node->out[0]->data;
    for (size_t b = 0; b < p->batches; b++)
        for (size_t o = 0; o < p->outer; o++, in += (size_t)p->n * p->run)
            for (size_t i = 0; i < p->count; i++, out += p->run)
                memcpy(out, in + (size_t)crl_tensor_int(node->in[1], b * p->count + i) * p->run, p->run);
    return CRL_OK;
}

const crl_op_type crl_op_gather = {
    .name = "GATHER", .code = CRL_OP_GATHER, .in_min = 2, .in_max = 2, .out_min = 1, .out_max = 1, .prepare = prepare, .invoke = invoke,
};
