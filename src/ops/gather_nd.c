/* SPDX-License-Identifier: Apache-2.0 */
/* GATHER_ND: each row of the indices names a slice of the input by its first dimensions. */
#include <string.h>

#include "ops/shapes.h"

typedef struct params {
    int32_t depth;              /* indices in a row */
    size_t rows;
    size_t run;                 /* bytes of a slice */
    size_t step[CRL_MAX_RANK];  /* bytes from one index to the next */
} params;

static crl_status prepare(crl_node *node, crl_error *err)
{
    const crl_tensor *in = node->in[0], *indices = node->in[1];
    crl_tensor *out = node->out[0];
    crl_status s = crl_node_accept(node, in,
                                   CRL_TYPE_QUANT | CRL_TYPE_INDEX | CRL_TYPE(CRL_FLOAT32) | CRL_TYPE(CRL_FLOAT16) |
                                       CRL_TYPE(CRL_BFLOAT16) | CRL_TYPE(CRL_BOOL),
                                   err);
    if (!s) s = crl_node_same_type(node, out, in, err);
    if (!s) s = crl_node_accept(node, indices, CRL_TYPE_INDEX | CRL_TYPE(CRL_INT16), err);
    if (s) return s;
    const int32_t lead = indices->shape.rank - 1;
    if (in->shape.rank < 1 || lead < 0)
        return crl_fail(err, CRL_ERR_FORMAT, "input and indices need at least one dimension");
    const int32_t depth = indices->shape.dim[lead];
    if (depth > in->shape.rank)
        return crl_node_bad(node, CRL_ERR_FORMAT, indices, err, "rows of %d indices for an input with %d dimensions",
                            depth, in->shape.rank);
    const int32_t rank = lead + in->shape.rank - depth;
    if (rank > CRL_MAX_RANK)
        return crl_node_bad(node, CRL_ERR_UNSUPPORTED, out, err, "rank %d, at most %d is supported", rank, CRL_MAX_RANK);
    crl_shape shape = { .rank = rank };
    for (int32_t d = 0; d < rank; d++)
        shape.dim[d] = d < lead ? indices->shape.dim[d] : in->shape.dim[depth + d - lead];
    s = crl_node_shape(node, 0, &shape, err);
    if (!s) s = crl_node_params(node, sizeof(params), err);
    if (s) return s;
    params *p = node->params;
    p->depth = depth;
    p->rows = crl_shape_span(&indices->shape, 0, lead);
    p->run = crl_shape_span(&in->shape, depth, in->shape.rank) * crl_type_bytes(in->type);
    for (int32_t d = 0; d < depth; d++)
        p->step[d] = crl_shape_span(&in->shape, d + 1, in->shape.rank) * crl_type_bytes(in->type);
    return CRL_OK;
}

/* A slice of one number needs no call. */
static void copy(uint8_t *to, const uint8_t *from, size_t bytes)
{
    if (bytes == 1)
        *to = *from;
    else if (bytes == 4)
        memcpy(to, from, 4);
    else if (bytes)
        memcpy(to, from, bytes);
}

static crl_status invoke(const crl_node *node, crl_work *work, crl_error *err)
{
    (void)work;
    const params *p = node->params;
    const crl_tensor *in = node->in[0], *indices = node->in[1];
    const int32_t *narrow = indices->type == CRL_INT32 ? indices->data : NULL;
    const int64_t *wide = indices->type == CRL_INT64 ? indices->data : NULL;
    uint8_t *out = node->out[0]->data;
    for (size_t r = 0, k = 0; r < p->rows; r++) {
        size_t at = 0;
        for (int32_t d = 0; d < p->depth; d++, k++) {
            const int64_t i = wide ? wide[k] : narrow ? narrow[k] : crl_tensor_int(indices, k);
            if (i < 0 || i >= in->shape.dim[d])
                return crl_node_bad(node, CRL_ERR_FORMAT, indices, err,
                                    "row %zu: index %lld of dimension %d, which has %d elements", r, (long long)i, d,
                                    in->shape.dim[d]);
            at += (size_t)i * p->step[d];
        }
        copy(out + r * p->run, (const uint8_t *)in->data + at, p->run);
    }
    return CRL_OK;
}

const crl_op_type crl_op_gather_nd = {
    .name = "GATHER_ND", .code = CRL_OP_GATHER_ND, .in_min = 2, .in_max = 2, .out_min = 1, .out_max = 1, .prepare = prepare, .invoke = invoke,
};
