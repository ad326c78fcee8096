/* SPDX-License-Identifier: Apache-2.0 */
/* SQRT: FLOAT32, NaN for negative numbers; INT8 and INT16, by way of floats and cut toward zero, where negative numbers
 * are refused. */
#include <math.h>

#include "base/fixed.h"
#include "kernels/element.h"
#include "ops/shapes.h"

static bool is_quantised(const crl_tensor *t)
{
    return t->type != CRL_FLOAT32;
}

static crl_status prepare(crl_node *node, crl_error *err)
{
    const crl_tensor *in = node->in[0], *out = node->out[0];
    crl_status s = crl_node_accept(node, in, CRL_TYPE(CRL_INT8) | CRL_TYPE(CRL_INT16) | CRL_TYPE(CRL_FLOAT32), err);
    if (!s) s = crl_node_same_type(node, out, in, err);
    if (!s && is_quantised(in)) s = crl_node_check_quant_in(node, in, err);
    if (!s && is_quantised(in)) s = crl_node_check_quant(node, out, err);
    if (!s && in->type == CRL_INT16 && (in->quant.zero_point[0] || out->quant.zero_point[0]))
        s = crl_node_bad(node, CRL_ERR_UNSUPPORTED, in->quant.zero_point[0] ? in : out, err,
                         "zero points of INT16 have to be 0");
    return s ? s : crl_node_same_shape(node, 0, 0, err);
}

/* Source: TensorFlow Lite, kernels/elementwise.cc: SqrtEvalQuantized. */
static crl_status run_quantised(const crl_node *node, size_t n, crl_error *err)
{
    const crl_tensor *in = node->in[0], *out = node->out[0];
    for (size_t i = 0; i < n; i++) {
        const float x = in->quant.scale[0] * (float)(crl_load(in->data, i, in->type) - in->quant.zero_point[0]);
        if (!(x >= 0)) return crl_node_bad(node, CRL_ERR_ARGUMENT, in, err, "element %zu is negative", i);
        const float v = sqrtf(x) / out->quant.scale[0];
        const int32_t q = v < 2147483648.0f ? (int32_t)v : INT32_MIN; /* as x86 converts */
        crl_store(out->data, i, out->type, crl_clamp(crl_wrap_add(q, out->quant.zero_point[0]), crl_type_min(out->type),
                                                     crl_type_max(out->type)));
    }
    return CRL_OK;
}

static crl_status invoke(const crl_node *node, crl_work *work, crl_error *err)
{
    (void)work;
    const crl_tensor *in = node->in[0];
    const size_t n = crl_shape_count(&in->shape);
    if (is_quantised(in)) return run_quantised(node, n, err);
    float *out = node->out[0]->data;
    for (size_t i = 0; i < n; i++) out[i] = sqrtf(((const float *)in->data)[i]);
    return CRL_OK;
}

const crl_op_type crl_op_sqrt = {
    .name = "SQRT", .code = CRL_OP_SQRT, .in_min = 1, .in_max = 1, .out_min = 1, .out_max = 1, .prepare = prepare, .invoke = invoke,
};
