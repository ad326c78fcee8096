/* SPDX-License-Identifier: Apache-2.0 */
/* DIV, with broadcasting: UINT8, INT8 and INT16 quantised, INT32 and FLOAT32 plain. FLOOR_DIV: INT8, INT16, INT32 and
 * FLOAT32 as plain numbers. A divisor of 0 is an error, except in DIV of floats. */
#include <math.h>

#include "kernels/divide.h"
#include "ops/binary.h"
#include "ops/requant.h"
#include "ops/shapes.h"

static crl_status prepare_quantised(crl_node *node, crl_error *err)
{
    crl_status s = crl_binary_check_quant(node, true, err);
    if (!s) s = crl_node_check_quant(node, node->in[1], err);
    if (s) return s;
    crl_binary *p = node->params;
    crl_product *q = &p->p.product;
    const crl_tensor *a = node->in[0], *b = node->in[1], *out = node->out[0];
    const float real = crl_tensor_scale(a) / (crl_tensor_scale(b) * crl_tensor_scale(out)); /* as the reference */
    if (!isfinite(real) || !(real >= 0) || real >= 0x1p22f)
        return crl_node_bad(node, CRL_ERR_UNSUPPORTED, out, err, "scale %g is out of proportion to the inputs'",
                            (double)crl_tensor_scale(out));
    s = crl_node_requant(node, out, crl_scale_from_real((double)real), &q->out, err);
    if (s) return s;
    q->a_zero = crl_tensor_zero(a);
    q->b_zero = crl_tensor_zero(b);
    p->row = out->type == CRL_UINT8  ? crl_quotient_u8_ref
             : out->type == CRL_INT8 ? crl_quotient_s8_ref
                                     : crl_quotient_s16_ref;
    return crl_node_activation_range(node, out, crl_node_int(node, "fused_activation_function"), &q->out.min, &q->out.max, err);
}

static crl_status prepare_div(crl_node *node, crl_error *err)
{
    const crl_type type = node->in[0]->type;
    crl_status s = crl_binary_begin(node, CRL_TYPE_QUANT | CRL_TYPE(CRL_INT32) | CRL_TYPE(CRL_FLOAT32), type, type, err);
    if (s) return s;
    if (CRL_TYPE(type) & CRL_TYPE_QUANT) return prepare_quantised(node, err);
    ((crl_binary *)node->params)->row = type == CRL_INT32 ? crl_div_s32_ref : crl_div_f32_ref;
    return crl_binary_limits(node, err);
}

static crl_status prepare_floor_div(crl_node *node, crl_error *err)
{
    const crl_type type = node->in[0]->type;
    crl_status s = crl_binary_begin(
        node, CRL_TYPE(CRL_INT8) | CRL_TYPE(CRL_INT16) | CRL_TYPE(CRL_INT32) | CRL_TYPE(CRL_FLOAT32), type, type, err);
    if (s) return s;
    ((crl_binary *)node->params)->row = type == CRL_INT8    ? crl_floor_div_s8_ref
                                        : type == CRL_INT16 ? crl_floor_div_s16_ref
                                        : type == CRL_INT32 ? crl_floor_div_s32_ref
                                                            : crl_floor_div_f32_ref;
    return CRL_OK;
}

/* The divisor has no element that stands for 0. */
static crl_status check_divisor(const crl_node *node, int32_t zero, crl_error *err)
{
    const crl_tensor *b = node->in[1];
    const size_t n = crl_shape_count(&b->shape);
    for (size_t i = 0; i < n; i++) {
        const bool is_zero = b->type == CRL_FLOAT32 ? ((const float *)b->data)[i] == 0 : crl_tensor_int(b, i) == zero;
        if (is_zero) return crl_node_bad(node, CRL_ERR_FORMAT, b, err, "element %zu is 0, a division by zero", i);
    }
    return CRL_OK;
}

static crl_status invoke_div(const crl_node *node, crl_work *work, crl_error *err)
{
    const bool quantised = CRL_TYPE(node->in[1]->type) & CRL_TYPE_QUANT;
    crl_status s = CRL_OK;
    if (node->in[1]->type != CRL_FLOAT32) s = check_divisor(node, quantised ? crl_tensor_zero(node->in[1]) : 0, err);
    return s ? s : crl_binary_invoke(node, work, err);
}

static crl_status invoke_floor_div(const crl_node *node, crl_work *work, crl_error *err)
{
    crl_status s = check_divisor(node, 0, err);
    return s ? s : crl_binary_invoke(node, work, err);
}

const crl_op_type crl_op_div = {
    .name = "DIV", .code = CRL_OP_DIV, .in_min = 2, .in_max = 2, .out_min = 1, .out_max = 1, .prepare = prepare_div,
    .invoke = invoke_div,
};
const crl_op_type crl_op_floor_div = {
    .name = "FLOOR_DIV", .code = CRL_OP_FLOOR_DIV, .in_min = 2, .in_max = 2, .out_min = 1, .out_max = 1, .prepare = prepare_floor_div,
    .invoke = invoke_floor_div,
};
