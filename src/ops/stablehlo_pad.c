/* SPDX-License-Identifier: Apache-2.0 */
/* STABLEHLO_PAD: a tensor with a value around it (cut where padding is negative) and between its elements; DILATE: with a
 * value between its elements, as many of them as an input says. */
#include <string.h>

#include "ops/stablehlo.h"

typedef struct params {
    int32_t low[CRL_MAX_RANK], step[CRL_MAX_RANK]; /* element i of an axis goes to low + i * step */
} params;

/* Along axis d. False where the output would be larger than 2^31. */
static bool set_axis(params *p, crl_shape *shape, int32_t d, int32_t low, int32_t high, int32_t between)
{
    const int32_t n = shape->dim[d];
    const int64_t size = n + (n ? (int64_t)(n - 1) * between : 0) + low + high;
    p->low[d] = low;
    p->step[d] = between < INT32_MAX ? between + 1 : between;
    shape->dim[d] = size < 0 ? 0 : size <= INT32_MAX ? (int32_t)size : 0;
    return size <= INT32_MAX;
}

static crl_status check_value(const crl_node *node, const crl_tensor *value, crl_error *err)
{
    const crl_tensor *in = node->in[0];
    crl_status s = crl_node_accept(node, in, CRL_TYPE_MOVED, err);
    if (!s) s = crl_node_same_type(node, value, in, err);
    if (!s) s = crl_node_same_type(node, node->out[0], in, err);
    if (!s && crl_shape_count(&value->shape) != 1) s = crl_node_bad(node, CRL_ERR_FORMAT, value, err, "one value is needed");
    return s;
}

static crl_status too_large(crl_error *err)
{
    return crl_fail(err, CRL_ERR_FORMAT, "the output would have more than 2^31 elements along a dimension");
}

static crl_status prepare_pad(crl_node *node, crl_error *err)
{
    int32_t low[CRL_MAX_RANK], high[CRL_MAX_RANK], between[CRL_MAX_RANK];
    crl_shape shape = node->in[0]->shape;
    crl_status s = check_value(node, node->in[1], err);
    if (!s) s = crl_node_sizes(node, "edge_padding_low", shape.rank, INT32_MIN, 0, low, err);
    if (!s) s = crl_node_sizes(node, "edge_padding_high", shape.rank, INT32_MIN, 0, high, err);
    if (!s) s = crl_node_sizes(node, "interior_padding", shape.rank, 0, 0, between, err);
    if (!s) s = crl_node_params(node, sizeof(params), err);
    if (s) return s;
    bool empty = false;
    for (int32_t d = 0; d < shape.rank; d++) {
        if (!set_axis(node->params, &shape, d, low[d], high[d], between[d])) return too_large(err);
        empty = empty || !shape.dim[d];
    }
    if (empty) memset(shape.dim, 0, sizeof shape.dim); /* all are, then */
    return crl_node_shape(node, 0, &shape, err);
}

static crl_status prepare_dilate(crl_node *node, crl_error *err)
{
    int64_t step[CRL_MAX_RANK];
    int32_t n;
    crl_shape shape = node->in[0]->shape;
    crl_status s = check_value(node, node->in[2], err);
    if (!s) s = crl_node_const_ints(node, node->in[1], CRL_TYPE(CRL_INT32), step, CRL_MAX_RANK, &n, err);
    if (!s) s = crl_node_params(node, sizeof(params), err);
    if (s) return s;
    if (n != shape.rank || !crl_shape_count(&shape))
        return crl_node_bad(node, CRL_ERR_FORMAT, node->in[1], err, "%d steps for a tensor of %d dimensions and %zu elements", n,
                            shape.rank, crl_shape_count(&shape));
    for (int32_t d = 0; d < n; d++) {
        if (step[d] < 1) return crl_node_bad(node, CRL_ERR_FORMAT, node->in[1], err, "step %d is %d", d, (int)step[d]);
        if (!set_axis(node->params, &shape, d, 0, 0, (int32_t)step[d] - 1)) return too_large(err);
    }
    return crl_node_shape(node, 0, &shape, err);
}

static void fill(const crl_tensor *out, const void *value, size_t bytes)
{
    for (size_t i = 0; i < out->bytes; i += bytes) memcpy((uint8_t *)out->data + i, value, bytes);
}

static crl_status spread(const crl_node *node, const crl_tensor *value)
{
    const params *p = node->params;
    const crl_tensor *in = node->in[0], *out = node->out[0];
    const size_t bytes = crl_type_bytes(in->type), n = crl_shape_count(&in->shape);
    int32_t place[CRL_MAX_RANK] = { 0 };
    fill(out, value->data, bytes);
    for (size_t i = 0; i < n && out->bytes; i++) {
        size_t at = 0;
        bool inside = true;
        for (int32_t d = 0; d < in->shape.rank; d++) {
            const int64_t position = p->low[d] + (int64_t)place[d] * p->step[d];
            inside = inside && position >= 0 && position < out->shape.dim[d];
            at = at * (size_t)out->shape.dim[d] + (inside ? (size_t)position : 0);
        }
        if (inside) memcpy((uint8_t *)out->data + at * bytes, (const uint8_t *)in->data + i * bytes, bytes);
        for (int32_t d = in->shape.rank - 1; d >= 0 && ++place[d] == in->shape.dim[d]; d--) place[d] = 0;
    }
    return CRL_OK;
}

static crl_status invoke_pad(const crl_node *node, crl_work *work, crl_error *err)
{
    (void)work;
    (void)err;
    return spread(node, node->in[1]);
}

static crl_status invoke_dilate(const crl_node *node, crl_work *work, crl_error *err)
{
    (void)work;
    (void)err;
    return spread(node, node->in[2]);
}

const crl_op_type crl_op_stablehlo_pad = {
    .name = "STABLEHLO_PAD", .code = CRL_OP_STABLEHLO_PAD, .in_min = 2, .in_max = 2, .out_min = 1, .out_max = 1,
    .prepare = prepare_pad, .invoke = invoke_pad,
};

const crl_op_type crl_op_dilate = {
    .name = "DILATE", .code = CRL_OP_DILATE, .in_min = 3, .in_max = 3, .out_min = 1, .out_max = 1, .prepare = prepare_dilate,
    .invoke = invoke_dilate,
};
