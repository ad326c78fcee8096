/* SPDX-License-Identifier: Apache-2.0 */
/* REVERSE_SEQUENCE: along one axis the first elements backwards, the others as they are; how many, each index of the batch says. */
#include <string.h>

#include "ops/shapes.h"

typedef struct params {
    int32_t sequence, batch;
} params;

static crl_status prepare(crl_node *node, crl_error *err)
{
    const crl_tensor *in = node->in[0], *lengths = node->in[1];
    crl_status s = crl_node_accept(node, in, CRL_TYPE(CRL_UINT8) | CRL_TYPE(CRL_INT16) | CRL_TYPE_INDEX | CRL_TYPE(CRL_FLOAT32), err);
    if (!s) s = crl_node_same_type(node, node->out[0], in, err);
    if (!s) s = crl_node_accept(node, lengths, CRL_TYPE_INDEX, err);
    if (!s) s = crl_node_params(node, sizeof(params), err);
    if (s) return s;
    params *p = node->params;
    *p = (params){ .sequence = crl_node_int(node, "seq_dim"), .batch = crl_node_int(node, "batch_dim") };
    const int32_t rank = in->shape.rank;
    if (p->sequence < 0 || p->sequence >= rank || p->batch < 0 || p->batch >= rank || p->sequence == p->batch)
        return crl_fail(err, CRL_ERR_FORMAT, "seq_dim %d and batch_dim %d of an input of rank %d", p->sequence, p->batch, rank);
    if (lengths->shape.rank != 1 || lengths->shape.dim[0] != in->shape.dim[p->batch])
        return crl_node_bad(node, CRL_ERR_FORMAT, lengths, err, "it has to be [%d], the size of the batch",
                            in->shape.dim[p->batch]);
    return crl_node_same_shape(node, 0, 0, err);
}

static crl_status check_lengths(const crl_node *node, int32_t most, crl_error *err)
{
    const crl_tensor *lengths = node->in[1];
    for (int32_t i = 0; i < lengths->shape.dim[0]; i++) {
        const int64_t n = crl_tensor_int(lengths, (size_t)i);
        if (n > most)
            return crl_node_bad(node, CRL_ERR_ARGUMENT, lengths, err, "element %d is %lld, the sequences have %d", i, (long long)n,
                                most);
    }
    return CRL_OK;
}

/* Seen as [outer][first][medium][last][run], where first and last are the two axes in the order of the shape. */
static crl_status invoke(const crl_node *node, crl_work *work, crl_error *err)
{
    (void)work;
    const params *p = node->params;
    const crl_tensor *in = node->in[0], *lengths = node->in[1];
    const crl_shape *shape = &in->shape;
    crl_status s = check_lengths(node, shape->dim[p->sequence], err);
    if (s || !in->bytes) return s;
    const bool batch_first = p->batch < p->sequence;
    const int32_t first = batch_first ? p->batch : p->sequence, last = batch_first ? p->sequence : p->batch;
    const size_t outer = crl_shape_span(shape, 0, first), n_first = (size_t)shape->dim[first];
    const size_t medium = crl_shape_span(shape, first + 1, last), n_last = (size_t)shape->dim[last];
    const size_t run = crl_shape_span(shape, last + 1, shape->rank) * crl_type_bytes(in->type);
    const uint8_t *from = in->data;
    uint8_t *out = node->out[0]->data;
    for (size_t o = 0; o < outer; o++)
        for (size_t f = 0; f < n_first; f++)
            for (size_t m = 0; m < medium; m++)
                for (size_t l = 0; l < n_last; l++, from += run) {
                    const size_t batch = batch_first ? f : l, at = batch_first ? l : f;
                    const int64_t length = crl_tensor_int(lengths, batch);
                    const size_t to = (int64_t)at < length ? (size_t)length - 1 - at : at;
                    const size_t row = (o * n_first + (batch_first ? f : to)) * medium + m;
                    memcpy(out + (row * n_last + (batch_first ? to : l)) * run, from, run);
                }
    return CRL_OK;
}

const crl_op_type crl_op_reverse_sequence = {
    .name = "REVERSE_SEQUENCE", .code = CRL_OP_REVERSE_SEQUENCE, .in_min = 2, .in_max = 2, .out_min = 1, .out_max = 1, .prepare = prepare,
    .invoke = invoke,
};
