/* SPDX-License-Identifier: Apache-2.0 */
/* MUL, with broadcasting. UINT8, INT8 and INT16 quantised; INT32, INT64, FLOAT32, FLOAT16 and INT16 without scales plain. */
#include <math.h>

#include "ops/binary.h"
#include "ops/chip.h"
#include "ops/requant.h"
#include "ops/shapes.h"

/* A layer of its own on the chip: the largest factor is looked at. */
static crl_status prepare_by_channel(crl_node *node, crl_error *err)
{
    crl_binary *p = node->params;
    crl_affine8 *q = &p->p.affine;
    const crl_tensor *out = node->out[0];
    p->by_channel = true;
    p->row = out->type == CRL_UINT8 ? crl_scaled_u8_ref : crl_scaled_s8_ref;
    const float most = crl_affine8_factor(q, q->y_zero + 255);
    return crl_chip_requant(node, out, most * 255, crl_node_int(node, "fused_activation_function"), &q->out, err);
}

static crl_status prepare_quantised(crl_node *node, crl_error *err)
{
    crl_status s = crl_binary_check_quant(node, true, err);
    if (s) return s;
    crl_binary *p = node->params;
    crl_product *q = &p->p.product;
    const crl_tensor *a = node->in[0], *b = node->in[1], *out = node->out[0];
    const float real = a->quant.scale[0] * b->quant.scale[0] / out->quant.scale[0]; /* in float, as the reference */
    if (!isfinite(real))
        return crl_node_bad(node, CRL_ERR_FORMAT, out, err, "scale %g is out of proportion to the inputs'",
                            (double)out->quant.scale[0]);
    if (node->on_chip && crl_binary_by_channel(&p->p.affine, node)) return prepare_by_channel(node, err);
    q->a_zero = a->quant.zero_point[0];
    q->b_zero = b->quant.zero_point[0];
    p->row = out->type == CRL_UINT8 ? crl_product_u8_ref : out->type == CRL_INT8 ? crl_product_s8_ref : crl_product_s16_ref;
    const int32_t activation = crl_node_int(node, "fused_activation_function");
    if (node->on_chip)
        return crl_chip_requant(node, out, crl_chip_scale(a->quant.scale[0] * b->quant.scale[0], out->quant.scale[0]), activation,
                                &q->out, err);
    s = crl_node_requant(node, out, crl_scale_from_real((double)real), &q->out, err);
    return s ? s : crl_node_activation_range(node, out, activation, &q->out.min, &q->out.max, err);
}

static crl_status prepare(crl_node *node, crl_error *err)
{
    const crl_type type = node->in[0]->type;
    crl_status s = crl_binary_begin(node, CRL_TYPE_QUANT | CRL_TYPE_INDEX | CRL_TYPE(CRL_FLOAT32) | CRL_TYPE(CRL_FLOAT16),
                                    type, type, err);
    if (s) return s;
    crl_binary *p = node->params;
    switch (type) {
    case CRL_INT32: p->row = crl_mul_s32_ref; return crl_binary_limits(node, err);
    case CRL_INT64: p->row = crl_mul_s64_ref; return crl_binary_limits(node, err);
    case CRL_FLOAT16: p->row = crl_mul_f16_ref; return crl_binary_limits(node, err);
    case CRL_FLOAT32: p->row = crl_mul_f32_ref; return crl_binary_limits(node, err);
    default: break;
    }
    if (type == CRL_INT16 && node->out[0]->quant.n == 0) {
        p->row = crl_mul_s16_ref;
        return crl_binary_limits(node, err);
    }
    return prepare_quantised(node, err);
}

const crl_op_type crl_op_mul = {
    .name = "MUL", .code = CRL_OP_MUL, .in_min = 2, .in_max = 2, .out_min = 1, .out_max = 1, .prepare = prepare,
    .invoke = crl_binary_invoke,
};
