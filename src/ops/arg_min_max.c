/* SPDX-License-Identifier: Apache-2.0 */
/* ARG_MAX, ARG_MIN: where along one axis the largest or smallest element is; the first of equals. */
#include "ops/shapes.h"

typedef struct params {
    size_t outer, n, inner; /* the input as [outer][n][inner] */
    bool max;
} params;

static crl_status prepare(crl_node *node, crl_error *err, bool max)
{
    const crl_tensor *in = node->in[0];
    crl_tensor *out = node->out[0];
    crl_status s = crl_node_accept(
        node, in, CRL_TYPE_8BIT | CRL_TYPE(CRL_FLOAT32) | CRL_TYPE(CRL_INT32) | CRL_TYPE(CRL_BOOL), err);
    if (!s) s = crl_node_accept(node, out, CRL_TYPE_INDEX, err);
    int64_t given;
    if (!s) s = crl_node_const_int(node, node->in[1], CRL_TYPE_INDEX, &given, err);
    int32_t axis;
    if (!s) s = crl_node_axis(given, in->shape.rank, &axis, err);
    if (s) return s;
    if (in->shape.dim[axis] == 0)
        return crl_node_bad(node, CRL_ERR_FORMAT, in, err, "axis %d is empty, there is nothing to compare", axis);
    crl_shape shape = { .rank = in->shape.rank - 1 };
    for (int32_t d = 0; d < shape.rank; d++) shape.dim[d] = in->shape.dim[d < axis ? d : d + 1];
    s = crl_node_shape(node, 0, &shape, err);
    if (!s) s = crl_node_params(node, sizeof(params), err);
    if (s) return s;
    *(params *)node->params = (params){ .outer = crl_shape_span(&in->shape, 0, axis),
                                        .n = (size_t)in->shape.dim[axis],
                                        .inner = crl_shape_span(&in->shape, axis + 1, in->shape.rank),
                                        .max = max };
    return CRL_OK;
}

static crl_status prepare_max(crl_node *node, crl_error *err)
{
    return prepare(node, err, true);
}

static crl_status prepare_min(crl_node *node, crl_error *err)
{
    return prepare(node, err, false);
}

/* Element 0 is element 0 of a line of n elements, `step` apart. A smaller one's negative is larger: `flip`
 * makes one search serve both; 8-bit and 32-bit integers are exact in 64 bits. */
static size_t search_int(const crl_tensor *in, size_t at, size_t n, size_t step, bool max)
{
    const int64_t flip = max ? 1 : -1;
    int64_t best = flip * crl_tensor_int(in, at);
    size_t index = 0;
    for (size_t i = 1; i < n; i++) {
        const int64_t v = flip * crl_tensor_int(in, at + i * step);
        if (v > best) best = v, index = i;
    }
    return index;
}

static size_t search_f32(const float *in, size_t n, size_t step, bool max)
{
    float best = in[0];
    size_t index = 0;
    for (size_t i = 1; i < n; i++) {
        const float v = in[i * step];
        if (max ? v > best : v < best) best = v, index = i;
    }
    return index;
}

static crl_status invoke(const crl_node *node, crl_work *work, crl_error *err)
{
    (void)work;
    (void)err;
    const params *p = node->params;
    const crl_tensor *in = node->in[0], *out = node->out[0];
    for (size_t o = 0; o < p->outer; o++) {
        for (size_t i = 0; i < p->inner; i++) {
            const size_t at = o * p->n * p->inner + i;
            const size_t index = in->type == CRL_FLOAT32
                                     ? search_f32((const float *)in->data + at, p->n, p->inner, p->max)
                                     : search_int(in, at, p->n, p->inner, p->max);
            if (out->type == CRL_INT32)
                ((int32_t *)out->data)[o * p->inner + i] = (int32_t)index;
            else
                ((int64_t *)out->data)[o * p->inner + i] = (int64_t)index;
        }
    }
    return CRL_OK;
}

const crl_op_type crl_op_arg_max = {
    .name = "ARG_MAX", .code = CRL_OP_ARG_MAX, .in_min = 2, .in_max = 2, .out_min = 1, .out_max = 1, .prepare = prepare_max, .invoke = invoke,
};
const crl_op_type crl_op_arg_min = {
    .name = "ARG_MIN", .code = CRL_OP_ARG_MIN, .in_min = 2, .in_max = 2, .out_min = 1, .out_max = 1, .prepare = prepare_min, .invoke = invoke,
};
