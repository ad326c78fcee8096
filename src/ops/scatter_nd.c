/* SPDX-License-Identifier: Apache-2.0 */
/* SCATTER_ND: slices are added into an output of zeros, each where a row of indices says. */
#include <string.h>

#include "ops/shapes.h"

enum { INDICES, UPDATES, SHAPE }; /* inputs */

typedef struct params {
    int32_t depth; /* indices in a row */
    size_t rows;
    size_t run;                /* elements of a slice */
    size_t step[CRL_MAX_RANK]; /* elements from one index to the next */
} params;

static crl_status read_shape(const crl_node *node, crl_shape *shape, crl_error *err)
{
    int64_t list[CRL_MAX_RANK];
    int32_t n;
    crl_status s = crl_node_const_ints(node, node->in[SHAPE], CRL_TYPE(CRL_INT32), list, CRL_MAX_RANK, &n, err);
    if (s) return s;
    *shape = (crl_shape){ .rank = n };
    for (int32_t d = 0; d < n; d++) shape->dim[d] = (int32_t)list[d];
    return CRL_OK;
}

static crl_status prepare(crl_node *node, crl_error *err)
{
    const crl_tensor *indices = node->in[INDICES], *updates = node->in[UPDATES];
    crl_status s = crl_node_accept(node, indices, CRL_TYPE(CRL_INT32), err);
    if (!s) s = crl_node_accept(node, updates, CRL_TYPE_8BIT | CRL_TYPE_INDEX | CRL_TYPE(CRL_FLOAT32) | CRL_TYPE(CRL_BOOL), err);
    if (!s) s = crl_node_same_type(node, node->out[0], updates, err);
    crl_shape shape;
    if (!s) s = read_shape(node, &shape, err);
    if (!s) s = crl_node_shape(node, 0, &shape, err);
    if (s) return s;
    const int32_t lead = indices->shape.rank - 1;
    const int32_t depth = lead < 0 ? 0 : indices->shape.dim[lead];
    bool fits = lead >= 0 && depth <= shape.rank && updates->shape.rank == lead + shape.rank - depth;
    for (int32_t d = 0; fits && d < updates->shape.rank; d++)
        fits = updates->shape.dim[d] == (d < lead ? indices->shape.dim[d] : shape.dim[depth + d - lead]);
    if (!fits) {
        char a[CRL_SHAPE_TEXT], b[CRL_SHAPE_TEXT], c[CRL_SHAPE_TEXT];
        return crl_fail(err, CRL_ERR_FORMAT, "indices %s and updates %s do not fit an output of %s",
                        crl_shape_text(&indices->shape, a, sizeof a), crl_shape_text(&updates->shape, b, sizeof b),
                        crl_shape_text(&shape, c, sizeof c));
    }
    s = crl_node_params(node, sizeof(params), err);
    if (s) return s;
    params *p = node->params;
    p->depth = depth;
    p->rows = crl_shape_span(&indices->shape, 0, lead);
    p->run = crl_shape_span(&shape, depth, shape.rank);
    for (int32_t d = 0; d < depth; d++) p->step[d] = crl_shape_span(&shape, d + 1, shape.rank);
    return CRL_OK;
}

/* out[i] += in[i] for n elements; integers wrap, of booleans one is enough. */
static void add(crl_type type, void *out, const void *in, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        switch (type) {
        case CRL_FLOAT32: ((float *)out)[i] += ((const float *)in)[i]; break;
        case CRL_INT32: ((uint32_t *)out)[i] += ((const uint32_t *)in)[i]; break;
        case CRL_INT64: ((uint64_t *)out)[i] += ((const uint64_t *)in)[i]; break;
        case CRL_BOOL: ((uint8_t *)out)[i] = ((uint8_t *)out)[i] || ((const uint8_t *)in)[i]; break;
        default: ((uint8_t *)out)[i] = (uint8_t)(((uint8_t *)out)[i] + ((const uint8_t *)in)[i]);
        }
    }
}

static crl_status invoke(const crl_node *node, crl_work *work, crl_error *err)
{
    (void)work;
    const params *p = node->params;
    const crl_tensor *indices = node->in[INDICES], *updates = node->in[UPDATES], *out = node->out[0];
    const size_t size = crl_type_bytes(out->type);
    memset(out->data, 0, out->bytes);
    for (size_t r = 0; r < p->rows; r++) {
        size_t at = 0;
        for (int32_t d = 0; d < p->depth; d++) {
            const int64_t i = crl_tensor_int(indices, r * (size_t)p->depth + (size_t)d);
            if (i < 0 || i >= out->shape.dim[d])
                return crl_node_bad(node, CRL_ERR_FORMAT, indices, err,
                                    "row %zu: index %lld of dimension %d, which has %d elements", r, (long long)i, d,
                                    out->shape.dim[d]);
            at += (size_t)i * p->step[d];
        }
        if (p->run)
            add(out->type, (uint8_t *)out->data + at * size, (const uint8_t *)updates->data + r * p->run * size, p->run);
    }
    return CRL_OK;
}

const crl_op_type crl_op_scatter_nd = {
    .name = "SCATTER_ND", .code = CRL_OP_SCATTER_ND, .in_min = 3, .in_max = 3, .out_min = 1, .out_max = 1, .prepare = prepare, .invoke = invoke,
};
