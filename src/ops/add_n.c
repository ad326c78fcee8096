/* SPDX-License-Identifier: Apache-2.0 */
/* ADD_N: the sum of two or more tensors of one shape, in their order. FLOAT32, INT32 (wraps). */
#include "kernels/element.h"
#include "ops/shapes.h"

static crl_status prepare(crl_node *node, crl_error *err)
{
    const crl_tensor *first = node->in[0];
    crl_status s = crl_node_accept(node, first, CRL_TYPE(CRL_FLOAT32) | CRL_TYPE(CRL_INT32), err);
    if (!s) s = crl_node_same_type(node, node->out[0], first, err);
    for (int32_t i = 1; i < node->n_in && !s; i++) {
        const crl_tensor *t = node->in[i];
        if (!t) return crl_fail(err, CRL_ERR_FORMAT, "input %d is left out, but needed", i);
        s = crl_node_same_type(node, t, first, err);
        if (!s && !crl_shape_equal(&t->shape, &first->shape))
            s = crl_node_bad(node, CRL_ERR_FORMAT, t, err, "its shape is not that of the first input");
    }
    return s ? s : crl_node_same_shape(node, 0, 0, err);
}

static crl_status invoke(const crl_node *node, crl_work *work, crl_error *err)
{
    (void)work;
    (void)err;
    const crl_tensor *out = node->out[0];
    const size_t n = crl_shape_count(&out->shape);
    for (size_t k = 0; k < n; k++) {
        if (out->type == CRL_FLOAT32) {
            float sum = ((const float *)node->in[0]->data)[k];
            for (int32_t i = 1; i < node->n_in; i++) sum += ((const float *)node->in[i]->data)[k];
            ((float *)out->data)[k] = sum;
        } else {
            int32_t sum = 0;
            for (int32_t i = 0; i < node->n_in; i++) sum = crl_wrap_add(sum, ((const int32_t *)node->in[i]->data)[k]);
            ((int32_t *)out->data)[k] = sum;
        }
    }
    return CRL_OK;
}

const crl_op_type crl_op_add_n = {
    .name = "ADD_N", .code = CRL_OP_ADD_N, .in_min = 2, .in_max = -1, .out_min = 1, .out_max = 1, .prepare = prepare,
    .invoke = invoke,
};
