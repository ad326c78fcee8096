/* SPDX-License-Identifier: Apache-2.0 */
/* BUCKETIZE: for each number how many bounds are not above it. Bounds are floats in order; whole numbers are compared as floats. */
#include "ops/shapes.h"

static crl_status prepare(crl_node *node, crl_error *err)
{
    const crl_tensor *in = node->in[0];
    crl_status s = crl_node_accept(node, in, CRL_TYPE_INDEX | CRL_TYPE(CRL_FLOAT32) | CRL_TYPE(CRL_FLOAT64), err);
    if (!s) s = crl_node_accept(node, node->out[0], CRL_TYPE(CRL_INT32), err);
    if (s) return s;
    const crl_option *bounds = crl_operator_option(node->def, "boundaries");
    for (int32_t i = 1; i < bounds->n; i++)
        if (bounds->fv[i] < bounds->fv[i - 1])
            return crl_fail(err, CRL_ERR_FORMAT, "boundaries: entry %d is %g, less than the one before it", i,
                            (double)bounds->fv[i]);
    return crl_node_same_shape(node, 0, 0, err);
}

/* Floats, and whole numbers rounded to floats, are exact in double. */
static double number(const crl_tensor *t, size_t i)
{
    switch (t->type) {
    case CRL_FLOAT32: return (double)((const float *)t->data)[i];
    case CRL_FLOAT64: return ((const double *)t->data)[i];
    default: return (double)(float)crl_tensor_int(t, i);
    }
}

static crl_status invoke(const crl_node *node, crl_work *work, crl_error *err)
{
    (void)work;
    (void)err;
    const crl_tensor *in = node->in[0];
    const crl_option *bounds = crl_operator_option(node->def, "boundaries");
    int32_t *out = node->out[0]->data;
    const size_t n = crl_shape_count(&in->shape);
    for (size_t i = 0; i < n; i++) {
        const double x = number(in, i);
        int32_t low = 0, left = bounds->n; /* the first bound above x is one of `left` from low on, or follows them */
        while (left > 0) {
            const int32_t half = left / 2;
            if (x < (double)bounds->fv[low + half]) {
                left = half;
            } else {
                low += half + 1;
                left -= half + 1;
            }
        }
        out[i] = low;
    }
    return CRL_OK;
}

const crl_op_type crl_op_bucketize = {
    .name = "BUCKETIZE", .code = CRL_OP_BUCKETIZE, .in_min = 1, .in_max = 1, .out_min = 1, .out_max = 1, .prepare = prepare, .invoke = invoke,
};
