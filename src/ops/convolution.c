/* SPDX-License-Identifier: Apache-2.0 */
/* Types, bias and scales of convolutions. */
#include "ops/convolution.h"

#include <math.h>

#include "model/chip.h"
#include "ops/chip.h"
#include "ops/codes.h"
#include "ops/hybrid.h"
#include "ops/shapes.h"

static crl_status check_bias(const crl_node *node, const crl_conv_tensors *t, int32_t channels, crl_error *err)
{
    if (!t->bias) return CRL_OK;
    crl_status s;
    switch (t->in->type) {
    case CRL_FLOAT32: s = crl_node_accept(node, t->bias, CRL_TYPE(CRL_FLOAT32), err); break;
    case CRL_INT16: s = crl_node_accept(node, t->bias, CRL_TYPE_INDEX, err); break;
    default: s = crl_node_accept(node, t->bias, CRL_TYPE(CRL_INT32), err); break;
    }
    if (s) return s;
    const size_t n = crl_shape_count(&t->bias->shape);
    if (n != (size_t)channels)
        return crl_node_bad(node, CRL_ERR_FORMAT, t->bias, err, "%zu elements for %d channels", n, channels);
    return CRL_OK;
}

/* FULLY_CONNECTED takes filters of 16 bits, too. */
static unsigned filter_types(const crl_node *node, crl_type in)
{
    if (in != CRL_INT16) return CRL_TYPE(in);
    return CRL_TYPE(CRL_INT8) | (node->type->code == CRL_OP_FULLY_CONNECTED ? CRL_TYPE(CRL_INT16) : 0);
}

crl_status crl_conv_check_types(const crl_node *node, const crl_conv_tensors *t, int32_t channels, crl_error *err)
{
    crl_status s = crl_node_accept(node, t->in, CRL_TYPE_QUANT | CRL_TYPE(CRL_FLOAT32), err);
    if (!s) s = crl_node_accept(node, t->filter, filter_types(node, t->in->type), err);
    if (!s) s = crl_node_same_type(node, t->out, t->in, err);
    return s ? s : check_bias(node, t, channels, err);
}

bool crl_conv_is_narrow(const crl_node *node, const crl_tensor *bias)
{
    return bias ? bias->type == CRL_INT32 : crl_node_int(node, "quantized_bias_type") == CRL_INT32;
}

static crl_status check_filter_quant(const crl_node *node, const crl_conv_tensors *t, int32_t channels, int32_t axis,
                                     crl_error *err)
{
    const crl_quant *q = &t->filter->quant;
    if (q->n <= 1) {
        crl_status s = crl_node_check_quant_in(node, t->filter, err);
        if (s) return s;
    } else {
        if (t->in->type == CRL_UINT8)
            return crl_node_bad(node, CRL_ERR_UNSUPPORTED, t->filter, err,
                                "%d scales, one per channel, are supported for INT8 filters only", q->n);
        if (q->axis != axis)
            return crl_node_bad(node, CRL_ERR_UNSUPPORTED, t->filter, err,
                                "scales on axis %d, only axis %d is supported", q->axis, axis);
        if (q->n != channels)
            return crl_node_bad(node, CRL_ERR_FORMAT, t->filter, err, "%d scales for %d channels", q->n, channels);
    }
    for (int32_t i = 0; i < q->n; i++) {
        if (!(q->scale[i] >= 0) || !isfinite(q->scale[i]))
            return crl_node_bad(node, CRL_ERR_FORMAT, t->filter, err, "scale %g of channel %d", (double)q->scale[i], i);
    }
    return CRL_OK;
}

/* The sum is made in units of in_scale * filter_scale: the bias has to have them, nearly.
 * Source: TensorFlow Lite, kernels/kernel_util.cc: GetQuantizedConvolutionMultipler. */
static crl_status check_bias_scale(const crl_node *node, const crl_conv_tensors *t, crl_error *err)
{
    if (t->in->type != CRL_UINT8 || !t->bias || t->bias->quant.n != 1) return CRL_OK;
    const double want = (double)t->in->quant.scale[0] * (double)t->filter->quant.scale[0];
    const double is = (double)t->bias->quant.scale[0];
    if (fabs(want - is) / (double)t->out->quant.scale[0] > 0.02)
        return crl_node_bad(node, CRL_ERR_FORMAT, t->bias, err, "scale %g, the product of the others' is %g", is, want);
    return CRL_OK;
}

crl_status crl_conv_real_scales(const crl_node *node, const crl_conv_tensors *t, int32_t channels, int32_t axis,
                                double *real, crl_error *err)
{
    crl_status s = crl_node_check_quant_in(node, t->in, err);
    if (!s) s = crl_node_check_quant(node, t->out, err);
    if (!s) s = check_filter_quant(node, t, channels, axis, err);
    if (!s) s = check_bias_scale(node, t, err);
    if (s) return s;
    if (t->in->type == CRL_INT16 && (t->in->quant.zero_point[0] || t->out->quant.zero_point[0]))
        return crl_node_bad(node, CRL_ERR_UNSUPPORTED, t->in->quant.zero_point[0] ? t->in : t->out, err,
                            "zero points of INT16 have to be 0");
    const float in = t->in->quant.scale[0], out = t->out->quant.scale[0];
    for (int32_t i = 0; i < channels; i++) {
        const float filter = t->filter->quant.scale[t->filter->quant.n == 1 ? 0 : i];
        /* For UINT8 the reference multiplies in float. */
        const double product = t->in->type == CRL_UINT8 ? (double)(in * filter) : (double)in * (double)filter;
        real[i] = product / (double)out;
        if (!isfinite(real[i]))
            return crl_node_bad(node, CRL_ERR_FORMAT, t->filter, err, "scale %g is out of proportion", (double)filter);
    }
    return CRL_OK;
}

/* In this order, with the reciprocal rounded: it gives all constants of compiled models, while a division gives 33 of 53. */
crl_status crl_conv_single_scales(crl_node *node, const crl_conv_tensors *t, int32_t channels, crl_requant *q, crl_error *err)
{
    float *single = crl_node_alloc(node, (size_t)channels, sizeof *single, err);
    if (!single) return CRL_ERR_MEMORY;
    const float in = t->in->quant.scale[0], reciprocal = 1.0f / t->out->quant.scale[0];
    const struct crl_chip_constants *given = node->def->chip;
    for (int32_t i = 0; i < channels; i++) {
        const float filter = t->filter->quant.scale[t->filter->quant.n == 1 ? 0 : i];
        single[i] = !given ? in * filter * reciprocal : given->multipliers && i < given->n ? given->multipliers[i] : given->multiplier;
        if (!isfinite(single[i]))
            return crl_node_bad(node, CRL_ERR_FORMAT, t->filter, err, "scale %g is out of proportion", (double)filter);
    }
    q->single = single;
    return CRL_OK;
}

static crl_status fixed_scales(crl_node *node, const double *real, int32_t channels, crl_requant *q, crl_error *err)
{
    crl_scale *scale = crl_node_alloc(node, (size_t)channels, sizeof *scale, err);
    if (!scale) return CRL_ERR_MEMORY;
    for (int32_t i = 0; i < channels; i++) scale[i] = crl_scale_from_real(real[i]);
    q->scale = scale;
    return CRL_OK;
}

static crl_status make_scales(crl_node *node, const crl_conv_tensors *t, int32_t axis, crl_conv *c, crl_error *err)
{
    const int32_t n = c->window.out_c;
    double *real = crl_node_alloc(node, (size_t)n, sizeof *real, err);
    if (!real) return CRL_ERR_MEMORY;
    crl_status s = crl_conv_real_scales(node, t, n, axis, real, err);
    if (s) return s;
    for (int32_t i = 0; i < t->filter->quant.n && t->filter->type == CRL_INT8; i++)
        if (t->filter->quant.zero_point[i] != 0)
            return crl_node_bad(node, CRL_ERR_UNSUPPORTED, t->filter, err, "zero point %d, INT8 filters need 0",
                                t->filter->quant.zero_point[i]);
    c->in_zero = t->in->quant.zero_point[0];
    c->filter_zero = t->filter->quant.zero_point[0];
    c->out.zero_point = t->out->quant.zero_point[0];
    return node->on_chip ? crl_conv_single_scales(node, t, n, &c->out, err)
                                                      : fixed_scales(node, real, n, &c->out, err);
}

crl_status crl_conv_finish(crl_node *node, const crl_conv_tensors *t, int32_t axis, crl_conv *c, crl_error *err)
{
    const int32_t activation = crl_node_int(node, "fused_activation_function");
    if (t->in->type == CRL_FLOAT32) return crl_node_activation_range_f32(node, activation, &c->min_f32, &c->max_f32, err);
    crl_status s = make_scales(node, t, axis, c, err);
    return s ? s : (node->on_chip ? crl_chip_range : crl_node_activation_range)(node, t->out, activation, &c->out.min, &c->out.max, err);
}

crl_status crl_conv_finish_hybrid(crl_node *node, const crl_conv_tensors *t, int32_t axis, bool asymmetric,
                                  crl_conv_hybrid *c, crl_error *err)
{
    crl_status s = crl_hybrid_weights(node, t->filter, axis, &c->filter, err);
    if (!s) s = crl_node_same_type(node, t->out, t->in, err);
    if (!s) s = check_bias(node, t, c->conv.window.out_c, err);
    if (s) return s;
    c->asymmetric = asymmetric;
    node->scratch_bytes = crl_shape_span(&t->in->shape, 1, t->in->shape.rank);
    return crl_node_activation_range_f32(node, crl_node_int(node, "fused_activation_function"), &c->conv.min_f32,
                                         &c->conv.max_f32, err);
}
