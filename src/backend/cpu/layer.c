/* SPDX-License-Identifier: Apache-2.0 */
/* From a prepared convolution to kernel form. */
#include "backend/cpu/layer.h"

#include <math.h>
#include <string.h>

#include "kernels/fully_connected.h"
#include "ops/pad.h"

crl_requant crl_layer_requant(const crl_requant *raw, const crl_tensor *out)
{
    const int32_t lift = crl_lower_zero(out) - out->quant.zero_point[0];
    crl_requant q = *raw;
    q.zero_point += lift;
    q.min += lift;
    q.max += lift;
    return q;
}

static bool is_constant(const crl_tensor *t)
{
    return !t || t->flags & CRL_TENSOR_CONST;
}

static bool has_elements(const crl_conv_tensors *t)
{
    return crl_shape_count(&t->out->shape) && crl_shape_count(&t->in->shape);
}

bool crl_layer_is_f32(const crl_conv_tensors *t)
{
    return t->in->type == CRL_FLOAT32 && t->filter->type == CRL_FLOAT32 && is_constant(t->filter) && is_constant(t->bias) &&
           has_elements(t);
}

bool crl_layer_is_hybrid(const crl_conv_tensors *t)
{
    return t->in->type == CRL_FLOAT32 && t->filter->type != CRL_FLOAT32 && is_constant(t->filter) && has_elements(t);
}

bool crl_layer_is_s16(const crl_conv_tensors *t)
{
    return t->in->type == CRL_INT16 && t->filter->type == CRL_INT8 && is_constant(t->filter) && is_constant(t->bias) && has_elements(t);
}

crl_unit16_spec crl_layer_unit16(const crl_requant *requant, const crl_tensor *bias, bool narrow)
{
    const void *data = bias ? bias->data : NULL;
    return (crl_unit16_spec){ .requant = *requant, .wide = !narrow, .narrow_bias = narrow ? data : NULL, .wide_bias = narrow ? NULL : data };
}

/* Types and tensors, and the zero points in kernel form. */
static bool from_tensors(crl_layer *layer, const crl_conv_tensors *t, int32_t filter_zero, const crl_requant *requant)
{
    const crl_tensor *in = t->in, *filter = t->filter, *bias = t->bias, *out = t->out;
    const bool u8 = in->type == CRL_UINT8 && filter->type == CRL_UINT8 && out->type == CRL_UINT8;
    const bool s8 = in->type == CRL_INT8 && filter->type == CRL_INT8 && out->type == CRL_INT8;
    if (!u8 && !s8) return false;
    if (!is_constant(filter) || !is_constant(bias) || !has_elements(t)) return false;
    *layer = (crl_layer){ .in = in, .in_zero = crl_lower_zero(in), .bias = bias ? bias->data : NULL, .filter = filter->data,
                          .filter_zero = filter_zero, .filter_signed = s8, .requant = crl_layer_requant(requant, out) };
    return true;
}

static bool from_conv(crl_layer *layer, const crl_conv_tensors *t, const crl_conv *c)
{
    if (!from_tensors(layer, t, c->filter_zero, &c->out)) return false;
    layer->conv = c;
    layer->window = c->window;
    return true;
}

bool crl_layer_from_conv(crl_layer *layer, const crl_node *node)
{
    const crl_conv_tensors t = crl_conv_tensors_of(node);
    return from_conv(layer, &t, node->params);
}

bool crl_layer_from_transpose_conv(crl_layer *layer, const crl_node *node)
{
    const crl_conv_tensors t = crl_transpose_conv_tensors_of(node);
    return from_conv(layer, &t, node->params);
}

bool crl_layer_from_fully(crl_layer *layer, const crl_node *node)
{
    const crl_fully *f = node->params;
    const crl_conv_tensors t = crl_conv_tensors_of(node);
    if (!from_tensors(layer, &t, f->filter_zero, &f->out)) return false;
    layer->window = crl_window_of_rows(f->batch, f->in_n, f->out_n);
    return true;
}

/* The byte around the input: NULL if it is not known yet. */
static const uint8_t *pad_value(const crl_node *pad)
{
    enum { VALUE = 2 };
    const crl_tensor *value = crl_node_input(pad, VALUE);
    if (!value) return ((const crl_pad *)pad->params)->value;
    return (value->flags & CRL_TENSOR_CONST) ? value->data : NULL;
}

bool crl_layer_take_pad(crl_layer *layer, const crl_node *pad)
{
    const crl_tensor *from = pad->in[0];
    const crl_pad *p = pad->params;
    const uint8_t *value = pad_value(pad);
    if (from->shape.rank != 4 || from->type != layer->in->type || !crl_shape_count(&from->shape) || !value) return false;
    if (*value != (uint8_t)layer->in->quant.zero_point[0]) return false;
    for (int32_t d = 0; d < 4; d += 3)
        if (from->shape.dim[d] != layer->in->shape.dim[d]) return false;
    /* The last column that is looked at lies before that of the padded picture: no sum here exceeds 32 bits. */
    layer->in = from;
    layer->pad = pad;
    layer->window.in_h = from->shape.dim[1];
    layer->window.in_w = from->shape.dim[2];
    layer->window.pad_top += (int32_t)p->before[1];
    layer->window.pad_left += (int32_t)p->before[2];
    return true;
}

bool crl_layer_is_finite(const crl_tensor *filter)
{
    if (!(filter->flags & CRL_TENSOR_CONST)) return false;
    const float *v = filter->data;
    const size_t n = crl_shape_count(&filter->shape);
    bool finite = true;
    for (size_t i = 0; i < n; i++) finite &= isfinite(v[i]) != 0;
    return finite;
}

/* Every window holds some of the picture: kernels of floats want it. */
static bool windows_see(const crl_window *w)
{
    return w->pad_top < w->filter_h && w->pad_left < w->filter_w && (w->out_h - 1) * w->stride_h - w->pad_top < w->in_h &&
           (w->out_w - 1) * w->stride_w - w->pad_left < w->in_w;
}

bool crl_layer_take_zeros(crl_window *window, const crl_tensor **in, const crl_node *pad, const crl_tensor *filter)
{
    const crl_tensor *from = pad->in[0];
    const crl_pad *p = pad->params;
    const uint8_t *value = pad_value(pad);
    static const uint8_t zero[sizeof(float)] = { 0 };
    const size_t bytes = from->type == CRL_FLOAT32 ? sizeof(float) : sizeof(int16_t);
    if ((from->type != CRL_FLOAT32 && from->type != CRL_INT16) || from->shape.rank != 4 || !crl_shape_count(&from->shape) || !value)
        return false;
    if (memcmp(value, zero, bytes) || from->shape.dim[0] != (*in)->shape.dim[0] || from->shape.dim[3] != (*in)->shape.dim[3])
        return false;
    crl_window w = *window;
    w.in_h = from->shape.dim[1];
    w.in_w = from->shape.dim[2];
    w.pad_top += (int32_t)p->before[1];
    w.pad_left += (int32_t)p->before[2];
    if (!windows_see(&w)) return false;
    if (from->type == CRL_FLOAT32 && !crl_layer_is_finite(filter)) return false;
    *window = w;
    *in = from;
    return true;
}

crl_gemm_spec crl_layer_gemm(const crl_layer *layer, const crl_lower *l)
{
    return (crl_gemm_spec){ .window = layer->window, .filter = layer->filter, .filter_signed = layer->filter_signed,
                            .filter_zero = layer->filter_zero, .bias = layer->bias, .in_zero = layer->in_zero,
                            .requant = layer->requant, .pile = &l->schedule->pile, .pool = l->pool };
}

void crl_layer_weights(const crl_layer *layer, const crl_node *node, int16_t *weights)
{
    const size_t n = crl_shape_count(&crl_conv_tensors_of(node).filter->shape);
    const int8_t *s8 = layer->filter;
    const uint8_t *u8 = layer->filter;
    for (size_t i = 0; i < n; i++) weights[i] = (int16_t)((layer->filter_signed ? s8[i] : u8[i]) - layer->filter_zero);
}
