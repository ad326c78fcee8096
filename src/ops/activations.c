/* SPDX-License-Identifier: Apache-2.0 */
/* HARD_SWISH, LEAKY_RELU, PRELU. HARD_SWISH: UINT8, INT8, FLOAT32; LEAKY_RELU: UINT8, INT8, INT16, FLOAT32; PRELU (the
 * slope is a second input, broadcast to the first): UINT8, INT8, INT16 with slopes of INT8, FLOAT32. */
#include "kernels/activation.h"

#include <math.h>

#include "ops/binary.h"
#include "ops/shapes.h"

/* Types, shape and scales of an operator with one input. */
static crl_status begin(crl_node *node, unsigned types, size_t params_bytes, crl_error *err)
{
    const crl_tensor *in = node->in[0], *out = node->out[0];
    crl_status s = crl_node_params(node, params_bytes, err);
    if (!s) s = crl_node_accept(node, in, types | CRL_TYPE(CRL_FLOAT32), err);
    if (!s) s = crl_node_same_type(node, out, in, err);
    if (!s) s = crl_node_same_shape(node, 0, 0, err);
    if (s || in->type == CRL_FLOAT32) return s;
    s = crl_node_check_quant_in(node, in, err);
    if (!s) s = crl_node_check_quant(node, out, err);
    if (s) return s;
    if (in->type == CRL_INT16 && (in->quant.zero_point[0] || out->quant.zero_point[0]))
        return crl_node_bad(node, CRL_ERR_UNSUPPORTED, in->quant.zero_point[0] ? in : out, err,
                            "zero points of INT16 have to be 0");
    return CRL_OK;
}

/* --- HARD_SWISH ------------------------------------------------------------------------------------- */

static int16_t to_16_bits(int32_t mult)
{
    return mult >= INT32_MAX - (1 << 15) ? INT16_MAX : (int16_t)((mult + (1 << 15)) >> 16);
}

/* Source: TensorFlow Lite, kernels/activations.cc: HardSwishPrepare. */
static crl_status prepare_hard_swish(crl_node *node, crl_error *err)
{
    crl_status s = begin(node, CRL_TYPE_8BIT, sizeof(crl_hard_swish), err);
    const crl_tensor *in = node->in[0], *out = node->out[0];
    if (s || in->type == CRL_FLOAT32) return s;
    const float fine = (1.0f / 128.0f) * in->quant.scale[0];
    const crl_scale to_out = crl_scale_from_real((double)(fine / out->quant.scale[0]));
    const crl_scale to_ramp = crl_scale_from_real((double)(fine / (3.0f / 32768.0f)));
    if (to_out.shift > 0)
        return crl_node_bad(node, CRL_ERR_UNSUPPORTED, out, err, "scale %g, it has to be at least 1/128 of the input's %g",
                            (double)out->quant.scale[0], (double)in->quant.scale[0]);
    crl_hard_swish *p = node->params;
    *p = (crl_hard_swish){ .in_zero = in->quant.zero_point[0], .out_zero = out->quant.zero_point[0],
                           .out_mult = to_16_bits(to_out.mult), .ramp_mult = to_16_bits(to_ramp.mult),
                           .out_right = -to_out.shift, .ramp_shift = to_ramp.shift };
    return CRL_OK;
}

static crl_status invoke_hard_swish(const crl_node *node, crl_work *work, crl_error *err)
{
    (void)work;
    (void)err;
    const crl_tensor *in = node->in[0];
    const size_t n = crl_shape_count(&in->shape);
    if (in->type == CRL_FLOAT32)
        crl_hard_swish_f32_ref(node->out[0]->data, in->data, n);
    else
        crl_hard_swish_ref(node->out[0]->data, in->data, in->type, n, node->params);
    return CRL_OK;
}

/* --- LEAKY_RELU ------------------------------------------------------------------------------------- */

static crl_status prepare_leaky_relu(crl_node *node, crl_error *err)
{
    crl_status s = begin(node, CRL_TYPE_QUANT, sizeof(crl_leaky), err);
    const crl_tensor *in = node->in[0], *out = node->out[0];
    if (s || in->type == CRL_FLOAT32) return s;
    const float alpha = crl_node_float(node, "alpha");
    const float negative = in->quant.scale[0] * alpha / out->quant.scale[0];
    if (!isfinite(negative)) return crl_fail(err, CRL_ERR_FORMAT, "alpha %g is out of proportion", (double)alpha);
    crl_leaky *p = node->params;
    p->in_zero = in->quant.zero_point[0];
    p->out_zero = out->quant.zero_point[0];
    p->scale = crl_scale_from_real((double)(in->quant.scale[0] / out->quant.scale[0]));
    p->negative = crl_scale_from_real(fabs((double)negative));
    p->flip = negative < 0;
    return CRL_OK;
}

static crl_status invoke_leaky_relu(const crl_node *node, crl_work *work, crl_error *err)
{
    (void)work;
    (void)err;
    const crl_tensor *in = node->in[0];
    const size_t n = crl_shape_count(&in->shape);
    if (in->type == CRL_FLOAT32)
        crl_leaky_relu_f32_ref(node->out[0]->data, in->data, n, crl_node_float(node, "alpha"));
    else
        crl_leaky_relu_ref(node->out[0]->data, in->data, in->type, n, node->params);
    return CRL_OK;
}

/* --- PRELU ------------------------------------------------------------------------------------------ */

static crl_status prepare_prelu(crl_node *node, crl_error *err)
{
    const crl_tensor *in = node->in[0], *alpha = node->in[1], *out = node->out[0];
    crl_status s = crl_binary_begin(node, CRL_TYPE_QUANT | CRL_TYPE(CRL_FLOAT32),
                                    in->type == CRL_INT16 ? CRL_INT8 : in->type, in->type, err);
    if (s) return s;
    if (!crl_shape_equal(&out->shape, &in->shape))
        return crl_node_bad(node, CRL_ERR_FORMAT, alpha, err, "the slopes' shape goes beyond the input's");
    crl_binary *p = node->params;
    p->row = crl_prelu_f32_ref;
    if (in->type == CRL_FLOAT32) return CRL_OK;
    s = crl_binary_check_quant(node, true, err);
    if (s) return s;
    const float scale = in->quant.scale[0] / out->quant.scale[0];
    const float negative = in->quant.scale[0] * alpha->quant.scale[0] / out->quant.scale[0];
    if (!isfinite(scale) || !isfinite(negative))
        return crl_node_bad(node, CRL_ERR_FORMAT, out, err, "scale %g is out of proportion to the inputs'",
                            (double)out->quant.scale[0]);
    p->row = in->type == CRL_UINT8 ? crl_prelu_u8_ref : in->type == CRL_INT8 ? crl_prelu_s8_ref : crl_prelu_s16_ref;
    p->p.leaky = (crl_leaky){ .in_zero = in->quant.zero_point[0], .out_zero = out->quant.zero_point[0],
                              .alpha_zero = alpha->quant.zero_point[0], .scale = crl_scale_from_real((double)scale),
                              .negative = crl_scale_from_real((double)negative) };
    return CRL_OK;
}

const crl_op_type crl_op_hard_swish = {
    .name = "HARD_SWISH", .code = CRL_OP_HARD_SWISH, .in_min = 1, .in_max = 1, .out_min = 1, .out_max = 1,
    .prepare = prepare_hard_swish, .invoke = invoke_hard_swish,
};

const crl_op_type crl_op_leaky_relu = {
    .name = "LEAKY_RELU", .code = CRL_OP_LEAKY_RELU, .in_min = 1, .in_max = 1, .out_min = 1, .out_max = 1,
    .prepare = prepare_leaky_relu, .invoke = invoke_leaky_relu,
};

const crl_op_type crl_op_prelu = {
    .name = "PRELU", .code = CRL_OP_PRELU, .in_min = 2, .in_max = 2, .out_min = 1, .out_max = 1, .prepare = prepare_prelu,
    .invoke = crl_binary_invoke,
};
