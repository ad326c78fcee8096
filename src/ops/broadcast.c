/* SPDX-License-Identifier: Apache-2.0 */
/* BROADCAST_TO: dimensions of 1 stretched to a given shape. BROADCAST_ARGS: the shape that two shapes give together. */
#include "ops/shapes.h"

static crl_status prepare_to(crl_node *node, crl_error *err)
{
    const crl_tensor *in = node->in[0], *wanted = node->in[1];
    crl_tensor *out = node->out[0];
    crl_status s = crl_node_accept(node, in, CRL_TYPE_MOVED, err);
    if (!s) s = crl_node_same_type(node, out, in, err);
    int64_t list[CRL_MAX_RANK];
    int32_t n;
    if (!s) s = crl_node_const_ints(node, wanted, CRL_TYPE_INDEX, list, CRL_MAX_RANK, &n, err);
    if (s) return s;
    crl_shape shape = { .rank = n }, both;
    for (int32_t d = 0; d < n; d++) {
        if (list[d] < 0 || list[d] > INT32_MAX)
            return crl_node_bad(node, CRL_ERR_FORMAT, wanted, err, "dimension %d would be %lld", d, (long long)list[d]);
        shape.dim[d] = (int32_t)list[d];
    }
    s = crl_node_broadcast(&in->shape, &shape, &both, err);
    if (s) return s;
    if (!crl_shape_equal(&both, &shape)) {
        char a[CRL_SHAPE_TEXT], b[CRL_SHAPE_TEXT];
        return crl_node_bad(node, CRL_ERR_FORMAT, in, err, "shape %s cannot be stretched to %s",
                            crl_shape_text(&in->shape, a, sizeof a), crl_shape_text(&shape, b, sizeof b));
    }
    s = crl_node_shape(node, 0, &shape, err);
    if (!s) s = crl_node_params(node, sizeof(crl_move), err);
    if (s) return s;
    crl_move *m = node->params;
    ptrdiff_t from[CRL_MAX_RANK], to[CRL_MAX_RANK];
    crl_tensor_steps(in, from);
    crl_tensor_steps(out, to);
    m->strided.size = crl_type_bytes(in->type);
    for (int32_t d = 0; d < n; d++) {
        const int32_t i = d - (n - in->shape.rank);
        crl_strided_add(&m->strided, (size_t)shape.dim[d], to[d], i < 0 || in->shape.dim[i] == 1 ? 0 : from[i]);
    }
    crl_strided_finish(&m->strided);
    return CRL_OK;
}

static crl_status prepare_args(crl_node *node, crl_error *err)
{
    crl_status s = CRL_OK;
    int32_t most = 0;
    for (int32_t i = 0; i < 2 && !s; i++) {
        const crl_tensor *t = node->in[i];
        s = crl_node_accept(node, t, CRL_TYPE_INDEX, err);
        if (!s) s = crl_node_same_type(node, node->out[0], t, err);
        if (!s && t->shape.rank != 1)
            s = crl_node_bad(node, CRL_ERR_FORMAT, t, err, "%d dimensions, a list is needed", t->shape.rank);
        if (!s && t->shape.dim[0] > most) most = t->shape.dim[0];
    }
    return s ? s : crl_node_shape(node, 0, &(crl_shape){ .rank = 1, .dim = { most } }, err);
}

/* Entry i of n, counted so that lists end together; what is missing is 1. */
static int64_t entry(const crl_tensor *t, int32_t i, int32_t n)
{
    const int32_t k = i - (n - t->shape.dim[0]);
    return k < 0 ? 1 : crl_tensor_int(t, (size_t)k);
}

static crl_status invoke_args(const crl_node *node, crl_work *work, crl_error *err)
{
    (void)work;
    const crl_tensor *out = node->out[0];
    const int32_t n = out->shape.dim[0];
    for (int32_t i = 0; i < n; i++) {
        const int64_t a = entry(node->in[0], i, n), b = entry(node->in[1], i, n);
        if (a != b && a != 1 && b != 1)
            return crl_fail(err, CRL_ERR_FORMAT, "entry %d is %lld and %lld: they have to be equal, or one of them 1", i,
                            (long long)a, (long long)b);
        const int64_t v = a == 1 ? b : a;
        if (out->type == CRL_INT32)
            ((int32_t *)out->data)[i] = (int32_t)v;
        else
            ((int64_t *)out->data)[i] = v;
    }
    return CRL_OK;
}

const crl_op_type crl_op_broadcast_to = {
    .name = "BROADCAST_TO",
    .code = CRL_OP_BROADCAST_TO,
    .in_min = 2,
    .in_max = 2,
    .out_min = 1,
    .out_max = 1,
    .prepare = prepare_to,
    .invoke = crl_move_invoke,
};
const crl_op_type crl_op_broadcast_args = {
    .name = "BROADCAST_ARGS",
    .code = CRL_OP_BROADCAST_ARGS,
    .in_min = 2,
    .in_max = 2,
    .out_min = 1,
    .out_max = 1,
    .prepare = prepare_args,
    .invoke = invoke_args,
};
