/* SPDX-License-Identifier: Apache-2.0 */
/* From a prepared convolution to kernel form. */
#include "backend/cpu/layer.h"

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

/* Types and tensors, and the zero points in kernel form. Input number `input` is the
 * picture, number 1 the filter, the bias comes last. */
static bool from_node(crl_layer *layer, const crl_node *node, int32_t input, const crl_requant *requant)
{
    const crl_tensor *in = node->in[input], *filter = node->in[1], *out = node->out[0];
    const int32_t last = input > 1 ? input + 1 : 2;
    const crl_tensor *bias = node->n_in > last ? node->in[last] : NULL;
    const bool u8 = in->type == CRL_UINT8 && filter->type == CRL_UINT8 && out->type == CRL_UINT8;
    const bool s8 = in->type == CRL_INT8 && filter->type == CRL_INT8 && out->type == CRL_INT8;
    if (!u8 && !s8) return false;
    if (!(filter->flags & CRL_TENSOR_CONST) || (bias && !(bias->flags & CRL_TENSOR_CONST))) return false;
    if (!crl_shape_count(&out->shape) || !crl_shape_count(&in->shape)) return false;
    *layer = (crl_layer){ .in = in, .in_zero = crl_lower_zero(in), .bias = bias ? bias->data : NULL, .filter_signed = s8,
                          .requant = crl_layer_requant(requant, out) };
    return true;
}

static bool from_conv(crl_layer *layer, const crl_node *node, int32_t input)
{
    const crl_conv *c = node->params;
    if (!from_node(layer, node, input, &c->out)) return false;
    layer->conv = c;
    layer->window = c->window;
    return true;
}

bool crl_layer_from_conv(crl_layer *layer, const crl_node *node)
{
    return from_conv(layer, node, 0);
}

bool crl_layer_from_transpose_conv(crl_layer *layer, const crl_node *node)
{
    return from_conv(layer, node, 2);
}

bool crl_layer_from_fully(crl_layer *layer, const crl_node *node)
{
    const crl_fully *f = node->params;
    return from_node(layer, node, 0, &f->out);
}

/* The byte around the input: NULL if it is not known yet. */
static const uint8_t *pad_value(const crl_node *pad)
{
    if (pad->n_in < 3 || !pad->in[2]) return ((const crl_pad *)pad->params)->value;
    return (pad->in[2]->flags & CRL_TENSOR_CONST) ? pad->in[2]->data : NULL;
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

void crl_layer_weights(const crl_layer *layer, const crl_node *node, int16_t *weights)
{
    const size_t n = crl_shape_count(&node->in[1]->shape);
    const int32_t zero = layer->conv->filter_zero;
    const void *filter = node->in[1]->data;
    for (size_t i = 0; i < n; i++)
        weights[i] = (int16_t)((layer->filter_signed ? ((const int8_t *)filter)[i] : ((const uint8_t *)filter)[i]) - zero);
}
