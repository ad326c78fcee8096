/* SPDX-License-Identifier: Apache-2.0 */
/* SPARSE_TO_DENSE: an output of one value, and others where rows of indices say. The last one wins. */
#include <string.h>

#include "ops/shapes.h"

enum { INDICES, SHAPE, VALUES, PRESET }; /* inputs */

enum { MAX_DEPTH = 4 };

static crl_status read_shape(const crl_node *node, crl_shape *shape, crl_error *err)
{
    int64_t list[MAX_DEPTH];
    int32_t n;
    crl_status s = crl_node_const_ints(node, node->in[SHAPE], CRL_TYPE_INDEX, list, MAX_DEPTH, &n, err);
    if (s) return s;
    *shape = (crl_shape){ .rank = n };
    for (int32_t d = 0; d < n; d++) {
        if (list[d] < 0 || list[d] > INT32_MAX)
            return crl_node_bad(node, CRL_ERR_FORMAT, node->in[SHAPE], err, "element %d is %lld", d, (long long)list[d]);
        shape->dim[d] = (int32_t)list[d];
    }
    return CRL_OK;
}

static crl_status prepare(crl_node *node, crl_error *err)
{
    const crl_tensor *indices = node->in[INDICES], *values = node->in[VALUES], *preset = node->in[PRESET];
    crl_status s = crl_node_accept(node, indices, CRL_TYPE_INDEX, err);
    if (!s) s = crl_node_accept(node, values, CRL_TYPE_8BIT | CRL_TYPE_INDEX | CRL_TYPE(CRL_FLOAT32), err);
    if (!s) s = crl_node_same_type(node, preset, values, err);
    if (!s) s = crl_node_same_type(node, node->out[0], values, err);
    crl_shape shape;
    if (!s) s = read_shape(node, &shape, err);
    if (s) return s;
    if (crl_shape_count(&preset->shape) != 1)
        return crl_node_bad(node, CRL_ERR_FORMAT, preset, err, "%zu elements, there has to be one", crl_shape_count(&preset->shape));
    const int32_t depth = indices->shape.rank == 2 ? indices->shape.dim[1] : 1;
    if (indices->shape.rank > 2 || depth != shape.rank || depth < 1)
        return crl_node_bad(node, CRL_ERR_FORMAT, indices, err, "it has to be [rows,%d], or a list where the output is one",
                            shape.rank);
    const size_t rows = crl_shape_span(&indices->shape, 0, indices->shape.rank == 2 ? 1 : indices->shape.rank);
    if (values->shape.rank > 1 || (values->shape.rank == 1 && crl_shape_count(&values->shape) != rows))
        return crl_node_bad(node, CRL_ERR_FORMAT, values, err, "it has to be one value, or a list of %zu", rows);
    return crl_node_shape(node, 0, &shape, err);
}

static crl_status invoke(const crl_node *node, crl_work *work, crl_error *err)
{
    (void)work;
    const crl_tensor *indices = node->in[INDICES], *values = node->in[VALUES], *out = node->out[0];
    const size_t size = crl_type_bytes(out->type), n = crl_shape_count(&out->shape);
    const size_t depth = (size_t)out->shape.rank, rows = crl_shape_count(&indices->shape) / depth;
    uint8_t *to = out->data;
    for (size_t i = 0; i < n; i++) memcpy(to + i * size, node->in[PRESET]->data, size);
    for (size_t r = 0; r < rows; r++) {
        size_t at = 0;
        for (size_t d = 0; d < depth; d++) {
            const int64_t i = crl_tensor_int(indices, r * depth + d);
            if (i < 0 || i >= out->shape.dim[d])
                return crl_node_bad(node, CRL_ERR_ARGUMENT, indices, err,
                                    "row %zu: index %lld of dimension %zu, which has %d elements", r, (long long)i, d,
                                    out->shape.dim[d]);
            at = at * (size_t)out->shape.dim[d] + (size_t)i;
        }
        memcpy(to + at * size, (const uint8_t *)values->data + (values->shape.rank ? r * size : 0), size);
    }
    return CRL_OK;
}

const crl_op_type crl_op_sparse_to_dense = {
    .name = "SPARSE_TO_DENSE", .code = CRL_OP_SPARSE_TO_DENSE, .in_min = 4, .in_max = 4, .out_min = 1, .out_max = 1, .prepare = prepare,
    .invoke = invoke,
};
