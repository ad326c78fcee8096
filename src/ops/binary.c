/* SPDX-License-Identifier: Apache-2.0 */
/* What operators on two tensors share. */
#include "ops/binary.h"

#include "ops/shapes.h"

crl_status crl_binary_begin(crl_node *node, unsigned types, crl_type b_type, crl_type out_type, crl_error *err)
{
    const crl_tensor *a = node->in[0], *b = node->in[1], *out = node->out[0];
    crl_status s = crl_node_params(node, sizeof(crl_binary), err);
    if (!s) s = crl_node_accept(node, a, types, err);
    if (!s && b->type != b_type) s = crl_node_bad_type(node, b, crl_type_name(b_type), err);
    if (!s && out->type != out_type) s = crl_node_bad_type(node, out, crl_type_name(out_type), err);
    crl_shape shape;
    if (!s) s = crl_node_broadcast(&a->shape, &b->shape, &shape, err);
    if (!s) s = crl_node_shape(node, 0, &shape, err);
    if (s) return s;
    crl_binary *p = node->params;
    crl_broadcast_plan(&p->plan, &a->shape, &b->shape, &shape);
    return CRL_OK;
}

crl_status crl_binary_limits(crl_node *node, crl_error *err)
{
    crl_binary *p = node->params;
    crl_limits *l = &p->p.limits;
    const int32_t activation = crl_node_int(node, "fused_activation_function");
    crl_status s = crl_node_activation_range_f32(node, activation, &l->min_f32, &l->max_f32, err);
    if (s) return s;
    switch (node->out[0]->type) {
    case CRL_INT64: l->min = INT64_MIN, l->max = INT64_MAX; break;
    case CRL_INT16: l->min = INT16_MIN, l->max = INT16_MAX; break;
    default: l->min = INT32_MIN, l->max = INT32_MAX; break;
    }
    if (activation == CRL_ACT_RELU) l->min = 0;
    if (activation == CRL_ACT_RELU6) l->min = 0, l->max = 6;
    if (activation == CRL_ACT_RELU_N1_TO_1) l->min = -1, l->max = 1;
    return CRL_OK;
}

crl_status crl_binary_check_quant(const crl_node *node, bool zero_scales, crl_error *err)
{
    const crl_tensor *t[3] = { node->in[0], node->in[1], node->out[0] };
    for (int i = 0; i < 3; i++) {
        crl_status s = zero_scales && i < 2 ? crl_node_check_quant_in(node, t[i], err) : crl_node_check_quant(node, t[i], err);
        if (s) return s;
        if (t[i]->type == CRL_INT16 && t[i]->quant.zero_point[0])
            return crl_node_bad(node, CRL_ERR_UNSUPPORTED, t[i], err, "zero point %d, INT16 needs 0",
                                t[i]->quant.zero_point[0]);
    }
    return CRL_OK;
}

bool crl_binary_by_channel(crl_affine8 *q, const crl_node *node)
{
    const crl_tensor *out = node->out[0];
    for (int k = 0; k < 2; k++) {
        const crl_tensor *x = node->in[k], *y = node->in[1 - k];
        const int32_t last = out->shape.rank - 1, channels = last < 0 ? 1 : out->shape.dim[last];
        if ((x->flags & CRL_TENSOR_CONST) || !(y->flags & CRL_TENSOR_CONST) || !crl_shape_equal(&x->shape, &out->shape)) continue;
        const bool each = channels > 1 && crl_shape_count(&y->shape) == (size_t)channels;
        if (!each || y->shape.dim[y->shape.rank - 1] != channels) continue;
        *q = (crl_affine8){ .turned = k, .zero = x->quant.zero_point[0], .y_zero = y->quant.zero_point[0], .scale = x->quant.scale[0],
                            .y_scale = y->quant.scale[0], .back = 1 / out->quant.scale[0] };
        return true;
    }
    return false;
}

crl_status crl_binary_invoke(const crl_node *node, crl_work *work, crl_error *err)
{
    (void)work;
    (void)err;
    const crl_tensor *a = node->in[0], *b = node->in[1], *out = node->out[0];
    const crl_binary *p = node->params;
    crl_broadcast_run(&p->plan, out->data, crl_type_bytes(out->type), a->data, crl_type_bytes(a->type), b->data,
                      crl_type_bytes(b->type), p->row, &p->p);
    return CRL_OK;
}
