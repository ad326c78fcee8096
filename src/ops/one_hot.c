/* SPDX-License-Identifier: Apache-2.0 */
/* ONE_HOT: a new dimension of `depth` elements; on_value where the index says, off_value elsewhere. An index out
 * of range is legal: all are off. */
#include <string.h>

#include "ops/shapes.h"

enum { INDICES, DEPTH, ON, OFF }; /* inputs */

typedef struct params {
    size_t outer, inner; /* indices [outer][inner], output [outer][depth][inner] */
    int64_t depth;
} params;

static crl_status check_value(const crl_node *node, int32_t i, crl_error *err)
{
    const crl_tensor *t = node->in[i];
    if (crl_shape_count(&t->shape) != 1)
        return crl_node_bad(node, CRL_ERR_FORMAT, t, err, "%zu elements, one is needed", crl_shape_count(&t->shape));
    return crl_node_same_type(node, t, node->out[0], err);
}

static crl_status prepare(crl_node *node, crl_error *err)
{
    const crl_tensor *indices = node->in[INDICES];
    crl_status s = crl_node_accept(node, indices, CRL_TYPE_INDEX, err);
    if (!s) s = crl_node_accept(node, node->out[0], CRL_TYPE_8BIT | CRL_TYPE_INDEX | CRL_TYPE(CRL_FLOAT32) | CRL_TYPE(CRL_BOOL), err);
    if (!s) s = check_value(node, 2, err);
    if (!s) s = check_value(node, 3, err);
    int64_t depth;
    if (!s) s = crl_node_const_int(node, node->in[DEPTH], CRL_TYPE(CRL_INT32), &depth, err);
    if (s) return s;
    if (depth < 0) return crl_node_bad(node, CRL_ERR_FORMAT, node->in[DEPTH], err, "depth %lld", (long long)depth);
    const int32_t rank = indices->shape.rank + 1, given = crl_node_int(node, "axis");
    const int32_t axis = given == -1 ? indices->shape.rank : given;
    if (axis < 0 || axis >= rank) return crl_fail(err, CRL_ERR_FORMAT, "axis %d: -1 to %d is accepted", given, rank - 1);
    if (rank > CRL_MAX_RANK)
        return crl_node_bad(node, CRL_ERR_UNSUPPORTED, node->out[0], err, "rank %d, at most %d is supported", rank, CRL_MAX_RANK);
    crl_shape shape = { .rank = rank };
    for (int32_t d = 0; d < rank; d++)
        shape.dim[d] = d == axis ? (int32_t)depth : indices->shape.dim[d < axis ? d : d - 1];
    s = crl_node_shape(node, 0, &shape, err);
    if (!s) s = crl_node_params(node, sizeof(params), err);
    if (s) return s;
    *(params *)node->params = (params){ .outer = crl_shape_span(&indices->shape, 0, axis),
                                        .inner = crl_shape_span(&indices->shape, axis, indices->shape.rank),
                                        .depth = depth };
    return CRL_OK;
}

static crl_status invoke(const crl_node *node, crl_work *work, crl_error *err)
{
    (void)work;
    (void)err;
    const params *p = node->params;
    const crl_tensor *out = node->out[0];
    const size_t size = crl_type_bytes(out->type);
    crl_fill(out->data, node->in[OFF]->data, size, crl_shape_count(&out->shape));
    for (size_t o = 0; o < p->outer; o++)
        for (size_t i = 0; i < p->inner; i++) {
            const int64_t k = crl_tensor_int(node->in[INDICES], o * p->inner + i);
            if (k < 0 || k >= p->depth) continue;
            const size_t at = (o * (size_t)p->depth + (size_t)k) * p->inner + i;
            memcpy((uint8_t *)out->data + at * size, node->in[ON]->data, size);
        }
    return CRL_OK;
}

const crl_op_type crl_op_one_hot = {
    .name = "ONE_HOT", .code = CRL_OP_ONE_HOT, .in_min = 4, .in_max = 4, .out_min = 1, .out_max = 1, .prepare = prepare, .invoke = invoke,
};
