/* SPDX-License-Identifier: Apache-2.0 */
/* FILL: one value in a given shape. ZEROS_LIKE: zeros in the shape of the input. RANGE: start, start + delta, ..,
 * up to a limit. */
#include <math.h>
#include <string.h>

#include "ops/shapes.h"

static crl_status prepare_fill(crl_node *node, crl_error *err)
{
    const crl_tensor *dims = node->in[0], *value = node->in[1];
    crl_status s = crl_node_accept(node, value, CRL_TYPE_MOVED, err);
    if (!s) s = crl_node_same_type(node, node->out[0], value, err);
    if (!s) s = crl_node_same_quant(node, node->out[0], value, err);
    int64_t list[CRL_MAX_RANK];
    int32_t n;
    if (!s) s = crl_node_const_ints(node, dims, CRL_TYPE_INDEX, list, CRL_MAX_RANK, &n, err);
    if (s) return s;
    if (crl_shape_count(&value->shape) != 1)
        return crl_node_bad(node, CRL_ERR_FORMAT, value, err, "%zu elements, one is needed", crl_shape_count(&value->shape));
    crl_shape shape = { .rank = n };
    for (int32_t d = 0; d < n; d++) {
        if (list[d] < 0 || list[d] > INT32_MAX)
            return crl_node_bad(node, CRL_ERR_FORMAT, dims, err, "dimension %d would be %lld", d, (long long)list[d]);
        shape.dim[d] = (int32_t)list[d];
    }
    return crl_node_shape(node, 0, &shape, err);
}

static crl_status invoke_fill(const crl_node *node, crl_work *work, crl_error *err)
{
    (void)work;
    (void)err;
    const crl_tensor *out = node->out[0];
    crl_fill(out->data, node->in[1]->data, crl_type_bytes(out->type), crl_shape_count(&out->shape));
    return CRL_OK;
}

static crl_status prepare_zeros(crl_node *node, crl_error *err)
{
    crl_status s = crl_node_accept(node, node->in[0], CRL_TYPE_INDEX | CRL_TYPE(CRL_FLOAT32), err);
    if (!s) s = crl_node_same_type(node, node->out[0], node->in[0], err);
    node->constant = true;
    return s ? s : crl_node_same_shape(node, 0, 0, err);
}

static crl_status invoke_zeros(const crl_node *node, crl_work *work, crl_error *err)
{
    (void)work;
    (void)err;
    if (node->out[0]->bytes) memset(node->out[0]->data, 0, node->out[0]->bytes);
    return CRL_OK;
}

/* How many elements a range has; -1 when delta leads away from the limit. */
static int64_t range_count(const crl_tensor *start, const crl_tensor *limit, const crl_tensor *delta)
{
    if (start->type == CRL_FLOAT32) {
        const float a = *(const float *)start->data, b = *(const float *)limit->data, d = *(const float *)delta->data;
        if (!((a >= b && d < 0) || (a <= b && d > 0))) return -1;
        const float n = ceilf(fabsf((b - a) / d));
        return n < (float)INT32_MAX ? (int64_t)n : INT64_MAX;
    }
    const int64_t a = crl_tensor_int(start, 0), b = crl_tensor_int(limit, 0), d = crl_tensor_int(delta, 0);
    if (!((a >= b && d < 0) || (a <= b && d > 0))) return -1;
    const uint64_t span = a > b ? (uint64_t)a - (uint64_t)b : (uint64_t)b - (uint64_t)a;
    const uint64_t step = d < 0 ? 0 - (uint64_t)d : (uint64_t)d;
    const uint64_t n = span / step + (span % step != 0);
    return n < INT32_MAX ? (int64_t)n : INT64_MAX;
}

static crl_status prepare_range(crl_node *node, crl_error *err)
{
    crl_status s = crl_node_accept(node, node->in[0], CRL_TYPE_INDEX | CRL_TYPE(CRL_FLOAT32), err);
    if (!s) s = crl_node_same_type(node, node->out[0], node->in[0], err);
    for (int32_t i = 0; i < 3 && !s; i++) {
        const crl_tensor *t = node->in[i];
        s = crl_node_same_type(node, t, node->in[0], err);
        if (!s) s = crl_node_check_const(node, t, err);
        if (!s && crl_shape_count(&t->shape) != 1)
            s = crl_node_bad(node, CRL_ERR_FORMAT, t, err, "%zu elements, one is needed", crl_shape_count(&t->shape));
    }
    if (s) return s;
    const int64_t n = range_count(node->in[0], node->in[1], node->in[2]);
    if (n < 0) return crl_fail(err, CRL_ERR_FORMAT, "delta is 0, or leads away from the limit");
    if (n > INT32_MAX) return crl_fail(err, CRL_ERR_FORMAT, "more than 2^31 elements");
    return crl_node_shape(node, 0, &(crl_shape){ .rank = 1, .dim = { (int32_t)n } }, err);
}

/* Floats are summed up, as the reference does: not start + i * delta. */
static crl_status invoke_range(const crl_node *node, crl_work *work, crl_error *err)
{
    (void)work;
    (void)err;
    const crl_tensor *out = node->out[0];
    if (out->type == CRL_FLOAT32) {
        float v = *(const float *)node->in[0]->data;
        for (int32_t i = 0; i < out->shape.dim[0]; i++, v += *(const float *)node->in[2]->data) ((float *)out->data)[i] = v;
        return CRL_OK;
    }
    uint64_t v = (uint64_t)crl_tensor_int(node->in[0], 0);
    for (int32_t i = 0; i < out->shape.dim[0]; i++, v += (uint64_t)crl_tensor_int(node->in[2], 0)) {
        if (out->type == CRL_INT32)
            ((int32_t *)out->data)[i] = (int32_t)v;
        else
            ((int64_t *)out->data)[i] = (int64_t)v;
    }
    return CRL_OK;
}

const crl_op_type crl_op_fill = {
    .name = "FILL", .code = CRL_OP_FILL, .in_min = 2, .in_max = 2, .out_min = 1, .out_max = 1, .prepare = prepare_fill, .invoke = invoke_fill,
};
const crl_op_type crl_op_zeros_like = {
    .name = "ZEROS_LIKE",
    .code = CRL_OP_ZEROS_LIKE,
    .in_min = 1,
    .in_max = 1,
    .out_min = 1,
    .out_max = 1,
    .prepare = prepare_zeros,
    .invoke = invoke_zeros,
};
const crl_op_type crl_op_range = {
    .name = "RANGE", .code = CRL_OP_RANGE, .in_min = 3, .in_max = 3, .out_min = 1, .out_max = 1, .prepare = prepare_range, .invoke = invoke_range,
};
