/* SPDX-License-Identifier: Apache-2.0 */
/* LOG_SOFTMAX over the last dimension. UINT8, INT8, FLOAT32. The output's quantisation is fixed: 1/16 and the highest
 * value. */
#include "kernels/log_softmax.h"

#include <math.h>

#include "ops/shapes.h"

/* Source: TensorFlow Lite, kernels/internal/quantization_util.cc: PreprocessLogSoftmaxScalingExp. */
static void prepare_scales(crl_log_softmax *p, double in_scale)
{
    enum { DIFF_INTEGER_BITS = 5 };
    const double real = in_scale * (1 << (31 - DIFF_INTEGER_BITS));
    p->scale = crl_scale_from_real(real < INT32_MAX ? real : INT32_MAX);
    const double radius = ldexp(((1 << DIFF_INTEGER_BITS) - 1) * (double)(1 << (31 - DIFF_INTEGER_BITS)), -p->scale.shift);
    p->diff_min = radius < 65535 ? -(int32_t)floor(radius) : -65535;
    p->back = p->scale.mult ? crl_scale_from_real(ldexp(1.0, 31 - p->scale.shift) / p->scale.mult) : p->scale;
}

static crl_status prepare(crl_node *node, crl_error *err)
{
    const crl_tensor *in = node->in[0], *out = node->out[0];
    crl_status s = crl_node_params(node, sizeof(crl_log_softmax), err);
    if (!s) s = crl_node_accept(node, in, CRL_TYPE_8BIT | CRL_TYPE(CRL_FLOAT32), err);
    if (!s) s = crl_node_same_type(node, out, in, err);
    if (s) return s;
    if (in->shape.rank < 1) return crl_node_bad(node, CRL_ERR_FORMAT, in, err, "a scalar has no dimension to sum over");
    crl_log_softmax *p = node->params;
    p->depth = (size_t)in->shape.dim[in->shape.rank - 1];
    p->rows = p->depth ? crl_shape_span(&in->shape, 0, in->shape.rank - 1) : 0;
    if (in->type != CRL_FLOAT32) {
        s = crl_node_check_quant(node, in, err);
        if (s) return s;
        const int32_t zero = in->type == CRL_UINT8 ? UINT8_MAX : INT8_MAX;
        if (crl_tensor_scale(out) != 1.0f / 16 || crl_tensor_zero(out) != zero)
            return crl_node_bad(node, CRL_ERR_UNSUPPORTED, out, err,
                                "scale %g and zero point %d, they have to be %g and %d", (double)crl_tensor_scale(out),
                                crl_tensor_zero(out), 1.0 / 16, zero);
        prepare_scales(p, (double)in->quant.scale[0]);
    }
    return crl_node_same_shape(node, 0, 0, err);
}

static crl_status invoke(const crl_node *node, crl_work *work, crl_error *err)
{
    (void)work;
    (void)err;
    const crl_tensor *in = node->in[0];
    if (in->type == CRL_FLOAT32)
        crl_log_softmax_f32_ref(node->out[0]->data, in->data, node->params);
    else
        crl_log_softmax_ref(node->out[0]->data, in->data, in->type, node->params);
    return CRL_OK;
}

const crl_op_type crl_op_log_softmax = {
    .name = "LOG_SOFTMAX", .code = CRL_OP_LOG_SOFTMAX, .in_min = 1, .in_max = 1, .out_min = 1, .out_max = 1, .prepare = prepare,
    .invoke = invoke,
};
