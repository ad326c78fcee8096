/* SPDX-License-Identifier: Apache-2.0 */
/* CUMSUM: running sums along an axis; exclusive ones leave the element itself out, reverse ones begin at the end. */
#include "ops/shapes.h"

typedef struct params {
    size_t outer, n, inner; /* the input as [outer][n][inner] */
    bool exclusive, reverse;
} params;

static crl_status prepare(crl_node *node, crl_error *err)
{
    const crl_tensor *in = node->in[0];
    crl_status s = crl_node_accept(node, in, CRL_TYPE_INDEX | CRL_TYPE(CRL_FLOAT32), err);
    if (!s) s = crl_node_same_type(node, node->out[0], in, err);
    int64_t given;
    if (!s) s = crl_node_const_int(node, node->in[1], CRL_TYPE(CRL_INT32), &given, err);
    int32_t axis;
    if (!s) s = crl_node_axis(given, in->shape.rank, &axis, err);
    if (!s) s = crl_node_same_shape(node, 0, 0, err);
    if (!s) s = crl_node_params(node, sizeof(params), err);
    if (s) return s;
    *(params *)node->params = (params){ .outer = crl_shape_span(&in->shape, 0, axis),
                                        .n = (size_t)in->shape.dim[axis],
                                        .inner = crl_shape_span(&in->shape, axis + 1, in->shape.rank),
                                        .exclusive = crl_node_bool(node, "exclusive"),
                                        .reverse = crl_node_bool(node, "reverse") };
    return CRL_OK;
}

static void sum_f32(const params *p, const float *in, float *out, size_t first)
{
    float sum = 0;
    for (size_t k = 0; k < p->n; k++) {
        const size_t at = first + (p->reverse ? p->n - 1 - k : k) * p->inner;
        if (p->exclusive) out[at] = sum;
        sum += in[at];
        if (!p->exclusive) out[at] = sum;
    }
}

/* Sums wrap. */
static void sum_int(const params *p, const crl_tensor *in, const crl_tensor *out, size_t first)
{
    uint64_t sum = 0;
    for (size_t k = 0; k < p->n; k++) {
        const size_t at = first + (p->reverse ? p->n - 1 - k : k) * p->inner;
        const uint64_t next = sum + (uint64_t)crl_tensor_int(in, at);
        const uint64_t v = p->exclusive ? sum : next;
        if (in->type == CRL_INT32)
            ((int32_t *)out->data)[at] = (int32_t)(uint32_t)v;
        else
            ((int64_t *)out->data)[at] = (int64_t)v;
        sum = next;
    }
}

static crl_status invoke(const crl_node *node, crl_work *work, crl_error *err)
{
    (void)work;
    (void)err;
    const params *p = node->params;
    const crl_tensor *in = node->in[0], *out = node->out[0];
    for (size_t o = 0; o < p->outer; o++)
        for (size_t i = 0; i < p->inner; i++) {
            const size_t first = o * p->n * p->inner + i;
            if (in->type == CRL_FLOAT32)
                sum_f32(p, in->data, out->data, first);
            else
                sum_int(p, in, out, first);
        }
    return CRL_OK;
}

const crl_op_type crl_op_cumsum = {
    .name = "CUMSUM", .code = CRL_OP_CUMSUM, .in_min = 2, .in_max = 2, .out_min = 1, .out_max = 1, .prepare = prepare, .invoke = invoke,
};
