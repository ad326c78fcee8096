/* SPDX-License-Identifier: Apache-2.0 */
/* WHERE: the indices of all elements that are not 0, a row each, in order. */
#include "ops/shapes.h"
#include "ops/work.h"

static bool is_set(const crl_tensor *t, size_t i)
{
    if (t->type == CRL_FLOAT32) return ((const float *)t->data)[i] != 0;
    if (t->type == CRL_UINT32) return ((const uint32_t *)t->data)[i] != 0;
    return crl_tensor_int(t, i) != 0;
}

static crl_status prepare(crl_node *node, crl_error *err)
{
    const crl_tensor *in = node->in[0];
    crl_status s = crl_node_accept(node, in, CRL_TYPE_8BIT | CRL_TYPE_INDEX | CRL_TYPE(CRL_FLOAT32) | CRL_TYPE(CRL_BOOL) |
                                                 CRL_TYPE(CRL_UINT32), err);
    if (!s) s = crl_node_accept(node, node->out[0], CRL_TYPE(CRL_INT64), err);
    if (!s) s = crl_node_check_const(node, in, err); /* they tell how many rows there are */
    if (s) return s;
    const size_t n = crl_shape_count(&in->shape);
    enum { ELEMENT = 4 };
    s = crl_host_spend(node->host, crl_work_mul(n, ELEMENT), err);
    if (s) return s;
    size_t rows = 0;
    for (size_t i = 0; i < n; i++) rows += is_set(in, i);
    if (rows > INT32_MAX) return crl_fail(err, CRL_ERR_UNSUPPORTED, "more than 2^31 elements");
    return crl_node_shape(node, 0, &(crl_shape){ .rank = 2, .dim = { (int32_t)rows, in->shape.rank } }, err);
}

static crl_status invoke(const crl_node *node, crl_work *work, crl_error *err)
{
    (void)work;
    (void)err;
    const crl_tensor *in = node->in[0];
    const crl_shape *shape = &in->shape;
    int64_t *out = node->out[0]->data;
    const size_t n = crl_shape_count(shape);
    int32_t index[CRL_MAX_RANK] = { 0 };
    for (size_t i = 0; i < n; i++) {
        if (is_set(in, i))
            for (int32_t d = 0; d < shape->rank; d++) *out++ = index[d];
        for (int32_t d = shape->rank - 1; d >= 0 && ++index[d] == shape->dim[d]; d--) index[d] = 0;
    }
    return CRL_OK;
}

const crl_op_type crl_op_where = {
    .name = "WHERE", .code = CRL_OP_WHERE, .in_min = 1, .in_max = 1, .out_min = 1, .out_max = 1, .prepare = prepare, .invoke = invoke,
};
