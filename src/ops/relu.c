/* SPDX-License-Identifier: Apache-2.0 */
/* RELU, RELU6, RELU_N1_TO_1, RELU_0_TO_1: limits, and with quantised tensors a change of scale.
 * UINT8, INT8, INT16, FLOAT32; the last two only UINT8, INT8, FLOAT32. */
#include <math.h>

#include "kernels/quantize.h"
#include "kernels/unary.h"
#include "ops/chip.h"
#include "ops/requant.h"
#include "ops/shapes.h"

/* The largest real output, INFINITY for none, is clamped in units of the output. `chip`: what the Edge TPU does, which has
 * no RELU_0_TO_1.
 * Source: TensorFlow Lite, kernels/activations.cc: QuantizedReluX. */
static crl_status prepare_limits(crl_node *node, float low, float high, crl_activation chip, unsigned types, crl_error *err)
{
    const crl_tensor *in = node->in[0], *out = node->out[0];
    crl_status s = crl_node_params(node, sizeof(crl_requantize), err);
    if (!s) s = crl_node_accept(node, in, types, err);
    if (!s) s = crl_node_same_type(node, out, in, err);
    if (!s) s = crl_node_same_shape(node, 0, 0, err);
    if (s || in->type == CRL_FLOAT32) return s;
    s = crl_node_check_quant_in(node, in, err);
    if (!s) s = crl_node_check_quant(node, out, err);
    if (s) return s;
    if (in->type == CRL_INT16 && (in->quant.zero_point[0] || out->quant.zero_point[0]))
        return crl_node_bad(node, CRL_ERR_UNSUPPORTED, in->quant.zero_point[0] ? in : out, err,
                            "zero points of INT16 have to be 0");
    const float scale = out->quant.scale[0];
    const int32_t zero = out->quant.zero_point[0];
    const float type_min = in->type == CRL_UINT8 ? 0 : in->type == CRL_INT8 ? INT8_MIN : INT16_MIN;
    const float type_max = in->type == CRL_UINT8 ? UINT8_MAX : in->type == CRL_INT8 ? INT8_MAX : INT16_MAX;
    const float min = (float)zero + roundf(low / scale), max = (float)zero + roundf(high / scale);
    crl_requantize *q = node->params;
    q->in_zero = in->quant.zero_point[0];
    if (node->on_chip) return crl_chip_requant(node, out, crl_chip_scale(in->quant.scale[0], scale), chip, &q->out, err);
    s = crl_node_requant(node, out, crl_scale_from_real((double)(in->quant.scale[0] / scale)), &q->out, err);
    q->out.min = (int32_t)(min > type_min ? fminf(min, type_max) : type_min);
    q->out.max = (int32_t)(max < type_max ? fmaxf(max, type_min) : type_max);
    return s;
}

static crl_status prepare_relu(crl_node *node, crl_error *err)
{
    return prepare_limits(node, 0, INFINITY, CRL_ACT_RELU, CRL_TYPE_QUANT | CRL_TYPE(CRL_FLOAT32), err);
}

static crl_status prepare_relu6(crl_node *node, crl_error *err)
{
    return prepare_limits(node, 0, 6, CRL_ACT_RELU6, CRL_TYPE_QUANT | CRL_TYPE(CRL_FLOAT32), err);
}

static crl_status prepare_relu_n1_to_1(crl_node *node, crl_error *err)
{
    return prepare_limits(node, -1, 1, CRL_ACT_RELU_N1_TO_1, CRL_TYPE_8BIT | CRL_TYPE(CRL_FLOAT32), err);
}

static crl_status prepare_relu_0_to_1(crl_node *node, crl_error *err)
{
    return prepare_limits(node, 0, 1, CRL_ACT_NONE, CRL_TYPE_8BIT | CRL_TYPE(CRL_FLOAT32), err);
}

static crl_status run(const crl_node *node, crl_unary_f32 *f)
{
    const crl_tensor *in = node->in[0];
    const size_t n = crl_shape_count(&in->shape);
    if (in->type == CRL_FLOAT32)
        crl_unary_f32_ref(node->out[0]->data, in->data, n, f);
    else
        crl_requantize_ref(node->out[0]->data, in->type, in->data, in->type, n, node->params);
    return CRL_OK;
}

static crl_status invoke_relu(const crl_node *node, crl_work *work, crl_error *err)
{
    (void)work;
    (void)err;
    return run(node, crl_relu_f32);
}

static crl_status invoke_relu6(const crl_node *node, crl_work *work, crl_error *err)
{
    (void)work;
    (void)err;
    return run(node, crl_relu6_f32);
}

static crl_status invoke_relu_n1_to_1(const crl_node *node, crl_work *work, crl_error *err)
{
    (void)work;
    (void)err;
    return run(node, crl_relu_n1_to_1_f32);
}

static crl_status invoke_relu_0_to_1(const crl_node *node, crl_work *work, crl_error *err)
{
    (void)work;
    (void)err;
    return run(node, crl_relu_0_to_1_f32);
}

const crl_op_type crl_op_relu = {
    .name = "RELU", .code = CRL_OP_RELU, .in_min = 1, .in_max = 1, .out_min = 1, .out_max = 1, .prepare = prepare_relu,
    .invoke = invoke_relu,
};

const crl_op_type crl_op_relu6 = {
    .name = "RELU6", .code = CRL_OP_RELU6, .in_min = 1, .in_max = 1, .out_min = 1, .out_max = 1, .prepare = prepare_relu6,
    .invoke = invoke_relu6,
};

const crl_op_type crl_op_relu_n1_to_1 = {
    .name = "RELU_N1_TO_1", .code = CRL_OP_RELU_N1_TO_1, .in_min = 1, .in_max = 1, .out_min = 1, .out_max = 1,
    .prepare = prepare_relu_n1_to_1, .invoke = invoke_relu_n1_to_1,
};

const crl_op_type crl_op_relu_0_to_1 = {
    .name = "RELU_0_TO_1", .code = CRL_OP_RELU_0_TO_1, .in_min = 1, .in_max = 1, .out_min = 1, .out_max = 1,
    .prepare = prepare_relu_0_to_1, .invoke = invoke_relu_0_to_1,
};
